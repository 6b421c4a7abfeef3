"""Measures over many readings: per period, per group; and charts of few points that look like the many."""

from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import Any

import msgspec
import numpy as np

from yong.kernel.base import clock
from yong.kernel.base.city import City
from yong.kernel.base.errors import Invalid
from yong.kernel.base.text import Text
from yong.kernel.history import aggregate, numbers
from yong.kernel.history.aggregate import Measure, Period
from yong.kernel.history.cold import Cold, Cursor
from yong.kernel.history.contracts import Chart, ChartPoint, Statistic
from yong.kernel.history.reading import Window
from yong.kernel.history.visible import Visible, numbers_of

MOST_ROWS = 10_000
MOST_CHARTED = 5_000_000


class Grouping(StrEnum):
    """What is measured together, always apart by attribute and unit.

    `GROUP` is a group of things: a thing of two groups counts in both, one of none in none of a name.
    """

    ALL = "all"
    ENTITY = "entity"
    TYPE = "type"
    DISTRICT = "district"
    GROUP = "group"


class Sampling(StrEnum):
    """How a chart's points are chosen; all keep what the eye sees."""

    LTTB = "lttb"
    MINMAXLTTB = "minmaxlttb"
    M4 = "m4"


class Question(msgspec.Struct, frozen=True):
    """What is asked of the readings."""

    period: Period | None
    group: Grouping
    measures: tuple[Measure, ...]
    percentiles: tuple[float, ...]


_KEYS: dict[Grouping, Callable[[Visible], tuple[str | None, ...]]] = {
    Grouping.ALL: lambda s: (None,),
    Grouping.ENTITY: lambda s: (s.entity,),
    Grouping.TYPE: lambda s: (s.type,),
    Grouping.DISTRICT: lambda s: (s.district,),
    Grouping.GROUP: lambda s: s.groups or (None,),
}


async def measured(
    city: City, at: Window, series: Sequence[Visible], question: Question, *, every: bool
) -> list[Statistic]:
    """The measures by group and period. `every` says that there are no series but these. Raises Invalid."""
    series = [s for s in series if s.numbers]
    if not series:
        return []
    of = _KEYS[question.group]
    groups: dict[tuple[str | None, str, str], int] = {}
    pairs = [
        (s.number, groups.setdefault((key, s.attribute, s.unit), len(groups)))
        for s in series
        for key in of(s)
    ]
    names = list(groups)
    hot = await numbers.hot(at, numbers_of(series))
    cold = city[Cold]

    def ask(cursor: Cursor) -> list[tuple[Any, ...]]:
        source = numbers.source(cold, cursor, at, numbers_of(series), hot, every=every)
        if len(groups) == 1:
            points = f"SELECT 0 AS grp, observed_at, value FROM ({source})"
        else:
            members, grouped = zip(*pairs, strict=True)
            cursor.register("groups", numbers.column(members, grp=grouped))
            points = f"SELECT g.grp, p.observed_at, p.value FROM ({source}) p JOIN groups g USING (series)"
        begins: tuple[int, ...] = ()
        if question.period is Period.MONTH:
            bounds = cursor.execute(f"SELECT min(observed_at), max(observed_at) FROM ({source})").fetchone()
            if bounds is None or bounds[0] is None:
                return []
            begins = aggregate.months(*bounds)
        sql = aggregate.sql(question.period, begins, question.measures, question.percentiles)
        return cursor.execute(
            f"WITH points AS ({points}) SELECT * FROM ({sql}) LIMIT {MOST_ROWS + 1}"
        ).fetchall()

    rows = await cold.run(ask)
    if len(rows) > MOST_ROWS:
        raise Invalid(
            Text(
                "结果超过 {n} 行，请使用更长的周期或缩小范围",
                "More than {n} rows; use a longer period or narrow it",
            ),
            n=MOST_ROWS,
        )
    found = [_statistic(names[row[0]], row[1:], question) for row in rows]
    found.sort(key=lambda s: (s.group or "", s.attribute, s.unit or "", s.start or clock.from_micros(0)))
    return found


def _statistic(name: tuple[str | None, str, str], row: tuple[Any, ...], question: Question) -> Statistic:
    start = None
    if question.period is not None:
        start, row = clock.from_micros(row[0]), row[1:]
    measures = [m.value for m in dict.fromkeys((Measure.COUNT, *question.measures))]
    values = dict(zip(measures, row, strict=False))
    return Statistic(
        group=name[0],
        attribute=name[1],
        unit=name[2] or None,
        start=start,
        count=values["count"],
        min=values.get("min"),
        max=values.get("max"),
        avg=values.get("avg"),
        sum=values.get("sum"),
        stddev=values.get("stddev"),
        percentiles=dict(zip((f"{p:g}" for p in question.percentiles), row[len(measures) :], strict=True)),
    )


async def charts(
    city: City, at: Window, series: Sequence[Visible], points: int, sampling: Sampling
) -> list[Chart]:
    """Of each series at most so many of its readings, chosen so that a line through them looks the same."""
    series = [s for s in series if s.numbers]
    if not series:
        return []
    hot = await numbers.hot(at, numbers_of(series))
    cold = city[Cold]

    def ask(cursor: Cursor) -> list[tuple[Visible, np.ndarray, np.ndarray]]:
        source = numbers.source(cold, cursor, at, numbers_of(series), hot, every=False)
        out = []
        for one in series:
            columns = cursor.execute(
                f"""SELECT observed_at, value FROM ({source}) WHERE series = {one.number} AND isfinite(value)
                    ORDER BY observed_at, value LIMIT {MOST_CHARTED + 1}"""
            ).fetchnumpy()
            moments, values = np.asarray(columns["observed_at"]), np.asarray(columns["value"])
            if len(moments) > MOST_CHARTED:
                raise Invalid(
                    Text("读数超过 {n} 条，请缩小时间范围", "More than {n} readings; narrow the time"),
                    n=MOST_CHARTED,
                )
            chosen = sampled(moments, values, points, sampling)
            out.append((one, moments[chosen], values[chosen]))
        return out

    return [
        Chart(
            entity=s.entity,
            attribute=s.attribute,
            unit=s.unit or None,
            dataset=s.dataset or None,
            points=[
                ChartPoint(clock.from_micros(int(t)), float(v)) for t, v in zip(moments, values, strict=True)
            ],
        )
        for s, moments, values in await cold.run(ask)
    ]


def sampled(moments: np.ndarray, values: np.ndarray, points: int, sampling: Sampling) -> np.ndarray:
    """The places of at most `points` readings; all of them when there are no more."""
    import tsdownsample

    if len(values) <= points:
        return np.arange(len(values))
    kinds: dict[Sampling, Any] = {
        Sampling.LTTB: tsdownsample.LTTBDownsampler,
        Sampling.MINMAXLTTB: tsdownsample.MinMaxLTTBDownsampler,
        Sampling.M4: tsdownsample.M4Downsampler,
    }
    n_out = points - points % 4 if sampling is Sampling.M4 else points
    sampler: Any = kinds[sampling]()
    chosen = sampler.downsample(np.ascontiguousarray(moments), np.ascontiguousarray(values), n_out=n_out)
    return np.unique(np.asarray(chosen))
