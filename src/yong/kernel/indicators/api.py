"""The only door of indicators: every function takes the City and the Caller, and authorizes first."""

from collections.abc import Sequence

from yong.kernel.access import api as access
from yong.kernel.access.contracts import Caller
from yong.kernel.base.city import City
from yong.kernel.base.errors import NotFound
from yong.kernel.base.text import Text
from yong.kernel.indicators.contracts import (
    ROWS,
    Behind,
    Figures,
    Indicator,
    IndicatorShown,
    IndicatorVersion,
    Recomputed,
    Sheet,
    TrendPoint,
)
from yong.kernel.indicators.service import computing, definitions, reading
from yong.kernel.indicators.service.definitions import Declared, Found

_READ, _COMPUTE, _KEEP, _APPROVE = (
    "indicators.read", "indicators.compute", "indicators.keep", "indicators.approve",
)  # fmt: skip
_NONE = Text("没有指标 {name}", "There is no indicator {name}")


async def open_parts(city: City) -> None:
    """Take up what modules declare. Raises Refused for an indicator that cannot be computed."""
    city.put(Declared, Declared(city.registry)).check(city)


async def indicators(city: City, caller: Caller, module: str | None = None) -> list[IndicatorShown]:
    """The indicators that hold, of the modules whose figures the caller may read."""
    access.authorize(city, caller, _READ, reading.FIGURE)
    return [definitions.shown(city, caller, one) for one in await reading.listed(city, caller, module)]


async def indicator(city: City, caller: Caller, name: str) -> IndicatorShown:
    """One indicator. Raises NotFound."""
    return definitions.shown(city, caller, await _readable(city, caller, name))


async def figures(
    city: City, caller: Caller, name: str, period: str, by: str = "", computation: str | None = None
) -> Figures:
    """What an indicator came to in a period, told apart by a breakdown or not. Raises NotFound, Invalid.

    It is the newest computation unless one of the earlier ones is asked for; all that there were are named.
    """
    found = await _readable(city, caller, name)
    return await reading.figures(city, caller, found, period, by, computation)


async def trend(
    city: City, caller: Caller, name: str, period: str, by: str = "", cell: str = "*", last: int = 12
) -> list[TrendPoint]:
    """The newest figures of a cell in the periods up to one, at most 60, the oldest first."""
    found = await _readable(city, caller, name)
    return await reading.trend(city, caller, found, period, by, cell, last)


async def sheet(city: City, caller: Caller, module: str, period: str, by: str = "") -> Sheet:
    """The indicators of a module side by side in one period. Raises Invalid."""
    access.authorize(city, caller, _READ, module)
    access.authorize(city, caller, _READ, reading.FIGURE)
    return await reading.sheet(city, caller, module, period, by)


async def behind(
    city: City, caller: Caller, computation: str, cell: str, number: int, limit: int = 50
) -> Behind:
    """The rows behind one number of a figure as known then, those that the caller may read. Raises NotFound."""
    access.authorize(city, caller, _READ, reading.FIGURE)
    return await reading.behind(city, caller, computation, cell, number, max(1, min(limit, ROWS)))


async def compute(
    city: City, caller: Caller, names: Sequence[str], period: str, by: str | None = None
) -> list[str]:
    """Compute indicators now and freeze what comes out; the computations' ids. Raises Invalid, NotFound, TooLarge."""
    for module in {name.partition(".")[0] for name in names}:
        access.authorize(city, caller, _COMPUTE, module)
    return await computing.compute(city, caller, names, period, by)


async def again(city: City, caller: Caller, computation: str) -> Recomputed:
    """Make a computation again as things were known then, and compare. Nothing is kept. Raises NotFound."""
    access.authorize(city, caller, _READ, reading.FIGURE)
    access.authorize(city, caller, _COMPUTE, await reading.module_of(city, computation))
    return await computing.again(city, computation)


async def compute_due(city: City, caller: Caller) -> int:
    """Compute what is due; how much of it could not be."""
    access.authorize(city, caller, _COMPUTE, "indicators")
    return await computing.compute_due(city, caller)


async def check(city: City, caller: Caller, indicator: Indicator) -> IndicatorShown:
    """Say what an indicator would be, in plain words; nothing is kept. Raises Invalid with all that is wrong."""
    access.authorize(city, caller, _KEEP, "indicators")
    await definitions.must_be_right(city, caller, indicator)
    return definitions.described(city, caller, indicator, declared=False, version=None)


async def keep(city: City, caller: Caller, indicator: Indicator) -> int:
    """Keep a version of an indicator as a draft; its number. Raises Invalid with all that is wrong, Conflict."""
    access.authorize(city, caller, _KEEP, "indicators")
    return await definitions.keep(city, caller, indicator)


async def approve(city: City, caller: Caller, name: str, version: int) -> None:
    """A version holds from now on; somebody other than who wrote it says so. Raises NotFound, Conflict, Invalid."""
    access.authorize(city, caller, _APPROVE, "indicators")
    await definitions.approve(city, caller, name, version)


async def withdraw(city: City, caller: Caller, name: str) -> None:
    """An indicator is not computed any more; its figures stay. Raises NotFound, Conflict."""
    access.authorize(city, caller, _APPROVE, "indicators")
    await definitions.withdraw(city, caller, name)


async def versions(city: City, caller: Caller, name: str) -> list[IndicatorVersion]:
    """The versions of an indicator that people keep, the newest first."""
    if not access.allowed(city, caller, _APPROVE, "indicators"):
        access.authorize(city, caller, _KEEP, "indicators")
    return await definitions.versions(city, caller, name)


async def _readable(city: City, caller: Caller, name: str) -> Found:
    access.authorize(city, caller, _READ, reading.FIGURE)
    found = await definitions.one(city, name)
    if not reading.readable(city, caller, found):
        raise NotFound(_NONE, name=name[:100])  # who may not read it does not learn that it is there
    return found
