"""Jobs on PostgreSQL: deferred work with retries, schedules, and a place for what failed for good.

The queue is procrastinate's, in the schema `jobs`, worked under the serving role. A module declares its
jobs; a handler gets the City and the arguments. A job that used up its retries is a dead letter: it stays,
is listed with its error's traceback in the log, and is retried or discarded by hand. A job whose process was
killed is put back, and that try counts; so a handler must bear to be called again.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from importlib import resources
from typing import Any

import asyncpg
import msgspec
import procrastinate
import structlog
from procrastinate.schema import SchemaManager

from yong.kernel.base import trace
from yong.kernel.base.city import City
from yong.kernel.base.errors import Conflict, NotFound
from yong.kernel.base.module import Registry
from yong.kernel.base.text import Text
from yong.kernel.store.database import Connection, Database
from yong.kernel.store.migrate import SERVING_ROLE

SCHEMA = "jobs"
_STALE_S = 30.0  # a worker tells that it lives every 10 s
_RESCUE_EVERY_S = 10.0

_log = structlog.get_logger("jobs")


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """A job that a module declares: `name` is `<module>.<verb>`.

    `handler(city, **arguments)` does it; `schedule` is a cron line in UTC; `retries` how often it is tried
    again after a failure, with waits of 2, 4, 8 … seconds.
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
            # No retry must be said as such: to procrastinate, a most of 0 attempts means no most.
            retry=job.retries > 0
            and procrastinate.RetryStrategy(max_attempts=job.retries, exponential_wait=2),
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


async def defer(connection: Connection, name: str, **arguments: object) -> None:
    """Put a job on the queue in the transaction of `connection`: it is there when that commits, and only then."""
    await defer_each(connection, name, [arguments])


async def defer_each(connection: Connection, name: str, arguments: Sequence[dict[str, object]]) -> None:
    """The same job once for each of these arguments, in the transaction of `connection`."""
    if not arguments:
        return
    await _use_schema(connection)
    await connection.execute(
        """SELECT procrastinate_defer_jobs_v1(array_agg(
             ROW('default', $1::varchar, 0, NULL, NULL, a, NULL)::procrastinate_job_to_defer_v1))
           FROM unnest($2::jsonb[]) a""",
        name,
        list(arguments),
    )
    await connection.execute("SET LOCAL search_path = DEFAULT")


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


async def retry(connection: Connection, job: int) -> None:
    """Put a dead job back on the queue. Raises NotFound; Conflict while the same job waits there already."""
    try:
        await _touch(
            connection,
            f"""UPDATE {SCHEMA}.procrastinate_jobs SET status = 'todo', attempts = 0, scheduled_at = now()
                WHERE id = $1 AND status = 'failed'""",
            job,
        )
    except asyncpg.UniqueViolationError:
        raise Conflict(
            Text("同一任务已在等待执行", "The same job waits to be done already"), job=job
        ) from None


async def discard(connection: Connection, job: int) -> None:
    """Forget a dead job. Raises NotFound."""
    await _touch(
        connection, f"DELETE FROM {SCHEMA}.procrastinate_jobs WHERE id = $1 AND status = 'failed'", job
    )


async def _touch(connection: Connection, sql: str, job: int) -> None:
    await _use_schema(connection)
    if (await connection.execute(sql, job)).endswith(" 0"):
        raise NotFound(Text("没有失败的任务 {job}", "There is no dead job {job}"), job=job)


async def _use_schema(connection: Connection) -> None:
    """For the rest of the transaction: the queue's triggers name no schema."""
    await connection.execute(f"SET LOCAL search_path = {SCHEMA}")


async def keep_rescuing(city: City) -> None:
    """Put back what killed processes were doing, for ever."""
    while True:
        await rescue(city)
        await asyncio.sleep(_RESCUE_EVERY_S)


async def rescue(city: City, stale_s: float = _STALE_S) -> int:
    """Put back the jobs whose worker has not told for `stale_s` that it lives; how many they were.

    The try counts: a job that kills its process every time ends as a dead letter.
    """
    database = city[Database]
    retries = {job.name: job.retries for _, job in city.registry.of(Job)}
    stalled = await database.fetch(
        f"""SELECT j.id, j.task_name, j.attempts FROM {SCHEMA}.procrastinate_jobs j
            LEFT JOIN {SCHEMA}.procrastinate_workers w ON w.id = j.worker_id
            WHERE j.status = 'doing'
              AND (w.id IS NULL OR w.last_heartbeat < now() - make_interval(secs => $1))""",
        stale_s,
    )
    for row in stalled:
        spent = row["attempts"] >= retries.get(row["task_name"], 0)
        _log.warning("a job was cut off", job=row["id"], name=row["task_name"], dead=spent)
        await _put_back(database, row["id"], "failed" if spent else "todo")
    return len(stalled)


async def _put_back(database: Database, job: int, status: str) -> None:
    """Change a job that nobody is doing any more; it is dropped where the same one waits already."""
    try:
        async with database.transaction() as connection:
            await _use_schema(connection)
            await connection.execute(
                f"""UPDATE {SCHEMA}.procrastinate_jobs
                    SET status = $2::{SCHEMA}.procrastinate_job_status, attempts = attempts + 1,
                        worker_id = NULL, scheduled_at = now()
                    WHERE id = $1 AND status = 'doing'""",
                job,
                status,
            )
    except asyncpg.UniqueViolationError:
        async with database.transaction() as connection:
            await _use_schema(connection)
            await connection.execute(
                f"DELETE FROM {SCHEMA}.procrastinate_jobs WHERE id = $1 AND status = 'doing'", job
            )


async def waiting(database: Database) -> tuple[int, int]:
    """How many jobs are to be done now, and how many are dead."""
    row = await database.fetchrow(
        f"""SELECT count(*) FILTER (WHERE status = 'todo' AND coalesce(scheduled_at, now()) <= now()) AS todo,
                   count(*) FILTER (WHERE status = 'failed') AS dead FROM {SCHEMA}.procrastinate_jobs"""
    )
    assert row is not None
    return row["todo"], row["dead"]
