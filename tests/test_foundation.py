"""The harness itself: a City opens on a fresh database under the serving role."""

from yong.kernel.base.city import City
from yong.kernel.store.database import Database


async def test_city_serves_under_the_serving_role(city: City) -> None:
    assert await city[Database].fetchval("SELECT current_user") == "yong_serve"
    assert not await city[Database].fetchval("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")


async def test_json_columns_speak_python(city: City) -> None:
    value = {"名": [1, 2.5, None, True], "nested": {"a": "é"}}
    assert await city[Database].fetchval("SELECT $1::jsonb", value) == value
    assert await city[Database].fetchval("SELECT $1::json", value) == value
