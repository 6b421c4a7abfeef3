"""What is told is told once, with the fact, to those whom it is for, and reads in the reader's language."""

import asyncio
from datetime import UTC, datetime

import msgspec
import pytest
from tests.conftest import TestDatabase
from tests.messaging.sample import (
    DRILL,
    FINE,
    STORM,
    Tellers,
    followed,
    happen,
    hurry,
    person,
    tell,
    titles,
    with_drills,
    working,
)

from yong.app import bootstrap
from yong.kernel.access import api as access
from yong.kernel.base.city import City
from yong.kernel.base.errors import Forbidden, Invalid, NotFound, Refused, TooLarge
from yong.kernel.base.module import Module, Registry
from yong.kernel.base.text import Text
from yong.kernel.messaging import api, logic
from yong.kernel.messaging.contracts import Holders, Message, MessageLevel, People
from yong.kernel.messaging.service.telling import Declared
from yong.kernel.store import jobs
from yong.kernel.store.database import Database

SYSTEM = access.system_caller("messaging")


async def test_a_message_comes_with_its_fact_and_once(city: City) -> None:
    with_drills(city)
    one, other = await person(city), await person(city)

    async def fails() -> None:
        async with city[Database].transaction() as connection:
            await api.tell(city, DRILL, connection, to=str(one.party), message="drill.fine", values={"number": "0"}, key="0")  # fmt: skip
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fails()
    assert await titles(city, one) == []
    assert await tell(city, str(one.party)) == 1
    assert await tell(city, str(one.party)) == 0  # the same key
    assert await tell(city, [str(one.party), str(other.party)], key="2", number="8") == 2
    assert await titles(city, one) == ["Decision 8", "Decision 7"]
    assert await titles(city, other) == ["Decision 8"]
    zh = msgspec.structs.replace(other, language="zh")
    assert await titles(city, zh) == ["处罚决定书 8"]
    told = await city[Database].fetch(
        "SELECT account, facts FROM access.audit_entry WHERE action = 'messaging.tell'"
    )
    assert [(r["account"], r["facts"]["people"]) for r in told] == [("module:drill", 1), ("module:drill", 2)]


async def test_two_that_tell_the_same_at_once_tell_it_once(city: City) -> None:
    with_drills(city)
    one = await person(city)
    told = await asyncio.gather(*(tell(city, str(one.party), key="same") for _ in range(6)))
    assert sorted(told) == [0, 0, 0, 0, 0, 1]
    assert len(await titles(city, one)) == 1


async def test_holders_of_a_role_are_told_where_their_mandate_reaches(city: City) -> None:
    with_drills(city)
    system = access.system_caller("access")
    await access.create_party(city, system, id="water", kind="department", zh="水利局", en="Water")
    await access.create_party(
        city, system, id="rivers", kind="department", zh="河道处", en="Rivers", parent="water"
    )
    role = "access.department_officer"
    here = await person(city, role, district="330203")
    there = await person(city, role, district="330212")
    everywhere = await person(city, role, party="water")
    elsewhere = await person(city, "access.operator")
    facts = {"number": "1"}
    assert (
        await tell(city, Holders(role=role, district="330203001", owner="rivers"), "drill.task", **facts) == 2
    )
    assert [len(await titles(city, c)) for c in (here, there, everywhere, elsewhere)] == [1, 0, 1, 0]
    assert await tell(city, Holders(role=role), "drill.task", key="2", **facts) == 3
    assert await tell(city, People((there.account, "nobody")), "drill.task", key="3", **facts) == 1
    await access.disable_account(city, system, there.account)
    assert await tell(city, Holders(role=role, district="330212"), "drill.task", key="4", **facts) == 1
    assert len(await titles(city, everywhere)) == 3


async def test_a_module_tells_its_own_messages_and_nothing_else(city: City) -> None:
    with_drills(city)
    one = await person(city)
    for caller, message, error in (
        (one, "drill.fine", Forbidden),
        (access.system_caller("reports"), "drill.fine", Forbidden),
        (DRILL, "reports.closed", Forbidden),
        (DRILL, "drill.nothing", NotFound),
    ):
        with pytest.raises(error):
            async with city[Database].transaction() as connection:
                await api.tell(
                    city, caller, connection, to=str(one.party), message=message, values={}, key="1"
                )
    with pytest.raises(Forbidden):
        await api.receipts(city, one, "drill.fine", "1")
    with pytest.raises(Forbidden):
        await access.reached(city, one, connection, role="access.resident")
    assert await titles(city, one) == []


async def test_facts_that_do_not_fit_are_refused_and_change_nothing(city: City) -> None:
    with_drills(city)
    one = await person(city)
    for values, key in (
        ({"other": "1"}, "1"),
        ({"number": "x" * 501}, "1"),
        ({"number": "a\r\nBcc: x"}, "1"),
        ({"number": "1", "Not A Name": "1"}, "1"),
        ({"number": "1", **{f"n{i}": "1" for i in range(20)}}, "1"),
        ({"number": "1"}, ""),
        ({"number": "1"}, "k" * 201),
    ):
        with pytest.raises(Invalid):
            await tell(city, str(one.party), key=key, **values)
    with pytest.raises(TooLarge):
        await tell(city, [f"party-{n}" for n in range(1001)])
    assert await city[Database].fetchval("SELECT count(*) FROM messaging.message") == 0


async def test_values_are_shown_as_what_they_are_and_lead_nowhere_else(city: City) -> None:
    with_drills(city)
    one = await person(city)
    since = datetime(2026, 11, 27, 16, 30, tzinfo=UTC)
    place = Text("../{level}&<b>", "../{level}&<b>")
    await tell(city, str(one.party), "drill.storm", place=place, since=since, level=120)
    [found] = (await api.inbox(city, one)).items
    assert found.title == "Storm in ../{level}&<b>"
    assert found.body == "Since 2026-11-28 00:30 the water stands at 120 cm."
    assert found.portal == "/portal/places?q=..%2F%7Blevel%7D%26%3Cb%3E"
    assert (found.level, found.sender) == (MessageLevel.WARNING, "Drills")
    city.put(Declared, Declared(Registry(bootstrap.modules("ningbo"))))  # the module is gone
    assert await titles(city, one) == ["A message"]


def test_a_declaration_that_is_wrong_stops_the_start() -> None:
    for wrong in (
        {"name": "other.storm"},
        {"name": "drill"},
        {"title": Text("{place}", "{plaza}")},
        {"body": Text("{0}", "{0}")},
        {"body": Text("{place.__class__}", "{place.__class__}")},
        {"title": Text("x" * 121, "x")},
        {"portal": "https://evil.example/{place}"},
        {"portal": "/console"},
        {"console": "//console"},
    ):
        message = msgspec.structs.replace(STORM, **wrong)
        module = Module(name="drill", package="tests.messaging", title=Text("演练", "Drills"), declares=(message,), understands=(Message,))  # fmt: skip
        with pytest.raises(Refused):
            Declared(Registry((module,)))
    assert list(logic.faults(STORM)) == list(logic.faults(FINE)) == []


async def test_receipts_tell_the_module_what_became_of_it(city: City) -> None:
    with_drills(city)
    one, other = await person(city), await person(city)
    await tell(city, [str(one.party), str(other.party)])
    await api.read_all(city, one)
    found = await api.receipts(city, DRILL, "drill.fine", "1")
    assert (found.told, found.stored, found.read, found.waiting, found.sent, found.failed) == (
        2,
        2,
        1,
        0,
        0,
        0,
    )
    with pytest.raises(NotFound):
        await api.receipts(city, DRILL, "drill.fine", "another")


async def test_a_teller_tells_each_event_once_and_one_that_fails_stops_nobody(
    city: City, database: TestDatabase
) -> None:
    tellers = Tellers()
    with_drills(city, tellers)
    one = await person(city)
    tellers.party = str(one.party)
    await happen(city, "a")
    await followed(city)
    tellers.broken = True
    await happen(city, "b")
    await followed(city)
    tellers.broken = False
    await happen(city, "c")
    await followed(city)
    assert tellers.seen == ["a", "c"]
    assert await titles(city, one) == ["Decision c", "Decision a"]  # what it wrote before it failed is gone
    async with working(city, database.serve_url) as queue:
        tellers.broken = True
        for _ in range(9):
            await hurry(city)
            await queue.work(wait=False)
        [dead] = await jobs.dead(city[Database])
        assert (dead.name, dead.arguments["teller"]) == ("messaging.tell_again", "drill.fines")
        tellers.broken = False
        async with city[Database].transaction() as connection:
            await jobs.retry(connection, dead.id)
        await queue.work(wait=False)
    assert await titles(city, one) == ["Decision b", "Decision c", "Decision a"]


async def test_old_messages_go(city: City) -> None:
    with_drills(city)
    one = await person(city)
    await tell(city, str(one.party))
    await tell(city, str(one.party), key="2")
    await city[Database].execute(
        "UPDATE messaging.message SET made_at = now() - interval '731 days' WHERE key = '1'"
    )
    assert await api.forget(city, SYSTEM) == 1
    assert len(await titles(city, one)) == 1
    with pytest.raises(Forbidden):
        await api.forget(city, one)
