"""In which state things are: silence needs nobody to notice it."""

from collections.abc import Callable

import httpx
import pytest
from tests.conftest import key_of

from yong.kernel.access import api as access
from yong.kernel.access.contracts import Caller
from yong.kernel.base.city import City
from yong.kernel.base.errors import Unauthenticated
from yong.kernel.records import api as records
from yong.kernel.sensing import api as sensing
from yong.kernel.sensing.contracts import StateCount
from yong.kernel.store.database import Database

SYSTEM = access.system_caller("sensing")

# code, type, its own interval, seconds since it was heard, door, line open, what it said → state
CASES = (
    ("a-new", "river", None, None, None, None, None, "never"),
    ("b-fresh", "river", 10, 29, None, None, None, "online"),
    ("c-late", "river", 10, 31, None, None, None, "silent"),
    ("d-type", "parking", None, 60, "mqtt", False, "", "online"),  # it may come, report and go
    ("e-type", "parking", None, 4000, "mqtt", True, "", "silent"),
    ("f-will", "parking", None, 10, "mqtt", False, "offline", "offline"),
    ("g-line", "parking", None, 10, "jtt808", False, "", "offline"),
    ("h-line", "parking", None, 10, "jtt808", True, "", "online"),
    ("i-unknown", "kettle", None, 899, None, None, None, "online"),
    ("j-unknown", "kettle", None, 901, None, None, None, "silent"),
)


@pytest.fixture
async def things(city: City) -> dict[str, str]:
    for code, kind, interval, ago, door, online, said, _ in CASES:
        values: dict[str, object] = {"code": code, "type": kind, "source": "synthetic"}
        if interval:
            values["interval_s"] = interval
        district = "330203" if code < "f" else "330206"
        await records.create(city, SYSTEM, "sensing.thing", values, owner="lights", district=district)
        if ago is not None:
            await city[Database].execute(
                "INSERT INTO sensing.thing_state (thing, last_seen_at) VALUES ($1, now() - make_interval(secs => $2))",
                code,
                ago,
            )
        if door is not None:
            await city[Database].execute(
                "INSERT INTO sensing.presence (thing, door, online, said) VALUES ($1, $2, $3, $4)",
                code,
                door,
                online,
                said,
            )
    return {code: state for code, *_, state in CASES}


async def test_each_state_and_silence_by_the_things_or_its_types_interval(
    city: City, things: dict[str, str], callers: Callable[..., Caller]
) -> None:
    found = await sensing.states(city, callers("access.operator"))
    assert {t.thing: t.state for t in found} == things


async def test_filters_pages_and_counts_agree_and_hold_the_scope(
    city: City, things: dict[str, str], callers: Callable[..., Caller]
) -> None:
    everywhere, district = callers("access.operator"), callers("access.operator", district="330203")
    for caller, mine in ((everywhere, set(things)), (district, {t for t in things if t < "f"})):
        counted = await sensing.counts(city, caller)
        assert sum(c.things for c in counted) == len(mine)
        for state in ("never", "offline", "silent", "online"):
            found = await sensing.states(city, caller, state=state)
            assert {t.thing for t in found} == {t for t in mine if things[t] == state}
            assert sum(c.things for c in counted if c.state == state) == len(found)
    assert StateCount("river", "silent", 1) in await sensing.counts(city, district)
    first = await sensing.states(city, everywhere, type="parking", limit=2)
    rest = await sensing.states(city, everywhere, type="parking", after=first[-1].thing)
    assert [t.thing for t in (*first, *rest)] == ["d-type", "e-type", "f-will", "g-line", "h-line"]
    named = await sensing.states(city, everywhere, things=["c-late", "nobody"])
    assert [t.thing for t in named] == ["c-late"]
    with pytest.raises(Unauthenticated):
        await sensing.counts(city, Caller(account="anonymous"))


async def test_a_text_or_a_district_finds_the_same_in_the_list_and_the_counts(
    city: City, things: dict[str, str], callers: Callable[..., Caller]
) -> None:
    names = {
        "code": "k-named",
        "type": "river",
        "source": "live",
        "name_zh": "三江口100%水位",
        "name_en": "Sanjiang Gauge",
    }
    await records.create(city, SYSTEM, "sensing.thing", names, owner="lights", district="330212")
    everywhere, district = callers("access.operator"), callers("access.operator", district="330203")
    for text, found in (
        ("江口", ["k-named"]),
        ("sanJIANG", ["k-named"]),
        ("-UNKNOWN", ["i-unknown", "j-unknown"]),
        ("100%", ["k-named"]),  # no wildcards
        ("1%水", []),
        ("_", []),
        ("' OR true --", []),
    ):
        assert [t.thing for t in await sensing.states(city, everywhere, text=text)] == found, text
        assert sum(c.things for c in await sensing.counts(city, everywhere, text=text)) == len(found), text
        assert await sensing.states(city, district, text="江口") == []
    for code, n in (("330203", 5), ("330206", 5), ("3302", 11), ("33021", 1), ("440000", 0)):
        assert len(await sensing.states(city, everywhere, district=code)) == n, code
        assert sum(c.things for c in await sensing.counts(city, everywhere, district=code)) == n, code
    [one] = await sensing.states(
        city, everywhere, text="SANJIANG", district="330212", type="river", state="never"
    )
    assert (one.name_zh, one.name_en, one.district, one.source) == (
        "三江口100%水位", "Sanjiang Gauge", "330212", "live",
    )  # fmt: skip


async def test_over_http(city: City, client: httpx.AsyncClient, things: dict[str, str]) -> None:
    headers = await key_of(city, "access.operator")
    found = await client.get("/sensing/things", params={"state": "silent", "type": "river"}, headers=headers)
    assert [t["thing"] for t in found.json()] == ["c-late"]
    assert (
        await client.get("/sensing/things", params={"state": "asleep"}, headers=headers)
    ).status_code == 400
    assert (await client.get("/sensing/things?thing=%00", headers=headers)).status_code == 422
    for wrong in ("text=%00", "text=", f"text={'x' * 129}", "district=3302x", "district=%"):
        for path in ("things", "states"):
            assert (await client.get(f"/sensing/{path}?{wrong}", headers=headers)).status_code == 400, wrong
    found = await client.get(
        "/sensing/things", params={"text": "B-FRE", "district": "330203"}, headers=headers
    )
    assert [(t["thing"], t["district"], t["source"]) for t in found.json()] == [
        ("b-fresh", "330203", "synthetic")
    ]
    counted = (await client.get("/sensing/states", headers=headers)).json()
    assert {"type": "kettle", "state": "silent", "things": 1} in counted
