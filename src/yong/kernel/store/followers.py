"""Modules that go on from what others did: each follows the outbox at its own pace."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import msgspec

from yong.kernel.base.city import City
from yong.kernel.store import outbox
from yong.kernel.store.contracts import Event
from yong.kernel.store.database import Connection, Database

_PAUSE_S = 0.5


class Follower(msgspec.Struct, frozen=True, kw_only=True):
    """A reader of the outbox that a module declares; its migration enters `name` into `store.outbox_reader`.

    `handler(city, events)` gets the events of `types`, in their order. What it does through other modules is committed
    apart from its position, so it must bear to be called again with what it had: it works by keys, or looks first. What
    cannot be done is its own affair; only what may be done later may raise.
    """

    name: str
    types: frozenset[str]
    handler: Callable[[City, Sequence[Event]], Awaitable[None]]


async def turn(city: City, follower: Follower) -> int:
    """Hand what is settled to a follower, once; how many events that were."""

    async def handle(connection: Connection, events: Sequence[Event]) -> None:
        if wanted := [event for event in events if event.type in follower.types]:
            await follower.handler(city, wanted)

    return await outbox.follow(city[Database], follower.name, handle)


async def keep_following(city: City) -> None:
    """All declared followers, until cancelled. Raises when the database goes; whoever runs it begins again."""
    followers = [declared for _, declared in city.registry.of(Follower)]

    async def one(follower: Follower) -> None:
        while True:
            if not await turn(city, follower):
                await asyncio.sleep(_PAUSE_S)

    async with asyncio.TaskGroup() as group:
        for follower in followers:
            group.create_task(one(follower))
