"""The pure rules of context: which observation counts, and where a value says that something is."""

import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from yong.kernel.base import clock
from yong.kernel.context.ngsild.attributes import KINDS, NULL
from yong.kernel.history.contracts import Observation
from yong.kernel.history.logic import keepable

Place = tuple[float, float]  # longitude, latitude in degrees
EARTH_M = 6_371_008.8  # mean radius, IUGG
_MEMBER_OF = {kind.name: kind.member for kind in KINDS.values()}
_NUMBERS = (int, float)
_EXACT = 2**53  # whole numbers up to here are doubles exactly


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
    position = value.get("coordinates")
    if not isinstance(position, list | tuple) or len(position) < 2:
        return None
    x, y = position[:2]
    if not (isinstance(x, _NUMBERS) and isinstance(y, _NUMBERS) and -180 <= x <= 180 and -90 <= y <= 90):
        return None
    return float(x), float(y)


def distance_m(a: Place, b: Place) -> float:
    """Great-circle distance in metres (haversine, mean earth radius)."""
    (x1, y1), (x2, y2) = [(math.radians(x), math.radians(y)) for x, y in (a, b)]
    h = math.sin((y2 - y1) / 2) ** 2 + math.cos(y1) * math.cos(y2) * math.sin((x2 - x1) / 2) ** 2
    return 2 * EARTH_M * math.asin(math.sqrt(min(h, 1.0)))


def observation_of(
    key: tuple[str, str],
    attribute: str,
    instance: Mapping[str, Any] | None,
    before: Mapping[str, Any] | None,
    now_us: int,
) -> Observation | None:
    """What history keeps of an instance that was written, or taken away: then NGSI-LD's null, at that moment.

    Its moment is `observedAt`, else that of the change; None where history keeps nothing of that moment. Numbers
    that a double cannot hold are kept as they are.
    """
    tenant, entity = key
    moment = now_us
    if instance is None:
        value: Any = NULL
        of = before or {}
    else:
        of = instance
        value = of.get(_MEMBER_OF[of["type"]])
        if "observedAt" in of:
            moment = clock.micros(datetime.fromisoformat(of["observedAt"]))
            if not keepable(moment, now_us):
                return None
    if value is None:
        return None
    if type(value) is int and -_EXACT <= value <= _EXACT:
        value = float(value)
    return Observation(
        entity, attribute, moment, value, of.get("unitCode", ""), of.get("datasetId", ""), tenant
    )
