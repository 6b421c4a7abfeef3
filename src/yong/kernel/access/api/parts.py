"""Access's parts of a City: opened at the start, told when access changed, and the first administrators."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import structlog

from yong.kernel.access import identity
from yong.kernel.access.contracts import Mandate
from yong.kernel.access.identity import system_caller
from yong.kernel.access.openid.provider import Provider
from yong.kernel.access.policies import Policies, load
from yong.kernel.access.scope import Scopes
from yong.kernel.base.city import City
from yong.kernel.base.errors import Invalid
from yong.kernel.store.database import TROUBLE, Database

_log = structlog.get_logger("access")

ADMINISTRATORS = (
    ("system", "access.system_admin"),
    ("security", "access.security_admin"),
    ("audit", "access.audit_admin"),
)


async def open_parts(city: City) -> None:
    """Put access's parts into a City whose database is open, seal what lies open, load the policies in force."""
    city.put(Policies, Policies(city.registry))
    city.put(Scopes, Scopes())
    city.put(identity.Known, identity.Known())
    city.put(Provider, Provider())
    await identity.seal_stored(city)
    await load(city)


@asynccontextmanager
async def listening(city: City) -> AsyncIterator[None]:
    """While the block runs, forget what is known as soon as PostgreSQL says that access changed."""
    task = asyncio.create_task(_listen(city))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await city[Provider].close()


async def _listen(city: City) -> None:
    changed = asyncio.Event()
    while True:
        try:
            connection = await asyncpg.connect(city[Database].url, timeout=10)
        except TROUBLE:
            await asyncio.sleep(0.5)
            continue
        try:
            connection.add_termination_listener(lambda _: changed.set())
            await connection.add_listener("access_changed", lambda *_: changed.set())
            changed.set()  # what was missed while nobody listened
            while not connection.is_closed():
                await changed.wait()
                changed.clear()
                city[identity.Known].forget()
                await _follow(city)
        except TROUBLE:
            await asyncio.sleep(0.5)
        finally:
            connection.terminate()


async def _follow(city: City) -> None:
    try:
        await load(city)
    except Invalid as error:  # the policies in force stay; the next change is heard all the same
        _log.error("stored policies are not valid", problems=[p.detail.en for p in error.problems])


async def first_run(city: City) -> list[tuple[str, str]]:
    """Make the three administrators of a new install; their names and one-time passwords, else nothing."""
    caller = system_caller("access")
    made = []
    async with city[Database].transaction() as connection:
        await connection.execute("SELECT pg_advisory_xact_lock(hashtext('access.first_run'))")
        if await connection.fetchval("SELECT 1 FROM access.account LIMIT 1"):
            return []
        for administration, role in ADMINISTRATORS:
            id_, word = await identity.create_account(
                connection, caller, name=f"{administration}-admin", party=None
            )
            await identity.grant(city, connection, caller, id_, Mandate(id="", role=role), administration)
            made.append((f"{administration}-admin", word))
    return made
