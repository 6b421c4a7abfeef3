"""Where positions lie."""

import asyncio
from collections.abc import Sequence
from datetime import date

import numpy as np

from yong.kernel.access import api as access
from yong.kernel.access.contracts import Caller
from yong.kernel.base import clock
from yong.kernel.base.city import City
from yong.kernel.base.errors import Invalid, Problem, TooLarge
from yong.kernel.base.text import Text
from yong.kernel.geo.locating.contracts import MOST_POSITIONS, Area, Place, Places
from yong.kernel.geo.locating.layers import Floats
from yong.kernel.geo.locating.maps import Day, map_of


async def locate_one(city: City, caller: Caller, lon: float, lat: float, *, on: date | None = None) -> Place:
    """Which unit grid, community, street and district a position (degrees of CGCS2000) lies in on a day.

    A position on a border belongs to the area with the smallest code. Raises Invalid for a position not on Earth.
    """
    access.authorize(city, caller, "records.read", "geo.grid_cell")
    positions = _checked([[lon, lat]])
    day = on or _today()
    found = await _day(city, caller, day)
    numbers = found.find(positions)
    areas = {
        kind: Area(found.layers[kind].codes[n[0]], found.names[kind][n[0]])
        for kind, n in numbers.items()
        if n[0] >= 0
    }
    return Place(on=day, **areas)


async def locate(
    city: City, caller: Caller, positions: Sequence[Sequence[float]], *, on: date | None = None
) -> Places:
    """The same for up to MOST_POSITIONS positions [longitude, latitude], in their order."""
    access.authorize(city, caller, "records.read", "geo.grid_cell")
    if len(positions) > MOST_POSITIONS:
        raise TooLarge(Text("位置超过 {n} 个", "There are more than {n} positions"), n=MOST_POSITIONS)
    points = _checked(positions)
    day = on or _today()
    found = await _day(city, caller, day)
    return await asyncio.to_thread(_places, found, points, day)


def _places(found: Day, points: Floats, day: date) -> Places:
    named = {}
    for kind, numbers in found.find(points).items():
        codes = np.array([*found.layers[kind].codes, None], dtype=object)  # -1 is the last
        named[kind] = codes[numbers].tolist()
    return Places(on=day, **named)


async def _day(city: City, caller: Caller, day: date) -> Day:
    areas = await map_of(city, caller)
    return await asyncio.to_thread(areas.on, day)


def _checked(positions: Sequence[Sequence[float]]) -> Floats:
    points = np.array(positions, dtype=np.float64).reshape(-1, 2)
    bad = ~((np.abs(points[:, 0]) <= 180) & (np.abs(points[:, 1]) <= 90))
    if bad.any():
        wrong = Text("坐标超出经纬度范围", "The position is not on Earth")
        raise Invalid(
            None, problems=tuple(Problem(f"/positions/{n}", wrong) for n in np.flatnonzero(bad)[:100])
        )
    return points


def _today() -> date:
    return clock.now().astimezone(clock.CHINA).date()
