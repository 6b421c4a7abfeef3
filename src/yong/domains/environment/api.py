"""The only door of environment: every function takes the City and the Caller, and authorizes first."""

from yong.domains.environment import service, store
from yong.domains.environment.contracts import AirNow, Pollutant, StationNow
from yong.domains.environment.logic import CLASSES
from yong.kernel.access import api as access
from yong.kernel.access.contracts import Caller
from yong.kernel.base.city import City
from yong.kernel.base.errors import NotFound
from yong.kernel.base.text import Text
from yong.kernel.records import api as records
from yong.kernel.store.database import Database, Row

_NOW = "environment.station_now"
_HISTORY = "history.observation_of"


async def stations(city: City, caller: Caller) -> list[StationNow]:
    """Every air station that the caller may see, with its newest readings and index, by code."""
    scope = access.scoped(city, records.relation(city, _NOW), caller)
    return [_station(row, caller) for row in await store.stations(city[Database], scope)]


async def station(city: City, caller: Caller, code: str) -> StationNow:
    """One air station. Raises NotFound when there is none that the caller may see."""
    scope = access.scoped(city, records.relation(city, _NOW), caller)
    rows = await store.stations(city[Database], scope, code)
    if not rows:
        raise NotFound(Text("没有监测站 {code}", "There is no station {code}"), code=code)
    return _station(rows[0], caller)


async def air(city: City, caller: Caller) -> list[AirNow]:
    """The newest hourly index of every air station that has one, the worst first."""
    found = [s.air for s in await stations(city, caller) if s.air is not None]
    return sorted(found, key=lambda a: (-a.aqi, a.station))


async def judge_hour(city: City, caller: Caller) -> int:
    """Compute every station's hourly index from what it reported; of how many stations.

    The means are those of the clock hour so far. A replayed report stands for a recorded hour of its own.
    """
    access.authorize(city, caller, "environment.judge", "environment")
    now = access.scoped(city, records.relation(city, _NOW), caller)
    history = access.scoped(city, records.relation(city, _HISTORY), caller)
    return await service.judge_newest(city, now, history)


def _station(row: Row, caller: Caller) -> StationNow:
    name = Text(row["name_zh"], row["name_en"]).in_(caller.language)
    return StationNow(
        code=row["code"],
        name=name,
        location=row["location"],
        district=row["district"],
        source=row["source"],
        observed_at=row["observed_at"],
        readings={p.value: row[p.value] for p in Pollutant if row[p.value] is not None},
        air=_air(row, name, caller) if row["aqi"] is not None else None,
    )


def _air(row: Row, name: str, caller: Caller) -> AirNow:
    found = CLASSES[row["level"] - 1]
    return AirNow(
        station=row["code"],
        name=name,
        at=row["at"],
        aqi=row["aqi"],
        level=row["level"],
        air_class=found.name.in_(caller.language),
        colour=found.colour,
        effect=found.effect.in_(caller.language),
        primary=[p for p in row["primary_pollutants"].split(",") if p],
        complete=row["complete"],
        source=row["source"],
    )
