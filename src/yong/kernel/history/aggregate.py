"""Aggregates as expressions: the same ones compiled for the engine in process and for Spark over the same files.

Points have a group, a moment (UTC µs) and a number. Periods are those of the calendar of China, which has kept
UTC+8 without daylight saving since 1991; everything is integer arithmetic, so every engine agrees to the bit.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from yong.kernel.base.errors import Invalid
from yong.kernel.base.text import Text

if TYPE_CHECKING:
    import ibis.expr.types as ir

_CHINA_US = 8 * 3_600_000_000
_MINUTE = 60_000_000
_DAY = 86_400_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MONTHS = 600
TOO_MANY = Text("周期过多，请使用更长的周期", "Too many periods; use a longer one")


class Period(StrEnum):
    """How long a period is. Weeks begin on Monday."""

    MINUTE = "minute"
    QUARTER_HOUR = "quarter-hour"
    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


class Measure(StrEnum):
    """What is said of a period's numbers. The deviation is that of the whole population."""

    COUNT = "count"
    MIN = "min"
    MAX = "max"
    AVG = "avg"
    SUM = "sum"
    STDDEV = "stddev"


_LENGTH = {  # and by how much the period that holds 1970-01-01T00:00 in China began before it
    Period.MINUTE: (_MINUTE, 0),
    Period.QUARTER_HOUR: (15 * _MINUTE, 0),
    Period.HOUR: (60 * _MINUTE, 0),
    Period.DAY: (_DAY, 0),
    Period.WEEK: (7 * _DAY, 3 * _DAY),
}


def months(first_at: int, last_at: int) -> tuple[int, ...]:
    """The beginnings (UTC µs) of the months in China from that of `first_at` to that of `last_at`."""
    first, last = (_EPOCH + timedelta(microseconds=at + _CHINA_US) for at in (first_at, last_at))
    count = (last.year - first.year) * 12 + last.month - first.month + 1
    if count > _MONTHS:
        raise Invalid(TOO_MANY)
    begins = []
    for n in range(count):
        year, month = divmod(first.year * 12 + first.month - 1 + n, 12)
        begins.append(
            (datetime(year, month + 1, 1, tzinfo=UTC) - _EPOCH) // timedelta(microseconds=1) - _CHINA_US
        )
    return tuple(begins)


def expression(
    points: "ir.Table",
    period: Period | None,
    begins: Sequence[int],
    measures: Sequence[Measure],
    percentiles: Sequence[float],
) -> "ir.Table":
    """Groups and periods with their measures and percentiles (linear between neighbours), in order.

    `begins` are the beginnings of months, for that period.
    """
    keys = ["grp"]
    if period is not None:
        points = points.mutate(start=_start(points.observed_at, period, begins))
        keys.append("start")
    v = points.value
    of = {
        Measure.COUNT: lambda: v.count(),
        Measure.MIN: lambda: v.min(),
        Measure.MAX: lambda: v.max(),
        Measure.AVG: lambda: v.mean(),
        Measure.SUM: lambda: v.sum(),
        Measure.STDDEV: lambda: v.std(how="pop"),
    }
    columns = {measure.value: of[measure]() for measure in dict.fromkeys((Measure.COUNT, *measures))}
    columns.update({f"p{n}": v.quantile(p / 100) for n, p in enumerate(percentiles)})
    table = points.group_by(keys).aggregate(**columns)
    return table.filter(table["count"] > 0).order_by(keys)


def _start(moment: Any, period: Period, begins: Sequence[int]) -> Any:
    if period is Period.MONTH:
        import ibis

        later = [(moment < end, begin) for begin, end in pairwise(begins)]
        return ibis.cases(*later, else_=begins[-1]) if later else ibis.literal(begins[0])
    length, before = _LENGTH[period]
    return moment - (moment + (_CHINA_US + before)) % length


class Engine(StrEnum):
    """Whose SQL an expression becomes: that in process, or the one for history beyond one machine."""

    DUCKDB = "duckdb"
    SPARK = "spark"


@lru_cache(maxsize=256)
def sql(
    period: Period | None,
    begins: tuple[int, ...],
    measures: tuple[Measure, ...],
    percentiles: tuple[float, ...],
    engine: Engine = Engine.DUCKDB,
) -> str:
    """The expression as an engine's SQL, over a table `points` of grp, observed_at and value."""
    import ibis

    points = ibis.table({"grp": "int32", "observed_at": "int64", "value": "float64"}, name="points")
    compiler = _compiler(engine)
    return str(
        compiler.to_sqlglot(expression(points, period, begins, measures, percentiles)).sql(
            dialect=compiler.dialect
        )
    )


def _compiler(engine: Engine) -> Any:
    from ibis.backends.sql import compilers

    if engine is Engine.DUCKDB:
        return compilers.DuckDBCompiler()
    import ibis

    if ibis.options.pyspark is None:
        # Ibis's connection to Spark sets this, and wants pandas; its compiler alone wants no more than this.
        class Options(ibis.config.Config):  # type: ignore[misc]  # Ibis has no types here
            treat_nan_as_null: bool = False

        ibis.options.pyspark = Options()
    return compilers.PySparkCompiler()
