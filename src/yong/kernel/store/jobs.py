"""Jobs on PostgreSQL: deferred work with retries, schedules, and a place for what failed for good.

The queue is procrastinate's, in the schema `jobs`, worked under the serving role. A module declares its
jobs; a handler gets the City and the arguments. A job that used up its retries is a dead letter: it stays,
is listed with its error's traceback in the log, and is retried or discarded by hand.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime
from importlib import resources
from typing import Any

import msgspec
import procrastinate
from procrastinate.schema import SchemaManager

from yong.kernel.base import trace
from yong.kernel.base.city import City
from yong.kernel.base.errors import NotFound
from yong.kernel.base.module import Registry
from yong.kernel.base.text import Text
from yong.kernel.store.database import Connection, Database
from yong.kernel.store.migrate import SERVING_ROLE

SCHEMA = "jobs"


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """A job that a module declares: `name` is `<module>.<verb>`.

    `handler(city, **arguments)` does it; `schedule` is a cron line in UTC; `retries` how often it is tried
    again after a failure, with waits of 2, 4, 8 … seconds up to ten minutes.
    """

    name: str
    title: Text
    handler: Callable[..., Awaitable[None]]
    schedule: str | None = None
    retries: int = 8


class DeadJob(msgspec.Struct, frozen=True, kw_only=True):
    """A job that failed for good."""

    id: int
    name: str
    arguments: dict[str, Any]
    attempts: int
    failed_at: datetime | None


async def migrate_schema(connection: Connection, registry: Registry) -> None:
    """Bring procrastinate's tables up to the installed version; a store.migrate.Step."""
    folder = resources.files("procrastinate").joinpath("sql", "migrations")
    files = sorted((f for f in folder.iterdir() if f.name.endswith(".sql")), key=lambda f: f.name)
    names = [f.name for f in files]
    done = {
        row["name"]
        for row in await connection.fetch("SELECT name FROM store.migration WHERE module = $1", SCHEMA)
    }
    if set(names) <= done:
        return
    if not done:
        await connection.execute(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
        await connection.execute(f"SET LOCAL search_path = {SCHEMA}")
        await connection.execute(SchemaManager.get_schema())
    else:
        await connection.execute(f"SET LOCAL search_path = {SCHEMA}")
        for file in files:
            if file.name not in done:
                await connection.execute(file.read_text("utf-8"))
    await connection.execute("SET LOCAL search_path = DEFAULT")
    await connection.execute(
        f"""GRANT USAGE ON SCHEMA {SCHEMA} TO {SERVING_ROLE};
            GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {SCHEMA} TO {SERVING_ROLE};
            GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA {SCHEMA} TO {SERVING_ROLE};
            GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA {SCHEMA} TO {SERVING_ROLE}"""
    )
    await connection.executemany(
        "INSERT INTO store.migration (module, name, checksum) VALUES ($1, $2, 'procrastinate') "
        "ON CONFLICT DO NOTHING",
        [(SCHEMA, name) for name in names],
    )


class Jobs:
    """The queue of one process; a City part."""

    def __init__(self, city: City, url: str) -> None:
        self.city = city
        connector = procrastinate.PsycopgConnector(
            conninfo=url, min_size=1, max_size=4, kwargs={"options": f"-csearch_path={SCHEMA}"}
        )
        self.app = procrastinate.App(connector=connector)
        for _, job in city.registry.of(Job):
            self._register(job)

    def _register(self, job: Job) -> None:
        async def run(timestamp: int | None = None, **arguments: Any) -> None:
            with trace.of(self.city).span(f"job {job.name}", "consumer", job__name=job.name):
                await job.handler(self.city, **arguments)

        run.__doc__ = job.handler.__doc__
        task = self.app.task(
            name=job.name,
            retry=procrastinate.RetryStrategy(max_attempts=job.retries, exponential_wait=2),
            queueing_lock=job.name if job.schedule else None,
        )(run)
        if job.schedule:
            self.app.periodic(cron=job.schedule)(task)

    async def defer(self, name: str, **arguments: Any) -> int:
        """Put a job on the queue; its number."""
        return await self.app.configure_task(name).defer_async(**arguments)

    async def work(self, *, concurrency: int = 4, wait: bool = True) -> None:
        """Work the queue until cancelled; with `wait=False` until it is empty."""
        await self.app.run_worker_async(
            concurrency=concurrency,
            wait=wait,
            install_signal_handlers=False,
            delete_jobs="successful",
            shutdown_graceful_timeout=5,
        )


async def dead(database: Database, limit: int = 100) -> list[DeadJob]:
    """Jobs that failed for good, newest first."""
    rows = await database.fetch(
        f"""SELECT j.id, j.task_name, j.args, j.attempts, max(e.at) AS failed_at
            FROM {SCHEMA}.procrastinate_jobs j
            LEFT JOIN {SCHEMA}.procrastinate_events e ON e.job_id = j.id AND e.type = 'failed'
            WHERE j.status = 'failed' GROUP BY j.id ORDER BY j.id DESC LIMIT $1""",
        limit,
    )
    return [
        DeadJob(
            id=r["id"],
            name=r["task_name"],
            arguments=r["args"],
            attempts=r["attempts"],
            failed_at=r["failed_at"],
        )
        for r in rows
    ]


async def retry(database: Database, job: int) -> None:
    """Put a dead job back on the queue. Raises NotFound."""
    await _touch(
        database,
        f"""UPDATE {SCHEMA}.procrastinate_jobs SET status = 'todo', attempts = 0, scheduled_at = now()
            WHERE id = $1 AND status = 'failed'""",
        job,
    )


async def discard(database: Database, job: int) -> None:
    """Forget a dead job. Raises NotFound."""
    await _touch(
        database, f"DELETE FROM {SCHEMA}.procrastinate_jobs WHERE id = $1 AND status = 'failed'", job
    )


async def _touch(database: Database, sql: str, job: int) -> None:
    async with database.transaction() as connection:
        await connection.execute(f"SET LOCAL search_path = {SCHEMA}")  # the queue's triggers name no schema
        done = await connection.execute(sql, job)
    if done.endswith(" 0"):
        raise NotFound(Text("没有失败的任务 {job}", "There is no dead job {job}"), job=job)


async def waiting(database: Database) -> tuple[int, int]:
    """How many jobs are to be done now, and how many are dead."""
    row = await database.fetchrow(
        f"""SELECT count(*) FILTER (WHERE status = 'todo' AND coalesce(scheduled_at, now()) <= now()) AS todo,
                   count(*) FILTER (WHERE status = 'failed') AS dead FROM {SCHEMA}.procrastinate_jobs"""
    )
    assert row is not None
    return row["todo"], row["dead"]
