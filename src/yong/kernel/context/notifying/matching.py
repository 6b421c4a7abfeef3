"""From what changed to whom it may concern: subscriptions by the ids, types and attributes that they watch."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

import msgspec

from yong.kernel.context.asking import compiling
from yong.kernel.context.asking.contracts import Selector
from yong.kernel.context.asking.reading import All, Any
from yong.kernel.context.asking.types import OfType, names
from yong.kernel.context.notifying.contracts import Key, Subscription, Trigger, Wanted
from yong.kernel.context.service.telling import Told


class Watcher:
    """A subscription ready to be matched.

    `path` is its `q` as one SQL/JSON path; where there is none for it (moments), or places or scopes are asked
    for too, `searched` says that candidates are found by a search. `quiet_until` is the end of its throttling.
    """

    def __init__(self, subscription: Subscription, wanted: Wanted) -> None:
        self.subscription, self.wanted = subscription, wanted
        self.path = compiling.one_path(wanted.q) if wanted.q is not None else None
        self.searched = (
            wanted.geo is not None
            or wanted.scopes is not None
            or (wanted.q is not None and self.path is None)
        )
        self.quiet_until: datetime | None = None
        if wanted.throttling_s and subscription.last_at:
            self.quiet(subscription.last_at)

    @property
    def key(self) -> Key:
        return self.subscription.key

    def quiet(self, since: datetime) -> None:
        """Begin a time in which nothing is told."""
        if self.wanted.throttling_s:
            self.quiet_until = since + timedelta(seconds=self.wanted.throttling_s)

    def is_quiet(self, now: datetime) -> bool:
        return self.quiet_until is not None and now < self.quiet_until


class Concern(msgspec.Struct, gc=False):
    """A subscription and an entity that it may have to be told of, if its id fits one of `patterns` where given."""

    watcher: Watcher
    entity: str
    told: Told
    patterns: tuple[str, ...] = ()


class Watchers:
    """All subscriptions that react to changes, by what they react to."""

    def __init__(self) -> None:
        self.all: dict[Key, Watcher] = {}
        self._by: dict[tuple[str, str, str], set[Key]] = defaultdict(set)

    def put(self, watcher: Watcher) -> None:
        """Take up a subscription, in place of the one there was of its key."""
        self.drop(watcher.key)
        self.all[watcher.key] = watcher
        for place in _places(watcher):
            self._by[place].add(watcher.key)

    def drop(self, key: Key) -> None:
        watcher = self.all.pop(key, None)
        for place in _places(watcher) if watcher else ():
            self._by[place].discard(key)
            if not self._by[place]:
                del self._by[place]

    def concerned(
        self, tenant: str, entity: str, told: Told, *, deleted: bool, now: datetime
    ) -> Iterator[Concern]:
        """Whom a change may concern."""
        keys: set[Key] = set()
        for place in _ways(tenant, entity, told):
            found = self._by.get(place)
            if found:
                keys |= found
        for key in sorted(keys):
            watcher = self.all[key]
            wanted = watcher.wanted
            if not wanted.now(now) or not _worth(wanted, told, deleted=deleted):
                continue
            patterns = _fits(wanted.selectors, entity, told.types)
            if patterns is not None:
                yield Concern(watcher, entity, told, patterns)


def _places(watcher: Watcher) -> Iterator[tuple[str, str, str]]:
    """Where a subscription lies in the index: by ids, else by types, else by attributes, else with all."""
    wanted, tenant = watcher.wanted, watcher.subscription.tenant
    if wanted.interval_s is not None:
        return
    for selector in wanted.selectors or (Selector(),):
        if selector.ids:
            yield from ((tenant, "id", id_) for id_ in selector.ids)
        elif selector.type is not None:
            yield from ((tenant, "type", name) for name in names(selector.type))
        elif wanted.watched is not None:
            yield from ((tenant, "attribute", name) for name in wanted.watched)
        else:
            yield tenant, "", ""


def _ways(tenant: str, entity: str, told: Told) -> Iterator[tuple[str, str, str]]:
    yield tenant, "id", entity
    yield tenant, "", ""
    for name in told.types:
        yield tenant, "type", name
    for name in told.changed:
        yield tenant, "attribute", name


def _worth(wanted: Wanted, told: Told, *, deleted: bool) -> bool:
    """Whether a change is of a kind, and of an attribute, that is wanted."""
    triggers = wanted.triggers
    if deleted:
        return Trigger.ENTITY_DELETED in triggers
    if told.made and Trigger.ENTITY_CREATED in triggers:
        return True
    watched = wanted.watched
    changed = set(told.changed) if watched is None else watched.intersection(told.changed)
    if Trigger.ENTITY_UPDATED in triggers and not told.made and (changed or not told.changed):
        return True
    added, removed = changed.intersection(told.added), changed.intersection(told.removed)
    return bool(
        (added and Trigger.ATTRIBUTE_CREATED in triggers)
        or (removed and Trigger.ATTRIBUTE_DELETED in triggers)
        or (len(changed) > len(added) + len(removed) and Trigger.ATTRIBUTE_UPDATED in triggers)
    )


def _fits(selectors: Iterable[Selector], entity: str, types: Iterable[str]) -> tuple[str, ...] | None:
    """The patterns of which the id must fit one, () for none needed; None when no selector fits."""
    patterns = []
    none = True
    for selector in selectors:
        none = False
        if selector.type is not None and not is_of(selector.type, types):
            continue
        if selector.ids:
            if entity in selector.ids:
                return ()
        elif selector.pattern is None:
            return ()
        else:
            patterns.append(selector.pattern)
    return () if none else tuple(patterns) or None


def is_of(tree: object, types: Iterable[str]) -> bool:
    """Whether an entity of these types is meant by a selection of types."""
    match tree:
        case OfType(name):
            return name in types
        case All(parts):
            return all(is_of(part, types) for part in parts)
        case Any(parts):
            return any(is_of(part, types) for part in parts)
    raise TypeError(tree)
