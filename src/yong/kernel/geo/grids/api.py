"""Dividing communities into unit grids, and what a grid's code says."""

import asyncio
from datetime import date

import msgspec
import shapely

from yong.kernel.access import api as access
from yong.kernel.access.contracts import Caller
from yong.kernel.base import clock
from yong.kernel.base.city import City
from yong.kernel.base.errors import Conflict, Invalid, Problem, Stale, TooLarge
from yong.kernel.base.text import Text
from yong.kernel.geo.grids import codes, service
from yong.kernel.geo.grids.contracts import (
    POSITIONS,
    CodeParts,
    Division,
    EndedCell,
    FindingTold,
    Outline,
    TakenBack,
    Wanted,
)
from yong.kernel.geo.topology.coverage import Finding, covering

_COMMUNITY = 12


async def explain(city: City, caller: Caller, code: str) -> CodeParts:
    """A grid's code in its parts, or what is wrong with it; whether there is such a grid is not asked."""
    access.authorize(city, caller, "records.read", service.CELL)
    problems = codes.faults(code, codes.LENGTH)
    if problems:
        return CodeParts(code=code, valid=False, problems=[p.in_(caller.language) for p in problems])
    return CodeParts(code=code, valid=True, **msgspec.structs.asdict(codes.parse(code)))


async def divide(city: City, caller: Caller, wanted: Wanted) -> Division:
    """Divide a community into unit grids: numbered (see `order`), coded, measured and kept, all or none.

    The community's boundary on the first day must be in geo.boundary. Serial numbers go on after those that were
    ever given in the community. `anew` ends the grids that stand, but for those that an outline draws again.
    Raises Invalid with every finding of the topology, unless in a dry run, which answers with them; Conflict where
    the community has grids on that day or later (`anew`: that cannot be ended on it), or the numbers run out; Stale
    where `standing` is no longer so, or anything of it changes meanwhile.
    """
    access.authorize(city, caller, "geo.divide", service.CELL)
    _check(wanted)
    day = wanted.starts_on or clock.now().astimezone(clock.CHINA).date()
    found = await service.find(city, caller, wanted.community, day)
    whole = _whole(found)
    mark = found.mark(found.versions())
    if wanted.standing is not None and wanted.standing != mark:
        raise Stale
    _may_be_replaced(wanted, found, day)
    outlines = [_polygon(cell.outline) for cell in wanted.cells]
    shapes, findings = await asyncio.to_thread(covering, outlines, whole)
    if findings and not wanted.dry_run:
        raise Invalid(
            Text("各网格没有把社区划分完整", "The outlines do not divide the community"),
            problems=tuple(Problem(_pointer(f), _placed(f)) for f in findings),
        )
    drawn = service.Drawn([], [], {}, {})
    id_ = None
    if not findings:
        drawn = await asyncio.to_thread(service.draw, found, wanted.cells, shapes, day)
        id_, mark = await service.make(city, caller, wanted, day, found, drawn, shapes)
    return Division(
        community=wanted.community,
        starts_on=day,
        made=id_ is not None,
        cells=drawn.cells,
        kept=drawn.kept,
        ended=[EndedCell(code=code, into=into) for code, into in drawn.ended.items()],
        findings=[_told(f, caller) for f in findings],
        standing=mark,
        id=id_,
    )


async def undo_division(city: City, caller: Caller, id_: str) -> TakenBack:
    """Take the last division of a community back: what it made is ended, what it ended stands again.

    Codes that it gave are not given again. Raises NotFound; Conflict where another division or other grids came
    after it; Stale where one of its grids was changed since.
    """
    access.authorize(city, caller, "geo.divide", service.CELL)
    return await service.undo(city, caller, id_.replace("\0", ""))


def _check(wanted: Wanted) -> None:
    """Raise Invalid for a wrong code, rings that are not closed and positions that are not on Earth."""
    problems = [Problem("/community", t) for t in codes.faults(wanted.community, _COMMUNITY)]
    if wanted.anew and wanted.standing is None and not wanted.dry_run:
        text = Text(
            "请先试算（dry_run），并附上其答复中的 standing", "Ask in a dry run first, and give its standing"
        )
        problems.append(Problem("/standing", text))
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


def _whole(found: service.Found) -> shapely.Geometry:
    shape = service.shape_of(found.boundary)
    if not isinstance(shape, shapely.Polygon | shapely.MultiPolygon):
        text = Text("社区 {c} 的边界不是面", "The boundary of community {c} is no polygon")
        raise Invalid(None, problems=(Problem("/community", text.filled(c=found.community)),))
    return shape


def _may_be_replaced(wanted: Wanted, found: service.Found, day: date) -> None:
    """Raise Conflict where grids hold on the day or later that the division must not, or cannot, end on it."""
    standing = found.standing(day)
    if standing and not wanted.anew:
        raise Conflict(
            Text(
                "社区 {c} 在 {day} 仍有 {n} 个单元网格：请重新划分（anew），或先填写其终止日期",
                "Community {c} still has {n} unit grids on {day}: divide it anew, or give them an end date first",
            ),
            c=wanted.community,
            day=day.isoformat(),
            n=len(standing),
        )
    late = [
        c.id
        for c in standing
        if c.values.get("ends_on") is not None or str(c.values["starts_on"]) >= day.isoformat()
    ]
    if late:
        raise Conflict(
            Text(
                "这些单元网格在 {day} 或之后启用，或已定终止日期，不能在该日终止：{codes}",
                "These unit grids begin on {day} or later or have their end already, and cannot end on that day: {codes}",
            ),
            day=day.isoformat(),
            codes=", ".join(late[:20]),
        )


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
