"""Coordinate systems, and positions carried from one to another, for callers who may."""

import asyncio

from yong.kernel.access import api as access
from yong.kernel.access.contracts import Caller
from yong.kernel.base.city import City
from yong.kernel.base.errors import Invalid
from yong.kernel.base.text import Text
from yong.kernel.geo import datums
from yong.kernel.geo.datums.contracts import Conversion, Converted, System

_ONE = Text("请给出 geometry 或 positions 之一", "Give either geometry or positions")


def systems(city: City, caller: Caller) -> list[System]:
    """Every coordinate system known, for whoever is signed in."""
    _may(city, caller)
    return list(datums.SYSTEMS)


async def convert(city: City, caller: Caller, given: Conversion) -> Converted:
    """A geometry or positions in another system, for whoever is signed in; at most 100,000 positions.

    Raises Invalid for what is no system, no geometry or out of range, with a pointer to it; TooLarge.
    """
    _may(city, caller)
    if (given.geometry is None) == (given.positions is None):
        raise Invalid(_ONE)
    source, target = datums.named(given.source), datums.named(given.target)
    return await asyncio.to_thread(_converted, given, source, target)


def _may(city: City, caller: Caller) -> None:
    access.signed_in(caller)
    access.authorize(city, caller, "geo.convert", "geo")


def _converted(given: Conversion, source: System, target: System) -> Converted:
    geometry = positions = None
    if given.geometry is not None:
        geometry = datums.convert_geometry(given.geometry, source, target, "/geometry")
    elif given.positions is not None:
        positions = datums.convert_positions(given.positions, source, target, "/positions")
    return Converted(
        source=source.name,
        target=target.name,
        accuracy_m=datums.accuracy_m(source, target),
        geometry=geometry,
        positions=positions,
    )
