"""An Idempotency-Key over two processes: one record, one answer for all; another request with it is refused."""

import asyncio

import pytest
from tests.conftest import TestDatabase

from yong.app import bootstrap
from yong.kernel.access.api import system_caller
from yong.kernel.access.contracts import Caller
from yong.kernel.base.city import City
from yong.kernel.base.errors import Conflict
from yong.kernel.base.settings import Settings
from yong.kernel.records import api
from yong.kernel.records.contracts import Record
from yong.kernel.store.database import Database

SYSTEM = system_caller("sensing")


async def make(city: City, key: str, code: str, by: Caller = SYSTEM, type: str = "lamp") -> Record:
    values = {"code": code, "type": type, "source": "live"}
    return await api.create(city, by, "sensing.thing", values, owner="lights", idempotency_key=key)


async def test_the_same_request_at_the_same_moment_gets_the_firsts_answer(
    city: City, settings: Settings, database: TestDatabase
) -> None:
    async with bootstrap.running(settings, database.serve_url) as other:
        for n in range(10):
            both = await asyncio.gather(*(make(c, f"k{n}", f"t{n}") for c in (city, other, city, other)))
            assert len({(r.id, r.created_at, r.version) for r in both}) == 1
    made = await city[Database].fetch("SELECT action FROM access.audit_entry WHERE action = 'records.create'")
    assert len(made) == 10


async def test_the_second_waits_while_the_first_is_under_way(
    city: City, settings: Settings, database: TestDatabase
) -> None:
    async with bootstrap.running(settings, database.serve_url) as other:
        async with city[
            Database
        ].transaction() as connection:  # the first has its rows, but has not committed
            await connection.execute("LOCK TABLE records.idempotency IN EXCLUSIVE MODE")
            first = asyncio.create_task(make(city, "k", "t"))
            second = asyncio.create_task(make(other, "k", "t"))
            done, _ = await asyncio.wait((first, second), timeout=0.3)
            assert not done
        assert (await first) == (await second)


async def test_the_answer_stays_the_firsts_after_a_change(city: City) -> None:
    first = await make(city, "k", "t")
    await api.update(city, SYSTEM, "sensing.thing", "t", {"type": "bell"}, 1)
    assert await make(city, "k", "t") == first


async def test_another_request_with_the_key_is_refused_and_another_account_has_its_own(city: City) -> None:
    await make(city, "k", "t")
    with pytest.raises(Conflict):
        await make(city, "k", "t", type="bell")
    with pytest.raises(Conflict):
        await make(city, "other", "t")  # the code is taken
    caller = Caller(account="module:else", mandates=SYSTEM.mandates, factors=SYSTEM.factors)
    with pytest.raises(Exception, match="not allowed"):
        await make(city, "k", "t2", by=caller)
