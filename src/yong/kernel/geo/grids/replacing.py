"""What a division leaves of the unit grids before it. Pure."""

from collections.abc import Mapping, Sequence

import numpy as np
import shapely

from yong.kernel.geo.topology.area import area_m2
from yong.kernel.geo.topology.coverage import SNAP_DEG, TOLERANCE_M2


def kept(standing: Mapping[str, shapely.Geometry], outlines: Sequence[shapely.Geometry]) -> dict[int, str]:
    """Of outlines that divide a community, those that draw a grid which stands already: place and code.

    The same grid is drawn when no corner of either lies further than SNAP_DEG from the other's border, so that
    corners taken over from neighbours make no difference.
    """
    codes = sorted(standing)
    tree = shapely.STRtree([standing[c] for c in codes])
    found: dict[int, str] = {}
    for place, outline in enumerate(outlines):
        for n in sorted(tree.query(outline).tolist()):
            border, other = outline.boundary, standing[codes[n]].boundary
            if np.abs(np.subtract(outline.bounds, standing[codes[n]].bounds)).max() > 2 * SNAP_DEG:
                continue
            if _near(border, other) and _near(other, border):
                found[place] = codes[n]
                break
    return found


def _near(corners: shapely.Geometry, border: shapely.Geometry) -> bool:
    points = shapely.points(shapely.get_coordinates(corners))
    return bool((shapely.distance(points, border) <= 2 * SNAP_DEG).all())


def became(
    ended: Mapping[str, shapely.Geometry], after: Mapping[str, shapely.Geometry]
) -> dict[str, list[str]]:
    """Into which of the grids `after` each grid that ends went, by code; a border shared is no part of it."""
    codes = sorted(after)
    tree = shapely.STRtree([after[c] for c in codes])
    return {
        code: [
            codes[n]
            for n in sorted(tree.query(shape, predicate="intersects").tolist())
            if area_m2(shapely.intersection(shape, after[codes[n]])) > TOLERANCE_M2
        ]
        for code, shape in sorted(ended.items())
    }
