"""What crosses the door of search."""

from collections.abc import Callable, Collection

import msgspec

from yong.kernel.base.text import Text
from yong.kernel.search.logic.matching import Mark
from yong.kernel.store.contracts import Event

PAGE = 100  # hits at most
DEPTH = 1000  # hits that paging reaches
SUGGESTIONS = 20
READER = "search"  # of the outbox


class Searchable(msgspec.Struct, frozen=True, kw_only=True):
    """How a Relation is found; one without a declaration is found by its names, texts and codes (`sources`).

    `title`, `text` and `codes` name fields of type TEXT that are neither personal nor sensitive; the first title
    that has a value is shown. Without any of them the Relation is left out of search. `kind` says in a word what a row is,
    the Relation's title unless given. A `boost` above 1 puts its rows before others that match as well.

    A row is read again when records tell that it changed. For rows that come from elsewhere, `changed` names the ids
    (`<key>~<key>` where the key has several columns) that an event of the outbox tells of; a view without it is compared
    with the index once a minute.
    """

    relation: str
    title: tuple[str, ...] = ()
    text: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    kind: Text | None = None
    boost: float = 1.0
    changed: Callable[[Event], Collection[str]] | None = None


class Hit(msgspec.Struct, frozen=True, kw_only=True):
    """A row that was found, as its reader may see it. `marks` are the parts of `title` and `snippet` that matched."""

    relation: str
    id: str
    kind: str
    title: str
    title_marks: list[Mark]
    snippet: str | None = None
    snippet_marks: list[Mark] = []
    lon: float | None = None
    lat: float | None = None
    district: str | None = None


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """Hits, the best first, and, unless they are the last, the `cursor` of those that follow."""

    items: list[Hit]
    cursor: str | None = None


class Box(msgspec.Struct, frozen=True):
    """A part of the map, degrees: what lies in it comes before what matches as well elsewhere."""

    west: float
    south: float
    east: float
    north: float


class State(msgspec.Struct, frozen=True, kw_only=True):
    """How the index is doing: rows in it, events it lacks and the seconds that the oldest has waited.

    While it is made anew (`rebuilding`), `in_the_making` says how many rows the new one has, once it is begun.
    """

    ready: bool
    rebuilding: bool
    in_the_making: int | None = None
    rows: int
    events: int
    lag_s: float
