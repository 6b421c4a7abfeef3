"""Checking the polygons of a Relation against each other."""

import asyncio

import msgspec
import numpy as np
import shapely

from yong.kernel.access import api as access
from yong.kernel.access.contracts import Caller
from yong.kernel.base.city import City
from yong.kernel.base.errors import Invalid, NotFound, Problem, TooLarge, TooMany
from yong.kernel.base.text import Text
from yong.kernel.geo.topology.area import area_m2
from yong.kernel.geo.topology.contracts import MOST_FEATURES, POSITIONS, Asked, Flaw, Report
from yong.kernel.geo.topology.coverage import Finding, covering
from yong.kernel.records import api as records
from yong.kernel.records.contracts import Filter, Record

_NO_POLYGON = Text("记录 {id} 没有面", "Record {id} has no polygon")


class Checks:
    """How many checks this process has in hand: each keeps a core busy. A City part."""

    def __init__(self) -> None:
        self.free = 1


async def check(city: City, caller: Caller, asked: Asked) -> Report:
    """Overlaps, gaps, outlines that cross themselves and borders drawn twice, among what the caller may see.

    Raises Invalid where the Relation has no geometry, TooLarge beyond MOST_FEATURES or POSITIONS, TooMany while
    another check is under way.
    """
    access.authorize(city, caller, "records.read", asked.relation)
    column = _located(city, asked.relation, "/relation")
    checks = city.part(Checks)
    if not checks.free:
        raise TooMany(Text("正在检查其他图层", "Another check is under way"), retry_after_s=10)
    checks.free -= 1
    try:
        whole = await _whole(city, caller, asked)
        found = await _all(city, caller, asked)
        ids, shapes = await asyncio.to_thread(_polygons, found, column)
        findings = (await asyncio.to_thread(covering, shapes, whole))[1] if shapes else []
    finally:
        checks.free += 1
    return Report(
        relation=asked.relation,
        checked=len(ids),
        passed_over=len(found) - len(ids),
        area_m2=sum(area_m2(shape) for shape in shapes),
        flaws=[_flaw(f, ids, caller) for f in findings],
    )


def _located(city: City, relation: str, pointer: str) -> str:
    column = records.relation(city, relation).geometry
    if column is None:
        text = Text("{name} 没有空间位置", "{name} has no geometry").filled(name=relation)
        raise Invalid(None, problems=(Problem(pointer, text),))
    return column


async def _all(city: City, caller: Caller, asked: Asked) -> list[Record]:
    filters = [Filter(c.field, c.operator, c.value) for c in asked.conditions]
    bitemporal = records.relation(city, asked.relation).field("valid_from") is not None
    found: list[Record] = []
    day = asked.at if bitemporal else None
    async for record in records.every(city, caller, asked.relation, filters=filters, at=day):
        if len(found) == MOST_FEATURES:
            raise TooLarge(
                Text("超过 {n} 个要素，请加条件", "Over {n} features: add conditions"), n=MOST_FEATURES
            )
        found.append(record)
    return found if bitemporal or asked.at is None else [r for r in found if r.holds_on(asked.at)]


async def _whole(city: City, caller: Caller, asked: Asked) -> shapely.Geometry | None:
    if asked.within is None:
        return None
    column = _located(city, asked.within_relation, "/within_relation")
    try:
        record = await records.read(city, caller, asked.within_relation, asked.within)
    except NotFound:
        text = Text("没有记录 {id}", "There is no record {id}").filled(id=asked.within)
        raise Invalid(None, problems=(Problem("/within", text),)) from None
    _, shapes = await asyncio.to_thread(_polygons, [record], column)
    if not shapes or not shapely.is_valid(shapes[0]):
        raise Invalid(None, problems=(Problem("/within", _NO_POLYGON.filled(id=asked.within)),))
    return shapes[0]


def _polygons(found: list[Record], column: str) -> tuple[list[str], list[shapely.Geometry]]:
    """The ids and polygons of those records that have one."""
    texts = [msgspec.json.encode(r.values.get(column)) if r.values.get(column) else None for r in found]
    shapes = shapely.from_geojson(np.array(texts, dtype=object), on_invalid="ignore")
    kept = [
        (r.id, shape) for r, shape in zip(found, shapes, strict=True)
        if isinstance(shape, shapely.Polygon | shapely.MultiPolygon) and not shape.is_empty
    ]  # fmt: skip
    if sum(shapely.get_num_coordinates(shape) for _, shape in kept) > POSITIONS:
        raise TooLarge(Text("顶点超过 {n} 个，请加条件", "Over {n} positions: add conditions"), n=POSITIONS)
    return [id_ for id_, _ in kept], [shape for _, shape in kept]


def _flaw(finding: Finding, ids: list[str], caller: Caller) -> Flaw:
    return Flaw(
        kind=finding.kind,
        records=[ids[n] for n in finding.cells],
        lon=finding.lon,
        lat=finding.lat,
        area_m2=finding.area_m2,
        length_m=finding.length_m,
        detail=finding.detail.in_(caller.language),
    )
