"""What a device takes along: of a parcel the rows and fields that its bearer may see, and later what changed of them."""

from collections.abc import Sequence

import msgspec

from yong.kernel.access import api as access
from yong.kernel.access.contracts import Caller
from yong.kernel.base import clock
from yong.kernel.base.city import City
from yong.kernel.base.errors import Invalid, NotFound, Problem
from yong.kernel.base.relation import Level, Personal
from yong.kernel.base.text import Text
from yong.kernel.records.contracts import Filter, Operator, Record
from yong.kernel.records.service import reading
from yong.kernel.records.store.reads import decode, tagged_sql
from yong.kernel.records.sync import store
from yong.kernel.records.sync.contracts import DEVICES, ROWS_TAKEN, DeviceShown, Gone, Parcel, Portion, Taken
from yong.kernel.records.sync.logic import Held, after, difference, packed, unpacked
from yong.kernel.store.database import Connection, Database, Row

_NO_PARCEL = Text("没有可携带的数据包 {name}", "There is nothing called {name} to take along")


def parcel_of(city: City, name: str) -> Parcel:
    found = next((p for _, p in city.registry.of(Parcel) if p.name == name), None)
    if found is None:
        raise NotFound(_NO_PARCEL, name=name[:100])
    return found


async def take(
    city: City, caller: Caller, name: str, device: str, cursor: str | None, district: str | None, limit: int
) -> Taken:
    """What the device does not know yet. Its own lock keeps two askings of one device apart."""
    parcel = parcel_of(city, name)
    for portion in parcel.portions:
        access.authorize(city, caller, "records.take", portion.relation)
    async with city[Database].transaction() as connection:
        row = await store.device(connection, caller.account, device, name, DEVICES)
        if row["given_up_at"] is not None:
            return _answer(parcel, "", full=True, wipe=True)
        now, docs = await _now(city, caller, connection, parcel, district)
        full, before = _known(row, cursor)
        fresh, gone, more = difference(before, now, limit)
        held = after(before, [(r, i, now[r][i]) for r, i in fresh], gone)
        generation = row["generation"]
        if fresh or gone or full:
            count = sum(len(rows) for rows in held.values())
            generation = await store.holds(connection, row, packed(held), packed(before), count)
            facts = {
                "device": device, "rows": len(fresh), "gone": len(gone), "district": district, "purpose": caller.purpose,
            }  # fmt: skip
            await access.audit(connection, caller, "records.take", name, facts)
    return _answer(
        parcel, f"{generation}", full=full, more=more, rows=[decode(docs[key]) for key in fresh],
        gone=[Gone(relation=r, id=i) for r, i in gone],
    )  # fmt: skip


def _answer(
    parcel: Parcel, cursor: str, *, full: bool, more: bool = False, rows: Sequence[Record] = (), gone: Sequence[Gone] = (),
    wipe: bool = False,
) -> Taken:  # fmt: skip
    return Taken(
        parcel=parcel.name, cursor=cursor, full=full, more=more, rows=list(rows), gone=list(gone),
        hold_hours=parcel.hold_hours, at=clock.now(), wipe=wipe,
    )  # fmt: skip


def _known(row: Row, cursor: str | None) -> tuple[bool, Held]:
    """What the device holds by its cursor: the last state or the one before it; else nothing, and it begins anew."""
    if cursor and cursor == str(row["generation"]) and row["held"] is not None:
        return False, unpacked(row["held"])
    if cursor and cursor == str(row["generation"] - 1) and row["before"] is not None and cursor != "0":
        return False, unpacked(row["before"])
    return True, {}


async def _now(
    city: City, caller: Caller, connection: Connection, parcel: Parcel, district: str | None
) -> tuple[Held, dict[tuple[str, str], str]]:
    held: Held = {}
    docs: dict[tuple[str, str], str] = {}
    for portion in parcel.portions:
        reader = access.system_caller(parcel.name.partition(".")[0]) if portion.shared else caller
        found = await _rows(city, reader, connection, portion, None if portion.shared else district)
        held[portion.relation] = {row["id"]: row["tag"] for row in found}
        docs |= {(portion.relation, row["id"]): row["doc"] for row in found}
    return held, docs


async def _rows(
    city: City, caller: Caller, connection: Connection, portion: Portion, district: str | None
) -> list[Row]:
    source = reading.source(city, caller, portion.relation, purpose=None)
    filters = [*portion.filters]
    of = source.relation.district
    if district and of:
        filters.append(Filter(of, Operator.PREFIX, district))
    wanted = {*portion.fields, *source.relation.key}
    if source.table is not None:
        wanted |= {"id", "version"}
    fields = [f for f in source.fields if f.name in wanted]
    if portion.shared:
        fields = [f for f in fields if f.personal is Personal.NO and f.level is Level.GENERAL]
    shown = msgspec.structs.replace(source, fields=tuple(fields))
    sql, args = tagged_sql(source, shown, filters, ROWS_TAKEN + 1)
    rows = await connection.fetch(sql, *args)
    if len(rows) > ROWS_TAKEN:
        title = source.relation.title
        many = Text(
            f"{title.zh}超过 {ROWS_TAKEN} 条，请缩小区域",
            f"{title.en}: more than {ROWS_TAKEN}; choose a smaller area",
        )
        raise Invalid(None, problems=(Problem("/district", many),))
    return rows


async def devices(city: City, caller: Caller) -> list[DeviceShown]:
    return [
        DeviceShown(
            device=row["device"], parcel=row["parcel"], rows=row["held_rows"], first_at=row["first_at"],
            seen_at=row["seen_at"], given_up=row["given_up_at"] is not None,
        )
        for row in await store.devices(city[Database], caller.account)
    ]  # fmt: skip


async def give_up(city: City, caller: Caller, device: str) -> None:
    """A device is lost or handed on: it is told to forget everything, and nothing is taken from it any more."""
    async with city[Database].transaction() as connection:
        if not await store.give_up(connection, caller.account, device):
            raise NotFound
        await access.audit(connection, caller, "records.give_up", f"device/{device}")
