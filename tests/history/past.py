"""A past to read: observations of some days ago, written as the writer does."""

from datetime import UTC, date, datetime, timedelta

from yong.kernel.base import clock
from yong.kernel.base.city import City
from yong.kernel.history import service
from yong.kernel.history.contracts import Observation
from yong.kernel.history.logic import DAY_US
from yong.kernel.store.database import Database

HOUR_US = 3_600_000_000


def day_ago(days: int) -> date:
    return (clock.now().astimezone(UTC) - timedelta(days=days)).date()


def start_of(days: int) -> int:
    """The UTC midnight that began the day so many days ago, in µs."""
    return (clock.micros(clock.now()) // DAY_US - days) * DAY_US


def moment(micros: int) -> datetime:
    return clock.from_micros(micros)


async def write(city: City, *observations: Observation) -> list[bool]:
    numbers = await service.prepare(city, observations)
    async with city[Database].transaction() as connection:
        return await service.write(city, connection, observations, numbers)


async def entity(
    city: City, id: str, *, type: str = "Lamp", owner: str | None = None, district: str | None = None
) -> None:
    await city[Database].execute(
        "INSERT INTO context.entity (id, type, owner_id, district) VALUES ($1, $2, $3, $4)",
        id,
        type,
        owner,
        district,
    )


ODD = ('"', "a,b\nc", "甬", "", None, True, [1, [2]], {"k": 'v"\\', "n": 1.5}, -0.0, 1e308, 5e-324, 0.1)


def week(name: str = "lamp-1", days: range = range(3, 6)) -> list[Observation]:
    """Hourly numbers and odd values of some days."""
    out = []
    for day in days:
        for hour in range(24):
            at = start_of(day) + hour * HOUR_US + 1
            out.append(Observation(name, "power", at, float(day * 100 + hour), "WTT"))
            odd = ODD[hour % len(ODD)]
            if odd is not None:
                out.append(Observation(name, "odd", at, odd))
    return out
