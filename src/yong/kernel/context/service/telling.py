"""What is told of changed entities: one shape, written in the transaction of the change and read by who follows."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from yong.kernel.context.contracts import CHANGED, DELETED, Gone
from yong.kernel.store import outbox
from yong.kernel.store.contracts import Event
from yong.kernel.store.database import Connection

_IN_EVENT = 500


class Told(msgspec.Struct, gc=False):
    """What became of one entity: its types, the attributes that changed, and of these the new and the removed.

    `made` says that it was not there before, `named` that it may be called otherwise, or be of other types. `owner` and
    `district` are told of one that is gone, since nothing else says any more who could see it.
    """

    types: Sequence[str]
    changed: Sequence[str] = ()
    added: Sequence[str] = ()
    removed: Sequence[str] = ()
    made: bool = False
    named: bool = False
    owner: str | None = None
    district: str | None = None


class Telling(msgspec.Struct, gc=False):
    """What one event tells of the entities of a tenant, by id."""

    tenant: str
    deleted: bool
    entities: dict[str, Told]


class Data(msgspec.Struct, gc=False, omit_defaults=True):
    """As the event has it. `types` are by type, since many entities share one; what is empty is left out.

    `named` is None in events from before there was one: then every change of an attribute that names counts.
    """

    entities: dict[str, Sequence[str]] = {}
    types: dict[str, list[str]] = {}
    added: dict[str, Sequence[str]] = {}
    removed: dict[str, Sequence[str]] = {}
    made: list[str] = []
    named: list[str] | None = None
    of: dict[str, tuple[str | None, str | None]] = {}
    tenant: str = ""

    def gone(self, id: str) -> Gone | None:
        """What a deleted entity was; None of one that is not told to be gone."""
        if id not in self.of:
            return None
        owner, district = self.of[id]
        return Gone(
            types=tuple(t for t, ids in self.types.items() if id in ids), owner=owner, district=district
        )


async def tell(
    connection: Connection, told: Mapping[str, Told], *, tenant: str = "", deleted: bool = False
) -> None:
    """Tell, in the transaction of the change, what became of entities, or that they are gone."""
    ids = sorted(told)
    await outbox.emit(
        connection,
        *(
            Event(
                type=DELETED if deleted else CHANGED,
                subject=ids[i],
                data=msgspec.to_builtins(
                    _data({e: told[e] for e in ids[i : i + _IN_EVENT]}, tenant, deleted)
                ),
            )
            for i in range(0, len(ids), _IN_EVENT)
        ),
    )


def _data(told: Mapping[str, Told], tenant: str, deleted: bool) -> Data:
    types: dict[str, list[str]] = {}
    for id_, one in told.items():
        for kind in one.types:
            types.setdefault(kind, []).append(id_)
    return Data(
        entities={i: one.changed for i, one in told.items()},
        types=types,
        added={i: one.added for i, one in told.items() if one.added},
        removed={i: one.removed for i, one in told.items() if one.removed},
        made=[i for i, one in told.items() if one.made],
        named=[i for i, one in told.items() if one.named],
        of={i: (one.owner, one.district) for i, one in told.items()} if deleted else {},
        tenant=tenant,
    )


_NAMES = frozenset(
    {"name", "https://schema.org/name", "https://smartdatamodels.org/name"}
)  # attributes that say what an entity is called


def may_name(changed: Iterable[str]) -> bool:
    """Whether one of these attributes says what an entity is called."""
    return not _NAMES.isdisjoint(changed)


def renames(changed: Iterable[str], before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """Whether an entity is called otherwise after these attributes changed.

    Many replace all of an entity at every change: its name stays, and nobody need look for it anew.
    """
    return any(_called(before.get(n)) != _called(after.get(n)) for n in _NAMES.intersection(changed))


def _called(attribute: Any) -> object:
    """What of an attribute an entity is found by, as the Relation reads it."""
    if not isinstance(attribute, dict):
        return None
    return attribute.get("value"), attribute.get("languageMap")


def to_find(event: Event) -> list[str]:
    """The entities of which an event tells something that they are found by: new ones, renamed ones, those gone."""
    if event.type not in (CHANGED, DELETED) or event.data.get("tenant"):
        return []
    data = msgspec.convert(event.data, Data)
    if event.type == DELETED:
        return list(data.entities)
    if data.named is not None:
        return list(dict.fromkeys((*data.made, *data.named)))
    made = frozenset(data.made)
    return [i for i, changed in data.entities.items() if i in made or may_name(changed)]


def tellings(events: Iterable[Event]) -> list[Telling]:
    """What events tell of entities, in order; other events tell nothing here."""
    return [
        _telling(msgspec.convert(event.data, Data), event.type == DELETED)
        for event in events
        if event.type in (CHANGED, DELETED)
    ]


def _telling(data: Data, deleted: bool) -> Telling:
    types: dict[str, list[str]] = {}
    for kind, ids in data.types.items():
        for id_ in ids:
            types.setdefault(id_, []).append(kind)
    made = frozenset(data.made)
    entities = {}
    for id_, changed in data.entities.items():
        owner, district = data.of.get(id_, (None, None))
        entities[id_] = Told(
            types=types.get(id_, ()),
            changed=changed,
            added=data.added.get(id_, ()),
            removed=data.removed.get(id_, ()),
            made=id_ in made,
            owner=owner,
            district=district,
        )
    return Telling(data.tenant, deleted, entities)
