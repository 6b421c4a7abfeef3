"""What a caller finds: candidates from the index, decided on the rows as the caller sees them.

The index proposes; a row is shown if the caller's scope shows it and what it shows holds all that was asked. So
neither hits nor their number, nor the cursor, tell of what lies outside the scope: a page is filled from as many
candidates as it takes, and there is a next one only if one more visible row is known.
"""

import asyncio
import base64
import binascii
import time
from collections.abc import Sequence

import msgspec
import structlog
from prometheus_client import Histogram

from yong.kernel.access import api as access
from yong.kernel.access.contracts import Caller, Scope
from yong.kernel.base.city import City
from yong.kernel.base.errors import Forbidden, Invalid, Problem, Unauthenticated, Unavailable
from yong.kernel.base.text import Text
from yong.kernel.search import store
from yong.kernel.search.contracts import DEPTH, Box, Found, Hit
from yong.kernel.search.index import BROKEN, Candidates, Reader
from yong.kernel.search.logic.matching import Mark, Part, match, snippet
from yong.kernel.search.logic.query import Asked, parse
from yong.kernel.search.sources import Source, sources
from yong.kernel.store.database import Database

_log = structlog.get_logger("search")

SECONDS = Histogram(
    "yong_search_seconds",
    "Seconds that a search took, by its kind",
    ("kind",),
    buckets=(0.0025, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 1, 5),
)

CANDIDATES = 4_000  # looked at for one answer, at most
_FIRST = 40
_AGAIN_S = 0.1
_UNKNOWN = Text("没有可检索的资源 {name}", "There is no Relation {name} to be found")
_CURSOR = Text("游标无效", "The cursor is not valid")
_BOX = Text("应为 西,南,东,北（度）", "Expected west,south,east,north in degrees")


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What is looked for, and among what."""

    q: str
    kinds: tuple[str, ...] = ()  # Relations; none means all
    district: str | None = None
    box: Box | None = None
    titles: bool = False  # as somebody types: titles and codes alone

    def digest(self) -> int:
        return binascii.crc32(msgspec.json.encode(self))


async def search(city: City, caller: Caller, wanted: Wanted, limit: int, cursor: str | None) -> Found:
    """A page of what the caller finds. Raises Invalid, and Unavailable while there is no index."""
    began = time.perf_counter()
    asked = parse(wanted.q)
    _check_box(wanted.box)
    skip = _offset(cursor, wanted) if cursor else 0
    seen = _seen(city, caller, wanted)
    hits = await _visible(city, caller, asked, wanted, seen, min(skip + limit, DEPTH) + 1) if seen else []
    page = hits[skip : skip + limit]
    more = len(hits) > skip + limit and skip + limit < DEPTH
    SECONDS.labels("suggest" if wanted.titles else "search").observe(time.perf_counter() - began)
    return Found(items=page, cursor=_cursor(skip + limit, wanted) if more else None)


def _seen(city: City, caller: Caller, wanted: Wanted) -> dict[str, tuple[Source, Scope]]:
    """What may be found by this caller: the sources of which some row and some field is theirs to read."""
    known = sources(city).by_name
    for name in wanted.kinds:
        if name not in known:
            raise Invalid(None, problems=(Problem("/kind", _UNKNOWN.filled(name=name[:100])),))
    found = {}
    for name in wanted.kinds or known:
        try:
            scope = access.scoped(city, known[name].relation, caller)
        except (Unauthenticated, Forbidden):
            continue
        if any(field in scope.fields for field, _ in known[name].fields):
            found[name] = (known[name], scope)
    return found


async def _visible(
    city: City,
    caller: Caller,
    asked: Asked,
    wanted: Wanted,
    seen: dict[str, tuple[Source, Scope]],
    enough: int,
) -> list[Hit]:
    """The first `enough` hits."""
    hits: list[Hit] = []
    done, limit = 0, max(_FIRST, 2 * enough)
    while True:
        found = await _candidates(city, asked, wanted, seen, limit)
        hits += await _shown(city, caller, asked, wanted, seen, found.rows[done:])
        if len(hits) >= enough or not found.more or limit >= CANDIDATES:
            return hits[:enough]
        done, limit = limit, min(CANDIDATES, limit * 4)


async def _candidates(
    city: City, asked: Asked, wanted: Wanted, seen: dict[str, tuple[Source, Scope]], limit: int
) -> Candidates:
    reader = city[Reader]
    box = wanted.box
    every = len(seen) == len(sources(city).by_name)
    boosts = [(name, s.declared.boost) for name, (s, _) in seen.items() if s.declared.boost != 1]

    def find() -> Candidates:
        return reader.candidates(
            asked,
            () if every else tuple(seen),
            boosts,
            titles=wanted.titles,
            district=wanted.district,
            box=(box.west, box.south, box.east, box.north) if box else None,
            limit=limit,
        )

    try:
        return await asyncio.to_thread(find)
    except BROKEN:  # another index may have been put into use between its name and its files
        await asyncio.sleep(_AGAIN_S)
    try:
        return await asyncio.to_thread(find)
    except BROKEN as error:
        _log.warning("the index cannot be read", error=repr(error))
        raise Unavailable from None


async def _shown(
    city: City,
    caller: Caller,
    asked: Asked,
    wanted: Wanted,
    seen: dict[str, tuple[Source, Scope]],
    rows: Sequence[tuple[str, str]],
) -> list[Hit]:
    """Of candidates those that the caller may see and that hold what was asked, in their order."""
    by_relation: dict[str, list[str]] = {}
    for relation, id_ in rows:
        by_relation.setdefault(relation, []).append(id_)
    found: dict[tuple[str, str], store.Shown] = {}
    for name, ids in by_relation.items():
        if name not in seen:
            continue
        source, scope = seen[name]
        read = await store.rows_of(city[Database], source, scope, ids)
        found.update({(name, id_): shown for id_, shown in read.items()})
    hits = (
        _hit(seen[row[0]][0], row[1], found[row], asked, wanted, caller)
        for row in dict.fromkeys(rows)
        if row in found
    )
    return [hit for hit in hits if hit is not None]


def _hit(
    source: Source, id_: str, row: store.Shown, asked: Asked, wanted: Wanted, caller: Caller
) -> Hit | None:
    if wanted.district and not (row.district or "").startswith(wanted.district):
        return None
    parts = [Part(role, text) for role, _, text in row.parts if not (wanted.titles and role == "text")]
    found = match(asked, parts)
    if found is None:
        return None
    title = _title(row, found.marks, caller)
    # What matched besides; the name in the other language where only that did.
    others = [n for n in sorted(found.marks) if n != title]
    if title in found.marks:
        others = [n for n in others if parts[n].role != "title"]
    text = others[0] if others else None
    words, marks = snippet(parts[text].text, found.marks[text]) if text is not None else (None, [])
    return Hit(
        relation=source.name,
        id=id_,
        kind=source.kind.in_(caller.language),
        title=parts[title].text if title is not None else id_,
        title_marks=found.marks.get(title, []) if title is not None else [],
        snippet=words,
        snippet_marks=marks,
        lon=row.place[0] if row.place else None,
        lat=row.place[1] if row.place else None,
        district=row.district,
    )


def _title(row: store.Shown, marks: dict[int, list[Mark]], caller: Caller) -> int | None:
    """The title that is shown: one in the reader's language, else one that matched, else the first there is."""
    titles = [n for n, (role, _, _) in enumerate(row.parts) if role == "title"]
    if not titles:
        return next((n for n, (role, _, _) in enumerate(row.parts) if role == "code"), None)
    spoken = [n for n in titles if row.parts[n][1].endswith(f"_{caller.language}")]
    return next(iter(spoken), next((n for n in titles if n in marks), titles[0]))


def _check_box(box: Box | None) -> None:
    if box is None:
        return
    if not (-180 <= box.west <= box.east <= 180 and -90 <= box.south <= box.north <= 90):
        raise Invalid(None, problems=(Problem("/bbox", _BOX),))


def box_of(text: str) -> Box:
    """A box written as west,south,east,north. Raises Invalid."""
    try:
        west, south, east, north = (float(p) for p in text.split(","))
    except ValueError:
        raise Invalid(None, problems=(Problem("/bbox", _BOX),)) from None
    return Box(west, south, east, north)


def _cursor(offset: int, wanted: Wanted) -> str:
    raw = msgspec.json.encode([offset, wanted.digest()])
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _offset(cursor: str, wanted: Wanted) -> int:
    try:
        raw = base64.urlsafe_b64decode(cursor[:200].encode("ascii") + b"==")
        offset, digest = msgspec.json.decode(raw, type=tuple[int, int])
    except (ValueError, binascii.Error, UnicodeError, msgspec.MsgspecError):
        raise Invalid(None, problems=(Problem("/cursor", _CURSOR),)) from None
    if not 0 < offset < DEPTH or digest != wanted.digest():
        raise Invalid(None, problems=(Problem("/cursor", _CURSOR),))
    return offset
