"""HTTP of indicators: what there is, what it came to, the rows behind it, and what people keep."""

from typing import Annotated

import msgspec
from litestar import delete, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromQuery, JSONBody, PathParameter, QueryParameter

from yong.kernel.access.contracts import Caller
from yong.kernel.base.city import City
from yong.kernel.indicators import api
from yong.kernel.indicators.contracts import (
    Behind,
    Figures,
    Indicator,
    IndicatorName,
    IndicatorShown,
    IndicatorVersion,
    Recomputed,
    Sheet,
    TrendPoint,
)

_Name = Annotated[str, PathParameter(min_length=1, max_length=100, pattern=r"^[a-z0-9_.]+$")]
_Module = Annotated[str, PathParameter(min_length=1, max_length=60, pattern=r"^[a-z0-9_]+$")]
_Id = Annotated[str, PathParameter(min_length=1, max_length=64, pattern=r"^[^\x00/]+$")]
_Version = Annotated[int, PathParameter(ge=1, le=2_147_483_647)]
_Period = Annotated[str, QueryParameter(max_length=10)]
_By = Annotated[str, QueryParameter(max_length=60)]
_Cell = Annotated[str, QueryParameter(max_length=1_000, pattern=r"^[^\x00]*$")]


class ToCompute(msgspec.Struct, forbid_unknown_fields=True):
    """What is to be computed: indicators, the period, and by what, if by one breakdown alone."""

    indicators: Annotated[list[IndicatorName], msgspec.Meta(min_length=1, max_length=100)]
    period: Annotated[str, msgspec.Meta(max_length=10)]
    by: Annotated[str, msgspec.Meta(max_length=60)] | None = None


class Computed(msgspec.Struct):
    """The computations, new or as they were when nothing had changed."""

    computations: list[str]


class KeptIndicator(msgspec.Struct):
    """A version of an indicator that is kept."""

    name: str
    version: int


@get("/indicators", summary="Indicators")
async def indicators(
    city: NamedDependency[City], caller: NamedDependency[Caller], module: FromQuery[str | None] = None
) -> list[IndicatorShown]:
    """The indicators whose figures the caller may read, with their expressions in plain words."""
    return await api.indicators(city, caller, module)


@get("/indicators/{name:str}", summary="One indicator")
async def indicator(
    city: NamedDependency[City], caller: NamedDependency[Caller], name: _Name
) -> IndicatorShown:
    """What an indicator means, how it is computed, and what it is graded by."""
    return await api.indicator(city, caller, name)


@get("/indicators/{name:str}/figures", summary="The figures of an indicator")
async def figures(
    city: NamedDependency[City],
    caller: NamedDependency[Caller],
    name: _Name,
    period: _Period,
    by: _By = "",
    computation: Annotated[str | None, QueryParameter(max_length=64)] = None,
) -> Figures:
    """What an indicator came to in a period (`2026`, `2026-Q4`, `2026-11`, `2026-W48`, `2026-11-27`), by a breakdown."""
    return await api.figures(city, caller, name, period, by, computation)


@get("/indicators/{name:str}/trend", summary="The trend of an indicator")
async def trend(
    city: NamedDependency[City],
    caller: NamedDependency[Caller],
    name: _Name,
    period: _Period,
    by: _By = "",
    cell: _Cell = "*",
    last: Annotated[int, QueryParameter(ge=1, le=60)] = 12,
) -> list[TrendPoint]:
    """The figures of a cell in the periods up to one, the oldest first."""
    return await api.trend(city, caller, name, period, by, cell, last)


@get("/indicator-sheets/{module:str}", summary="The indicators of a module side by side")
async def sheet(
    city: NamedDependency[City],
    caller: NamedDependency[Caller],
    module: _Module,
    period: _Period,
    by: _By = "",
) -> Sheet:
    """A table of a module's indicators in one period: a line for each area, unit or post, as `by` says."""
    return await api.sheet(city, caller, module, period, by)


@get("/indicator-computations/{id:str}/rows", opt={"errors": (409, 413)}, summary="The rows behind a figure")
async def behind(
    city: NamedDependency[City],
    caller: NamedDependency[Caller],
    id: _Id,
    cell: _Cell = "*",
    number: Annotated[int, QueryParameter(ge=0, le=999)] = 0,
    limit: Annotated[int, QueryParameter(ge=1, le=200)] = 50,
) -> Behind:
    """The rows behind one of a figure's counts, as known when it was computed; `hidden` are those one may not see."""
    return await api.behind(city, caller, id, cell, number, limit)


@post("/indicator-computations", opt={"errors": (404,)}, summary="Compute indicators")
async def compute(
    city: NamedDependency[City], caller: NamedDependency[Caller], data: JSONBody[ToCompute]
) -> Computed:
    """Compute indicators now and freeze what comes out. What comes out as before is not kept twice."""
    return Computed(await api.compute(city, caller, data.indicators, data.period, data.by))


@post(
    "/indicator-computations/{id:str}/checks",
    status_code=200,
    opt={"errors": (413,)},
    summary="Compute a figure again",
)
async def again(city: NamedDependency[City], caller: NamedDependency[Caller], id: _Id) -> Recomputed:
    """Make a computation again as things were known then, and say whether it is the same. Nothing is kept."""
    return await api.again(city, caller, id)


@post("/indicator-checks", status_code=200, summary="Check an indicator")
async def check(
    city: NamedDependency[City], caller: NamedDependency[Caller], data: JSONBody[Indicator]
) -> IndicatorShown:
    """Say what is in the way of an indicator, or what it would be in plain words. Nothing is kept."""
    return await api.check(city, caller, data)


@post("/indicators", summary="Keep an indicator")
async def keep(
    city: NamedDependency[City], caller: NamedDependency[Caller], data: JSONBody[Indicator]
) -> KeptIndicator:
    """Keep a version of an indicator as a draft; somebody else makes it live."""
    return KeptIndicator(data.name, await api.keep(city, caller, data))


@get("/indicators/{name:str}/versions", summary="Versions of an indicator")
async def versions(
    city: NamedDependency[City], caller: NamedDependency[Caller], name: _Name
) -> list[IndicatorVersion]:
    """The versions that people keep, the newest first, with who wrote and who approved them."""
    return await api.versions(city, caller, name)


@put("/indicators/{name:str}/live/{version:int}", summary="Make an indicator live")
async def approve(
    city: NamedDependency[City], caller: NamedDependency[Caller], name: _Name, version: _Version
) -> KeptIndicator:
    """A version holds from now on; it takes somebody other than who wrote it."""
    await api.approve(city, caller, name, version)
    return KeptIndicator(name, version)


@delete("/indicators/{name:str}", summary="Withdraw an indicator")
async def withdraw(city: NamedDependency[City], caller: NamedDependency[Caller], name: _Name) -> None:
    """It is not computed any more; its figures stay."""
    await api.withdraw(city, caller, name)


routes = (
    indicators, indicator, figures, trend, sheet, behind, compute, again, check, keep, versions, approve, withdraw,
)  # fmt: skip
