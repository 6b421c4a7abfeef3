"""The door of search: every function takes the City and the Caller, and authorizes first."""

from collections.abc import Sequence

from yong.kernel.access import api as access
from yong.kernel.access.contracts import Caller
from yong.kernel.base.city import City
from yong.kernel.base.errors import Invalid, Problem
from yong.kernel.base.text import Text
from yong.kernel.search import indexing, service, store
from yong.kernel.search.contracts import PAGE, SUGGESTIONS, Found, Hit, State
from yong.kernel.search.index import Folder, Reader
from yong.kernel.search.sources import Sources
from yong.kernel.store.database import Database

__all__ = ["keep_indexing", "open_parts", "rebuild", "search", "state", "suggest"]

keep_indexing = indexing.keep_indexing
condition = store.state


async def open_parts(city: City) -> None:
    """Read the declarations; Refused where one is wrong. The index is opened by the first question."""
    city.put(Sources, Sources(city.registry))
    city.put(Reader, Reader(Folder(city.settings)))


async def search(
    city: City, caller: Caller, q: str, *, kinds: Sequence[str] = (), district: str | None = None,
    bbox: str | None = None, limit: int = 20, cursor: str | None = None,
) -> Found:  # fmt: skip
    """Rows of any Relation that hold all words of `q` where the caller may read them, the best first.

    `kinds` are names of Relations, `district` the beginning of a code of GB/T 2260, `bbox` (west,south,east,north in
    degrees) puts what lies in it first. Raises Invalid for a query without words, too long, or unknown kinds, and
    Unavailable while there is no index.
    """
    access.authorize(city, caller, "search.ask", "search")
    _within(limit, PAGE)
    box = service.box_of(bbox) if bbox else None
    wanted = service.Wanted(q=q, kinds=tuple(kinds), district=district, box=box)
    return await service.search(city, caller, wanted, limit, cursor)


async def suggest(
    city: City, caller: Caller, q: str, *, kinds: Sequence[str] = (), district: str | None = None,
    bbox: str | None = None, limit: int = 10,
) -> list[Hit]:  # fmt: skip
    """What somebody may mean who is still typing: rows whose titles or codes hold what was typed so far."""
    access.authorize(city, caller, "search.ask", "search")
    _within(limit, SUGGESTIONS)
    box = service.box_of(bbox) if bbox else None
    wanted = service.Wanted(q=q, kinds=tuple(kinds), district=district, box=box, titles=True)
    return (await service.search(city, caller, wanted, limit, None)).items


async def rebuild(city: City, caller: Caller) -> None:
    """Ask for the index to be made anew; the process that keeps it begins within seconds."""
    access.authorize(city, caller, "search.rebuild", "search")
    async with city[Database].transaction() as connection:
        await access.audit(connection, caller, "search.rebuild", "search", {})
    await store.ask(city[Database])


async def state(city: City, caller: Caller) -> State:
    """How the index is doing."""
    access.authorize(city, caller, "search.rebuild", "search")
    return await store.state(city[Database])


def _within(limit: int, most: int) -> None:
    if not 1 <= limit <= most:
        text = Text(f"应在 1 与 {most} 之间", f"Must lie between 1 and {most}")
        raise Invalid(None, problems=(Problem("/limit", text),))
