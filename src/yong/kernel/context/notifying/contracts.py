"""What a subscription is, once it was read."""

from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec

from yong.kernel.context.asking.contracts import Selector
from yong.kernel.context.asking.geo import GeoQuery
from yong.kernel.context.ngsild.shown import PLAIN, View

Key = tuple[str, str]  # tenant, id

READER = "subscriptions"  # of the outbox
CHANGED = "context.SubscriptionChanged"
SUBSCRIBE, OVERSEE = "context.subscribe", "context.oversee_subscriptions"


class Trigger(StrEnum):
    """What is worth a notification (notificationTrigger)."""

    ENTITY_CREATED = "entityCreated"
    ENTITY_UPDATED = "entityUpdated"
    ENTITY_DELETED = "entityDeleted"
    ATTRIBUTE_CREATED = "attributeCreated"
    ATTRIBUTE_UPDATED = "attributeUpdated"
    ATTRIBUTE_DELETED = "attributeDeleted"


USUAL = frozenset({Trigger.ATTRIBUTE_CREATED, Trigger.ATTRIBUTE_UPDATED})


class Endpoint(msgspec.Struct, frozen=True, kw_only=True):
    """Where notifications go. `receiver` are headers (HTTP) or metadata (MQTT), `notifier` settings of the way."""

    uri: str
    accept: str
    timeout_s: float
    cooldown_s: float
    receiver: tuple[tuple[str, str], ...] = ()
    notifier: tuple[tuple[str, str], ...] = ()


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What a subscription asks for. Names are those under which attributes and types are stored."""

    selectors: tuple[Selector, ...] = ()
    watched: frozenset[str] | None = None
    triggers: frozenset[Trigger] = USUAL
    q: object | None = None
    scopes: object | None = None
    geo: GeoQuery | None = None
    throttling_s: float = 0.0
    interval_s: float | None = None
    view: View = PLAIN
    endpoint: Endpoint
    expires_at: datetime | None = None
    active: bool = True

    def now(self, moment: datetime) -> bool:
        """Whether it counts at a moment: neither paused nor expired."""
        return self.active and (self.expires_at is None or self.expires_at > moment)


class Subscription(msgspec.Struct, kw_only=True):
    """A subscription as its row has it. `body` is as it was sent, `context` the address of its @context."""

    tenant: str
    id: str
    account: str
    roles: tuple[str, ...]
    purpose: str | None = None
    body: dict[str, Any]
    context: str | None = None
    created_at: datetime
    modified_at: datetime
    sent: int = 0
    failed: int = 0
    last_at: datetime | None = None
    last_success_at: datetime | None = None
    last_failure_at: datetime | None = None
    failure: str | None = None
    next_at: datetime | None = None

    @property
    def key(self) -> Key:
        return self.tenant, self.id


class Note(msgspec.Struct, kw_only=True):
    """A notification on its way."""

    number: int
    key: Key
    body: str
    attempts: int = 0
    made_at: datetime


class Dead(msgspec.Struct, frozen=True, kw_only=True):
    """A notification as its subscriber sees it: waiting, or given up (`dead_at`)."""

    number: int
    subscription: str
    made_at: datetime
    attempts: int
    due_at: datetime | None
    failure: str | None
    dead_at: datetime | None
    notification: Any
