"""Nothing emitted is overtaken or lost; a job that fails for good waits for a person; migrations run once."""

import asyncio
import subprocess
import sys
from collections.abc import Sequence

import asyncpg
import pytest
from tests.conftest import TestDatabase
from tests.store.worker_process import queue_of

from yong.app import bootstrap
from yong.kernel.base.city import City
from yong.kernel.base.errors import Conflict, NotFound
from yong.kernel.base.module import Module, Registry
from yong.kernel.base.settings import Settings
from yong.kernel.base.text import Text
from yong.kernel.store import jobs, outbox
from yong.kernel.store.contracts import Event
from yong.kernel.store.database import Connection, Database
from yong.kernel.store.jobs import Job, Jobs
from yong.kernel.store.manifest import MODULE as STORE
from yong.kernel.store.outbox import Waiting


def _event(subject: str) -> Event:
    return Event(type="test.Happened", subject=subject, data={})


async def _relay(city: City, reader: str = outbox.BUS) -> list[str]:
    seen: list[str] = []

    async def publish(_: Connection, events: Sequence[Event]) -> None:
        seen.extend(e.subject for e in events)

    await outbox.follow(city[Database], reader, publish)
    return seen


async def _settled(city: City, count: int, reader: str = outbox.BUS) -> list[str]:
    """So many relayed events; a transaction running in any database of the server holds them back."""
    found: list[str] = []
    while len(found) < count:
        found += await _relay(city, reader)
        await asyncio.sleep(0.01)
    return found


async def test_a_late_commit_is_not_skipped(city: City) -> None:
    database = city[Database]
    async with database.transaction() as late:
        await outbox.emit(late, _event("late"))
        async with database.transaction() as early:
            await outbox.emit(early, _event("early"))
        assert await _relay(city) == []  # the earlier transaction may still commit in front
    assert await _settled(city, 2) == ["late", "early"]
    assert await _relay(city) == []


async def test_a_rolled_back_fact_is_not_told_and_a_failed_publish_is_offered_again(city: City) -> None:
    database = city[Database]

    async def fails() -> None:
        async with database.transaction() as connection:
            await outbox.emit(connection, _event("never"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fails()
    async with database.transaction() as connection:
        await outbox.emit(connection, _event("once"))

    async def broken(_: Connection, events: Sequence[Event]) -> None:
        raise ConnectionError

    async def offered() -> None:
        for _ in range(500):
            await outbox.follow(database, outbox.BUS, broken)
            await asyncio.sleep(0.01)

    with pytest.raises(ConnectionError):
        await offered()
    assert (await outbox.waiting(database)).events == 1
    assert await _settled(city, 1) == ["once"]


async def test_each_reader_has_everything_once_and_rows_go_with_the_last(city: City) -> None:
    database = city[Database]
    await database.execute("INSERT INTO store.outbox_reader (name) VALUES ('behind')")
    for name in ("a", "b", "c"):
        async with database.transaction() as connection:
            await outbox.emit(connection, _event(name))
    assert await _settled(city, 3) == ["a", "b", "c"]
    assert await outbox.waiting(database) == Waiting(3, pytest.approx(0, abs=60), "behind")

    async def halfway(connection: Connection, events: Sequence[Event]) -> None:
        await connection.execute("INSERT INTO store.outbox_reader (name) VALUES ('written with the events')")
        raise ConnectionError

    with pytest.raises(ConnectionError):
        await outbox.follow(database, "behind", halfway)
    assert await _settled(city, 3, "behind") == ["a", "b", "c"]
    assert await database.fetchval("SELECT count(*) FROM store.outbox_reader WHERE name LIKE 'written%'") == 0
    await database.execute("DELETE FROM store.outbox_reader WHERE name NOT IN ('bus', 'behind')")
    await outbox.follow(database, "behind", halfway)
    assert (await outbox.waiting(database)).events == 0


async def test_a_reader_of_some_types_is_handed_those_and_passes_the_others(city: City) -> None:
    database = city[Database]
    async with database.transaction() as connection:
        for type_, subject in (("test.A", "1"), ("test.B", "2"), ("test.A", "3"), ("test.B", "4")):
            await outbox.emit(connection, Event(type=type_, subject=subject, data={}))
    seen: list[str] = []

    async def handle(_: Connection, events: Sequence[Event]) -> None:
        seen.extend(e.subject for e in events)

    looked_at = 0
    while looked_at < 4:
        looked_at += await outbox.follow(database, outbox.BUS, handle, 3, only={"test.A"})
        await asyncio.sleep(0.01)
    assert (seen, looked_at) == (["1", "3"], 4)
    assert await outbox.follow(database, outbox.BUS, handle, only=set()) == 0


async def test_what_waits_is_read_after_a_restore_into_another_cluster(
    city: City, database: TestDatabase
) -> None:
    for name in ("read", "waits", "waits too"):
        async with city[Database].transaction() as connection:
            await outbox.emit(connection, _event(name))
    owner = await asyncpg.connect(database.owner_url)
    try:  # as if numbers of transactions had been far ahead where the backup was made
        await owner.execute("UPDATE store.outbox SET xid = '9000000000'")
        await owner.execute(
            "UPDATE store.outbox_reader SET xid = '9000000000', id = (SELECT min(id) FROM store.outbox)"
        )
        assert await _relay(city) == []
        await owner.execute(outbox.AFTER_RESTORE)
    finally:
        await owner.close()
    assert await _settled(city, 2) == ["waits", "waits too"]
    async with city[Database].transaction() as connection:
        await outbox.emit(connection, _event("new"))
    assert await _settled(city, 1) == ["new"]


async def test_a_failing_job_is_tried_again_then_waits_for_a_person(
    settings: Settings, database: TestDatabase
) -> None:
    tried: list[int] = []
    broken = True

    async def handler(city: City, *, n: int) -> None:
        tried.append(n)
        if broken:
            raise RuntimeError("not today")

    job = Job(name="test.try", title=Text("试", "Try"), handler=handler, retries=1)
    registry = Registry(
        (
            STORE,
            Module(name="test", package="tests", title=Text("测", "Test"), needs=("store",), declares=(job,)),
        )
    )
    city = City(settings, registry)
    store = city.put(Database, await Database.open(database.serve_url, size=2))
    queue = Jobs(city, database.serve_url)
    try:
        async with queue.app.open_async():
            await queue.defer("test.try", n=7)
            await queue.work(wait=False)
            async with store.transaction() as connection:  # the wait before the second try is over
                await connection.execute("SET LOCAL search_path = jobs")
                await connection.execute("UPDATE procrastinate_jobs SET scheduled_at = now()")
            await queue.work(wait=False)
            assert tried == [7, 7]
            (dead,) = await jobs.dead(store)
            assert (dead.name, dead.arguments) == ("test.try", {"n": 7})
            assert await jobs.waiting(store) == (0, 1)
            broken = False
            async with store.transaction() as connection:
                await jobs.retry(connection, dead.id)
            await queue.work(wait=False)
            assert tried == [7, 7, 7]
            assert await jobs.waiting(store) == (0, 0)
            with pytest.raises(NotFound):
                async with store.transaction() as connection:
                    await jobs.discard(connection, dead.id)
    finally:
        await store.close()


def killed_at_work(url: str) -> None:
    """A worker that is killed while it does a job."""
    worker = subprocess.Popen(
        [sys.executable, "-m", "tests.store.worker_process", url], stdout=subprocess.PIPE, text=True
    )
    assert worker.stdout is not None
    assert worker.stdout.readline() == "began\n"
    assert worker.poll() is None
    worker.kill()
    worker.wait()
    worker.stdout.close()


async def test_a_job_whose_process_was_killed_is_done_again_until_its_tries_are_spent(
    settings: Settings, database: TestDatabase
) -> None:
    city, queue = await queue_of(settings, database.serve_url)
    store = city[Database]
    try:
        async with queue.app.open_async():
            await queue.defer("test.never")
        await asyncio.to_thread(killed_at_work, database.serve_url)
        assert await jobs.rescue(city) == 0  # its worker may live: it was heard of a moment ago
        assert await jobs.waiting(store) == (0, 0)
        assert await jobs.rescue(city, stale_s=0) == 1
        assert await jobs.waiting(store) == (1, 0)
        await asyncio.to_thread(killed_at_work, database.serve_url)
        assert await jobs.rescue(city, stale_s=0) == 1
        assert [(d.name, d.attempts) for d in await jobs.dead(store)] == [("test.never", 2)]
    finally:
        await store.close()


async def test_a_scheduled_job_that_was_cut_off_gives_way_to_the_next_one(
    settings: Settings, database: TestDatabase
) -> None:
    city, queue = await queue_of(settings, database.serve_url)
    store = city[Database]
    try:
        async with queue.app.open_async():
            await queue.defer("test.nightly")
            await as_queue(store, "UPDATE procrastinate_jobs SET status = 'doing'")
            await queue.defer("test.nightly")
        assert await jobs.rescue(city, stale_s=0) == 1
        assert await jobs.waiting(store) == (1, 0)
        assert await store.fetchval("SELECT count(*) FROM jobs.procrastinate_jobs") == 1
    finally:
        await store.close()


async def as_queue(store: Database, sql: str) -> None:
    async with store.transaction() as connection:
        await connection.execute("SET LOCAL search_path = jobs")
        await connection.execute(sql)


async def test_no_retry_means_none_and_a_dead_job_does_not_come_back_beside_its_twin(
    settings: Settings, database: TestDatabase
) -> None:
    city, queue = await queue_of(settings, database.serve_url)
    store = city[Database]
    try:
        async with queue.app.open_async():
            await queue.defer("test.once")
            await queue.work(wait=False)
            (dead,) = await jobs.dead(store)
            assert dead.name == "test.once"
            first = await queue.defer("test.nightly")
            await as_queue(store, "UPDATE procrastinate_jobs SET status = 'doing' WHERE status = 'todo'")
            await as_queue(store, "UPDATE procrastinate_jobs SET status = 'failed' WHERE status = 'doing'")
            await queue.defer("test.nightly")
        with pytest.raises(Conflict):
            async with store.transaction() as connection:
                await jobs.retry(connection, first)
        assert await jobs.waiting(store) == (1, 2)
    finally:
        await store.close()


async def test_a_job_deferred_in_a_transaction_is_there_when_that_commits(
    settings: Settings, database: TestDatabase
) -> None:
    city, queue = await queue_of(settings, database.serve_url)
    store = city[Database]
    try:
        async with store.pool.acquire() as connection:
            given_up = connection.transaction()
            await given_up.start()
            await jobs.defer(connection, "test.once")
            await given_up.rollback()
        assert await jobs.waiting(store) == (0, 0)
        async with store.transaction() as connection:
            before = await connection.fetchval("SHOW search_path")
            await jobs.defer(connection, "test.once", n=7)
            assert await connection.fetchval("SHOW search_path") == before
        assert await jobs.waiting(store) == (1, 0)
        async with queue.app.open_async():
            await queue.work(wait=False)  # it is worked like any other, with its arguments
        (dead,) = await jobs.dead(store)
        assert (dead.name, dead.arguments) == ("test.once", {"n": 7})
    finally:
        await store.close()


async def test_migrations_run_once_from_two_processes(settings: Settings, database: TestDatabase) -> None:
    connection = await asyncpg.connect(database.owner_url)
    try:
        for row in await connection.fetch(
            "SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_' "
            "AND nspname NOT IN ('public', 'information_schema')"
        ):
            await connection.execute(f'DROP SCHEMA "{row["nspname"]}" CASCADE')
    finally:
        await connection.close()
    code = (
        "import asyncio, sys; from yong.app import bootstrap; from yong.kernel.base.settings import load;"
        "print(len(asyncio.run(bootstrap.prepare(load({'YONG_HOME': '/nonexistent'}), sys.argv[1], None))))"
    )
    both = [
        subprocess.Popen(  # noqa: ASYNC220  # two real processes at once are the point
            [sys.executable, "-c", code, database.owner_url], stdout=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    said = sorted([int((await asyncio.to_thread(p.communicate))[0]) for p in both])
    assert said[0] == 0
    assert said[1] > 0
    assert await bootstrap.prepare(settings, database.owner_url, None) == []
