"""The standard's operations on subscriptions (clause 5.8), and what was not delivered, for who may."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import asyncpg
import msgspec

from yong.kernel.access import api as access
from yong.kernel.access.contracts import Caller
from yong.kernel.access.policies import Policies
from yong.kernel.base import clock
from yong.kernel.base.city import City
from yong.kernel.base.errors import Conflict, Invalid, NotFound, TooMany
from yong.kernel.base.ids import new_id
from yong.kernel.base.text import Text
from yong.kernel.context.asking import compiling
from yong.kernel.context.contracts import RELATION, TENANT_RELATION
from yong.kernel.context.jsonld import core, shelf
from yong.kernel.context.jsonld.names import CORE
from yong.kernel.context.notifying import reading, store
from yong.kernel.context.notifying.contracts import (
    CHANGED,
    OVERSEE,
    SUBSCRIBE,
    Dead,
    Key,
    Subscription,
    Wanted,
)
from yong.kernel.context.notifying.senders import allowed
from yong.kernel.context.service.reading import known_tenant
from yong.kernel.store import outbox
from yong.kernel.store.contracts import Event
from yong.kernel.store.database import Connection, Database

OF_ACCOUNT = 20_000  # subscriptions of one account
_NONE = Text("没有订阅 {id}", "There is no subscription {id}")
_THERE = Text("订阅 {id} 已存在", "Subscription {id} exists already")
_MANY = Text("一个账户至多 {n} 个订阅", "An account has at most {n} subscriptions")
_LARGE = Text("订阅超过 {n} 字节", "The subscription is over {n} bytes long")
_PATTERN = Text("正则表达式有误：{why}", "The pattern is wrong: {why}")
_NO_NOTE = Text("没有此未送达的通知", "There is no such notification among those given up")


def may_subscribe(city: City, caller: Caller, tenant: str = "") -> None:
    """Raise Unauthenticated or Forbidden unless the caller may subscribe to entities."""
    access.authorize(city, caller, SUBSCRIBE, TENANT_RELATION if tenant else RELATION)


async def create_subscription(
    city: City, caller: Caller, tenant: str, id: str | None, body: dict[str, Any], context: Any
) -> str:
    """Subscribe; the subscription's id. `context` is that of the body.

    Raises Invalid, Forbidden where the endpoint's host is not allowed, Conflict for an id that is taken, TooMany.
    """
    may_subscribe(city, caller, tenant)
    await known_tenant(city, tenant)
    async with city[Database].transaction() as connection:
        await connection.execute(
            "SELECT pg_advisory_xact_lock(hashtext('context.subscribe ' || $1))", caller.account
        )
        if await store.count(connection, tenant=None, account=caller.account) >= OF_ACCOUNT:
            raise TooMany(_MANY, n=OF_ACCOUNT)
        one = Subscription(
            tenant=tenant,
            id=id or f"urn:ngsi-ld:Subscription:{new_id()}",
            account=caller.account,
            roles=(),
            body=body,
            created_at=clock.now(),
            modified_at=clock.now(),
        )
        await _check(city, caller, one, context)
        one.context = await _kept(city, connection, context)
        if not await store.insert(connection, one):
            raise Conflict(_THERE, id=one.id)
        await _changed(connection, caller, one.key, "context.subscribe")
    return one.id


async def subscription(city: City, caller: Caller, tenant: str, id: str) -> Subscription:
    """One subscription of the caller's, or any for who oversees them. Raises NotFound."""
    return await _one(city, caller, city[Database], (tenant, id))


async def subscriptions(
    city: City, caller: Caller, tenant: str, *, limit: int, offset: int
) -> tuple[list[Subscription], int]:
    """The caller's subscriptions, or all for who oversees them, and how many there are."""
    oversees = access.allowed(city, caller, OVERSEE, "context")
    if not oversees:
        may_subscribe(city, caller, tenant)
    account = None if oversees else caller.account
    return await store.page(city[Database], tenant, account, limit=limit, offset=offset)


async def update_subscription(
    city: City, caller: Caller, tenant: str, id: str, fragment: Mapping[str, Any], context: Any
) -> None:
    """Lay a fragment over one's own subscription; from then on it counts with the roles held now.

    Raises as creating does, NotFound.
    """
    may_subscribe(city, caller, tenant)
    async with city[Database].transaction() as connection:
        one = await _one(city, caller, connection, (tenant, id), own=True)
        one.body = reading.patched(one.body, fragment)
        await _check(city, caller, one, one.context if context is None else context)
        if context is not None:
            one.context = await _kept(city, connection, context)
        await store.update(connection, one)
        await _changed(connection, caller, one.key, "context.update_subscription")


async def delete_subscription(city: City, caller: Caller, tenant: str, id: str) -> None:
    """Delete a subscription with what is on its way. Raises NotFound."""
    async with city[Database].transaction() as connection:
        one = await _one(city, caller, connection, (tenant, id))
        await store.delete(connection, one.key)
        await _changed(connection, caller, one.key, "context.unsubscribe")


async def undelivered(
    city: City, caller: Caller, tenant: str, id: str, *, dead: bool, limit: int, after: int
) -> list[Dead]:
    """Notifications of one's own subscription that wait or, `dead`, were given up."""
    one = await _one(city, caller, city[Database], (tenant, id), own=True)
    return await store.listed(city[Database], one.key, dead=dead, limit=limit, after=after)


async def retry_notification(city: City, caller: Caller, tenant: str, id: str, number: int) -> None:
    """Put a notification that was given up back in its line. Raises NotFound."""
    async with city[Database].transaction() as connection:
        one = await _one(city, caller, connection, (tenant, id), own=True)
        if not await store.revive(connection, one.key, number):
            raise NotFound(_NO_NOTE)
        await _changed(connection, caller, one.key, "context.retry_notification")


async def discard_notification(city: City, caller: Caller, tenant: str, id: str, number: int) -> None:
    """Delete a notification that was given up. Raises NotFound."""
    async with city[Database].transaction() as connection:
        one = await _one(city, caller, connection, (tenant, id), own=True)
        if not await store.discard(connection, one.key, number):
            raise NotFound(_NO_NOTE)
        resource = f"subscription:{one.id}"
        await access.audit(connection, caller, "context.discard_notification", resource, {"number": number})


async def _one(
    city: City, caller: Caller, connection: "Connection | Database", key: Key, *, own: bool = False
) -> Subscription:
    oversees = not own and access.allowed(city, caller, OVERSEE, "context")
    if not oversees:
        may_subscribe(city, caller, key[0])
    found = await store.one(connection, key, lock=not isinstance(connection, Database))
    if found is None or not (oversees or found.account == caller.account):
        raise NotFound(_NONE, id=key[1][:200])
    return found


async def _check(city: City, caller: Caller, one: Subscription, context: Any) -> None:
    """Raise unless it can be understood and delivered; set what follows from it and from its maker."""
    if len(msgspec.json.encode(one.body)) > reading.LARGEST:
        raise Invalid(_LARGE, n=reading.LARGEST)
    names = await shelf.names_of(city, context) if context is not None else CORE
    wanted = reading.checked(one.body, names)
    allowed(city.settings, wanted.endpoint)
    await _check_patterns(city, wanted)
    held = access.effective(city[Policies], caller)
    one.roles = tuple(sorted({m.role for m in held} - {"access.anonymous"}))
    one.purpose = caller.purpose
    one.next_at = _first(wanted.interval_s)


async def _check_patterns(city: City, wanted: Wanted) -> None:
    """Raise Invalid for a regular expression that is none: PostgreSQL knows, and now is the time to say so."""
    try:
        await city[Database].fetch(
            "SELECT '' ~ p FROM unnest($1::text[]) p UNION ALL SELECT '{}' @? p::jsonpath FROM unnest($2::text[]) p",
            [s.pattern for s in wanted.selectors if s.pattern is not None],
            compiling.paths(wanted.q) if wanted.q is not None else [],
        )
    except (asyncpg.InvalidRegularExpressionError, asyncpg.ProgramLimitExceededError) as error:
        raise Invalid(_PATTERN, why=error.args[0]) from None


def _first(interval_s: float | None) -> datetime | None:
    return None if interval_s is None else clock.now() + timedelta(seconds=interval_s)


async def _kept(city: City, connection: Connection, context: Any) -> str | None:
    """The address of a context; one that came within a body is kept for the notifications."""
    if context is None or (isinstance(context, str) and core.is_core(context)):
        return None
    if isinstance(context, str):
        await shelf.names_of(city, context)
        return context
    return shelf.PATH + await shelf.add(city, connection, context, kind="ImplicitlyCreated")


async def _changed(connection: Connection, caller: Caller, key: Key, action: str) -> None:
    await outbox.emit(connection, Event(type=CHANGED, subject=key[1], data={"tenant": key[0]}))
    await access.audit(connection, caller, action, f"subscription:{key[1][:200]}", {"tenant": key[0]})
