"""HTTP of simulations."""

from typing import Annotated

from litestar import post
from litestar.di import NamedDependency
from litestar.params import JSONBody, PathParameter

from yong.kernel.access.contracts import Caller
from yong.kernel.base.city import City
from yong.kernel.cases import api
from yong.kernel.cases.simulating.contracts import Simulation, SimulationAsked

_Name = Annotated[str, PathParameter(min_length=1, max_length=128, pattern=r"^[A-Za-z0-9_.-]+$")]
_Number = Annotated[int, PathParameter(ge=1, le=2_147_483_647)]


@post(
    "/procedures/{name:str}/versions/{version:int}/simulations",
    status_code=200,
    opt={"errors": (429,)},
    summary="Try a version out",
)
async def simulate(
    city: NamedDependency[City],
    caller: NamedDependency[Caller],
    name: _Name,
    version: _Number,
    data: JSONBody[SimulationAsked],
) -> Simulation:
    """The load and lateness to be expected, from past cases; takes some seconds, one at a time. Nothing of it is kept."""
    return await api.simulate(city, caller, name, version, data)


routes = (simulate,)
