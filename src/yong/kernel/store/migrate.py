"""Migrations: each module's SQL files, in order, once, whoever runs them and however often.

A module's schema has its name. Files are `migrations/NNNN_what.sql` in its package; each runs in one
transaction with its entry in `store.migration`. A file that changed after it ran stops the start.
After the files come the steps that a higher package brings (record tables), then Relation views.
"""

import hashlib
from collections.abc import Awaitable, Callable, Sequence
from importlib import resources

import asyncpg

from yong.kernel.base.errors import Refused
from yong.kernel.base.module import Registry
from yong.kernel.base.relation import Relation
from yong.kernel.base.text import Text
from yong.kernel.store.database import Connection

Step = Callable[[Connection, Registry], Awaitable[None]]

SERVING_ROLE = "yong_serve"
_LOCK = 0x594F4E47  # "YONG"


async def migrate(
    owner_url: str, registry: Registry, steps: Sequence[Step] = (), *, serve_password: str | None = None
) -> list[str]:
    """Bring the database of `owner_url` up to date. Returns what was done, empty if nothing.

    The serving role may sign in with `serve_password`; without one the operator has made the role.

    Safe to run twice and from two processes at once. Raises Refused when a migration that already ran
    has changed since.
    """
    connection = await asyncpg.connect(owner_url)
    try:
        await connection.execute("SELECT pg_advisory_lock($1)", _LOCK)
        done: list[str] = []
        await _prepare(connection, serve_password)
        for module in registry.modules:
            done += await _files(connection, module.name, module.package)
        async with connection.transaction():
            for step in steps:
                await step(connection, registry)
            done += await _views(connection, registry)
        return done
    finally:
        await connection.close()


async def _prepare(connection: Connection, serve_password: str | None) -> None:
    if not await connection.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", SERVING_ROLE):
        await connection.execute(f"CREATE ROLE {SERVING_ROLE}")
    if serve_password:
        quoted = await connection.fetchval("SELECT quote_literal($1::text)", serve_password)
        await connection.execute(f"ALTER ROLE {SERVING_ROLE} LOGIN PASSWORD {quoted}")
    await _schema(connection, "store")
    await connection.execute(
        """CREATE TABLE IF NOT EXISTS store.migration (
             module text, name text, checksum text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now(),
             PRIMARY KEY (module, name))"""
    )


async def _schema(connection: Connection, name: str) -> None:
    if await connection.fetchval("SELECT 1 FROM pg_namespace WHERE nspname = $1", name):
        return
    await connection.execute(f'CREATE SCHEMA "{name}"')
    await connection.execute(f'GRANT USAGE ON SCHEMA "{name}" TO {SERVING_ROLE}')
    for what in (
        "SELECT, INSERT, UPDATE, DELETE ON TABLES",
        "USAGE, SELECT ON SEQUENCES",
        "EXECUTE ON FUNCTIONS",
    ):
        await connection.execute(
            f'ALTER DEFAULT PRIVILEGES IN SCHEMA "{name}" GRANT {what} TO {SERVING_ROLE}'
        )


async def _files(connection: Connection, module: str, package: str) -> list[str]:
    folder = resources.files(package).joinpath("migrations")
    files = sorted(f.name for f in folder.iterdir() if f.name.endswith(".sql")) if folder.is_dir() else []
    await _schema(connection, module)
    ran = {
        r["name"]: r["checksum"]
        for r in await connection.fetch(
            "SELECT name, checksum FROM store.migration WHERE module = $1", module
        )
    }
    done = []
    for name in files:
        sql = folder.joinpath(name).read_text("utf-8")
        checksum = hashlib.sha256(sql.encode()).hexdigest()
        if name in ran:
            if ran[name] != checksum:
                raise Refused(
                    Text(
                        "迁移 {module}/{name} 执行后被改动；请恢复原文件并新增一个迁移",
                        "Migration {module}/{name} was changed after it ran; restore it and add a new one",
                    ),
                    module=module,
                    name=name,
                )
            continue
        async with connection.transaction():
            await connection.execute(sql)
            await connection.execute(
                "INSERT INTO store.migration (module, name, checksum) VALUES ($1, $2, $3)",
                module,
                name,
                checksum,
            )
        done.append(f"{module}/{name}")
    return done


async def _views(connection: Connection, registry: Registry) -> list[str]:
    declared = [(r.name, r.sql) for _, r in registry.of(Relation) if r.sql]
    checksum = hashlib.sha256(repr(declared).encode()).hexdigest()
    if checksum == await connection.fetchval(
        "SELECT checksum FROM store.migration WHERE module = 'store' AND name = 'views'"
    ):
        return []
    for name, _ in reversed(declared):
        await connection.execute(f"DROP VIEW IF EXISTS {name} CASCADE")
    for name, sql in declared:
        await connection.execute(f"CREATE VIEW {name} AS {sql}")
    await connection.execute(
        """INSERT INTO store.migration (module, name, checksum) VALUES ('store', 'views', $1)
           ON CONFLICT (module, name) DO UPDATE SET checksum = $1, applied_at = now()""",
        checksum,
    )
    return ["store/views"]
