"""Those who see the same are a group, those in it who follow the same a shape: each is read and written once."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import msgspec

from yong.kernel.access.contracts import Scope
from yong.kernel.base.city import City
from yong.kernel.context.jsonld.names import CORE
from yong.kernel.context.live import reading
from yong.kernel.context.live.changes import Change
from yong.kernel.context.live.frames import Frame, Told
from yong.kernel.context.live.wanted import Filter, Probe, Seen, Wanted
from yong.kernel.context.ngsild import ids
from yong.kernel.context.ngsild.shown import PLAIN, View, Whole, entity, written

if TYPE_CHECKING:
    from yong.kernel.context.live.clients import Client

_encode = msgspec.json.Encoder().encode
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)  # where a moment is hidden; it is not shown


class Shape:
    """A filter and the clients that follow by it."""

    def __init__(self, group: "Group", wanted: Wanted) -> None:
        self.group, self.wanted = group, wanted
        self.filter = Filter(wanted)
        self.view = PLAIN if wanted.names is CORE else View(names=wanted.names)
        self.clients: set[Client] = set()


class Group:
    """The shapes of those who see the same of a tenant."""

    def __init__(self, key: tuple[object, ...], scope: Scope, tenant: str) -> None:
        self.key, self.scope, self.tenant = key, scope, tenant
        self.shapes: dict[tuple[str, ...], Shape] = {}

    def shape(self, wanted: Wanted) -> Shape:
        """The shape of a filter, made if it is the first of its kind."""
        found = self.shapes.get(wanted.key)
        if found is None:
            found = self.shapes[wanted.key] = Shape(self, wanted)
        return found

    def drop(self, shape: Shape) -> None:
        self.shapes.pop(shape.wanted.key, None)

    def clients(self) -> "list[Client]":
        return [client for shape in self.shapes.values() for client in shape.clients]

    async def read(
        self, city: City, changes: Mapping[str, Change], shapes: Iterable[Shape] | None = None
    ) -> "Batch":
        """What changed, as this group sees it, for these shapes or all."""
        asked = list(self.shapes.values() if shapes is None else shapes)
        probes = {probe.key: probe for shape in asked for probe in shape.wanted.probes}
        patterns = {key: probe for key, probe in probes.items() if probe.kind == "idPattern"}
        wanted = [i for i, c in changes.items() if c.after and _concerns(asked, i, c)]
        were = {i: c.gone for i, c in changes.items() if c.gone is not None}
        seen = await self._now(city, wanted, list(probes.values()))
        gone = await reading.gone(city, self.scope, self.tenant, were, list(patterns.values()))
        return Batch(changes, seen, {one.id: one for one in gone})

    async def _now(self, city: City, wanted: Sequence[str], probes: Sequence[Probe]) -> list[Seen]:
        return await reading.now(city, self.scope, wanted, probes) if wanted else []


def _concerns(shapes: Sequence[Shape], id: str, change: Change) -> bool:
    return any(shape.filter.concerns(id, change.attributes) for shape in shapes)


class Batch:
    """What a group sees of some changes; the frames of it, made once for all who get the same."""

    def __init__(self, changes: Mapping[str, Change], seen: Sequence[Seen], gone: Mapping[str, Seen]) -> None:
        self.changes, self.seen, self.gone = changes, seen, gone
        self._made: dict[tuple[object, ...], Frame] = {}

    def told(self, shape: Shape, position: str) -> Told | None:
        """What a shape is told, None for nothing."""
        frames: list[Frame] = []
        check = shape.filter
        attrs, narrow = shape.wanted.attrs, bool(shape.wanted.ids or shape.wanted.attrs)
        if self.gone:
            frames += [self._ended(one, shape) for one in self.gone.values() if check.held(one)]
        for one in self.seen:
            changed = self.changes[one.id].attributes
            if (not narrow or check.concerns(one.id, changed)) and check.holds(one):
                frames.append(self._frame(one, shape, changed & attrs if attrs else None))
        return Told(frames, position) if frames else None

    def _frame(self, seen: Seen, shape: Shape, chosen: set[str] | None) -> Frame:
        """The frame of a change; `chosen` attributes of those that changed, None for all of them."""
        key = (seen.id, id(shape.wanted.names), None if chosen is None else frozenset(chosen))
        found = self._made.get(key)
        if found is None:
            names = self.changes[seen.id].attributes if chosen is None else chosen
            found = self._made[key] = _changed(seen, sorted(names), shape.view)
        return found

    def _ended(self, gone: Seen, shape: Shape) -> Frame:
        key = (gone.id, id(shape.wanted.names), "gone")
        found = self._made.get(key)
        if found is None:
            found = self._made[key] = Frame(gone.id, _named(gone, shape.view), gone=True)
        return found


def _named(seen: Seen, view: View) -> dict[str, Any]:
    head: dict[str, Any] = {"id": ids.shown(seen.id)}
    if seen.types:
        types = [view.names.shown(name) for name in seen.types]
        head["type"] = types if len(types) > 1 else types[0]
    return head


def _changed(seen: Seen, names: Sequence[str], view: View) -> Frame:
    head = _named(seen, view)
    if seen.source is not None:
        head["source"] = seen.source
    if seen.modified_at is not None:
        head["modifiedAt"] = written(seen.modified_at)
    if seen.doc is None:
        return Frame(seen.id, head)
    doc = seen.doc
    of_doc = {name: doc[name] for name in names if name in doc}
    at = seen.modified_at or _NEVER
    shown = entity(Whole(id="", type="", attributes=of_doc, created_at=at, modified_at=at), view)
    parts = {name: _encode(value) for name, value in shown.items() if name not in ("id", "type")}
    parts |= {view.names.shown(name): b"null" for name in names if name not in doc}
    return Frame(seen.id, head, parts)
