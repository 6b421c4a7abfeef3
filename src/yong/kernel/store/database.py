"""The database as everybody above uses it: a pool, transactions, plain SQL."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any, TypeAlias

import asyncpg
import msgspec
from asyncpg.pool import PoolConnectionProxy

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record] | PoolConnectionProxy[asyncpg.Record]"
Row: TypeAlias = asyncpg.Record

AWAY = (
    OSError,  # the connection, and TimeoutError with it
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,  # stopping, starting, recovering
    asyncpg.InsufficientResourcesError,  # disk, memory or connections used up
    asyncpg.PostgresSystemError,  # a file that cannot be read or written
    asyncpg.TransactionRollbackError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # a session cut in the middle of an operation
)
"""What is raised while the database is away or at its limits: the same may go well later."""
TROUBLE = (*AWAY, asyncpg.PostgresError)
"""Whatever the database may raise: what stands and tries again outlives it."""

_json_encode = msgspec.json.Encoder().encode
_json_decode = msgspec.json.Decoder().decode

Reader: TypeAlias = "Database | Connection"
"""What reads go through: by themselves, or in a transaction."""


class Database:
    """A pool of connections under the serving role. JSON columns speak Python objects."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]", url: str) -> None:
        self.pool = pool
        self.url = url

    @classmethod
    async def open(cls, url: str, *, size: int = 10, name: str = "yong") -> "Database":
        """Connect with at most `size` connections. `name` shows in pg_stat_activity."""
        pool = await asyncpg.create_pool(
            url,
            min_size=1,
            max_size=size,
            init=_prepare,
            reset=_as_it_is,
            server_settings={"application_name": name, "timezone": "UTC", "jit": "off"},
        )
        return cls(pool, url)

    async def close(self) -> None:
        await self.pool.close()

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """One transaction on one connection; rolled back when the block raises."""
        async with self.pool.acquire() as connection, connection.transaction():
            yield connection

    @asynccontextmanager
    async def session(self) -> AsyncIterator[Connection]:
        """One connection for what outlasts a transaction, such as advisory locks; at the end nothing is left of it."""
        async with self.pool.acquire() as connection:
            try:
                yield connection
            finally:
                with suppress(asyncpg.InterfaceError):  # a connection that was lost has left the pool
                    if not connection.is_closed():
                        await connection.reset()

    async def fetch(self, sql: str, *args: object) -> list[Row]:
        return await self.pool.fetch(sql, *args)

    async def fetchrow(self, sql: str, *args: object) -> Row | None:
        return await self.pool.fetchrow(sql, *args)

    async def fetchval(self, sql: str, *args: object) -> Any:
        return await self.pool.fetchval(sql, *args)

    async def execute(self, sql: str, *args: object) -> str:
        return await self.pool.execute(sql, *args)


def away(error: BaseException) -> bool:
    """Whether an error is one of AWAY; what asyncpg says of arguments that do not fit is not."""
    return isinstance(error, AWAY) and not isinstance(error, ValueError)


async def _as_it_is(connection: Connection) -> None:
    """Give a connection back without a word to the server, which asyncpg's own way would ask to forget a session.

    That cost a round trip a query. What needs it asks for a `session`; an open transaction is rolled back before.
    """


async def _prepare(connection: Connection) -> None:
    for kind in ("json", "jsonb"):
        await connection.set_type_codec(
            kind,
            schema="pg_catalog",
            encoder=(lambda v: b"\x01" + _json_encode(v)) if kind == "jsonb" else _json_encode,
            decoder=(lambda b: _json_decode(b[1:])) if kind == "jsonb" else _json_decode,
            format="binary",
        )
