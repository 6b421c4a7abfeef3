"""The use cases of environment: one transaction each, with its events."""

from collections.abc import Sequence
from datetime import datetime

from yong.domains.environment import store
from yong.domains.environment.contracts import Concentration, Report, StationIndex
from yong.domains.environment.logic import air_index, edition_of
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
