"""The demo's strangers: monitors and gauges, written from the standards alone, understand our listeners."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from tests.sensing.tcp.conftest import SYSTEM, readings, register, serving, until
from tests.sensing.tcp.test_stations import listener

from twin import fleet as fleets
from twin import hj212, sl651
from twin.series import GAUGE, OUTFALL
from yong.kernel.base.city import City
from yong.kernel.sensing import api
from yong.kernel.store.database import Database


async def test_the_fleet_reports_over_its_own_protocols_and_obeys(city: City) -> None:
    fleet = fleets.things((OUTFALL._replace(interval_s=60), GAUGE), {"outfall": 2, "gauge": 2})
    words = {"outfall": "a1B2c3", "gauge": "03E8"}
    for thing in fleet:
        kind = thing.source.kind
        door = listener(city, fleets.LINES[kind].listener)
        await register(city, thing.id, listener=door, word=words[kind])
    tokens = {t.id: words[t.source.kind] for t in fleet}
    async with serving(city, "hj212=0, sl651=0") as server:
        running = fleets.Fleet(fleet, tokens, "127.0.0.1", 1, tcp=server.ports, catch_up=3)
        work = asyncio.create_task(running.run())
        try:

            async def told() -> bool:
                return [await readings(city, t.id) for t in fleet] == [15, 15, 9, 9]

            await until(told)
            assert running.connected == 4
            assert running.sent == 12
            orders = [await api.send_command(city, SYSTEM, t.id, "set_clock", {}) for t in fleet]

            async def done() -> bool:
                rows = await city[Database].fetch("SELECT DISTINCT state FROM sensing.command")
                return [r["state"] for r in rows] == ["acknowledged"]

            await until(done)
            assert len(orders) == 4
        finally:
            work.cancel()
            await asyncio.gather(work, return_exceptions=True)


async def test_a_stranger_with_a_wrong_password_is_not_heard(city: City) -> None:
    await register(city, "0033020001", listener=listener(city, "sl651"), word="03E8")
    async with serving(city, "hj212=0, sl651=0") as server:
        gauge = sl651.Gauge("0033020001", "FFFF")
        await gauge.connect("127.0.0.1", server.ports["sl651"])
        with pytest.raises(sl651.Refused):
            await gauge.report(datetime.now(UTC), {"waterLevel": 1.5})
        await gauge.close()
        monitor = hj212.Monitor("NOBODY", "123456")
        await monitor.connect("127.0.0.1", server.ports["hj212"])
        with pytest.raises(hj212.Refused):
            await monitor.report(datetime.now(UTC) - timedelta(minutes=1), {"cod": 1.5})
        await monitor.close()


def test_what_a_gauge_writes() -> None:
    assert sl651.element("waterLevel", 0.127) == "392300000127"
    assert sl651.element("waterLevel", -1.5) == "392BFF00001500"
