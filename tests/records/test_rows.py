"""Rows in and out of real tables: history, two times, order, pages and conditions under a scope."""

from datetime import UTC, date, datetime, timedelta

import asyncpg
import msgspec
import pytest

from yong.app import bootstrap
from yong.kernel.access.contracts import Scope
from yong.kernel.base.errors import Invalid
from yong.kernel.base.module import Registry
from yong.kernel.records.contracts import Change, Filter, Operator
from yong.kernel.records.logic import check, relation_of
from yong.kernel.records.store import migrate_tables, reads, writes
from yong.kernel.records.store.reads import Query
from yong.kernel.store.database import Database
from yong.kernel.store.migrate import migrate

from .sample import POST, STATION, module

T0 = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
async def db(database):
    await migrate(database.owner_url, Registry((*bootstrap.modules("ningbo"), module())), (migrate_tables,))
    opened = await Database.open(database.serve_url, size=2)
    yield opened
    await opened.close()


def source(table, where="true"):
    relation = relation_of(table)
    fields = tuple(f.name for f in relation.fields)
    columns = ", ".join(f'"{f}"' for f in fields)
    module_, noun = table.name.split(".")
    scope = Scope(sql=f'SELECT {columns} FROM "{module_}"."{noun}" WHERE {where}', args=(), fields=fields)
    return reads.source_of(relation, table, scope)


def row(table, when=T0, **values):
    draft = check(table, {k: v for k, v in values.items() if k not in ("valid_from", "valid_to", "version")})
    assert not draft.problems
    extra = {k: values[k] for k in ("valid_from", "valid_to") if k in values}
    return {
        **draft.values, **extra, "id": values["code"], "version": values.get("version", 1), "owner_id": "o",
        "created_at": when.isoformat(), "created_by": "a", "updated_at": when.isoformat(), "updated_by": "a",
    }  # fmt: skip


async def page(db, rows, **query):
    sql, args = reads.page_sql(rows, Query(**query))
    return await db.fetch(sql, *args)


async def ids(db, rows, **query):
    return [r["id"] for r in await page(db, rows, **query)]


async def test_every_type_comes_back_as_it_went_in(db):
    values = {
        "code": "A", "name": "海曙 “站”\n", "area": "330203", "height_m": 0.1 + 0.2, "fee": 2**62, "active": False,
        "share": "12345678901234567890.123400", "opened": "2026-01-02",
        "place": {"type": "Point", "coordinates": [121.55, 29.87]}, "extra": {"a": [1, None, "x"]},
    }  # fmt: skip
    async with db.transaction() as connection:
        assert await writes.insert(connection, STATION, [row(STATION, **values)]) == {"A"}
        whole = (await writes.present(connection, STATION, ["A"]))["A"]
        assert await writes.update(connection, STATION, [whole]) == {"A"}
    record = reads.decode((await page(db, source(STATION)))[0]["doc"])
    assert record.version == 2
    assert {k: v for k, v in record.values.items() if v is not None} == values


async def test_a_taken_key_fails_alone_and_of_two_writers_one_is_stale(db):
    async with db.transaction() as connection:
        await writes.insert(connection, STATION, [row(STATION, code="A", name="a")])
        both = [row(STATION, code="A", name="again"), row(STATION, code="B", name="b")]
        assert await writes.insert(connection, STATION, both) == {"B"}
        assert await writes.update(connection, STATION, [row(STATION, code="A", name="one")]) == {"A"}
        assert await writes.update(connection, STATION, [row(STATION, code="A", name="two")]) == set()
    assert reads.decode((await page(db, source(STATION)))[0]["doc"]).values["name"] == "one"


async def test_history_tells_what_was_recorded_when(db):
    async with db.transaction() as connection:
        await writes.insert(connection, STATION, [row(STATION, code="A", name="old")])
        later = row(STATION, T0 + timedelta(days=1), code="A", name="new")
        await writes.update(connection, STATION, [later])
    rows = source(STATION)
    found = await db.fetch(reads.history_sql(rows), "A", 10)
    states = [msgspec.json.decode(r["doc"], type=Change) for r in found]
    assert [s.record.values["name"] for s in states] == ["new", "old"]
    assert states[0].recorded_to is None
    assert states[1].recorded_to == states[0].recorded_from
    then = reads.past(rows, None, T0 + timedelta(hours=1))
    assert reads.decode((await page(db, then))[0]["doc"]).values["name"] == "old"
    hidden = source(STATION, "owner_id = 'another'")
    assert await db.fetch(reads.history_sql(hidden), "A", 10) == []


async def test_validity_and_knowledge_are_two_times(db):
    day = T0 + timedelta(days=10)
    async with db.transaction() as connection:
        first = row(POST, code="mayor", holder="Wang", valid_from="2020-01-01", valid_to=None)
        await writes.insert(connection, POST, [first])
        change = row(POST, day, code="mayor", holder="Li", valid_from="2022-01-01", valid_to="2023-01-01")
        assert await writes.slice_(connection, POST, change)
        assert not await writes.slice_(connection, POST, change)  # its version is no longer the present one

    async def holder(at, known_at=None):
        found = await page(db, reads.past(source(POST), at, known_at))
        return [reads.decode(r["doc"]).values["holder"] for r in found]

    assert await holder(date(2019, 1, 1)) == []
    assert await holder(date(2021, 1, 1)) == ["Wang"]
    assert await holder(date(2022, 6, 1)) == ["Li"]
    assert await holder(date(2023, 1, 1)) == ["Wang"]
    assert await holder(date(2022, 6, 1), T0 + timedelta(days=1)) == ["Wang"]


async def test_pages_walk_every_row_once_in_any_order(db):
    many = [
        row(STATION, code=f"S{n:02}", name="n", height_m=None if n % 5 == 0 else n % 7) for n in range(40)
    ]
    async with db.transaction() as connection:
        await writes.insert(connection, STATION, many)
    for sort in (None, "height_m", "-height_m", "name", "-code"):
        seen, cursor = [], None
        while True:
            query = Query(sort=sort, cursor=cursor, limit=7)
            found = await page(db, source(STATION), sort=sort, cursor=cursor, limit=7)
            seen += [r["id"] for r in found[:7]]
            if len(found) <= 7:
                break
            cursor = reads.cursor_of(query, found[6]["id"], found[6]["k"])
        assert len(seen) == len(set(seen)) == 40, sort


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (Filter("height_m", Operator.GTE, "2"), ["B"]),
        (Filter("height_m", Operator.NULL, "true"), ["C"]),
        (Filter("name", Operator.PREFIX, "5%"), ["B"]),
        (Filter("name", Operator.CONTAINS, "_"), ["C"]),
        (Filter("code", Operator.IN, "A,C"), ["A", "C"]),
        (Filter("code", Operator.NE, "A"), ["B", "C"]),
        (Filter("place", Operator.BBOX, "121,29,122,30"), ["A"]),
    ],
)
async def test_conditions(db, condition, expected):
    async with db.transaction() as connection:
        a = row(
            STATION, code="A", name="50", height_m=1, place={"type": "Point", "coordinates": [121.5, 29.5]}
        )
        line = {"type": "LineString", "coordinates": [[10, 10], [20, 20]]}
        b = row(STATION, code="B", name="5%x", height_m=2, place=line)
        await writes.insert(connection, STATION, [a, b, row(STATION, code="C", name="a_b")])
    assert await ids(db, source(STATION), filters=(condition,)) == expected


@pytest.mark.parametrize(
    "query",
    [
        {"filters": (Filter("nothing", Operator.EQ, "1"),)},
        {"filters": (Filter("height_m", Operator.EQ, "x"),)},
        {"filters": (Filter("name", Operator.EQ, "\0"),)},
        {"filters": (Filter("place", Operator.BBOX, "1,2,3"),)},
        {"filters": (Filter("fee", Operator.EQ, "9" * 30),)},
        {"sort": "created_by"},
        {"sort": "place"},
        {"cursor": "%%%"},
        {"cursor": "W10="},
    ],
)
def test_a_wrong_query_is_told_before_the_database_is_asked(query):
    with pytest.raises(Invalid):
        reads.page_sql(source(STATION), Query(**query))


async def test_codes_are_valid_on_their_days(db):
    async with db.transaction() as connection:
        pairs = [("sample.area", c) for c in ("330203", "330204", "330213", "330283")]
        old = await writes.bad_codes(connection, pairs, date(2015, 1, 1))
        new = await writes.bad_codes(connection, pairs, date(2020, 1, 1))
    assert {c for _, c in old} == {"330213"}
    assert {c for _, c in new} == {"330204", "330283"}


def test_a_scope_that_does_not_name_its_table_once_fails_closed():
    rows = source(STATION)
    twice = msgspec.structs.replace(rows, sql=f"{rows.sql} UNION {rows.sql}")
    with pytest.raises(AssertionError):
        reads.past(twice, None, T0)


async def test_the_serving_role_cannot_rewrite_the_table_of_codes_history(db):
    with pytest.raises(asyncpg.PostgresError):
        await db.execute("TRUNCATE sample.station_history")
