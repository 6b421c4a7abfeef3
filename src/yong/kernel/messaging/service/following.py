"""What modules tell when something happened: their tellers read the outbox, each event once.

A teller that fails does not stop the others: its event is tried again as a job, and in the end waits as a dead letter.
"""

import asyncio
from collections.abc import Sequence
from typing import Any

import msgspec
import structlog

from yong.kernel.base.city import City
from yong.kernel.base.errors import NotFound
from yong.kernel.base.text import Text
from yong.kernel.messaging.contracts import READER
from yong.kernel.messaging.service.telling import Declared
from yong.kernel.store import jobs, outbox
from yong.kernel.store.contracts import Event
from yong.kernel.store.database import Connection, Database, away

TELL_AGAIN = "messaging.tell_again"
_PAUSE_S = 0.5
_NO_TELLER = Text("没有 {name}", "There is no {name}")

_log = structlog.get_logger("messages")


async def keep_telling(city: City) -> None:
    """Until cancelled. Raises when the database goes; whoever runs it begins again."""
    while True:
        if not await follow(city):
            await asyncio.sleep(_PAUSE_S)


async def follow(city: City) -> int:
    """Read what happened, once; how many events were looked at."""
    declared = city[Declared]

    async def handle(connection: Connection, events: Sequence[Event]) -> None:
        for event in events:
            for name, teller in declared.tellers.items():
                if event.type in teller.events:
                    await _told(city, connection, name, event)

    return await outbox.follow(city[Database], READER, handle, only=declared.events)


async def _told(city: City, connection: Connection, name: str, event: Event) -> None:
    try:
        async with connection.transaction():  # a savepoint: what a teller had written when it failed, goes
            await city[Declared].tellers[name].tell(city, connection, event)
    except Exception as error:
        if away(error):
            raise
        _log.warning("a teller failed, its event is tried again", teller=name, of=event.id, error=repr(error))
        await jobs.defer(connection, TELL_AGAIN, teller=name, event=msgspec.to_builtins(event))


async def tell_again(city: City, teller: str, event: dict[str, Any]) -> None:
    """Tell of an event for which its teller failed. Raises what the teller raises."""
    found = city[Declared].tellers.get(teller)
    if found is None:
        raise NotFound(_NO_TELLER, name=teller[:100])
    async with city[Database].transaction() as connection:
        await found.tell(city, connection, msgspec.convert(event, Event))
