"""Every function of records for every shipped role, reach and row, against an evaluation written apart.

Who may do what stands below as plain Python, from docs/explanation/security.md and the words of the policies;
which rows a mandate reaches is asked of dictionaries. A refusal changes nothing; what is done is in the trail.
"""

from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest
from tests.conftest import TestDatabase

from yong.app import bootstrap
from yong.kernel.access import api as access
from yong.kernel.access.contracts import ANONYMOUS, Caller, Mandate, Role
from yong.kernel.base.city import City
from yong.kernel.base.errors import Conflict, Forbidden, Invalid, NotFound, Stale, Unauthenticated, YongError
from yong.kernel.base.module import Registry
from yong.kernel.base.relation import Mask, Personal, Type
from yong.kernel.base.settings import Settings, load
from yong.kernel.base.text import Text
from yong.kernel.records import api
from yong.kernel.records.contracts import Format, Table
from yong.kernel.records.store import migrate_tables
from yong.kernel.store.database import Database
from yong.kernel.store.migrate import migrate

from .sample import AREAS, STATION, field, module

VISIT = Table(
    name="sample.visit",
    title=Text("走访", "Visit"),
    subject="person",
    fields=(
        field("person", Type.TEXT),
        field("purpose", Type.TEXT, required=True),
        field("name", Type.TEXT, personal=Personal.PERSONAL, mask=Mask.NAME),
        field("illness", Type.TEXT, personal=Personal.SENSITIVE),
        field("station", Type.REFERENCE, refers="sample.station"),
    ),
)
NAME = VISIT.name
SYSTEM = access.system_caller("sample")
TREE = {"nb": None, "d1": "nb", "d1x": "d1", "d2": "nb"}
ME = "p1"
# whose, where and about whom: own party, one below it, another, another district, of nobody
ROWS: dict[str, tuple[str | None, str | None, str | None]] = {
    "own": ("d1", "330203", ME),
    "below": ("d1x", "330203001", "p2"),
    "other party": ("d2", "330203", "p2"),
    "other district": ("d1", "330205", None),
    "nobody's": (None, None, ME),
}
REACHES = {
    "city": Mandate(id="m", role=""),
    "party": Mandate(id="m", role="", party="d1"),
    "district": Mandate(id="m", role="", district="330203"),
    "own": Mandate(id="m", role="", own=True),
    "party and district": Mandate(id="m", role="", party="d1", district="330203"),
}
ROLES = sorted(r.name for _, r in bootstrap.registry(load({"YONG_HOME": "/nonexistent"})).of(Role))


# ------------------------------------------------- the other evaluation


def right(role: str, action: str, mandate: Mandate, personal: str = "no", purpose: str | None = None) -> bool:
    """What a shipped role may do with a field of general level, of a Relation that opens itself to nobody."""
    if role == "access.operator":
        return action in ("read", "export") and personal == "no"
    if role == "access.department_officer" and mandate.id != "m-city":
        if personal == "no":
            return action in ("read", "create", "update", "end", "import", "export")
        return bool(purpose) and action in (("read", "export") if personal == "personal" else ("read",))
    return role == "access.resident" and action == "read" and mandate.own


def reached(mandate: Mandate, row: str) -> bool:
    owner, district, subject = ROWS[row]
    above = owner
    while above is not None and above != mandate.party:
        above = TREE[above]
    return (
        (mandate.party is None or above is not None)
        and (mandate.district is None or (district or "").startswith(mandate.district))
        and (not mandate.own or subject == ME)
    )


def value(role: str, action: str, mandate: Mandate, name: str, purpose: str | None) -> str | None:
    kind = {"name": "personal", "illness": "sensitive"}[name]
    if right(role, action, mandate, kind, purpose):
        return "王小明"
    return "王**" if name == "name" and role != "access.resident" else None


# ------------------------------------------------- the city they are compared in


@pytest.fixture
async def sample(settings: Settings, database: TestDatabase) -> AsyncIterator[City]:
    """A City with the sample tables, parties and one station of each of two parties."""
    registry = Registry((*bootstrap.modules("ningbo"), module(AREAS, STATION, VISIT)))
    await migrate(database.owner_url, registry, (migrate_tables,))
    city = City(settings, registry)
    opened = city.put(Database, await Database.open(database.serve_url, size=3))
    await access.open_parts(city)
    await api.open_parts(city)
    for id_, parent in TREE.items():
        await access.create_party(
            city, access.system_caller("access"), id=id_, kind="department", zh=id_, en=id_, parent=parent
        )
    for code, owner in (("S1", "d1"), ("S2", "d2")):
        await api.create(
            city, SYSTEM, "sample.station", {"code": code, "name": code}, owner=owner, district="330203"
        )
    yield city
    await opened.close()


def values(row: str, **more: object) -> dict[str, object]:
    return {"person": ROWS[row][2], "purpose": "visit", "name": "王小明", "illness": "王小明", **more}


async def made(city: City, row: str) -> str:
    owner, district, _ = ROWS[row]
    return (await api.create(city, SYSTEM, NAME, values(row), owner=owner, district=district)).id


async def state(city: City) -> list[Any]:
    """What must stay as it is when something is refused."""
    sql = """SELECT (SELECT count(*) FROM sample.visit), (SELECT coalesce(sum(version), 0) FROM sample.visit),
               (SELECT count(*) FROM sample.visit WHERE ended_at IS NULL), (SELECT count(*) FROM sample.visit_history),
               (SELECT count(*) FROM store.outbox), (SELECT count(*) FROM access.audit_entry)"""
    row = await city[Database].fetchrow(sql)
    assert row is not None
    return list(row)


async def entries(city: City, action: str) -> int:
    sql = "SELECT count(*) FROM access.audit_entry WHERE action = $1"
    return int(await city[Database].fetchval(sql, action))


async def outcome(city: City, action: str, awaited: Any) -> Any:
    """The answer, or the kind of error: then nothing may have changed."""
    before = await state(city)
    try:
        answer = await awaited
    except YongError as error:
        # That somebody asked for personal data in clear is in the trail even where there is none.
        kept = 5 if action in ("read", "history", "listing") else 6
        assert (await state(city))[:kept] == before[:kept], f"a refused {action} changed something"
        return type(error)
    if action in ("create", "update", "end", "import", "export"):
        assert (await state(city))[5] > before[5], f"{action} left no entry in the trail"
    return answer


@pytest.mark.parametrize("role", ROLES)
async def test_every_function_for_every_reach_and_row(sample: City, role: str) -> None:
    there = {row: await made(sample, row) for row in ROWS}
    for reach, plain in REACHES.items():
        mandate = msgspec.structs.replace(plain, role=role, id=f"m-{reach}")
        for purpose in (None, "access.inspection"):
            who = Caller(
                account="tester", party=ME, mandates=(mandate,), factors=frozenset({"totp"}), purpose=purpose
            )
            await reading(sample, who, role, mandate, there)
        await writing(sample, who, role, mandate)


async def reading(city: City, who: Caller, role: str, mandate: Mandate, there: dict[str, str]) -> None:
    may = right(role, "read", mandate)
    seen = {row for row in there if may and reached(mandate, row)}
    clear = any(right(role, "read", mandate, kind, who.purpose) for kind in ("personal", "sensitive"))
    listed = await outcome(city, "listing", api.listing(city, who, NAME, limit=1000))
    if not may:
        assert listed is Forbidden
    else:
        assert {r.id for r in listed.items} & set(there.values()) == {there[row] for row in seen}
    for row, id_ in there.items():
        before = await entries(city, "records.read")
        record = await outcome(city, "read", api.read(city, who, NAME, id_))
        past = await outcome(city, "history", api.history(city, who, NAME, id_))
        if row not in seen:
            assert (record, past) == ((NotFound, NotFound) if may else (Forbidden, Forbidden)), (row, mandate)
            continue
        assert await entries(city, "records.read") - before == (2 if clear else 0)
        for one in (record, past[0].record):
            for name in ("name", "illness"):
                wanted = value(role, "read", mandate, name, who.purpose)
                assert one.values.get(name) == wanted, (row, name, mandate)
            assert one.values["purpose"] == "visit"
    assert (await outcome(city, "read", api.read(city, who, NAME, "no-such"))) is (
        NotFound if may else Forbidden
    )
    found = await outcome(city, "export", api.export(city, who, NAME, Format.GEOJSON))
    if not right(role, "export", mandate):
        assert found is Forbidden
        return
    rows = [f["properties"] for f in msgspec.json.decode(found)["features"]]
    whose = {(r["owner_id"], r["district"], r["person"]) for r in rows}
    assert {ROWS[row] for row in ROWS if reached(mandate, row)} == whose
    for name in ("name", "illness"):
        assert {r.get(name) for r in rows} == {value(role, "export", mandate, name, who.purpose)}


async def writing(city: City, who: Caller, role: str, mandate: Mandate) -> None:
    visible = right(role, "read", mandate)
    for row, (owner, district, _) in ROWS.items():
        may = right(role, "create", mandate) and reached(mandate, row)
        got = await outcome(
            city, "create", api.create(city, who, NAME, values(row), owner=owner, district=district)
        )
        assert (got is Forbidden) is not may, (row, mandate)
        if may:
            assert (got.owner, got.district, got.version) == (owner or who.party, district, 1)
        id_ = await made(city, row)
        for action in ("update", "end"):
            version = 2 if action == "end" and may else 1
            call = (
                api.update(city, who, NAME, id_, {"purpose": "again"}, version)
                if action == "update"
                else api.end(city, who, NAME, id_, version)
            )
            got = await outcome(city, action, call)
            if right(role, action, mandate) and reached(mandate, row):
                assert got == version + 1
            elif right(role, action, mandate) and not (visible and reached(mandate, row)):
                assert got is NotFound, (row, action, mandate)  # nobody learns that it is there
            else:
                assert got is Forbidden, (row, action, mandate)
    for row, (owner, district, subject) in ROWS.items():
        lines = "person,purpose,name,illness,owner_id,district\n"
        lines += f"{subject or ''},visit,王小明,王小明,{owner or ''},{district or ''}\n"
        call = api.import_file(city, who, NAME, lines.encode(), Format.CSV)
        if not right(role, "import", mandate):
            assert await outcome(city, "import", call) is Forbidden
            continue
        # a row that names nobody is the caller's own party's
        mine = {**ROWS, "nobody's": (who.party, None, ME)}
        inside = reached(mandate, row) if owner else mandate.own and mine[row][2] == ME
        before = await state(city)
        report = await call
        assert (report.imported, report.bad_total) == ((1, 0) if inside else (0, 1)), (row, mandate)
        assert ((await state(city)) == before) is not inside


async def test_nobody_known_is_asked_to_sign_in(sample: City) -> None:
    id_ = await made(sample, "own")
    for call in (
        api.read(sample, ANONYMOUS, NAME, id_), api.listing(sample, ANONYMOUS, NAME),
        api.history(sample, ANONYMOUS, NAME, id_), api.export(sample, ANONYMOUS, NAME, Format.CSV),
        api.create(sample, ANONYMOUS, NAME, values("own")), api.update(sample, ANONYMOUS, NAME, id_, {}, 1),
        api.end(sample, ANONYMOUS, NAME, id_, 1), api.import_file(sample, ANONYMOUS, NAME, b"", Format.CSV),
    ):  # fmt: skip
        assert await outcome(sample, "any", call) is Unauthenticated


async def test_a_staff_role_without_its_second_factor_counts_for_nothing(sample: City) -> None:
    who = Caller(
        account="tester", mandates=(Mandate(id="m", role="access.department_officer", party="d1"),),
        factors=frozenset({"password"}),
    )  # fmt: skip
    assert await outcome(sample, "read", api.listing(sample, who, NAME)) is Forbidden


async def test_a_reference_tells_nothing_of_rows_that_the_caller_may_not_see(sample: City) -> None:
    who = Caller(
        account="tester", party="d1", mandates=(Mandate(id="m", role="access.department_officer", party="d1"),),
        factors=frozenset({"totp"}),
    )  # fmt: skip
    told = []
    for station in ("S2", "nowhere"):  # another party's, and none at all
        with pytest.raises(Invalid) as refused:
            await api.create(sample, who, NAME, values("own", station=station), owner="d1", district="330203")
        told.append(refused.value.problems)
        lines = f"purpose,station,owner_id,district\nvisit,{station},d1,330203\n".encode()
        report = await api.import_file(sample, who, NAME, lines, Format.CSV)
        told.append(tuple((b.row, b.column, b.reason) for b in report.bad))
    assert told[0] == told[2]
    assert told[1] == told[3] != ()
    kept = await api.create(sample, who, NAME, values("own", station="S1"), owner="d1", district="330203")
    assert kept.values["station"] == "S1"
    with pytest.raises(Invalid):
        await api.update(sample, who, NAME, kept.id, {"station": "S2"}, 1)
    assert await api.update(sample, who, NAME, kept.id, {"purpose": "again"}, 1) == 2


async def test_of_two_changes_one_is_stale_and_an_ended_record_stays_as_it_is(sample: City) -> None:
    id_ = await made(sample, "own")
    assert await api.update(sample, SYSTEM, NAME, id_, {"purpose": "b"}, 1) == 2
    assert (
        await outcome(sample, "update", api.update(sample, SYSTEM, NAME, id_, {"purpose": "c"}, 1)) is Stale
    )
    assert await api.end(sample, SYSTEM, NAME, id_, 2) == 3
    assert await outcome(sample, "end", api.end(sample, SYSTEM, NAME, id_, 3)) is Conflict
    assert (
        await outcome(sample, "update", api.update(sample, SYSTEM, NAME, id_, {"purpose": "c"}, 3))
        is Conflict
    )


@pytest.mark.parametrize("format", Format)
async def test_an_export_is_imported_as_it_was(sample: City, format: Format) -> None:
    for text in ("", "=1+1", "'", "007", "海曙", "\r\n"):
        await api.create(
            sample,
            SYSTEM,
            NAME,
            {"purpose": text, "name": text, "station": "S1"},
            owner="d1",
            district="330203",
        )
    file = await api.export(sample, SYSTEM, NAME, format)
    report = await api.import_file(sample, SYSTEM, NAME, file, format)
    assert (report.imported, report.bad) == (6, [])
    sql = """SELECT purpose, name, station, person, illness, owner_id, district, count(*) FROM sample.visit
             GROUP BY 1, 2, 3, 4, 5, 6, 7"""
    found = await sample[Database].fetch(sql)
    assert [row["count"] for row in found] == [2] * 6
