"""Real stations over real sockets into a real database: HJ 212 and SL 651 from registration to history."""

import asyncio
import contextlib
import json
import os
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from tests.conftest import TestDatabase
from tests.sensing.tcp.conftest import SYSTEM, Device, readings, register, serving, until

from yong.kernel.base import clock
from yong.kernel.base.city import City
from yong.kernel.base.errors import Forbidden, Invalid, NotFound
from yong.kernel.records import api as records
from yong.kernel.sensing import api, service
from yong.kernel.sensing.tcp import words
from yong.kernel.sensing.tcp.china import bcd_of, digits_of
from yong.kernel.sensing.tcp.contracts import Listener
from yong.kernel.sensing.tcp.hj212 import wire as hj212
from yong.kernel.sensing.tcp.server import Limits, Server
from yong.kernel.sensing.tcp.sl651 import wire as sl651
from yong.kernel.store.database import Database

MN = "010000A8900016F000169DC0"
GAUGE = "0033020001"
PW, WORD = "a1B2c3", "03E8"


def now() -> int:
    return clock.micros(clock.now())


def upload(mn: str, number: int, *, pw: str = PW, minutes: int = 0) -> bytes:
    """A real-time value of a monitor; `number` makes it another moment."""
    moment = digits_of(now() - minutes * 60_000_000 - number * 1_000_000)
    head = {"QN": moment, "ST": "32", "CN": "2011", "PW": pw, "MN": mn, "Flag": "5"}
    return hj212.build(head, f"DataTime={moment[:14]};w01018-Rtd={number}.5,w01018-Flag=N")


def timed(station: str, number: int, *, word: str = WORD) -> bytes:
    """A timed report of a gauge: water level and voltage."""
    sent = bcd_of(now())
    observed = bcd_of(now() - number * 60_000_000)[:5]
    body = number.to_bytes(2, "big") + sent + bytes.fromhex("F1F1" + station + "48F0F0") + observed
    return sl651.up(station, 1, word, 0x32, body + bytes.fromhex(f"3923{number:08}" + "38121210"))


class Station(Device):
    """A device that waits for frames instead of lines."""

    async def answer(self, timeout_s: float = 10) -> bytes:
        """What came, in one piece; empty when the connection ended."""
        with contextlib.suppress(ConnectionError):
            return await asyncio.wait_for(self.reader.read(4096), timeout_s)
        return b""

    async def tell(self, data: bytes) -> bytes:
        self.writer.write(data)
        return await self.answer()


def listener(city: City, name: str) -> Listener:
    return next(one for _, one in city.registry.of(Listener) if one.name == name)


@pytest.fixture
async def doors(city: City) -> AsyncIterator[Server]:
    await register(city, MN, listener=listener(city, "hj212"), word=PW)
    await register(city, GAUGE, listener=listener(city, "sl651"), word=WORD)
    async with serving(city, "hj212=0, sl651=0") as server:
        yield server


async def state(city: City, thing: str) -> dict[str, object]:
    doc = await city[Database].fetchval("SELECT doc FROM context.entity WHERE id = $1", thing)
    return {name: of["value"] for name, of in (doc or {}).items()}


# ---------------------------------------------------------------- the ordinary day


async def test_an_engineer_enrols_a_monitor_and_it_reports(city: City, client: httpx.AsyncClient) -> None:
    await records.create(
        city, SYSTEM, "sensing.thing", {"code": MN, "type": "monitor", "source": "synthetic"},
        owner="environment", district="330203",
    )  # fmt: skip
    word = await api.enrol(city, SYSTEM, MN, "hj212")
    assert len(word) == 6
    async with serving(city, "hj212=0") as server:
        station = await Station.connect(server.ports["hj212"])
        answer = hj212.one(await station.tell(upload(MN, 7, pw=word)))
        assert answer is not None
        assert answer.head["CN"] == "9014"
        assert (await state(city, MN))["cod"] == 7.5  # it is kept when it is answered
        await until(lambda: _online(city, MN, "hj212"))
    assert not await _online(city, MN, "hj212")  # the end of the listener is written down
    assert (await client.post(f"/sensing/things/{MN}/words", json={"listener": "hj212"})).status_code == 401


async def _online(city: City, thing: str, door: str) -> bool:
    row = await city[Database].fetchrow("SELECT online, door FROM sensing.presence WHERE thing = $1", thing)
    return row is not None and bool(row["online"]) and row["door"] == door


async def test_who_may_enrol_what(city: City, callers: object) -> None:
    await register(city, MN, listener=listener(city, "hj212"), word=PW)
    for thing, door, word, wrong in (
        (MN, "hj212", "short", Invalid),
        (MN, "sl651", "WXYZ", Invalid),
        (MN, "none", None, NotFound),
        ("nobody", "hj212", None, NotFound),
    ):
        with pytest.raises(wrong):
            await api.enrol(city, SYSTEM, thing, door, word)
    resident = callers("access.resident")  # type: ignore[operator]  # the fixture's callable
    with pytest.raises(Forbidden):
        await api.enrol(city, resident, MN, "hj212")
    with pytest.raises(Forbidden):
        await api.dismiss(city, resident, MN)
    macs = await city[Database].fetch("SELECT mac FROM sensing.word")
    assert all(PW.encode() not in row["mac"] for row in macs)


async def test_a_gauge_reports_and_a_repetition_counts_once(city: City, doors: Server) -> None:
    station = await Station.connect(doors.ports["sl651"])
    report = timed(GAUGE, 3)
    for _ in range(3):  # as after a lost answer
        answer = await station.tell(report)
        assert answer[:8].hex().upper() == "7E7E" + GAUGE + "01"
        assert sl651.crc(answer[:-2]) == int.from_bytes(answer[-2:], "big")
    assert (await state(city, GAUGE))["waterLevel"] == 0.003
    assert await readings(city, GAUGE) == 3  # level, voltage, quality


async def test_an_operator_commands_a_monitor(city: City, doors: Server) -> None:
    station = await Station.connect(doors.ports["hj212"])
    await station.tell(upload(MN, 1))
    await until(lambda: _online(city, MN, "hj212"))
    command = await api.send_command(city, SYSTEM, MN, "set_interval", {"interval": 60})
    asked = hj212.one(await station.answer())
    assert asked is not None
    assert asked.cp == b"RtdInterval=60"
    head = {**asked.head, "ST": "91", "Flag": "4"}
    station.writer.write(hj212.build({**head, "CN": "9011"}, "QnRtn=1"))
    station.writer.write(hj212.build({**head, "CN": "9012"}, "ExeRtn=1"))
    wrong = await api.send_command(city, SYSTEM, MN, "set_interval", {"interval": 1})

    async def ended() -> bool:
        states = {c.id: c.state for c in await api.command_history(city, SYSTEM, MN)}
        return states == {command.id: "acknowledged", wrong.id: "failed"}

    await until(ended)


# ---------------------------------------------------------------- the bad day


async def test_a_wrong_password_is_told_apart_and_locks_the_address_out_of_that_thing(
    city: City, doors: Server
) -> None:
    for _ in range(city.settings.lockout_attempts + 1):
        station = await Station.connect(doors.ports["hj212"])
        assert await station.tell(upload(MN, 1, pw="999999")) == b""
    station = await Station.connect(doors.ports["hj212"])
    assert await station.tell(upload(MN, 1)) == b""  # the right one, too late
    gauge = await Station.connect(doors.ports["sl651"])
    assert await gauge.tell(timed(GAUGE, 1))
    assert await readings(city, MN) == 0


async def test_what_cannot_be_kept_is_answered_and_laid_aside(city: City, doors: Server) -> None:
    station = await Station.connect(doors.ports["hj212"])
    assert await station.tell(upload(MN, 1, minutes=60 * 24 * 500))
    assert await station.tell(upload(MN, 1))
    gauge = await Station.connect(doors.ports["sl651"])
    assert await gauge.tell(sl651.up(GAUGE, 1, WORD, 0x36, bytes(40)))
    letters = {x.thing: x.adapter for x in await api.dead_letters(city, SYSTEM)}
    assert letters == {MN: "hj212", GAUGE: "sl651"}
    await api.replay_all(city, SYSTEM, thing=MN)  # replayed as it came, refused again
    assert len(await api.dead_letters(city, SYSTEM, thing=MN)) == 1


async def test_rubbish_oversize_and_a_slow_frame_end_the_connection_and_cost_nobody_else(city: City) -> None:
    await register(city, MN, listener=listener(city, "hj212"), word=PW)
    limits = Limits(frame_s=0.5, skipped_bytes=10_000)
    async with serving(city, "hj212=0, sl651=0", limits=limits) as server:
        good = await Station.connect(server.ports["hj212"])
        assert await good.tell(upload(MN, 1))
        flood, slow, idle = [await Station.connect(server.ports[n]) for n in ("hj212", "hj212", "sl651")]
        flood.writer.write(b"\x00" * 2_000_000)
        slow.writer.write(b"##9999QN=")
        idle.writer.write(b"\x7e\x7e" + bytes(9) + b"\xff\xff\x16")  # a packet of 64 KiB announced
        for lost in (flood, slow, idle):
            assert await lost.ended(6)
        assert await good.tell(upload(MN, 2))


async def test_a_cut_in_the_middle_of_a_frame_loses_only_that_frame(city: City, doors: Server) -> None:
    first, second = upload(MN, 1), upload(MN, 2)
    station = await Station.connect(doors.ports["hj212"])
    assert await station.tell(first)
    station.writer.write(second[:40])
    await station.writer.drain()
    station.cut()
    station = await Station.connect(doors.ports["hj212"])
    assert await station.tell(second)
    assert await readings(city, MN) == 4


async def test_a_thousand_gauges_at_once(city: City) -> None:
    """Each on its own connection; all are admitted, kept and answered, and share their commits."""
    door = listener(city, "sl651")
    stations = [f"00{n:08}" for n in range(1, 1001)]
    await city[Database].execute(
        """INSERT INTO sensing.thing (id, code, type, source, owner_id, district, created_by, updated_by)
           SELECT code, code, 'gauge', 'synthetic', 'water', '330203', 'test', 'test' FROM unnest($1::text[]) AS code""",
        stations,
    )
    key = words.key(city)
    await city[Database].execute(
        "INSERT INTO sensing.word (thing, listener, mac) SELECT t, 'sl651', m FROM unnest($1::text[], $2::bytea[]) AS x (t, m)",
        stations,
        [words.mac(key, s, door.name, WORD) for s in stations],
    )
    city[service.Things].forget()
    async with serving(city, "sl651=0", limits=Limits(unidentified_of_address=1000)) as server:
        began = time.monotonic()

        async def speak(station: str) -> Station:
            one = await Station.connect(server.ports["sl651"])
            assert await one.tell(timed(station, 1))
            return one

        open_ = await asyncio.gather(*(speak(s) for s in stations))
        assert len(server.connections) == 1000
        assert server.committer.batches < 500
        assert await city[Database].fetchval("SELECT count(*) FROM context.entity") == 1000
        assert time.monotonic() - began < 60
        for one in open_:
            one.cut()


@pytest.mark.parametrize("seed", [1, 2])
async def test_what_was_answered_survives_a_killed_listener(
    seed: int, city: City, database: TestDatabase, tmp_path: Path
) -> None:
    """Kill -9 under load: what was answered is in history, once, whoever sends it again."""
    await register(city, MN, listener=listener(city, "hj212"), word=PW)
    environment = os.environ | {"YONG_HOME": str(city.settings.home), "YONG_TCP_PORTS": "hj212=0"}
    answered: set[int] = set()
    number = 0
    for _ in range(2):
        process = await asyncio.create_subprocess_exec(
            sys.executable, str(Path(__file__).with_name("listener_process.py")), database.serve_url,
            stdout=asyncio.subprocess.PIPE, env=environment,
        )  # fmt: skip
        try:
            assert process.stdout is not None
            async with asyncio.timeout(30):
                while not (line := await process.stdout.readline()).startswith(b"{"):
                    assert line, "it did not start"  # its log comes first
            port = json.loads(line)["hj212"]
            station = await Station.connect(port)
            buffer = b""
            deadline = asyncio.get_running_loop().time() + 1.0 + 0.2 * seed
            while asyncio.get_running_loop().time() < deadline:
                number += 1
                station.writer.write(upload_at(number))
                with contextlib.suppress(TimeoutError):
                    buffer += await asyncio.wait_for(station.reader.read(4096), 0.01)
        finally:
            process.kill()
            await process.wait()
        with contextlib.suppress(ConnectionError, TimeoutError):
            buffer += await asyncio.wait_for(station.reader.read(1 << 20), 1)
        while (found := hj212.find(buffer)) is not None:
            buffer = buffer[found.taken :]
            if found.frame is not None:
                assert found.frame.head["CN"] == "9014"
                answered.add(int(found.frame.head["QN"][-6:]))
    kept = {
        int(row["value"])
        for row in await city[Database].fetch(
            """SELECT o.value FROM history.observation o JOIN history.series s ON s.id = o.series
               WHERE s.attribute = 'cod'"""
        )
    }
    assert len(answered) > 20
    assert answered <= kept
    assert await readings(city, MN) == 2 * len(kept)


_BASE = now() - 3_600_000_000


def upload_at(number: int) -> bytes:
    """The same bytes for the same number, its number in the request's last six digits."""
    second = digits_of(_BASE // 1_000_000 * 1_000_000)[:11]
    qn = f"{second}{number:06}"
    moment = digits_of(_BASE + number * 1_000_000)[:14]
    head = {"QN": qn, "ST": "32", "CN": "2011", "PW": PW, "MN": MN, "Flag": "5"}
    return hj212.build(head, f"DataTime={moment};w01018-Rtd={number},w01018-Flag=N")
