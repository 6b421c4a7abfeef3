"""What two people said differently, shown to who may see it, until one of them decides."""

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from yong.kernel.access import api as access
from yong.kernel.access.contracts import Caller
from yong.kernel.base import clock
from yong.kernel.base.city import City
from yong.kernel.base.errors import Conflict, Forbidden, Invalid, NotFound, Problem, Unauthenticated
from yong.kernel.base.text import Text
from yong.kernel.records.contracts import Table
from yong.kernel.records.service import reading
from yong.kernel.records.store import writes
from yong.kernel.records.sync import own, store
from yong.kernel.records.sync.contracts import ConflictShown, DevicePosition
from yong.kernel.store.database import Database, Row

MOST = 200
_LOOKED_AT = 1_000
_SEEN = Text("此项只能知悉，不能改写", "This can only be taken note of")
_VERSION = Text("必须给出所见版本", "Say the version that you saw")


async def conflicts(city: City, caller: Caller, *, everyone: bool) -> list[ConflictShown]:
    """One's own, and with `everyone` those of the records that the caller may change."""
    rows = await store.clashes(city[Database], None if everyone else caller.account, None, _LOOKED_AT)
    if everyone:
        rows = [row for row in rows if await _mine(city, caller, row)]
    rows = rows[:MOST]
    names = await access.names(city, caller, {n for r in rows for n in (r["account"], r["their_by"]) if n})
    return [await _shown(city, caller, row, names) for row in rows]


async def _mine(city: City, caller: Caller, row: Row) -> bool:
    """Whether it is the caller's to decide: their own, or about a record that they may change."""
    if row["account"] == caller.account:
        return True
    table = _table(city, row["relation"])
    if table is None:
        return False
    async with city[Database].pool.acquire() as connection:
        found = (await writes.present(connection, table, [row["record"]])).get(row["record"])
        if found is None or await reading.unseen(connection, city, caller, table.name, [row["record"]]):
            return False
    try:
        await own.may(city, caller, "records.update", table, found)
    except (Forbidden, Unauthenticated):
        return False
    return row["field"] is None or row["field"] in _clear(city, caller, table.name)


def _table(city: City, name: str) -> Table | None:
    try:
        return reading.known(city, name)[1]
    except NotFound:  # of a module that is no longer here
        return None


def _clear(city: City, caller: Caller, relation: str) -> set[str]:
    """The fields of a Relation that the caller sees unmasked."""
    scope = access.scoped(city, reading.known(city, relation)[0], caller)
    return set(scope.fields) - scope.masked


async def _shown(city: City, caller: Caller, row: Row, names: Mapping[str, str]) -> ConflictShown:
    theirs: Any = None
    version: int | None = None
    title: str | None = None
    if _table(city, row["relation"]) is not None:
        try:
            source = reading.source(city, caller, row["relation"], purpose=None)
            now = await reading.record(city, source, row["record"])
            theirs, version = now.values.get(row["field"]) if row["field"] else now.values, now.version
        except (Forbidden, NotFound, Unauthenticated):
            pass
        field = reading.known(city, row["relation"])[0].field(row["field"]) if row["field"] else None
        title = field.meaning.in_(caller.language) if field else None
    return ConflictShown(
        id=row["id"], change=row["change_id"], kind=row["kind"], relation=row["relation"], record=row["record"],
        field=row["field"], field_title=title, mine=row["mine"], mine_by=names.get(row["account"], ""),
        made_at=row["made_at"], place=msgspec.convert(row["place"], DevicePosition) if row["place"] else None, theirs=theirs,
        theirs_by=names.get(row["their_by"] or "", row["their_by"]), theirs_at=row["their_at"], version=version,
        told=row["told"], kept_at=row["kept_at"],
    )  # fmt: skip


async def decide(
    city: City, caller: Caller, id_: str, choice: Literal["mine", "theirs", "value"], value: Any, version: int | None
) -> int | None:  # fmt: skip
    """Let one value stand; the record's version where it changed. What is decided is kept with who decided it.

    Raises NotFound, Conflict where it is decided already, Stale where the record changed since `version`, Invalid.
    """
    rows = await store.clashes(city[Database], None, id_[:64].replace("\0", ""), 1)
    if not rows or not await _mine(city, caller, rows[0]):
        raise NotFound
    row = rows[0]
    fresh: int | None = None
    async with city[Database].transaction() as connection:
        if not await store.decide(connection, row["id"], choice, caller.account, clock.now()):
            raise Conflict(Text("已经处理", "It is decided already"))
        if choice != "theirs":
            if _table(city, row["relation"]) is None or (row["field"] is None and not row["mine"]):
                raise Conflict(_SEEN)
            if version is None:
                raise Invalid(None, problems=(Problem("/version", _VERSION),))
            said = row["mine"] if choice == "mine" else value
            values = {row["field"]: said} if row["field"] else said
            if not isinstance(values, dict):
                raise Invalid(
                    None, problems=(Problem("/value", Text("应为各字段的值", "Say the values by field")),)
                )
            fresh = await own.decided(
                city, caller, connection, row["relation"], row["record"], values, version
            )
        facts = {"change": row["change_id"], "field": row["field"], "choice": choice}
        await access.audit(
            connection, caller, "records.decide", f"{row['relation']}/{row['record']}"[:400], facts
        )
    return fresh
