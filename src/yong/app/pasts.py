"""Requests of the past as cases, as the command line has them."""

from collections.abc import Callable
from pathlib import Path

from yong.domains.cityops import api as cityops
from yong.domains.cityops.contracts import PROCEDURE, Imported
from yong.kernel.access.api import system_caller
from yong.kernel.access.contracts import Caller
from yong.kernel.base.city import City
from yong.kernel.cases import api as cases
from yong.kernel.cases.suggesting.contracts import LearnedFrom


async def import_requests(
    city: City,
    _: Caller,
    file: Path,
    district: str,
    zone: str,
    first: int | None,
    tell: Callable[[int], None],
) -> Imported:
    """Have the requests of a file go through all stages."""
    await cases.shelve_declared(city, system_caller("cases"))
    return await cityops.import_requests(
        city, system_caller("cityops"), file, district=district, zone=zone, first=first, tell=tell
    )


async def learn(city: City, _: Caller) -> list[LearnedFrom]:
    """Learn from what is closed."""
    return await cases.learn(city, system_caller("cases"), PROCEDURE)
