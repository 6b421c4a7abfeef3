"""The use cases of environment: one transaction each, with its events."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from yong.domains.environment import store
from yong.domains.environment.contracts import Concentration, Pollutant, Report, StationIndex, Window
from yong.domains.environment.logic import air_index, edition_of
from yong.kernel.access.contracts import Scope
from yong.kernel.base import clock
from yong.kernel.base.city import City
from yong.kernel.store import outbox
from yong.kernel.store.contracts import Event
from yong.kernel.store.database import Database


async def judge(
    city: City,
    station: str,
    at: datetime,
    report: Report,
    concentrations: Sequence[Concentration],
    *,
    owner: str,
    district: str,
) -> StationIndex | None:
    """Compute and keep a station's index for the hour or day that ends `at`; None when nothing can be judged.

    Doing it again with the same means changes nothing and says nothing; with other means it replaces the
    row. The event environment.AirIndexComputed goes out in the same transaction. Raises ValueError for a
    moment before the first edition of HJ 633.
    """
    index = air_index(concentrations, report, edition_of(at))
    if index is None:
        return None
    found = StationIndex(station=station, at=at, index=index, owner=owner, district=district)
    async with city[Database].transaction() as connection:
        if await store.keep(connection, found):
            await outbox.emit(
                connection,
                Event(
                    type="environment.AirIndexComputed",
                    subject=station,
                    data={
                        "report": report.value,
                        "at": at.isoformat(),
                        "aqi": index.aqi,
                        "level": index.air_class.level,
                        "primary": [p.value for p in index.primary],
                    },
                ),
            )
    return found


_HOUR = timedelta(hours=1)
_FRESH = timedelta(hours=2)  # a station that said nothing for longer has no hour to judge


async def judge_newest(city: City, now: Scope, history: Scope) -> int:
    """Judge the newest hour of every station that reported lately; how many there were."""
    since = clock.now() - _FRESH
    found = {
        r["code"]: (r, *_hour(r["observed_at"], r["source"]))
        for r in await store.stations(city[Database], now)
        if r["observed_at"] is not None and r["observed_at"] > since and r["owner_id"] and r["district"]
    }
    if not found:
        return 0
    hours = [(code, clock.micros(start), clock.micros(end)) for code, (_, start, end) in found.items()]
    means: dict[str, list[Concentration]] = {}
    for row in await store.means(city[Database], history, hours):
        means.setdefault(row["station"], []).append(
            Concentration(Pollutant(row["attribute"]), Window.HOUR, round(row["value"], 3))
        )
    for code, concentrations in means.items():
        row, _, end = found[code]
        await judge(
            city, code, end, Report.HOURLY, concentrations, owner=row["owner_id"], district=row["district"]
        )
    return len(means)


def _hour(observed_at: datetime, source: str | None) -> tuple[datetime, datetime]:
    """The hour that a station's newest report belongs to: (start, end]."""
    if source == "replay":  # each report is the mean of a recorded hour
        return observed_at - timedelta(microseconds=1), observed_at
    start = (observed_at - timedelta(microseconds=1)).replace(minute=0, second=0, microsecond=0)
    return start, start + _HOUR
