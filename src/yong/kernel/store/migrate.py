"""Migrations: each module's SQL files, in order, once, whoever runs them and however often.

A module's schema has its name. Files are `migrations/NNNN_what.sql` in its package; each runs in one
transaction with its entry in `store.migration`. A file that changed after it ran stops the start.
After the files come the steps that a higher package brings (record tables), then Relation views.
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Awaitable, Callable, Sequence
from importlib import resources

import asyncpg

from yong.kernel.base.errors import Refused
from yong.kernel.base.module import Registry
from yong.kernel.base.relation import Relation
from yong.kernel.base.text import Text
from yong.kernel.store.database import Connection, Database

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


def needed(registry: Registry) -> dict[tuple[str, str], str]:
    """Checksums of what this program needs done, by module and name: files and the Relation views."""
    found = {
        (module.name, name): hashlib.sha256(sql.encode()).hexdigest()
        for module in registry.modules
        for name, sql in _sql(module.package)
    }
    found["store", "views"] = _views_checksum(_declared_views(registry))
    return found


async def pending(database: Database, wanted: dict[tuple[str, str], str]) -> tuple[list[str], list[str]]:
    """What a database lacks (or has otherwise), and what it has that this program does not know."""
    rows = await database.fetch("SELECT module, name, checksum FROM store.migration")
    have = {(r["module"], r["name"]): r["checksum"] for r in rows}
    modules = {module for module, _ in wanted}
    lacking = [f"{m}/{n}" for (m, n), checksum in wanted.items() if have.get((m, n)) != checksum]
    unknown = [f"{m}/{n}" for m, n in have if m in modules and n.endswith(".sql") and (m, n) not in wanted]
    return sorted(lacking), sorted(unknown)


async def _prepare(connection: Connection, serve_password: str | None) -> None:
    if not await connection.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", SERVING_ROLE):
        await connection.execute(f"CREATE ROLE {SERVING_ROLE}")
    if serve_password:
        await connection.execute(f"ALTER ROLE {SERVING_ROLE} LOGIN PASSWORD '{_verifier(serve_password)}'")
    await _schema(connection, "store")
    await connection.execute(
        """CREATE TABLE IF NOT EXISTS store.migration (
             module text, name text, checksum text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now(),
             PRIMARY KEY (module, name))"""
    )


def _verifier(password: str) -> str:
    """A SCRAM-SHA-256 verifier (RFC 5802, RFC 7677): a statement may get into a log, so no password is in one."""
    salt, rounds = secrets.token_bytes(16), 4096
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, rounds)
    stored = hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
    server = hmac.digest(salted, b"Server Key", "sha256")
    words = [base64.b64encode(raw).decode() for raw in (salt, stored, server)]
    return f"SCRAM-SHA-256${rounds}:{words[0]}${words[1]}:{words[2]}"


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
    await _schema(connection, module)
    ran = {
        r["name"]: r["checksum"]
        for r in await connection.fetch(
            "SELECT name, checksum FROM store.migration WHERE module = $1", module
        )
    }
    done = []
    for name, sql in _sql(package):
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


def _sql(package: str) -> list[tuple[str, str]]:
    """A package's migrations in order: name and text."""
    folder = resources.files(package).joinpath("migrations")
    files = sorted(f.name for f in folder.iterdir() if f.name.endswith(".sql")) if folder.is_dir() else []
    return [(name, folder.joinpath(name).read_text("utf-8")) for name in files]


def _declared_views(registry: Registry) -> list[tuple[str, str]]:
    return [(r.name, r.sql) for _, r in registry.of(Relation) if r.sql]


def _views_checksum(declared: list[tuple[str, str]]) -> str:
    return hashlib.sha256(repr(declared).encode()).hexdigest()


async def _views(connection: Connection, registry: Registry) -> list[str]:
    declared = _declared_views(registry)
    checksum = _views_checksum(declared)
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
