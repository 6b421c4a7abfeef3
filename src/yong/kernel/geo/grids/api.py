"""Dividing communities into unit grids, and what a grid's code says."""

import asyncio
from collections.abc import Sequence
from datetime import date

import msgspec
import shapely

from yong.kernel.access import api as access
from yong.kernel.access.contracts import Caller
from yong.kernel.base import clock
from yong.kernel.base.city import City
from yong.kernel.base.errors import Conflict, Invalid, Problem, TooLarge
from yong.kernel.base.text import Text
from yong.kernel.geo.grids import codes
from yong.kernel.geo.grids.contracts import (
    POSITIONS,
    Cell,
    CodeParts,
    Division,
    FindingTold,
    NewCell,
    Outline,
    Wanted,
)
from yong.kernel.geo.grids.order import reading_order
from yong.kernel.geo.topology.area import area_m2
from yong.kernel.geo.topology.coverage import Finding, covering
from yong.kernel.records import api as records
from yong.kernel.records.contracts import Filter, Format, Operator

_BOUNDARY, _CELL = "geo.boundary", "geo.grid_cell"
_COMMUNITY = 12


async def explain(city: City, caller: Caller, code: str) -> CodeParts:
    """A grid's code in its parts, or what is wrong with it; whether there is such a grid is not asked."""
    access.authorize(city, caller, "records.read", _CELL)
    problems = codes.faults(code, codes.LENGTH)
    if problems:
        return CodeParts(code=code, valid=False, problems=[p.in_(caller.language) for p in problems])
    return CodeParts(code=code, valid=True, **msgspec.structs.asdict(codes.parse(code)))


async def divide(city: City, caller: Caller, wanted: Wanted) -> Division:
    """Divide a community into unit grids: numbered (see `order`), coded, measured and kept, all or none.

    The community's boundary on the first day must be in geo.boundary. Serial numbers go on after those that were
    ever given in the community. Raises Invalid with every finding of the topology, unless in a dry run, which
    answers with them; Conflict where the community has grids on that day or later, or the numbers run out.
    """
    access.authorize(city, caller, "geo.divide", _CELL)
    _check(wanted)
    day = wanted.starts_on or clock.now().astimezone(clock.CHINA).date()
    whole = await _community(city, caller, wanted.community, day)
    serial = await _next_serial(city, caller, wanted.community, day)
    outlines = [_polygon(cell.outline) for cell in wanted.cells]
    shapes, findings = await asyncio.to_thread(covering, outlines, whole)
    if findings and not wanted.dry_run:
        raise Invalid(
            Text("各网格没有把社区划分完整", "The outlines do not divide the community"),
            problems=tuple(Problem(_pointer(f), _placed(f)) for f in findings),
        )
    cells: list[Cell] = []
    if not findings:
        if serial + len(shapes) - 1 > codes.SERIALS:
            raise Conflict(
                Text("顺序号不足：已用到 {last}", "There are not enough serial numbers: {last} are used"),
                last=serial - 1,
            )
        order = reading_order(shapes)
        cells = [
            Cell(code=f"{wanted.community}{serial + n:03d}", index=i, area_m2=area_m2(shapes[i]))
            for n, i in enumerate(order)
        ]
        await _keep(city, caller, wanted, day, cells, shapes)
    return Division(
        community=wanted.community,
        starts_on=day,
        made=bool(cells) and not wanted.dry_run,
        cells=cells,
        findings=[_told(f, caller) for f in findings],
    )


def _check(wanted: Wanted) -> None:
    """Raise Invalid for a wrong code, rings that are not closed and positions that are not on Earth."""
    problems = [Problem("/community", t) for t in codes.faults(wanted.community, _COMMUNITY)]
    count = 0
    for n, cell in enumerate(wanted.cells):
        for ring_number, ring in enumerate(cell.outline.coordinates):
            count += len(ring)
            where = f"/cells/{n}/outline/coordinates/{ring_number}"
            if not all(-180 <= x <= 180 and -90 <= y <= 90 for x, y in ring):
                problems.append(Problem(where, Text("坐标超出经纬度范围", "A position is not on Earth")))
            elif ring[0] != ring[-1]:
                problems.append(Problem(where, Text("环未闭合", "The ring is not closed")))
    if count > POSITIONS:
        raise TooLarge(Text("顶点超过 {n} 个", "There are more than {n} positions").filled(n=POSITIONS))
    if problems:
        raise Invalid(None, problems=tuple(problems[:1000]))


def _polygon(outline: Outline) -> shapely.Polygon:
    return shapely.Polygon(outline.coordinates[0], outline.coordinates[1:])


async def _community(city: City, caller: Caller, code: str, day: date) -> shapely.Geometry:
    page = await records.listing(
        city, caller, _BOUNDARY, filters=(Filter("code", Operator.EQ, code),), limit=1000
    )
    found = [r for r in page.items if r.values["level"] == "community" and r.holds_on(day)]
    if len(found) != 1:
        none = Text("社区 {c} 在 {day} 没有边界", "There is no boundary of community {c} on {day}")
        many = Text("社区 {c} 在 {day} 有多条边界", "There are several boundaries of community {c} on {day}")
        text = (many if found else none).filled(c=code, day=day.isoformat())
        raise Invalid(None, problems=(Problem("/community", text),))
    shape = shapely.from_geojson(msgspec.json.encode(found[0].values["geometry"]))
    if not isinstance(shape, shapely.Polygon | shapely.MultiPolygon):
        text = Text("社区 {c} 的边界不是面", "The boundary of community {c} is no polygon").filled(c=code)
        raise Invalid(None, problems=(Problem("/community", text),))
    return shape


async def _next_serial(city: City, caller: Caller, community: str, day: date) -> int:
    """The first serial number never given in a community. Raises Conflict where grids hold on that day or later."""
    filters = (Filter("code", Operator.PREFIX, community),)
    page = await records.listing(city, caller, _CELL, filters=filters, limit=1000, ended=True)
    standing = [
        r for r in page.items
        if r.ended_at is None and (r.values.get("ends_on") is None or str(r.values["ends_on"]) > day.isoformat())
    ]  # fmt: skip
    if standing:
        raise Conflict(
            Text(
                "社区 {c} 在 {day} 仍有 {n} 个单元网格，请先填写其终止日期",
                "Community {c} still has {n} unit grids on {day}: give them an end date first",
            ),
            c=community,
            day=day.isoformat(),
            n=len(standing),
        )
    return max((int(r.id[_COMMUNITY:]) for r in page.items), default=0) + 1


async def _keep(
    city: City,
    caller: Caller,
    wanted: Wanted,
    day: date,
    cells: Sequence[Cell],
    shapes: Sequence[shapely.Polygon],
) -> None:
    """Write all cells in one transaction, as an import; a dry run only asks whether it would pass."""
    rows = [_row(wanted.cells[cell.index], cell, shapes[cell.index], day) for cell in cells]
    report = await records.import_file(
        city, caller, _CELL, msgspec.json.encode({"type": "FeatureCollection", "features": rows}),
        Format.GEOJSON, dry_run=wanted.dry_run, owner=wanted.owner, district=wanted.community[:6],
    )  # fmt: skip
    if report.bad_total:
        raise Conflict(
            Text("单元网格未能保存：{why}", "The unit grids were not kept: {why}"),
            why="; ".join(sorted({bad.reason.in_(caller.language) for bad in report.bad})),
        )


def _row(asked: NewCell, cell: Cell, shape: shapely.Polygon, day: date) -> dict[str, object]:
    values = {
        "code": cell.code,
        "area_m2": cell.area_m2,
        "starts_on": day.isoformat(),
        "land_use": asked.land_use,
        "management_grade": asked.management_grade,
        "responsible": asked.responsible,
    }
    rings = [[list(p) for p in ring.coords] for ring in (shape.exterior, *shape.interiors)]
    return {
        "type": "Feature",
        "properties": {name: value for name, value in values.items() if value is not None},
        "geometry": {"type": "Polygon", "coordinates": rings},
    }


def _pointer(finding: Finding) -> str:
    return f"/cells/{finding.cells[0]}/outline" if finding.cells else "/cells"


def _placed(finding: Finding) -> Text:
    zh, en = finding.detail.zh, finding.detail.en
    lon, lat = f"{finding.lon:.7f}", f"{finding.lat:.7f}"
    return Text(f"{zh}，位于 {lon}, {lat}", f"{en}, at {lon}, {lat}")


def _told(finding: Finding, caller: Caller) -> FindingTold:
    return FindingTold(
        kind=finding.kind,
        cells=list(finding.cells),
        lon=finding.lon,
        lat=finding.lat,
        area_m2=finding.area_m2,
        length_m=finding.length_m,
        detail=_placed(finding).in_(caller.language),
    )
