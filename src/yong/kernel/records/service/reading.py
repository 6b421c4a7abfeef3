"""Reading: one row with the others asked for at the same moment, pages, and what was before."""

from collections.abc import AsyncIterator, Sequence
from datetime import date, datetime

import msgspec

from yong.kernel.access import api as access
from yong.kernel.access.contracts import Caller
from yong.kernel.base.city import City
from yong.kernel.base.errors import Forbidden, Invalid, NotFound, Problem, Unauthenticated
from yong.kernel.base.relation import Relation
from yong.kernel.base.text import Text
from yong.kernel.records.contracts import FILTERS, ROWS_PER_PAGE, Change, Filter, Page, Record, Table
from yong.kernel.records.logic import relations
from yong.kernel.records.store.reads import (
    Query,
    Source,
    cursor_of,
    decode,
    history_sql,
    page_sql,
    past,
    present_of,
    source_of,
)
from yong.kernel.store.batches import Batcher
from yong.kernel.store.database import Connection, Database

_SCOPES = 2000


class Desk:
    """What this process knows of Relations, and the reads under way in it, one queue per scope."""

    def __init__(self, city: City) -> None:
        self.city = city
        self.relations: dict[str, tuple[Relation, Table | None]] = {
            relation.name: (relation, table) for relation, table in relations(city.registry)
        }
        self.queues: dict[tuple[str, str, tuple[object, ...]], Batcher[str, bytes | None]] = {}


def desk(city: City) -> Desk:
    return city.part(Desk, lambda: Desk(city))


def known(city: City, name: str) -> tuple[Relation, Table | None]:
    found = desk(city).relations.get(name)
    if found is None:
        raise NotFound(Text("没有这个资源：{name}", "There is no such Relation: {name}"), name=name[:100])
    return found


def source(
    city: City, caller: Caller, name: str, *, purpose: str | None, action: str = "records.read"
) -> Source:
    relation, table = known(city, name)
    scope = access.scoped(city, relation, caller, purpose=purpose or caller.purpose, action=action)
    return source_of(relation, table, scope)


async def unseen(
    connection: Connection, city: City, caller: Caller, name: str, ids: Sequence[str]
) -> set[str]:
    """Of ids, those of which the caller may not know: not there and not visible are one."""
    try:
        rows = source(city, caller, name, purpose=None)
    except (Forbidden, NotFound, Unauthenticated):
        return set(ids)
    found = await connection.fetch(
        f"""SELECT w.id FROM unnest(${len(rows.args) + 1}::text[]) AS w(id)
            WHERE NOT EXISTS (SELECT 1 FROM ({rows.sql}) AS r WHERE {rows.id_sql} = w.id)""",
        *rows.args,
        list(ids),
    )
    return {r["id"] for r in found}


def at_time(rows: Source, at: date | None, known_at: datetime | None) -> Source:
    """The rows of a time. A bitemporal table without one is read as of today."""
    bitemporal = rows.table is not None and rows.table.bitemporal
    if at is not None and not bitemporal:
        raise Invalid(
            None, problems=(Problem("/at", Text("此表没有有效期", "This table keeps no validity")),)
        )
    if known_at is not None and rows.table is None:
        raise Invalid(
            None,
            problems=(Problem("/as_known_at", Text("此资源没有历史", "This Relation keeps no history")),),
        )
    return past(rows, at, known_at) if bitemporal or known_at is not None else rows


def present(rows: Source) -> Source:
    """The rows that hold today and have not ended."""
    return rows if rows.table is None else present_of(rows)


async def document(city: City, rows: Source, id_: str) -> bytes:
    """One row as JSON, encoded by PostgreSQL; NotFound also when the caller may not know of it."""
    if not 0 < len(id_) <= 400 or "\0" in id_:
        raise NotFound
    queues = desk(city).queues
    key = (rows.relation.name, rows.sql, rows.args)
    queue = queues.get(key)
    if queue is None:
        if len(queues) >= _SCOPES:
            queues.clear()
        queue = queues[key] = _queue(city, rows)
    found = await queue.submit(id_)
    if found is None:
        raise NotFound
    return found


def _queue(city: City, rows: Source) -> Batcher[str, bytes | None]:
    sql = (
        f"SELECT {rows.id_sql} AS id, {rows.doc_sql()} AS doc FROM ({rows.sql}) AS r"
        f" WHERE {rows.id_sql} = ANY(${len(rows.args) + 1}::text[])"
    )

    async def run(ids: Sequence[str]) -> list[bytes | BaseException | None]:
        found = await city[Database].fetch(sql, *rows.args, list(set(ids)))
        by_id = {row["id"]: row["doc"].encode() for row in found}
        return [by_id.get(id_) for id_ in ids]

    return Batcher(run)


async def record(city: City, rows: Source, id_: str) -> Record:
    return decode(await document(city, rows, id_))


async def page(city: City, rows: Source, query: Query) -> Page:
    if not 1 <= query.limit <= ROWS_PER_PAGE:
        text = Text(f"应在 1 与 {ROWS_PER_PAGE} 之间", f"Must lie between 1 and {ROWS_PER_PAGE}")
        raise Invalid(None, problems=(Problem("/limit", text),))
    if len(query.filters) > FILTERS:
        raise Invalid(None, problems=(Problem("/filter", Text("条件过多", "Too many conditions")),))
    sql, args = page_sql(rows, query)
    found = await city[Database].fetch(sql, *args)
    items = [decode(row["doc"]) for row in found[: query.limit]]
    more = len(found) > query.limit
    last = found[query.limit - 1] if more else None
    return Page(items=items, cursor=cursor_of(query, last["id"], last["k"]) if last else None)


async def every(city: City, rows: Source, filters: Sequence[Filter] = ()) -> AsyncIterator[Record]:
    """All rows, read page by page."""
    cursor: str | None = None
    while True:
        found = await page(city, rows, Query(tuple(filters), None, cursor, ROWS_PER_PAGE, False))
        for item in found.items:
            yield item
        cursor = found.cursor
        if cursor is None:
            return


async def changes(city: City, rows: Source, id_: str, limit: int) -> list[Change]:
    """The states of one record, newest first."""
    if rows.table is None:
        raise NotFound(Text("此资源没有历史", "This Relation keeps no history"))
    await document(city, rows, id_)  # whoever may not see it now may not see what it was
    sql = history_sql(rows)
    found = await city[Database].fetch(sql, *rows.args, id_, limit)
    return [msgspec.json.decode(row["doc"], type=Change) for row in found]
