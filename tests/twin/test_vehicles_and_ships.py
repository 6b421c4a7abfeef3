"""Vehicles and ships of the demo: always the same routes, marked as what they are, speaking as strangers."""

import asyncio
import math
import time
from pathlib import Path

import pytest
from tests.sensing.tcp.conftest import readings, register, serving, until

from twin import ships, vehicles
from yong.kernel.base.city import City
from yong.kernel.sensing.tcp.ais import session as ais
from yong.kernel.sensing.tcp.ais.sentence import parse
from yong.kernel.sensing.tcp.jtt808 import session as jtt808
from yong.kernel.store.database import Database

CODE = "Kq7" * 6


def test_vehicles_drive_as_fast_as_they_say() -> None:
    found = vehicles.vehicles()
    assert len({v.id for v in found}) == vehicles.COUNT
    assert found == vehicles.vehicles()
    assert {v.edition for v in found} == {2013, 2019}
    for vehicle in found:
        one, other = vehicle.fix(1_790_000_000), vehicle.fix(1_790_000_010)
        east = (other.longitude - one.longitude) * math.cos(math.radians(one.latitude)) * 111.2
        driven_km = math.hypot(east, (other.latitude - one.latitude) * 111.2)
        assert driven_km * 360 == pytest.approx(vehicle.speed_kmh, rel=0.05)
        assert 121 < one.longitude < 122.2
        heading = math.degrees(math.atan2(east, (other.latitude - one.latitude) * 111.2)) % 360
        assert abs((heading - one.heading_deg + 180) % 360 - 180) < 10
    lines = vehicles.registration(found).splitlines()
    assert all(line.endswith(",synthetic:round_route") for line in lines[1:])


def test_invented_ships_say_sentences_and_the_list_says_what_they_are(
    tmp_path: Path, yong_data: Path
) -> None:
    for ship in ships.ships():
        for static in (False, True):
            assert all(parse(line) for line in ship.sentences(time.time(), static))
    assert "synthetic:" in ships.registration(tmp_path)
    assert "replay:dma_aislib" in ships.registration(yong_data)
    assert ships.recorded(tmp_path) == []
    assert len(ships.recorded(yong_data)) > 4000


async def test_vehicles_tell_what_they_missed(city: City) -> None:
    found = vehicles.vehicles(3)
    await register(city, *(v.id for v in found), listener=jtt808.LISTENER, word=CODE)
    async with serving(city, "jtt808=0") as server:
        traffic = vehicles.Traffic(found, {v.id: CODE for v in found}, "127.0.0.1", server.ports["jtt808"])
        last = int(time.time()) // vehicles.INTERVAL_S
        traffic.acknowledged = {found[0].id: last - 30}  # too long for a message that is not in parts
        work = asyncio.create_task(traffic.run())

        async def told() -> bool:
            return traffic.sent >= 30 + 2

        try:
            await until(told, 10)
        finally:
            work.cancel()
            await asyncio.gather(work, return_exceptions=True)
        assert traffic.lost_connections == 0
    count = await city[Database].fetchval(
        """SELECT count(*) FROM history.observation o JOIN history.series s ON s.id = o.series
           WHERE s.entity = $1 AND s.attribute = 'odometer'""",
        found[0].id,
    )
    assert count >= 30
    assert await readings(city, found[1].id) >= 9


async def test_a_station_passes_on_what_it_hears(city: City, tmp_path: Path) -> None:
    await register(city, ships.RECEIVER, listener=ais.LISTENER, word="Sea")
    async with serving(city, "ais=0") as server:
        station = ships.Station(ships.RECEIVER, "Sea", "127.0.0.1", server.ports["ais"], tmp_path)
        work = asyncio.create_task(station.run())

        async def heard() -> bool:
            return bool(
                await city[Database].fetchval(
                    "SELECT count(*) > 3 FROM context.entity WHERE type = 'Vessel' AND source = 'synthetic'"
                )
            )

        try:
            await until(heard, 10)
        finally:
            work.cancel()
            await asyncio.gather(work, return_exceptions=True)
        wrong = ships.Station(ships.RECEIVER, "sea", "127.0.0.1", server.ports["ais"], tmp_path)
        work = asyncio.create_task(wrong.run())
        await asyncio.sleep(0.5)
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)
        assert wrong.refused
        assert not wrong.sent
