"""The use cases of unit grids: a division and its taking back, each in one transaction."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date

import msgspec
import numpy as np
import shapely

from yong.kernel.access import api as access
from yong.kernel.access.contracts import Caller
from yong.kernel.base.city import City
from yong.kernel.base.errors import Conflict, Invalid, NotFound, Problem
from yong.kernel.base.ids import new_id
from yong.kernel.base.text import Text
from yong.kernel.geo.grids import codes, replacing, store
from yong.kernel.geo.grids.contracts import Cell, NewCell, TakenBack, Wanted
from yong.kernel.geo.grids.order import reading_order
from yong.kernel.geo.topology.area import area_m2
from yong.kernel.records import api as records
from yong.kernel.records.contracts import Alter, Begin, Filter, Operator, Record
from yong.kernel.store import outbox
from yong.kernel.store.contracts import Event
from yong.kernel.store.database import Connection, Database

BOUNDARY, CELL = "geo.boundary", "geo.grid_cell"
_COMMUNITY = 12
_STAYS = Text(
    "单元网格 {code} 保留不变，其{what}请在该记录中修改",
    "Unit grid {code} stays as it is; its {what} is changed at its record",
)


class Found(msgspec.Struct, frozen=True):
    """A community on the day of a division: its boundary, and its unit grids of all times."""

    community: str
    boundary: Record
    cells: list[Record]

    def standing(self, day: date) -> list[Record]:
        """The grids that hold on a day or later."""
        return [
            c for c in self.cells
            if c.ended_at is None and (c.values.get("ends_on") is None or str(c.values["ends_on"]) > day.isoformat())
        ]  # fmt: skip

    def versions(self) -> dict[str, int]:
        return {c.id: c.version or 0 for c in self.cells}

    def mark(self, versions: Mapping[str, int]) -> str:
        """What tells these grids and this boundary from any others."""
        told = [[self.boundary.id, self.boundary.version], sorted(versions.items())]
        return hashlib.sha256(msgspec.json.encode(told)).hexdigest()[:32]


class Drawn(msgspec.Struct, frozen=True):
    """A division to be: the new grids in order, and what it leaves of those that stand."""

    cells: list[Cell]
    kept: list[Cell]
    ended: dict[str, list[str]]
    cornered: dict[str, dict[str, object]]  # kept grids whose outline takes a corner: their new values


async def find(city: City, caller: Caller, community: str, day: date) -> Found:
    """A community as the caller sees it. Raises Invalid unless it has one boundary on that day."""
    page = await records.listing(
        city, caller, BOUNDARY, filters=(Filter("code", Operator.EQ, community),), limit=1000
    )
    found = [r for r in page.items if r.values["level"] == "community" and r.holds_on(day)]
    if len(found) != 1:
        none = Text("社区 {c} 在 {day} 没有边界", "There is no boundary of community {c} on {day}")
        many = Text("社区 {c} 在 {day} 有多条边界", "There are several boundaries of community {c} on {day}")
        text = (many if found else none).filled(c=community, day=day.isoformat())
        raise Invalid(None, problems=(Problem("/community", text),))
    filters = (Filter("code", Operator.PREFIX, community),)
    cells = await records.listing(city, caller, CELL, filters=filters, limit=1000, ended=True)
    return Found(community, found[0], cells.items)


def shape_of(record: Record) -> shapely.Geometry:
    return shapely.from_geojson(msgspec.json.encode(record.values["geometry"]))


def draw(found: Found, asked: Sequence[NewCell], shapes: Sequence[shapely.Polygon], day: date) -> Drawn:
    """What outlines that cover a community make of it. Raises Conflict where the serial numbers run out.

    Serial numbers go on after those that were ever given in the community.
    """
    old = {c.id: shapely.make_valid(shape_of(c)) for c in found.standing(day)}
    same = replacing.kept(old, shapes)
    _unchanged(found, asked, same)
    fresh = [i for i in range(len(shapes)) if i not in same]
    serial = max((int(c.id[_COMMUNITY:]) for c in found.cells), default=0) + 1
    if serial + len(fresh) - 1 > codes.SERIALS:
        raise Conflict(
            Text("顺序号不足：已用到 {last}", "There are not enough serial numbers: {last} are used"),
            last=serial - 1,
        )
    order = [fresh[n] for n in reading_order([shapes[i] for i in fresh])]
    cells = [
        Cell(code=f"{found.community}{serial + n:03d}", index=i, area_m2=area_m2(shapes[i]))
        for n, i in enumerate(order)
    ]
    kept = [Cell(code=c, index=i, area_m2=area_m2(shapes[i])) for i, c in same.items()]
    kept.sort(key=lambda cell: cell.code)
    after = {c.code: shapes[c.index] for c in (*cells, *kept)}
    ended = {c: shape for c, shape in old.items() if c not in same.values()}
    return Drawn(
        cells=cells,
        kept=kept,
        ended=replacing.became(ended, after),
        cornered={
            c.code: {"geometry": geometry(shapes[c.index]), "area_m2": c.area_m2}
            for c in kept
            if _cornered(old[c.code], shapes[c.index])
        },
    )


def _unchanged(found: Found, asked: Sequence[NewCell], same: Mapping[int, str]) -> None:
    """Raise Invalid where a grid that stays is given other values than it has."""
    values = {c.id: c.values for c in found.cells}
    names = {
        "land_use": Text("土地使用类别", "land-use class"),
        "management_grade": Text("管理级别", "management grade"),
        "responsible": Text("责任单位", "responsible body"),
    }
    problems = []
    for index, code in sorted(same.items()):
        for name, what in names.items():
            given = getattr(asked[index], name)
            if given is not None and given != values[code].get(name):
                text = Text(
                    _STAYS.zh.format(code=code, what=what.zh), _STAYS.en.format(code=code, what=what.en)
                )
                problems.append(Problem(f"/cells/{index}/{name}", text))
    if problems:
        raise Invalid(None, problems=tuple(problems))


def _cornered(old: shapely.Geometry, new: shapely.Geometry) -> bool:
    """Whether an outline that stays has other corners than before."""
    before, after = (shapely.get_coordinates(shapely.normalize(s)) for s in (old, new))
    return before.shape != after.shape or not np.array_equal(before, after)


def geometry(shape: shapely.Polygon) -> dict[str, object]:
    rings = [[list(p) for p in ring.coords] for ring in (shape.exterior, *shape.interiors)]
    return {"type": "Polygon", "coordinates": rings}


async def make(
    city: City, caller: Caller, wanted: Wanted, day: date, found: Found, drawn: Drawn, shapes: Sequence[shapely.Polygon]
) -> tuple[str | None, str]:  # fmt: skip
    """Write a division: new grids, ends and corners, all or none. Its id, and the mark of what then stands.

    A dry run does the same and leaves nothing of it.
    """
    versions = found.versions()
    old = {c.id: c.values for c in found.cells}
    ends = {"ends_on": day.isoformat()}
    alter = [Alter(id=c, version=versions[c], values=dict(ends)) for c in drawn.ended]
    alter += [Alter(id=c, version=versions[c], values=v) for c, v in drawn.cornered.items()]
    district = found.community[:6]
    begin = [
        Begin(
            values=_values(wanted.cells[c.index], c, shapes[c.index], day),
            owner=wanted.owner,
            district=district,
        )
        for c in drawn.cells
    ]
    one = store.Kept(
        id=new_id(),
        community=found.community,
        made=[c.code for c in drawn.cells],
        ended=[store.Ended(code=c, into=into, version=versions[c] + 1) for c, into in drawn.ended.items()],
        kept=[c.code for c in drawn.kept],
        cornered=[
            store.Cornered(c, versions[c] + 1, {name: old[c][name] for name in values})
            for c, values in drawn.cornered.items()
        ],
        district=district,
        owner_id=wanted.owner or caller.party,
    )
    try:
        async with city[Database].transaction() as connection:
            after = await records.write_together(
                city, caller, connection, CELL, begin=begin, alter=alter, among=found.community, seen=versions,
                relying=((BOUNDARY, found.boundary.id, found.boundary.version or 0),),
            )  # fmt: skip
            if wanted.dry_run:
                raise _Tried
            await store.keep(connection, one, day)
            facts = {"division": one.id, "starts_on": day.isoformat(), "made": len(one.made), "ended": len(one.ended), "kept": len(one.kept)}  # fmt: skip
            await _tell(connection, caller, "geo.divide", one, facts, "geo.CommunityDivided")
    except _Tried:
        return None, found.mark(versions)
    return one.id, found.mark(after)


class _Tried(Exception):
    """A dry run came to its end: what it wrote is rolled back."""


async def _tell(
    connection: Connection, caller: Caller, action: str, one: store.Kept, facts: dict[str, object], event: str
) -> None:
    await access.audit(connection, caller, action, f"{CELL}/{one.community}", facts)
    await outbox.emit(connection, Event(type=event, subject=one.community, data=facts))


def _values(asked: NewCell, cell: Cell, shape: shapely.Polygon, day: date) -> dict[str, object]:
    values = {
        "code": cell.code,
        "geometry": geometry(shape),
        "area_m2": cell.area_m2,
        "starts_on": day.isoformat(),
        "land_use": asked.land_use,
        "management_grade": asked.management_grade,
        "responsible": asked.responsible,
    }
    return {name: value for name, value in values.items() if value is not None}


async def undo(city: City, caller: Caller, id_: str) -> TakenBack:
    """Take a division back: what it made is ended, what it ended stands again, all or none.

    Raises NotFound; Conflict unless it is the last of its community; Stale where a grid of it, or one that came
    beside it, was changed since.
    """
    async with city[Database].pool.acquire() as connection:
        found = await store.division(connection, id_)
    if found is None:
        raise NotFound
    filters = (Filter("code", Operator.PREFIX, found.community),)
    cells = (await records.listing(city, caller, CELL, filters=filters, limit=1000, ended=True)).items
    seen = {c.id: c.version or 0 for c in cells}
    if not set(found.made) <= seen.keys():
        raise NotFound  # who may not see its grids does not learn of it
    async with city[Database].transaction() as connection:
        one = await store.division(connection, id_, lock=True)
        assert one is not None
        newest = await store.newest(connection, one.community)
        if newest != one.id:
            raise Conflict(
                Text(
                    "只能撤销该社区最近一次划分：{newest}",
                    "Only the last division of the community can be undone: {newest}",
                ),
                newest=newest or "-",
            )
        _alone(one, cells)
        await records.write_together(
            city, caller, connection, CELL, among=one.community, seen=seen, alter=[
                *(Alter(id=c, version=1) for c in one.made),
                *(Alter(id=c.code, version=c.version, values={"ends_on": None}) for c in one.ended),
                *(Alter(id=c.code, version=c.version, values=c.values) for c in one.cornered),
            ],
        )  # fmt: skip
        await store.take_back(connection, one.id)
        facts: dict[str, object] = {"division": one.id, "ended": len(one.made), "again": len(one.ended)}
        await _tell(connection, caller, "geo.undo_division", one, facts, "geo.DivisionUndone")
    return TakenBack(
        id=one.id, community=one.community, ended=one.made, standing_again=[c.code for c in one.ended]
    )


def _alone(one: store.Kept, cells: Sequence[Record]) -> None:
    """Raise Conflict where grids stand that the division did not leave: they would lie over those that come back."""
    known = {*one.made, *one.kept, *(c.code for c in one.ended)}
    others = [
        c.id for c in cells if c.id not in known and c.ended_at is None and c.values.get("ends_on") is None
    ]
    if others:
        raise Conflict(
            Text("划分之后又增加了单元网格：{codes}", "Unit grids were added after the division: {codes}"),
            codes=", ".join(others[:20]),
        )
