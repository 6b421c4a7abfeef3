"""How fast deadlines are counted: a million clocks of eleven kinds of limits, a tenth of them stopped once, over the
announced years. The ceiling is the moments alone: that many additions of a length, with no calendar looked at.
"""

import time
from datetime import UTC, datetime

import chinese_calendar
import numpy as np

from bench.figure import Figure
from yong.kernel.base.calendars import CHINESE
from yong.kernel.base.clock import micros
from yong.kernel.cases.clocks.contracts import Limit, Unit
from yong.kernel.cases.clocks.many import Stops, many

CLOCKS = 1_000_000
TERMS = [
    (Limit(amount, unit),)
    for amount, unit in (
        *((1, Unit.WORK_DAYS), (4, Unit.WORK_DAYS), (15, Unit.WORK_DAYS)),
        *((2, Unit.WORK_HOURS), (4, Unit.WORK_HOURS), (5, Unit.WORK_HOURS)),
        *((2, Unit.URGENT_HOURS), (24, Unit.URGENT_HOURS), (15, Unit.CALENDAR_DAYS), (3, Unit.MONTHS)),
    )
] + [(Limit(20, Unit.WORK_DAYS), Limit(10, Unit.WORK_DAYS))]


async def figures() -> list[Figure]:
    """clock_million. It needs no install."""
    random = np.random.default_rng(1)
    last = max(chinese_calendar.constants.holidays).year
    begin, end = (micros(datetime(year, 1, 1, tzinfo=UTC)) for year in (last - 2, last))
    started = random.integers(begin, end, CLOCKS).view("M8[us]")
    which = random.integers(0, len(TERMS), CLOCKS)
    stopped = np.sort(random.choice(CLOCKS, CLOCKS // 10, replace=False))
    since = started[stopped] + random.integers(0, 5 * 86_400_000_000, len(stopped)).view("m8[us]")
    stops = Stops(stopped, since, since + np.timedelta64(50, "h"))
    began = time.perf_counter()
    told = many(started, TERMS, which, CHINESE, stops)
    seconds = time.perf_counter() - began  # the calendar is compiled in it
    assert not np.isnat(told.due_at).any()
    lengths = np.array([t[0].amount * 3_600_000_000 for t in TERMS], np.int64)
    began = time.perf_counter()
    bare = [started + (lengths[which] * part // 10).view("m8[us]") for part in (8, 9, 10)]
    ceiling = time.perf_counter() - began
    assert len(bare[0]) == CLOCKS
    return [
        Figure(
            name="clock_million", value=CLOCKS / seconds, unit="deadlines/s", ceiling=CLOCKS / ceiling,
            must=100_000, aim=1_000_000, what="three moments each by adding a length, with no calendar",
        )
    ]  # fmt: skip
