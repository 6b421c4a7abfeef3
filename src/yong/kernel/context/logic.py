"""The pure rules of context: which observation counts, and where a value says that something is."""

import math
from collections.abc import Sequence

from yong.kernel.history.contracts import Observation

Place = tuple[float, float]  # longitude, latitude in degrees
EARTH_M = 6_371_008.8  # mean radius, IUGG


def newest_of(observations: Sequence[Observation]) -> dict[str, dict[str, Observation]]:
    """By entity and attribute the newest observation, of those of one moment the last.

    Observations of a data set of their own are history's alone: an entity shows its default one.
    """
    found: dict[str, dict[str, Observation]] = {}
    for o in observations:
        if o.dataset:
            continue
        of = found.get(o.entity)
        if of is None:
            of = found[o.entity] = {}
        have = of.get(o.attribute)
        if have is None or o.observed_at >= have.observed_at:
            of[o.attribute] = o
    return found


def point_of(value: object) -> Place | None:
    """The longitude and latitude of a GeoJSON Point (RFC 7946); None of anything else."""
    if not isinstance(value, dict) or value.get("type") != "Point":
        return None
    match value.get("coordinates"):
        case [int() | float() as x, int() | float() as y, *_] if -180 <= x <= 180 and -90 <= y <= 90:
            return float(x), float(y)
    return None


def distance_m(a: Place, b: Place) -> float:
    """Great-circle distance in metres (haversine, mean earth radius)."""
    (x1, y1), (x2, y2) = [(math.radians(x), math.radians(y)) for x, y in (a, b)]
    h = math.sin((y2 - y1) / 2) ** 2 + math.cos(y1) * math.cos(y2) * math.sin((x2 - x1) / 2) ** 2
    return 2 * EARTH_M * math.asin(math.sqrt(min(h, 1.0)))
