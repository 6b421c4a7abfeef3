"""The listeners' frame: admission, answers after the commit, order, limits, presence, commands."""

import asyncio
from typing import Any

import msgspec
import pytest
from tests.sensing.tcp.conftest import LINES, SYSTEM, Device, readings, register, serving, until

from yong.kernel.base.city import City
from yong.kernel.sensing import api, service
from yong.kernel.sensing.tcp.admission import Lockout
from yong.kernel.sensing.tcp.server import Limits, Server
from yong.kernel.store.database import Connection, Database


def report(thing: str, number: float) -> str:
    return f"r {thing} " + msgspec.json.encode({"v": {"level": number}}).decode()


async def online(city: City, thing: str) -> tuple[bool, str, str] | None:
    row = await city[Database].fetchrow(
        "SELECT online, door, left_because FROM sensing.presence WHERE thing = $1", thing
    )
    return (row["online"], row["door"], row["left_because"]) if row else None


async def test_a_thing_is_admitted_reports_and_is_answered_once_it_is_kept(city: City, lines: Server) -> None:
    device = await Device.connect(lines.ports["lines"])
    device.send("i g1 1234", report("g1", 1.5), "p")
    assert await device.line() == "welcome"
    assert await device.line() == "pong"  # said at once
    assert (await device.line()).startswith("ok")
    assert await readings(city, "g1") == 1

    async def came() -> bool:
        return await online(city, "g1") == (True, "lines", "")

    async def left() -> bool:
        return await online(city, "g1") == (False, "lines", "left")

    await until(came)
    device.writer.close()
    await until(left)


async def test_what_was_said_before_leaving_is_kept(city: City, lines: Server) -> None:
    device = await Device.connect(lines.ports["lines"])
    device.send("i g1 1234", report("g1", 1), report("g1", 2))
    device.writer.write_eof()
    assert await device.line() == "welcome"
    assert [await device.line() for _ in range(2)] == ['ok {"v":{"l'] * 2
    assert await device.ended()


async def test_a_wrong_word_an_unknown_thing_and_a_foreign_report_are_sent_away(
    city: City, lines: Server
) -> None:
    for first in ("i g1 4321", "i nobody 1234", "i g1 12345", "i \x00 1234", "i ' 1234"):
        device = await Device.connect(lines.ports["lines"])
        device.send(first, report("g1", 1))
        assert await device.line() == "away"
        assert await device.ended()
    device = await Device.connect(lines.ports["lines"])
    device.send("i g1 1234", report("g2", 1))
    assert await device.line() == "welcome"
    assert await device.ended()
    assert await readings(city, "g1") == await readings(city, "g2") == 0


async def test_wrong_words_lock_the_thing_at_the_address_and_nobody_else(city: City, lines: Server) -> None:
    for _ in range(city.settings.lockout_attempts):
        device = await Device.connect(lines.ports["lines"])
        device.send("i g1 0000")
        assert await device.line() == "away"
    device = await Device.connect(lines.ports["lines"])
    device.send("i g1 1234")
    assert await device.line() == "away"
    device = await Device.connect(lines.ports["lines"])
    device.send("i g2 1234")
    assert await device.line() == "welcome"


def test_locks_end_and_spare_where_a_thing_is_at_home() -> None:
    now = [0.0]
    lockout = Lockout(2, 60, lambda: now[0])
    lockout.good("home", "t")
    for number in range(20):
        lockout.wrong(f"elsewhere{number}", "t")
    assert lockout.locked("anywhere", "t")
    assert not lockout.locked("home", "t")
    for number in range(20):
        lockout.wrong("nat", f"t{number}")
    assert lockout.locked("nat")
    now[0] = 61
    assert not lockout.locked("nat")
    assert not lockout.locked("anywhere", "t")


async def test_what_cannot_be_read_is_laid_aside_with_its_reason(city: City, lines: Server) -> None:
    device = await Device.connect(lines.ports["lines"])
    device.send("i g1 1234", "r g1 not json", "x g1 ???", report("g1", 3))
    assert [await device.line() for _ in range(4)] == ["welcome", "no", "aside", 'ok {"v":{"l']
    letters = await api.dead_letters(city, SYSTEM, thing="g1")
    assert {letter.reason.en.split(":")[0] for letter in letters} == {"Not a JSON reading", "Unreadable"}


async def test_rubbish_a_long_frame_and_a_broken_session_end_the_connection(city: City) -> None:
    await register(city, "g1")
    async with serving(city, "lines=0", [LINES], Limits(skipped_bytes=100, aside=3)) as server:
        for said in (["?" * 101], ["y" * 4097], ["b"], ["x g1 "] * 4):
            device = await Device.connect(server.ports["lines"])
            device.send("i g1 1234")
            assert await device.line() == "welcome"
            if said == ["y" * 4097]:
                device.writer.write(said[0].encode())
            else:
                device.send(*said)
            assert await device.ended()


async def test_who_does_not_say_who_it_is_or_is_slow_or_silent_is_sent_away(city: City) -> None:
    await register(city, "g1")
    hasty = msgspec.structs.replace(LINES, identify_s=0.5, idle_s=2.0)
    async with serving(city, "lines=0", [hasty], Limits(frame_s=0.5)) as server:
        stranger, slow, silent = [await Device.connect(server.ports["lines"]) for _ in range(3)]
        slow.send("i g1 1234")
        assert await slow.line() == "welcome"
        slow.writer.write(b"r g1 {")
        assert await stranger.ended()
        assert await slow.ended()
        silent = await Device.connect(server.ports["lines"])
        silent.send("i g1 1234")
        assert await silent.line() == "welcome"
        assert await silent.ended(5)
        assert not server.connections


async def test_a_newer_connection_replaces_the_older_one(city: City, lines: Server) -> None:
    older, newer = [await Device.connect(lines.ports["lines"]) for _ in range(2)]
    older.send("i g1 1234")
    assert await older.line() == "welcome"
    newer.send("i g1 1234")
    assert await newer.line() == "welcome"
    assert await older.ended()
    newer.send(report("g1", 1))
    assert (await newer.line()).startswith("ok")


async def test_only_the_allowed_networks_and_so_many_connections(city: City) -> None:
    await register(city, "g1")
    async with serving(city, "lines=0", [LINES], Limits(unidentified_of_address=2)) as server:
        two = [await Device.connect(server.ports["lines"]) for _ in range(2)]
        third = await Device.connect(server.ports["lines"])
        assert await third.ended()
        two[0].send("i g1 1234")
        assert await two[0].line() == "welcome"
        fourth = await Device.connect(server.ports["lines"])
        fourth.send("p")
        assert await fourth.line() == "pong"
    city.settings = msgspec.structs.replace(city.settings, tcp_networks="10.0.0.0/8")
    async with serving(city, "lines=0", [LINES]) as server:
        assert await (await Device.connect(server.ports["lines"])).ended()


async def test_dismissal_ends_the_connection(city: City, lines: Server) -> None:
    device = await Device.connect(lines.ports["lines"])
    device.send("i g1 1234")
    assert await device.line() == "welcome"
    await asyncio.sleep(0.2)
    assert await api.dismiss(city, SYSTEM, "g1") == 1
    assert await device.ended()
    device = await Device.connect(lines.ports["lines"])
    device.send("i g1 1234")
    assert await device.line() == "away"


async def test_commands_go_down_and_their_answers_come_back(city: City, lines: Server) -> None:
    device = await Device.connect(lines.ports["lines"])
    device.send("i g1 1234")
    assert await device.line() == "welcome"
    command = await api.send_command(city, SYSTEM, "g1", "blink", {})
    unknown = await api.send_command(city, SYSTEM, "g1", "dance", {})
    assert await device.line() == f"do blink {command.id}"
    device.send(f"a g1 {command.id}")

    async def ended() -> bool:
        states = {c.id: c.state for c in await api.command_history(city, SYSTEM, "g1")}
        return states == {command.id: "acknowledged", unknown.id: "failed"}

    await until(ended)


async def test_nothing_is_answered_while_the_database_is_away_and_nothing_is_lost(city: City) -> None:
    await register(city, "g1")
    limits = Limits(held_messages=10, held_of_connection=1000)
    async with serving(city, "lines=0", [LINES], limits) as server:
        device = await Device.connect(server.ports["lines"])
        device.send("i g1 1234")
        assert await device.line() == "welcome"
        async with city[Database].transaction() as connection:
            await connection.execute("LOCK TABLE sensing.thing_state IN ACCESS EXCLUSIVE MODE")
            for number in range(50):
                device.send(report("g1", number))
                await device.writer.drain()
                await asyncio.sleep(0.005)
            await asyncio.sleep(0.2)
            assert len(server.committer) < 50  # reading stopped
        assert [(await device.line())[:2] for _ in range(50)] == ["ok"] * 50
        assert await readings(city, "g1") == 50


async def test_what_cannot_be_committed_is_laid_aside_or_not_answered(
    city: City, lines: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A mistake of ours in one report neither stops the others nor lets it be answered as if it were kept."""
    count = service._count_things
    aside = service._lay_aside

    async def broken_count(connection: Connection, batch: service.Batch, *more: Any) -> None:
        if any(b"666" in m.payload for m in batch.messages) and batch.taken:
            raise RuntimeError("a mistake")
        await count(connection, batch, *more)

    async def broken_aside(*_: Any) -> None:
        raise RuntimeError("another mistake")

    monkeypatch.setattr(service, "_count_things", broken_count)
    device = await Device.connect(lines.ports["lines"])
    device.send("i g1 1234", report("g1", 1), report("g1", 666), report("g1", 2))
    assert await device.line() == "welcome"
    assert sorted([(await device.line())[:2] for _ in range(3)]) == ["no", "ok", "ok"]
    assert await readings(city, "g1") == 2
    assert [letter.thing for letter in await api.dead_letters(city, SYSTEM)] == ["g1"]
    monkeypatch.setattr(service, "_lay_aside", broken_aside)
    device.send(report("g1", 666))
    assert await device.line() == ""
    assert len(lines.committer) == lines.committer.bytes == 0
    monkeypatch.setattr(service, "_lay_aside", aside)
    again = await Device.connect(lines.ports["lines"])
    again.send("i g1 1234", report("g1", 3))
    assert await again.line() == "welcome"
    assert (await again.line()).startswith("ok")
