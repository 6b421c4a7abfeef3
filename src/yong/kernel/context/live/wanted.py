"""What a client follows: a filter, put to what changed. What SQL says best is asked there (`Probe`)."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import msgspec

from yong.kernel.context.asking import compiling, geo
from yong.kernel.context.asking import reading as languages
from yong.kernel.context.asking.compiling import Columns
from yong.kernel.context.asking.types import OfType
from yong.kernel.context.jsonld.names import CORE, Names
from yong.kernel.context.logic import distance_m
from yong.kernel.context.ngsild.attributes import split
from yong.kernel.context.ngsild.ids import SHOWN_ID
from yong.kernel.store.arguments import Arguments

Box = tuple[float, float, float, float]  # west, south, east, north in degrees
_COLUMNS = Columns()


class Probe(msgspec.Struct, frozen=True, kw_only=True):
    """A condition that PostgreSQL decides: a query, a scope query or a pattern of ids, by what it was written as.

    `tree` is what `written` was read as. Only a pattern can be put to an entity that is gone.
    """

    kind: str  # q, scopeQ, idPattern
    written: str
    tree: Any

    def sql(self, arguments: Arguments) -> str:
        match self.kind:
            case "q":
                return compiling.query(self.tree, _COLUMNS, arguments)
            case "scopeQ":
                return compiling.scopes(self.tree, _COLUMNS, arguments)
        return f"{SHOWN_ID} ~ {arguments.add(self.tree, 'text')}"

    @property
    def key(self) -> tuple[str, str]:
        return self.kind, self.written


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """A filter: everything that is given must hold. Names are those under which types and attributes are stored.

    `key` is the same for filters that mean the same. `type` is a tree of `asking.types`; `attrs` asks for changes of
    one of them and shows these alone; `names` are the words of the answer.
    """

    key: tuple[str, ...] = ()
    type: object | None = None
    ids: frozenset[str] = frozenset()
    attrs: frozenset[str] = frozenset()
    district: str | None = None
    box: Box | None = None
    place: geo.GeoQuery | None = None
    probes: tuple[Probe, ...] = ()
    names: Names = CORE


class Seen(msgspec.Struct, kw_only=True, gc=False):
    """An entity that changed, as one scope sees it; what is hidden is None."""

    id: str
    types: tuple[str, ...]
    doc: dict[str, Any] | None = None
    source: str | None = None
    district: str | None = None
    x: float | None = None
    y: float | None = None
    extent: Box | None = None  # of a location that is more than a point
    modified_at: datetime | None = None
    holds: frozenset[tuple[str, str]] = frozenset()  # keys of the probes that hold


class Filter:
    """A filter made ready to be put to many."""

    def __init__(self, wanted: Wanted) -> None:
        self.wanted = wanted
        self.kinds = _only(wanted.type)
        self.tree = None if self.kinds is not None else wanted.type
        self.probes = frozenset(probe.key for probe in wanted.probes)
        self.patterns = frozenset(probe.key for probe in wanted.probes if probe.kind == "idPattern")
        self.around = geo.around(wanted.place) if wanted.place is not None else None
        self.decision = geo.Decision(wanted.place) if wanted.place is not None else None
        self.middle = (
            geo.point(wanted.place)
            if wanted.place is not None and wanted.place.relation is geo.Relation.NEAR
            else None
        )

    def concerns(self, id: str, attributes: Iterable[str]) -> bool:
        """Whether a change of these attributes of an entity can be wanted at all."""
        wanted = self.wanted
        if wanted.ids and id not in wanted.ids:
            return False
        return not wanted.attrs or not wanted.attrs.isdisjoint(attributes)

    def holds(self, seen: Seen) -> bool:
        """Whether an entity as it is now is one that is followed."""
        if not self._is_of(seen.types) or not self.probes <= seen.holds:
            return False
        wanted = self.wanted
        if wanted.district is not None and not (seen.district or "").startswith(wanted.district):
            return False
        if wanted.attrs and seen.doc is None:  # whoever may not see attributes is not told that they changed
            return False
        if wanted.box is not None and not _meets(wanted.box, seen):
            return False
        return self.decision is None or self._placed(seen)

    def held(self, gone: Seen) -> bool:
        """Whether an entity that is gone may have been one; its values and its place are not known any more."""
        wanted = self.wanted
        if wanted.ids and gone.id not in wanted.ids:
            return False
        if wanted.district is not None and not (gone.district or "").startswith(wanted.district):
            return False
        return self._is_of(gone.types) and self.patterns <= gone.holds

    def _is_of(self, types: tuple[str, ...]) -> bool:
        if self.kinds is not None:
            return not self.kinds.isdisjoint(types)
        return self.tree is None or _is_of(self.tree, types)

    def _placed(self, seen: Seen) -> bool:
        query, decision = self.wanted.place, self.decision
        assert query is not None
        assert decision is not None
        if query.attribute != geo.DEFAULT or seen.extent is not None:
            stored = (seen.doc or {}).get(query.attribute)
            return stored is not None and decision.holds([i.get("value") for i in split(stored).values()])
        if seen.x is None or seen.y is None:
            return False
        if self.around is not None and not _within(self.around, seen.x, seen.y):
            return False
        if self.middle is not None:
            far = distance_m(self.middle, (seen.x, seen.y))
            return far <= query.within_m if query.within_m is not None else far > (query.beyond_m or 0)
        return decision.holds([{"type": "Point", "coordinates": [seen.x, seen.y]}])


def _only(tree: object) -> frozenset[str] | None:
    """The types of a selection that asks for any one of them; None of others."""
    match tree:
        case OfType(name):
            return frozenset({name})
        case languages.Any(parts):
            found = [_only(part) for part in parts]
            return None if None in found else frozenset().union(*(f for f in found if f is not None))
    return None


def _is_of(tree: object, types: tuple[str, ...]) -> bool:
    match tree:
        case OfType(name):
            return name in types
        case languages.All(parts):
            return all(_is_of(part, types) for part in parts)
        case languages.Any(parts):
            return any(_is_of(part, types) for part in parts)
    raise AssertionError(tree)


def _within(box: Box, x: float, y: float) -> bool:
    west, south, east, north = box
    return west <= x <= east and south <= y <= north


def _meets(box: Box, seen: Seen) -> bool:
    if seen.extent is not None:
        west, south, east, north = seen.extent
        return west <= box[2] and east >= box[0] and south <= box[3] and north >= box[1]
    return seen.x is not None and seen.y is not None and _within(box, seen.x, seen.y)
