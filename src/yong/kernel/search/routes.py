"""HTTP of search."""

from typing import Annotated

from litestar import get
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from yong.kernel.access.contracts import Caller
from yong.kernel.base.city import City
from yong.kernel.search import api
from yong.kernel.search.contracts import PAGE, SUGGESTIONS, Found, Hit

_Words = Annotated[str, QueryParameter(min_length=1, max_length=200)]
_Kinds = Annotated[list[str] | None, QueryParameter(name="kind", max_items=20)]
_District = Annotated[str | None, QueryParameter(pattern="^[0-9]{2,12}$")]
_Bbox = Annotated[str | None, QueryParameter(max_length=120)]


@get("/search", opt={"errors": (503,)}, summary="Search")
async def search(
    city: NamedDependency[City],
    caller: NamedDependency[Caller],
    q: _Words,
    kind: _Kinds = None,
    district: _District = None,
    bbox: _Bbox = None,
    limit: Annotated[int, QueryParameter(ge=1, le=PAGE)] = 20,
    cursor: Annotated[str | None, QueryParameter(max_length=200)] = None,
) -> Found:
    """Rows of all Relations that hold every word, in Chinese, English, pinyin or initials; the best first.

    `kind` is a Relation's name and may be repeated; what lies in `bbox` (west,south,east,north) comes first.
    """
    return await api.search(
        city, caller, q, kinds=kind or (), district=district, bbox=bbox, limit=limit, cursor=cursor
    )


@get("/search/suggest", opt={"errors": (503,)}, summary="Suggestions while typing")
async def suggest(
    city: NamedDependency[City],
    caller: NamedDependency[Caller],
    q: _Words,
    kind: _Kinds = None,
    district: _District = None,
    bbox: _Bbox = None,
    limit: Annotated[int, QueryParameter(ge=1, le=SUGGESTIONS)] = 10,
) -> list[Hit]:
    """Rows whose titles or codes hold what was typed so far."""
    return await api.suggest(city, caller, q, kinds=kind or (), district=district, bbox=bbox, limit=limit)


routes = (search, suggest)
