"""HTTP of suggestions from past cases."""

from typing import Annotated

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody, PathParameter, QueryParameter

from yong.kernel.access.contracts import Caller
from yong.kernel.base.city import City
from yong.kernel.cases import api
from yong.kernel.cases.suggesting.contracts import AskedFor, LearnAsked, LearnedFrom, Suggestions

_Id = Annotated[str, PathParameter(min_length=1, max_length=64, pattern=r"^[^\x00/]+$")]
_Procedure = Annotated[str | None, QueryParameter(min_length=1, max_length=128, pattern=r"^[A-Za-z0-9_.-]+$")]


@get("/cases/{id:str}/suggestions", opt={"errors": (409,)}, summary="What past cases suggest for a case")
async def of_case(city: NamedDependency[City], caller: NamedDependency[Caller], id: _Id) -> Suggestions:
    """Class, unit and open cases that may be about the same, each with what it rests on. A person decides."""
    return await api.suggestions(city, caller, id)


@post("/case-suggestions", status_code=200, summary="What past cases suggest for a case to be opened")
async def of_new(
    city: NamedDependency[City], caller: NamedDependency[Caller], data: JSONBody[AskedFor]
) -> Suggestions:
    """The same from its words and place, before it is there. Nothing of it is kept."""
    return await api.suggestions_for(city, caller, data)


@get("/suggestion-models", summary="What suggestions rest on")
async def models(
    city: NamedDependency[City], caller: NamedDependency[Caller], procedure: _Procedure = None
) -> list[LearnedFrom]:
    """From which cases was learned and when, and how good it was on cases it did not learn from; the newest first."""
    return await api.learned(city, caller, procedure)


@post("/suggestion-models", status_code=202, summary="Have it learned anew")
async def order(
    city: NamedDependency[City], caller: NamedDependency[Caller], data: JSONBody[LearnAsked]
) -> LearnAsked:
    """A job learns from the closed cases of a procedure; it does so every night as well."""
    await api.order_learning(city, caller, data.procedure)
    return data


routes = (of_case, of_new, models, order)
