"""Terminals and receivers over real sockets: a thousand on one loop, repeats, cuts, wrong codes, commands."""

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from tests.sensing.tcp.conftest import SYSTEM, readings, register, serving, until

from twin.jtt808 import BATCH, HEARTBEAT, LOCATION, Fix, Terminal, TerminalError, batch, location
from yong.kernel.base.city import City
from yong.kernel.base.settings import AisSource
from yong.kernel.sensing import api
from yong.kernel.sensing.tcp import words
from yong.kernel.sensing.tcp.ais import session as ais
from yong.kernel.sensing.tcp.ais.session import sentence
from yong.kernel.sensing.tcp.ais.source import Reader
from yong.kernel.sensing.tcp.jtt808 import session as jtt808
from yong.kernel.sensing.tcp.server import Server
from yong.kernel.store.database import Database

CODE = "Kq7" * 6
NOW = datetime.now(UTC).replace(microsecond=0)


def fix(seconds_ago: int = 0, n: int = 0) -> bytes:
    return location(Fix(NOW - timedelta(seconds=seconds_ago), 121.5 + n / 1e4, 29.9, 36.0, 90, 1000 + n))


@pytest.fixture
async def server(city: City) -> AsyncIterator[Server]:
    await register(city, "14400000001", "14400000002", listener=jtt808.LISTENER, word=CODE)
    await register(city, "zhenhai-1", listener=ais.LISTENER, word="Sea")
    async with serving(city, "jtt808=0, ais=0") as running:
        yield running


async def value(city: City, entity: str, attribute: str) -> object:
    return await city[Database].fetchval(
        "SELECT doc -> $2::text -> 'value' FROM context.entity WHERE id = $1", entity, attribute
    )


@pytest.mark.parametrize("edition", [2013, 2019])
async def test_a_terminal_signs_on_and_what_it_reports_is_kept_when_answered(
    city: City, server: Server, edition: int
) -> None:
    terminal = Terminal("14400000001", edition=edition)
    await terminal.connect("127.0.0.1", server.ports["jtt808"], CODE)
    await terminal.ask(LOCATION, fix(20))
    kept = await readings(city, "14400000001")
    assert kept >= 9
    await terminal.ask(LOCATION, fix(20))  # said again: answered, and not kept twice
    assert await readings(city, "14400000001") == kept
    await terminal.ask(LOCATION, fix(10, 5))
    await terminal.ask(HEARTBEAT)
    assert await value(city, "14400000001", "location") == {"type": "Point", "coordinates": [121.5005, 29.9]}
    assert await value(city, "14400000001", "odometer") == 1005
    await terminal.close()


@pytest.mark.parametrize("edition", [2013, 2019])
async def test_a_long_batch_goes_in_parts_and_one_bad_report_spoils_none(
    city: City, server: Server, edition: int
) -> None:
    terminal = Terminal("14400000002", edition=edition)
    await terminal.connect("127.0.0.1", server.ports["jtt808"], CODE)
    reports = [fix(1000 - n, n) for n in range(60)]
    reports[7] = reports[7][:22] + bytes(6) + reports[7][28:]  # a clock that was not set
    body = batch(reports)
    assert len(body) > 2 * 1023
    await terminal.ask(BATCH, body)
    count = await city[Database].fetchval(
        """SELECT count(DISTINCT o.observed_at) FROM history.observation o JOIN history.series s ON s.id = o.series
           WHERE s.entity = '14400000002'"""
    )
    assert count == 59
    [letter] = await api.dead_letters(city, SYSTEM, thing="14400000002")
    assert (letter.adapter, letter.reason.en) == ("jtt808", "The time is not valid BCD")
    await terminal.close()


async def test_wrong_codes_strangers_and_silence_before_the_code(city: City, server: Server) -> None:
    port = server.ports["jtt808"]
    for phone, code in (("14400000001", "wrong"), ("14400000009", CODE), ("14400000001", "")):
        with pytest.raises(TerminalError):
            await Terminal(phone).connect("127.0.0.1", port, code)
    assert await readings(city, "14400000001") == 0
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"\x7e" + bytes(5000))
    assert await asyncio.wait_for(reader.read(), 5) == b""
    writer.close()


async def test_frames_cut_at_every_byte(city: City, server: Server) -> None:
    terminal = Terminal("14400000001", edition=2013)
    await terminal.connect("127.0.0.1", server.ports["jtt808"], CODE)
    writer = terminal._writer
    assert writer
    frames = b"".join(terminal._frame(LOCATION, 100 + n, fix(100 - n, n)) for n in range(3))
    parts = batch([fix(50 - n, n) for n in range(30)])
    frames += b"".join(
        terminal._frame(BATCH, 200 + n, parts[n * 600 : (n + 1) * 600], (3, n + 1)) for n in range(3)
    )
    for at in range(0, len(frames), 7):
        writer.write(frames[at : at + 7])
        await writer.drain()
        if at % 70 == 0:
            await asyncio.sleep(0)

    async def there() -> bool:
        driven = await value(city, "14400000001", "odometer")
        return isinstance(driven, int | float) and int(driven) == 1029

    await until(there)
    await terminal.close()


async def test_commands_go_down_and_answers_come_back(city: City, server: Server) -> None:
    terminal = Terminal("14400000001")
    heard: list[tuple[int, bytes]] = []

    def obey(id_: int, body: bytes) -> int:
        heard.append((id_, body))
        return 3 if id_ == 0x8105 else 0

    terminal.on_command, terminal.where = obey, lambda: fix(5, 77)
    await terminal.connect("127.0.0.1", server.ports["jtt808"], CODE)
    sent = [
        await api.send_command(city, SYSTEM, "14400000001", name, arguments, timeout_s=30)
        for name, arguments in (
            ("text", {"text": "前方拥堵"}),
            ("control", {"action": "reset"}),
            ("locate", {}),
            ("parameters", {"report_interval_s": 15}),
            ("explode", {}),
            ("control", {"action": "burn"}),
        )
    ]

    async def ended() -> bool:
        known = await api.command_history(city, SYSTEM, "14400000001")
        return all(c.ended_at for c in known)

    await until(ended, 10)
    states = {c.id: c.state for c in await api.command_history(city, SYSTEM, "14400000001")}
    assert [states[c.id] for c in sent] == [
        "acknowledged",
        "failed",
        "acknowledged",
        "acknowledged",
        "failed",
        "failed",
    ]
    assert [id_ for id_, _ in heard] == [0x8300, 0x8105, 0x8103]
    assert heard[0][1].endswith("前方拥堵".encode("gbk"))

    async def located() -> bool:
        return await value(city, "14400000001", "odometer") == 1077

    await until(located)
    await terminal.close()


async def test_a_receiver_tells_of_ships_that_nobody_registered(city: City, server: Server) -> None:
    lines = (
        b"!AIVDM,1,1,,B,15M67FC000G?ufbE`FepT@3n00Sa,0*5C",
        b"!AIVDM,2,1,1,A,55?MbV02;H;s<HtKR20EHE:0@T4@Dn2222222216L961O5Gf0NSQEp6ClRp8,0*1C",
        b"!AIVDM,2,2,1,A,88888888880,2*25",
    )
    reader, writer = await asyncio.open_connection("127.0.0.1", server.ports["ais"])
    writer.write(sentence(b"PYNG,zhenhai-1,Sea") + b"\r\n".join(lines) + b"\r\n")
    assert await asyncio.wait_for(reader.readline(), 5) == sentence(b"PYNG,OK")

    async def there() -> bool:
        return bool(await value(city, "vessel:351759000", "name"))

    await until(there)
    assert await value(city, "vessel:351759000", "name") == "EVER DIADEM"
    assert await value(city, "vessel:366053209", "heardBy") == "zhenhai-1"
    row = await city[Database].fetchrow(
        "SELECT type, owner_id, district FROM context.entity WHERE id = 'vessel:366053209'"
    )
    assert row is not None
    assert (row["type"], row["owner_id"], row["district"]) == ("Vessel", "water", "330203")
    state = next(s for s in await api.states(city, SYSTEM) if s.thing == "zhenhai-1")
    assert state.readings > 10
    writer.close()

    reader, writer = await asyncio.open_connection("127.0.0.1", server.ports["ais"])
    writer.write(sentence(b"PYNG,zhenhai-1,sea"))
    assert await asyncio.wait_for(reader.read(), 5) == sentence(b"PYNG,NO")
    writer.close()


async def test_a_source_is_read_through_cuts_until_it_is_registered_and_back(city: City) -> None:
    """A receiver we connect to: it comes late, breaks off within a sentence, and is read on when it is back."""
    line = b"!AIVDM,1,1,,B,15M67FC000G?ufbE`FepT@3n00Sa,0*5C\r\n"
    static = (
        b"!AIVDM,2,1,1,A,55?MbV02;H;s<HtKR20EHE:0@T4@Dn2222222216L961O5Gf0NSQEp6ClRp8,0*1C\r\n"
        b"!AIVDM,2,2,1,A,88888888880,2*25\r\n"
    )
    came = 0

    async def receiver(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal came
        came += 1
        writer.write(line + b"!AIVDM,1,1,,B,15M67" if came == 1 else static)
        await writer.drain()
        if came > 1:
            await reader.read()
        writer.close()

    listening = await asyncio.start_server(receiver, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    reading = Reader(city, AisSource(thing="coast", host="127.0.0.1", port=port, tls=False), pause_s=0.05)
    task = asyncio.create_task(reading.run())
    try:
        await asyncio.sleep(0.2)
        assert came == 0, "a source that is not registered is not read"
        await register(city, "coast", listener=ais.LISTENER)

        async def there() -> bool:
            return await value(city, "vessel:351759000", "name") == "EVER DIADEM"

        await until(there)
        assert came == 2
        assert await value(city, "vessel:366053209", "heardBy") == "coast"
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        listening.close()


async def test_a_thousand_vehicles_on_one_loop(city: City) -> None:
    phones = [f"1440001{n:04}" for n in range(1000)]
    await city[Database].execute(
        """INSERT INTO sensing.thing (id, version, code, type, source, owner_id, district, created_by, updated_by)
           SELECT p, 1, p, 'vehicle', 'synthetic', 'transport', '330203', $2, $2 FROM unnest($1::text[]) AS p""",
        phones,
        SYSTEM.account,
    )
    async with city[Database].transaction() as connection:
        for phone in phones:
            await words.enrol(connection, city, jtt808.LISTENER, phone, CODE)
    async with serving(city, "jtt808=0") as server:
        terminals = [Terminal(p, edition=2013 + 6 * (n % 2)) for n, p in enumerate(phones)]
        gate = asyncio.Semaphore(100)

        async def sign_on(terminal: Terminal) -> None:
            async with gate:
                await terminal.connect("127.0.0.1", server.ports["jtt808"], CODE)

        began = time.monotonic()
        await asyncio.gather(*(sign_on(t) for t in terminals))
        signed_on = time.monotonic()
        for turn in range(2):
            await asyncio.gather(*(t.ask(LOCATION, fix(60 - turn * 10, turn)) for t in terminals))
        took = time.monotonic() - signed_on
        print(f"1,000 signed on in {signed_on - began:.2f} s; 2,000 reports kept in {took:.2f} s")
        kept = await city[Database].fetchval(
            """SELECT count(*) FROM history.observation o JOIN history.series s ON s.id = o.series
               WHERE s.attribute = 'location'"""
        )
        assert kept == 2000
        assert len(server.live) == 1000
        await asyncio.gather(*(t.close() for t in terminals))
