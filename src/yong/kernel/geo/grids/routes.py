"""HTTP of unit grids."""

from typing import Annotated

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody, PathParameter

from yong.kernel.access.contracts import Caller
from yong.kernel.base.city import City
from yong.kernel.geo import api
from yong.kernel.geo.grids.contracts import CodeParts, Division, TakenBack, Wanted

_Code = Annotated[str, PathParameter(min_length=1, max_length=40)]


@post("/geo/grid-cells", status_code=200, request_max_body_size=8 << 20, summary="Divide a community")
async def divide(
    city: NamedDependency[City], caller: NamedDependency[Caller], data: JSONBody[Wanted]
) -> Division:
    """Number, code, measure and keep the unit grids of a community, all or none.

    Outlines that overlap, leave gaps, reach beyond the community or draw a shared border differently are refused
    with each finding's place and size; with `dry_run` the answer lists them and nothing is changed. With `anew` the
    grids that stand are ended on the day on which the new ones begin, in the same transaction.
    """
    return await api.divide(city, caller, data)


@post("/geo/grid-divisions/{division:str}/undo", status_code=200, summary="Take a division back")
async def undo(city: NamedDependency[City], caller: NamedDependency[Caller], division: _Code) -> TakenBack:
    """End what a community's last division made and let stand again what it ended, all or none."""
    return await api.undo_division(city, caller, division)


@get("/geo/grid-codes/{code:str}", summary="Explain a grid's code")
async def explain(city: NamedDependency[City], caller: NamedDependency[Caller], code: _Code) -> CodeParts:
    """The parts of a unit grid's code, or everything that is wrong with it, by Accept-Language."""
    return await api.explain(city, caller, code)


routes = (divide, undo, explain)
