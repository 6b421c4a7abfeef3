"""Work away from the network over the real database: nothing is lost, nothing is done twice, what clashes is shown."""

import asyncio
import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import httpx
import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.conftest import key_of

from yong.kernel.access import api as access
from yong.kernel.access.api import system_caller
from yong.kernel.access.contracts import Caller
from yong.kernel.base.city import City
from yong.kernel.base.errors import Conflict, Forbidden, NotFound, Stale
from yong.kernel.records import api as records
from yong.kernel.records.sync.contracts import HandedIn
from yong.kernel.records.sync.logic import State, after, difference, merged, packed, unpacked
from yong.kernel.store.database import Database

NOW = datetime(2026, 6, 1, 8, tzinfo=UTC)
FIELDS = ("title_zh", "title_en")
CLASS = "cases.class"
PARCEL = "cityops.field"
MAY = """permit (principal == Role::"cases.designer", action in [Action::"records.take", Action::"records.hand_in"], resource);"""
Keeper = Callable[[str], Caller]


@pytest.fixture
async def away(city: City) -> City:
    """A city whose keepers of procedures may take registers along."""
    await access.set_policy(city, system_caller("access"), "test.away", MAY)
    return city


@pytest.fixture
def keeper(callers: Callable[..., Caller]) -> Keeper:
    return lambda account: msgspec.structs.replace(
        callers("cases.designer", "cases.inspector"), account=account
    )


def change(record: str, version: int, values: Mapping[str, object], id_: str = "") -> dict[str, Any]:
    body = {"relation": CLASS, "id": record, "version": version, "values": dict(values)}
    id_ = id_ or secrets.token_hex(8)
    return {"id": id_, "kind": "records.update", "made_at": NOW.isoformat(), "body": body}


async def made(city: City, code: str, **values: object) -> None:
    await records.create(
        city, system_caller("cases"), CLASS, {"code": code, "title_zh": "井盖", "title_en": "Cover", **values}
    )


async def now(city: City, code: str) -> tuple[dict[str, object], int]:
    found = await records.read(city, system_caller("cases"), CLASS, code)
    assert found.version is not None
    return found.values, found.version


async def edited(city: City, code: str, **values: object) -> None:
    """What the office does."""
    _, version = await now(city, code)
    await records.update(city, system_caller("cases"), CLASS, code, values, version)


class Device:
    """A phone: what it took along, what it changed since and has not handed in."""

    def __init__(self, city: City, caller: Caller, name: str) -> None:
        self.city, self.caller, self.name = city, caller, name
        self.cursor: str | None = None
        self.rows: dict[str, tuple[dict[str, object], int]] = {}
        self.seen: dict[str, dict[str, object]] = {}  # with its own changes on top
        self.queue: list[dict[str, Any]] = []

    async def pull(self, limit: int = 500) -> None:
        while True:
            found = await records.take_along(
                self.city, self.caller, PARCEL, self.name, cursor=self.cursor, limit=limit
            )
            if found.full:
                self.rows.clear()
            for row in found.rows:
                if row.relation == CLASS:
                    assert row.version is not None
                    self.rows[row.id] = {f: row.values[f] for f in FIELDS}, row.version
            for gone in found.gone:
                self.rows.pop(gone.id, None)
            self.cursor = found.cursor
            if not found.more:
                break
        self.seen = {id_: dict(values) for id_, (values, _) in self.rows.items()}

    def edit(self, code: str, field: str, value: str) -> None:
        self.queue.append(change(code, self.rows[code][1], {field: value}))
        self.seen[code][field] = value

    async def sync(self) -> list[HandedIn]:
        answers = await records.hand_in(self.city, self.caller, self.name, self.queue)
        self.queue = []
        await self.pull()
        return answers


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["one", "two", "office", "sync one", "sync two", "again one"]),
        st.sampled_from(["0101", "0102"]),
        st.sampled_from(FIELDS),
    ),
    min_size=4,
    max_size=14,
)


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(steps=STEPS)
async def test_whatever_the_order_nothing_is_lost_and_all_see_the_same(
    away: City, keeper: Keeper, steps: Sequence[tuple[str, str, str]]
) -> None:
    mark = secrets.token_hex(4)
    codes = {code: f"{code}-{mark}" for code in ("0101", "0102")}
    for code in codes.values():
        await made(away, code)
    devices = {n: Device(away, keeper(f"{n}-{mark}"), f"phone-{n}-{mark}") for n in ("one", "two")}
    for device in devices.values():
        await device.pull()
    written: list[tuple[str, str, str]] = []
    for n, (who, code_, field) in enumerate(steps):
        code, value = codes[code_], f"{who} {n}"
        if who == "office":
            await edited(away, code, **{field: value})
        elif who in devices:
            devices[who].edit(code, field, value)
        else:
            device = devices[who.rpartition(" ")[2]]
            handed = list(device.queue)
            before = {c: (await now(away, c))[0] for c in codes.values()}
            known = {c: dict(device.rows[c][0]) for c in codes.values()}
            answers = await device.sync()
            _nothing_overwritten(handed, answers, before, known)
            if who.startswith("again"):
                again = await records.hand_in(away, device.caller, device.name, handed)
                assert [a.again for a in again] == [True] * len(handed)
                assert [(a.state, a.told) for a in again] == [(a.state, a.told) for a in answers]
            continue
        written.append((code, field, value))
    for device in devices.values():
        await device.sync()
    for device in devices.values():
        await device.pull()
        for code in codes.values():
            values, version = await now(away, code)
            assert device.rows[code] == ({f: values[f] for f in FIELDS}, version)
    kept = {
        (c.record, c.field, c.mine)
        for device in devices.values()
        for c in await records.conflicts(away, device.caller)
    }
    for code in codes.values():
        for one in await records.history(away, system_caller("cases"), CLASS, code):
            kept |= {(code, field, one.record.values[field]) for field in FIELDS}
    assert kept >= set(written)


def _nothing_overwritten(
    handed: Sequence[Mapping[str, Any]], answers: Sequence[HandedIn], before: Mapping[str, Mapping[str, object]],
    known: dict[str, dict[str, object]],
) -> None:  # fmt: skip
    """What a change replaced is what its maker had seen, or made."""
    there = {code: dict(values) for code, values in before.items()}
    for one, answer in zip(handed, answers, strict=True):
        code = one["body"]["id"]
        [(field, value)] = one["body"]["values"].items()
        assert answer.state in ("done", "merged", "conflict"), answer
        if answer.state == "conflict":
            assert answer.conflicts
            assert answer.told["stand"] == []
            continue
        assert there[code][field] == known[code][field]
        there[code][field] = known[code][field] = value


async def test_fields_that_do_not_overlap_merge_and_those_that_do_are_decided(
    away: City, keeper: Keeper
) -> None:
    await made(away, "0101")
    one, two = keeper("one"), keeper("two")
    first = await records.hand_in(
        away, one, "phone-one", [change("0101", 1, {"title_zh": "甲", "filing": "x"})]
    )
    assert first[0].state == "done"
    [second] = await records.hand_in(
        away, two, "phone-two", [change("0101", 1, {"title_zh": "乙", "closing": "y"})]
    )
    assert (second.state, second.told["stand"]) == ("conflict", ["closing"])
    [third] = await records.hand_in(away, two, "phone-two", [change("0101", 1, {"title_en": "B"})])
    assert third.state == "merged"
    values, version = await now(away, "0101")
    assert (values["title_zh"], values["filing"], values["closing"], values["title_en"]) == (
        "甲",
        "x",
        "y",
        "B",
    )
    [shown] = await records.conflicts(away, two)
    assert (shown.field, shown.mine, shown.theirs, shown.theirs_by) == ("title_zh", "乙", "甲", "one")
    assert shown.field_title == "Name in Chinese"
    assert shown.theirs_at is not None
    assert shown.made_at == NOW
    assert await records.conflicts(away, one) == []
    [seen] = await records.conflicts(away, one, everyone=True)  # who may change the record may decide
    assert seen.id == shown.id
    with pytest.raises(Stale):
        await records.decide(away, two, shown.id, "mine", version=version - 1)
    assert await records.decide(away, two, shown.id, "mine", version=version) == version + 1
    with pytest.raises(NotFound):
        await records.decide(away, two, shown.id, "theirs")
    assert (await now(away, "0101"))[0]["title_zh"] == "乙"
    assert await records.conflicts(away, two) == []
    kept = await away[Database].fetchrow("SELECT * FROM records.clash")
    assert (kept["decision"], kept["decided_by"], kept["mine"]) == ("mine", "two", "乙")


async def test_what_ended_meanwhile_or_was_ended_unseen_is_a_conflict(away: City, keeper: Keeper) -> None:
    await made(away, "0101")
    await made(away, "0102")
    await records.end(away, system_caller("cases"), CLASS, "0101", 1)
    await edited(away, "0102", title_zh="新")
    end = {"id": "end-0102", "kind": "records.end", "made_at": NOW.isoformat(),
           "body": {"relation": CLASS, "id": "0102", "version": 1}}  # fmt: skip
    first, second = await records.hand_in(
        away, keeper("one"), "phone-one", [change("0101", 1, {"title_zh": "甲"}), end]
    )
    assert (first.state, second.state) == ("conflict", "conflict")
    shown = await records.conflicts(away, keeper("one"))
    assert [(c.record, c.mine, c.told) for c in shown] == [
        ("0101", {"title_zh": "甲"}, {"ended": True}),
        ("0102", None, {}),
    ]
    with pytest.raises(Conflict):
        await records.decide(away, keeper("one"), shown[0].id, "mine", version=2)
    await records.decide(away, keeper("one"), shown[0].id, "theirs")
    end["id"], end["body"] = "end-0102-b", {"relation": CLASS, "id": "0102", "version": 2}
    [third] = await records.hand_in(away, keeper("one"), "phone-one", [end])
    assert third.state == "done"


async def test_the_same_at_the_same_moment_is_done_once(away: City, keeper: Keeper) -> None:
    new = {"id": "new-0001", "kind": "records.create", "made_at": NOW.isoformat(),
           "body": {"relation": CLASS, "values": {"code": "0909", "title_zh": "新"}}}  # fmt: skip
    await made(away, "0101")
    batch = [new, change("0101", 1, {"title_zh": "甲"}, "change-0001")]
    answers = await asyncio.gather(
        *(records.hand_in(away, keeper("one"), "phone-one", batch) for _ in range(4))
    )
    assert {tuple((a.state, a.told["version"]) for a in some) for some in answers} == {
        (("done", 1), ("done", 2))
    }
    assert (await now(away, "0101"))[1] == 2
    entries = await away[Database].fetchval(
        "SELECT count(*) FROM access.audit_entry WHERE action = 'records.hand_in'"
    )
    assert entries == 2
    other = {**new, "body": {"relation": CLASS, "values": {"code": "0910", "title_zh": "新"}}}
    [reused] = await records.hand_in(away, keeper("one"), "phone-one", [other])
    assert reused.state == "refused"
    assert "another change" in str(reused.error)


async def test_one_bad_change_holds_up_no_other_and_changes_nothing(away: City, keeper: Keeper) -> None:
    await made(away, "0101")
    bad: list[dict[str, Any]] = [
        {},
        {"id": 7},
        {"id": "x" * 80, "kind": "records.update", "made_at": NOW.isoformat(), "body": {}},
        {**change("0101", 1, {"title_zh": "甲"}), "made_at": "yesterday"},
        {**change("0101", 1, {"title_zh": "甲"}), "kind": "records.burn"},
        {**change("0101", 1, {"title_zh": "甲"}), "body": {"relation": CLASS}},
        {**change("0101", 1, {"title_zh": "甲"}), "place": {"lon": 999, "lat": 0}},
        change("0101", 9, {"title_zh": "甲"}),
        change("none", 1, {"title_zh": "甲"}),
        change("0101", 1, {"title_zh": None}),
        change("0101", 1, {"code": "0102"}),
        change("0101", 1, {"title_zh": "x" * 40_000}),
        {
            **change("0101", 1, {"title_zh": "甲"}),
            "body": {**change("0101", 1, {})["body"], "relation": "cases.case"},
        },
        change("0101", 1, {"no_such": 1}),
    ]
    good = change("0101", 1, {"title_zh": "乙"})
    answers = await records.hand_in(away, keeper("one"), "phone-one", [*bad, good])
    assert [a.state for a in answers] == ["refused"] * len(bad) + ["done"]
    assert all(a.error for a in answers[:-1])
    assert answers[-2].errors[0].pointer == "/values/no_such"
    assert await now(away, "0101") == ((await now(away, "0101"))[0], 2)
    kept = await away[Database].fetch("SELECT body FROM records.handed_in WHERE state = 'refused'")
    assert len(kept) == len(bad) - 5  # those that could be read at all
    assert all(row["body"] for row in kept)


async def test_a_device_is_told_what_changed_and_what_is_gone(away: City, keeper: Keeper) -> None:
    for n in range(7):
        await made(away, f"09{n}")
    device = Device(away, keeper("one"), "phone-one")
    await device.pull(limit=2)
    assert len(device.rows) == 7
    first = device.cursor
    await edited(away, "090", title_zh="新")
    await records.end(away, system_caller("cases"), CLASS, "091", 1)
    answer = await records.take_along(away, device.caller, PARCEL, "phone-one", cursor=first)
    assert ([r.id for r in answer.rows], [g.id for g in answer.gone]) == (["090"], ["091"])
    again = await records.take_along(
        away, device.caller, PARCEL, "phone-one", cursor=first
    )  # it was lost on the way
    assert (again.full, [r.id for r in again.rows], [g.id for g in again.gone]) == (False, ["090"], ["091"])
    quiet = await records.take_along(away, device.caller, PARCEL, "phone-one", cursor=again.cursor)
    assert (quiet.full, quiet.rows, quiet.gone, quiet.cursor) == (False, [], [], again.cursor)
    for cursor in ("99", "x", None):
        anew = await records.take_along(away, device.caller, PARCEL, "phone-one", cursor=cursor)
        assert (anew.full, len(anew.rows)) == (True, 6)
    other = await records.take_along(away, keeper("two"), PARCEL, "phone-one", cursor=again.cursor)
    assert other.full  # a cursor is of one account's device
    with pytest.raises(NotFound):
        await records.take_along(away, device.caller, "cityops.none", "phone-one")


async def test_a_lost_device_forgets_and_nothing_is_taken_from_it(away: City, keeper: Keeper) -> None:
    await made(away, "0101")
    device = Device(away, keeper("one"), "phone-one")
    await device.pull()
    [shown] = await records.devices(away, device.caller)
    assert (shown.device, shown.rows, shown.given_up) == ("phone-one", 1, False)
    with pytest.raises(NotFound):
        await records.give_up(away, keeper("two"), "phone-one")
    await records.give_up(away, device.caller, "phone-one")
    told = await records.take_along(away, device.caller, PARCEL, "phone-one", cursor=device.cursor)
    assert (told.wipe, told.rows) == (True, [])
    with pytest.raises(Forbidden):
        await records.hand_in(away, device.caller, "phone-one", [change("0101", 1, {"title_zh": "甲"})])
    await Device(away, device.caller, "phone-new").pull()


async def test_everything_is_denied_by_default_and_bounded(
    city: City, client: httpx.AsyncClient, keeper: Keeper
) -> None:
    with pytest.raises(Forbidden):
        await records.hand_in(city, keeper_without(keeper), "phone-one", [])
    operator = await key_of(city, "access.operator")
    inspector = await key_of(city, "cases.inspector")
    ask = {"parcel": PARCEL, "device": "phone-one"}
    assert (await client.get("/sync", params=ask)).status_code == 401
    assert (await client.get("/sync", params=ask, headers=operator)).status_code == 403
    assert (await client.get("/sync", params=ask, headers=inspector)).status_code == 200
    too_many = {"device": "phone-one", "changes": [{}] * 101}
    assert (await client.post("/sync/changes", json=too_many, headers=inspector)).status_code == 400
    large = {"device": "phone-one", "changes": [{"id": "a" * 8, "body": {"x": "y" * 20_000_000}}]}
    assert (await client.post("/sync/changes", json=large, headers=inspector)).status_code == 413
    [denied] = (
        await client.post("/sync/changes", headers=inspector,
                          json={"device": "phone-one", "changes": [change("0101", 1, {"title_zh": "甲"})]})
    ).json()  # fmt: skip
    assert denied["state"] == "refused"
    assert "not allowed" in denied["error"]


def keeper_without(keeper: Keeper) -> Caller:
    return msgspec.structs.replace(keeper("one"), mandates=keeper("one").mandates[:1])


def state(version: int, value: str, *, mine: bool = False) -> State:
    return State(version=version, values={"a": value}, by="x", at=NOW, mine=mine)


@pytest.mark.parametrize(
    ("states", "clashes"),
    [
        ([state(1, "0")], False),
        ([state(1, "0"), state(2, "1")], True),
        ([state(1, "0"), state(2, "9")], False),  # it has that value already
        ([state(1, "0"), state(2, "1", mine=True)], False),
        ([state(1, "0"), state(2, "1", mine=True), state(3, "0")], True),  # somebody took it back
        ([state(1, "0"), state(2, "1"), state(3, "0")], False),  # it is as it was seen
    ],
)
def test_a_field_clashes_where_somebody_else_said_otherwise(states: list[State], clashes: bool) -> None:
    assert bool(merged(states, {"a": "9"}).clash) is clashes


@given(
    before=st.dictionaries(st.sampled_from("ab"), st.dictionaries(st.sampled_from("123"), st.integers(0, 3))),
    now_=st.dictionaries(st.sampled_from("ab"), st.dictionaries(st.sampled_from("123"), st.integers(0, 3))),
    most=st.integers(1, 3),
)
def test_a_device_reaches_what_holds_now_in_steps(
    before: dict[str, dict[str, int]], now_: dict[str, dict[str, int]], most: int
) -> None:
    for _ in range(10):
        fresh, gone, more = difference(before, now_, most)
        before = unpacked(packed(after(before, [(r, i, now_[r][i]) for r, i in fresh], gone)))
        if not more:
            break
    assert {k: v for k, v in before.items() if v} == {k: v for k, v in now_.items() if v}
