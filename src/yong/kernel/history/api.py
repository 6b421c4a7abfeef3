"""The door of history: what was, as the caller may see it.

Reads walk the days backwards (or forwards) along the index of each series and stop when they have enough,
so the newest hundred of a year of readings cost what a hundred cost.
"""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from yong.kernel.access import api as access
from yong.kernel.access.contracts import Caller
from yong.kernel.base import clock
from yong.kernel.base.city import City
from yong.kernel.base.errors import Invalid
from yong.kernel.base.text import Text
from yong.kernel.history import export, reading, statistics, visible
from yong.kernel.history.aggregate import Measure, Period
from yong.kernel.history.cold import Cold
from yong.kernel.history.contracts import Chart, Point, Statistic
from yong.kernel.history.export import ExportFormat
from yong.kernel.history.service import Series
from yong.kernel.history.statistics import Grouping, Question, Sampling
from yong.kernel.history.visible import RELATION, Box, Choice

MOST = 10_000
MOST_SERIES = 2_000  # of one query over many entities
MOST_MEASURED = 200_000
MOST_CHARTS = 20
_FOREVER = 1 << 62


async def open_parts(city: City) -> None:
    """Put history's parts into a City."""
    city.put(Series, Series())
    city.at_end(city.put(Cold, Cold(city.settings)).close)


async def read(
    city: City,
    caller: Caller,
    entity: str,
    *,
    attributes: Sequence[str] | None = None,
    start: datetime | None = None,
    end: datetime | None = None,
    limit: int = 1000,
    newest_first: bool = True,
) -> list[Point]:
    """Observations of an entity within [start, end), at most `limit` (≤ 10,000); none of what may not be seen."""
    chosen = Choice(entities=(entity,), attributes=tuple(attributes) if attributes else None)
    return await _read(city, caller, chosen, start, end, limit, limit, newest_first)


async def latest(
    city: City,
    caller: Caller,
    entity: str,
    *,
    attributes: Sequence[str] | None = None,
    count: int = 1,
    end: datetime | None = None,
) -> list[Point]:
    """The newest `count` (≤ 1,000) observations of each attribute, before `end` where given."""
    if not 1 <= count <= 1000:
        raise Invalid(Text("last 应在 1 与 1000 之间", "last must lie between 1 and 1000"))
    chosen = Choice(entities=(entity,), attributes=tuple(attributes) if attributes else None)
    return await _read(city, caller, chosen, None, end, count, MOST, True)


async def query(
    city: City,
    caller: Caller,
    *,
    type: str | None = None,
    box: Box | None = None,
    attributes: Sequence[str] | None = None,
    start: datetime | None = None,
    end: datetime | None = None,
    limit: int = 1000,
) -> list[Point]:
    """Observations of the entities of a type or within a box (west, south, east, north), newest first.

    The box is where entities are now. Raises Invalid when that is more than 2,000 series.
    """
    access.authorize(city, caller, "records.read", RELATION)
    if type is None and box is None:
        raise Invalid(Text("请给出 type 或 bbox", "Give a type or a bbox"))
    chosen = Choice(type=type, box=box, attributes=tuple(attributes) if attributes else None)
    return await _read(city, caller, chosen, start, end, limit, limit, True)


async def measure(
    city: City,
    caller: Caller,
    chosen: Choice,
    *,
    start: datetime,
    end: datetime,
    period: Period | None = None,
    group: Grouping = Grouping.ALL,
    measures: Sequence[Measure] = tuple(Measure),
    percentiles: Sequence[float] = (),
) -> list[Statistic]:
    """What the numbers within [start, end) come to, by period in China's calendar and group; ≤ 10,000 rows.

    Percentiles lie between 0 and 100, at most ten. Raises Invalid for more than 200,000 series.
    """
    if len(percentiles) > 10 or not all(0 <= p <= 100 for p in percentiles):
        raise Invalid(
            Text("百分位数应在 0 与 100 之间，至多十个", "Percentiles lie between 0 and 100, at most ten")
        )
    question = Question(period, group, tuple(measures), tuple(percentiles))
    async with reading.window(city, micros(start, 0), micros(end, _FOREVER)) as at:
        series = await visible.of(
            city, at.connection, caller, chosen, MOST_MEASURED, grouped=group is Grouping.GROUP
        )
        total = await at.connection.fetchval("SELECT count(*) FROM history.series")
        numbers = [s for s in series if s.numbers]
        return await statistics.measured(city, at, numbers, question, every=len(numbers) == total)


async def chart(
    city: City,
    caller: Caller,
    entity: str,
    *,
    start: datetime,
    end: datetime,
    attributes: Sequence[str] | None = None,
    points: int = 500,
    sampling: Sampling = Sampling.MINMAXLTTB,
) -> list[Chart]:
    """An entity's numbers within [start, end), each series drawn with at most `points` (8 to 5,000) of them.

    Raises Invalid for more than 20 series or five million readings of one.
    """
    if not 8 <= points <= 5000:
        raise Invalid(Text("points 应在 8 与 5000 之间", "points must lie between 8 and 5000"))
    chosen = Choice(entities=(entity,), attributes=tuple(attributes) if attributes else None)
    async with reading.window(city, micros(start, 0), micros(end, _FOREVER)) as at:
        series = await visible.of(city, at.connection, caller, chosen, MOST_CHARTS)
        return await statistics.charts(city, at, series, points, sampling)


async def exported(
    city: City, caller: Caller, chosen: Choice, form: ExportFormat, *, start: datetime, end: datetime
) -> Path:
    """The observations within [start, end) as a file, for `export.streamed`, which deletes it.

    Raises Invalid for more than 2,000 series, TooLarge for more than twenty million observations.
    """
    access.authorize(city, caller, "records.export", RELATION)
    async with reading.window(city, micros(start, 0), micros(end, _FOREVER)) as at:
        series = await visible.of(city, at.connection, caller, chosen, MOST_SERIES, action="records.export")
        return await export.write(city, at, series, form)


async def _read(
    city: City,
    caller: Caller,
    chosen: Choice,
    start: datetime | None,
    end: datetime | None,
    each: int,
    limit: int,
    newest_first: bool,
) -> list[Point]:
    if not 1 <= limit <= MOST:
        raise Invalid(Text("limit 应在 1 与 {n} 之间", "limit must lie between 1 and {n}"), n=MOST)
    async with reading.window(city, micros(start, 0), micros(end, _FOREVER)) as at:
        series = await visible.of(city, at.connection, caller, chosen, MOST_SERIES)
        return await reading.points(city, at, series, each, limit, newest_first=newest_first)


def micros(moment: datetime | None, otherwise: int) -> int:
    """A moment in UTC microseconds."""
    return otherwise if moment is None else clock.micros(moment)
