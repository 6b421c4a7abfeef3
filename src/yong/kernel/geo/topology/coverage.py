"""Whether polygons cover an area: each part of it in exactly one of them, borders shared corner by corner."""

import re
from collections.abc import Iterator, Sequence
from itertools import chain, islice

import msgspec
import numpy as np
import shapely

from yong.kernel.base.text import Text
from yong.kernel.geo.topology.area import Floats, area_m2, length_m
from yong.kernel.geo.topology.contracts import MOST_FINDINGS, Kind

DIGITS = 9  # of a degree: positions are kept to a tenth of a millimetre
SNAP_DEG = 5e-9  # a corner this near to a neighbour's edge lies on it (half a millimetre)
SLIVER_DEG = 1e-7  # gaps narrower than this are found by their edges (about a centimetre)
TOLERANCE_M2 = 0.01  # what is smaller is not reported as overlap, gap or outside, but its edges may be


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """Something wrong: which polygons, where (degrees), how large (m², or m of an edge) and in words."""

    kind: Kind
    cells: tuple[int, ...]
    lon: float
    lat: float
    area_m2: float = 0.0
    length_m: float = 0.0
    detail: Text


def covering(
    polygons: Sequence[shapely.Geometry], whole: shapely.Geometry | None = None
) -> tuple[list[shapely.Geometry], list[Finding]]:
    """Polygons (also of several parts) with shared borders, and what keeps them from covering `whole` without overlap.

    Without `whole` they are to cover what they enclose: a hole among them is a gap. At most MOST_FINDINGS.

    Positions are rounded to 1e-9 degree. A corner that lies on a neighbour's edge (within SNAP_DEG) becomes a
    corner of the neighbour too, so that both draw the border alike; nothing else is repaired.
    """
    shapes = [_rounded(p) for p in polygons]
    found = list(islice(_invalid(shapes), MOST_FINDINGS))
    if found:
        return shapes, found
    # First the corners, since a tenth of a millimetre along a kilometre of border would be an overlap to report.
    if whole is None:
        shapes = _cornered(shapes)
        whole = _filled(shapely.union_all(shapes))
    else:
        *shapes, whole = _cornered([*shapes, _rounded(whole)])
    if not whole.is_valid:  # what is thinner than the rounding
        whole = _surface(shapely.make_valid(whole))
    found = list(islice(chain(_invalid(shapes), _together(shapes), _against(shapes, whole)), MOST_FINDINGS))
    return shapes, found or list(islice(_unmatched(shapes), MOST_FINDINGS))


def _rounded(shape: shapely.Geometry) -> shapely.Geometry:
    # The raw coordinates: shapely's own rounding to a grid would repair what is to be reported.
    return shapely.remove_repeated_points(shapely.transform(shape, lambda c: np.round(c, DIGITS)))


_REASONS = (
    ("Self-intersection", Text("边界自相交", "The outline crosses itself")),
    ("Ring Self-intersection", Text("边界自相接", "The outline touches itself")),
    ("Hole lies outside", Text("洞在外环之外", "A hole lies outside of the outline")),
    ("Holes are nested", Text("洞中有洞", "A hole lies within another")),
    ("Interior is disconnected", Text("内部被分为几块", "The inside falls into parts")),
    ("Too few points", Text("环的顶点过少", "A ring has too few corners")),
)


def _invalid(shapes: Sequence[shapely.Geometry]) -> Iterator[Finding]:
    for n in np.flatnonzero(~shapely.is_valid(np.array(shapes, object))).tolist():
        reason = shapely.is_valid_reason(shapes[n])
        where = re.search(r"\[(\S+) (\S+)\]", reason)
        lon, lat = (float(where[1]), float(where[2])) if where else shapely.get_coordinates(shapes[n])[0]
        words = next((t for start, t in _REASONS if reason.startswith(start)), None)
        words = words or Text("不是有效的多边形", "It is not a valid polygon")
        place = Text("第 {n} 个面：{zh}", "Outline {n}: {en}").filled(n=n, zh=words.zh, en=words.en)
        yield Finding(kind=Kind.INVALID, cells=(n,), lon=float(lon), lat=float(lat), detail=place)


def _together(shapes: Sequence[shapely.Geometry]) -> Iterator[Finding]:
    """Pairs that overlap or are the same."""
    outlines = np.array(shapes, object)
    tree = shapely.STRtree(outlines)
    for i, shape in enumerate(shapes):
        near = np.sort(tree.query(shape, predicate="intersects"))
        near = near[near > i]
        shapely.prepare(shape)
        apart = shapely.touches(shape, outlines[near])
        for j in near[~apart].tolist():
            yield from _overlap(shapes, i, j)


def _overlap(shapes: Sequence[shapely.Geometry], i: int, j: int) -> Iterator[Finding]:
    common = _surface(shapely.intersection(shapes[i], shapes[j]))
    size = area_m2(common)
    if size <= TOLERANCE_M2:
        return
    same = size >= max(area_m2(shapes[i]), area_m2(shapes[j])) - TOLERANCE_M2
    if same:
        detail = Text("第 {i} 和第 {j} 个面相同", "Outlines {i} and {j} are the same").filled(i=i, j=j)
    else:
        detail = Text(
            "第 {i} 和第 {j} 个面重叠 {size:.2f} 平方米",
            "Outlines {i} and {j} overlap by {size:.2f} m²",
        ).filled(i=i, j=j, size=size)
    yield _sized(Kind.DUPLICATE if same else Kind.OVERLAP, (i, j), common, size, detail)


def _against(shapes: Sequence[shapely.Geometry], whole: shapely.Geometry) -> Iterator[Finding]:
    """What reaches beyond the whole, and what of it is in none."""
    for n, shape in enumerate(shapes):
        beyond = _surface(shapely.difference(shape, whole))
        size = area_m2(beyond)
        if size > TOLERANCE_M2:
            detail = Text(
                "第 {n} 个面有 {size:.2f} 平方米在范围之外",
                "Outline {n} has {size:.2f} m² outside of the area",
            ).filled(n=n, size=size)
            yield _sized(Kind.OUTSIDE, (n,), beyond, size, detail)
    missing = shapely.difference(whole, shapely.union_all(shapes))
    for part in shapely.get_parts(_surface(missing)):
        size = area_m2(part)
        if size > TOLERANCE_M2:
            detail = Text(
                "范围内有 {size:.2f} 平方米不在任何面中", "{size:.2f} m² of the area are in no outline"
            ).filled(size=size)
            yield _sized(Kind.GAP, (), part, size, detail)


def _filled(shape: shapely.Geometry) -> shapely.Geometry:
    """A surface without its holes."""
    parts = [shapely.Polygon(p.exterior) for p in shapely.get_parts(shape) if isinstance(p, shapely.Polygon)]
    return shapely.union_all(parts)


def _surface(shape: shapely.Geometry) -> shapely.MultiPolygon:
    """The polygons of a geometry, without the points and lines where it only touches."""
    parts = shapely.get_parts(shape)
    return shapely.MultiPolygon([p for p in parts if isinstance(p, shapely.Polygon) and not p.is_empty])


def _sized(
    kind: Kind, cells: tuple[int, ...], surface: shapely.Geometry, size: float, detail: Text
) -> Finding:
    inside = shapely.point_on_surface(surface)
    return Finding(kind=kind, cells=cells, lon=inside.x, lat=inside.y, area_m2=size, detail=detail)


def _unmatched(shapes: Sequence[shapely.Geometry]) -> Iterator[Finding]:
    edges = shapely.coverage_invalid_edges(shapes, gap_width=SLIVER_DEG)
    for n, edge in enumerate(edges):
        if edge is None or edge.is_empty:
            continue
        size = length_m(edge)
        middle = shapely.get_parts(edge)[0].interpolate(0.5, normalized=True)
        detail = Text(
            "第 {n} 个面与相邻面的公共边不一致，长 {size:.2f} 米",
            "Outline {n} draws {size:.2f} m of its border otherwise than its neighbour",
        ).filled(n=n, size=size)
        yield Finding(
            kind=Kind.UNMATCHED, cells=(n,), lon=middle.x, lat=middle.y, length_m=size, detail=detail
        )


def _cornered(shapes: Sequence[shapely.Geometry]) -> list[shapely.Geometry]:
    """The shapes with the corners of others that lie on their edges."""
    corners = np.unique(shapely.get_coordinates(shapes), axis=0)
    borders = shapely.boundary(np.array(shapes, object))
    of, near = shapely.STRtree(shapely.points(corners)).query(borders, predicate="dwithin", distance=SNAP_DEG)
    return [_with_corners(shape, corners[near[of == n]]) for n, shape in enumerate(shapes)]


def _with_corners(shape: shapely.Geometry, corners: Floats) -> shapely.Geometry:
    own = {tuple(c) for c in shapely.get_coordinates(shape).tolist()}
    fresh = np.array([c for c in corners.tolist() if tuple(c) not in own])
    if not len(fresh):
        return shape
    parts = [[part.exterior, *part.interiors] for part in shapely.get_parts(shape)]
    rings = [shapely.get_coordinates(ring) for part in parts for ring in part]
    edges = shapely.linestrings(np.concatenate([np.stack((r[:-1], r[1:]), axis=1) for r in rings]))
    points = shapely.points(fresh)
    which, edge = shapely.STRtree(edges).query_nearest(points, all_matches=False)
    order = np.lexsort((shapely.line_locate_point(edges[edge], points[which]), edge))
    which, edge = which[order], edge[order]
    made, first = [], 0
    for ring in rings:
        here = (edge >= first) & (edge < first + len(ring) - 1)
        made.append(np.insert(ring, edge[here] - first + 1, fresh[which[here]], axis=0))
        first += len(ring) - 1
    done = iter(made)
    polygons = [shapely.Polygon(next(done), [next(done) for _ in part[1:]]) for part in parts]
    return polygons[0] if isinstance(shape, shapely.Polygon) else shapely.MultiPolygon(polygons)
