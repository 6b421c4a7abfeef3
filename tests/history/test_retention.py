"""Retention: what a type keeps no longer goes from the sealed days, and the trail says so; nothing else goes."""

import msgspec
import pytest
from tests.history import past

from yong.kernel.base.city import City
from yong.kernel.base.errors import Refused
from yong.kernel.base.settings import load
from yong.kernel.history import api, retention, sealing
from yong.kernel.history.contracts import Observation
from yong.kernel.store.database import Database


async def test_what_is_over_goes_and_the_rest_stays(city: City, callers) -> None:
    await past.entity(city, "bus-1", type="Vehicle")
    await past.entity(city, "lamp-1", type="Lamp")
    for day in (20, 12, 9):
        at = past.start_of(day)
        await past.write(
            city,
            Observation("bus-1", "speed", at, 40.0, "KMH"),
            Observation("lamp-1", "power", at, 1.0, "WTT"),
        )
    await past.write(city, Observation("bus-1", "speed", past.start_of(30), 1.0, "KMH"))
    await sealing.seal(city)
    city.settings = msgspec.structs.replace(city.settings, history_keep="Vehicle=10")
    went = await retention.retain(city)
    assert went == {past.day_ago(30): 1, past.day_ago(20): 1, past.day_ago(12): 1}
    operator = callers("access.operator")
    assert [p.observed_at for p in await api.read(city, operator, "bus-1")] == [past.moment(past.start_of(9))]
    assert len(await api.read(city, operator, "lamp-1")) == 3
    days = [r["day"] for r in await city[Database].fetch("SELECT day FROM history.sealed_day ORDER BY day")]
    assert days == [past.day_ago(n) for n in (20, 12, 9)]
    entries = await city[Database].fetch(
        "SELECT facts FROM access.audit_entry WHERE action = 'history.retain'"
    )
    assert sum(e["facts"]["readings"] for e in entries) == 3
    assert await retention.retain(city) == {}


@pytest.mark.parametrize("wrong", ["Vehicle", "Vehicle=x", "Vehicle=1", "=30", "A=30, A=40", "A=99999"])
def test_settings_that_make_no_sense_stop_the_start(wrong: str, tmp_path) -> None:
    with pytest.raises(Refused):
        load({"YONG_HOME": str(tmp_path), "YONG_HISTORY_KEEP": wrong})
