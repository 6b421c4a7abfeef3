"""A part that is away is told as such: 503, not a server error, on every kind of route."""

import asyncpg
import httpx
import pytest

from yong.kernel.base.city import City
from yong.kernel.store.database import Database, away


@pytest.mark.parametrize("path", ["/records", "/ngsi-ld/v1/entities/urn:x:1", "/ngsi-ld/v1/types"])
async def test_while_the_database_is_away_requests_hear_that_they_may_try_again(
    city: City, client: httpx.AsyncClient, path: str
) -> None:
    await city[Database].pool.close()
    answer = await client.get(path, headers={"x-api-key": "yk_somebodys"})
    assert answer.status_code == 503, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["title"] == "Not available at the moment"


def test_what_will_not_go_well_later_is_not_called_away() -> None:
    for later in (
        asyncpg.DiskFullError(),
        asyncpg.CannotConnectNowError(),
        ConnectionRefusedError(),
        TimeoutError(),
    ):
        assert away(later), later
    for never in (asyncpg.DataError(), asyncpg.UndefinedTableError(), KeyError(), ValueError()):
        assert not away(never), never
