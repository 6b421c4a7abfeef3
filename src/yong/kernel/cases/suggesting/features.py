"""What is known of a case as it comes in, as features by family. Pure.

Only what is there at opening counts: its words, its place, its hour and day of the week, by which way it came; for
the unit its class as well, where a person has set it. Nothing that was decided later is a feature.
"""

from datetime import datetime
from enum import IntEnum
from functools import lru_cache

import msgspec

from yong.kernel.base.text import Text
from yong.kernel.search.logic import words

MOST_WORDS = 128
_LONGEST_TEXT = 2_000
_NEAR, _AREA = 0.0025, 0.01  # degrees of latitude: some 280 m and 1.1 km


class Family(IntEnum):
    """Kinds of features. The number is how they are kept."""

    WORD = 0
    NEAR = 1
    AREA = 2
    DISTRICT = 3
    HOUR = 4
    WEEKDAY = 5
    SOURCE = 6
    CLASS = 7


FAMILIES = {
    Family.WORD: Text("词", "Word"),
    Family.NEAR: Text("附近约 300 米", "Within some 300 m"),
    Family.AREA: Text("附近约 1 公里", "Within about 1 km"),
    Family.DISTRICT: Text("区划", "District"),
    Family.HOUR: Text("时段", "Time of day"),
    Family.WEEKDAY: Text("星期", "Day of the week"),
    Family.SOURCE: Text("来源", "How it came"),
    Family.CLASS: Text("类别", "Class"),
}
_DAYS = (
    Text("周一", "Monday"), Text("周二", "Tuesday"), Text("周三", "Wednesday"), Text("周四", "Thursday"),
    Text("周五", "Friday"), Text("周六", "Saturday"), Text("周日", "Sunday"),
)  # fmt: skip

Feature = tuple[Family, str]


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a case as it comes in; `at` is the moment in the city's own time, place in degrees."""

    text: str = ""
    place: tuple[float, float] | None = None
    district: str | None = None
    source: str | None = None
    at: datetime | None = None
    class_: str | None = None


def features_of(facts: Facts) -> list[Feature]:
    """The features of a case, none twice."""
    found: list[Feature] = [(Family.WORD, word) for word in tokens(facts.text)]
    if facts.place is not None:
        lon, lat = facts.place
        found.append((Family.NEAR, _square(lon, lat, _NEAR)))
        found.append((Family.AREA, _square(lon, lat, _AREA)))
    if facts.district:
        found.append((Family.DISTRICT, facts.district))
    if facts.at is not None:
        found.append((Family.HOUR, f"{facts.at.hour:02d}"))
        found.append((Family.WEEKDAY, str(facts.at.weekday())))
    if facts.source:
        found.append((Family.SOURCE, facts.source))
    if facts.class_:
        found.append((Family.CLASS, facts.class_))
    return found


def tokens(text: str) -> list[str]:
    """The words of a text in their order, each once, and no bare numbers.

    Chinese ones are the pairs of neighbouring characters and what the dictionary has of three or more: as it cuts a text, a
    word that stands by itself is lost in a longer one (路 灯不亮), and past cases say the same thing in other words.
    """
    return list(_tokens(text[:_LONGEST_TEXT]))


@lru_cache(maxsize=5_000)
def _tokens(text: str) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for run in words.runs(words.plain(text).text):
        for word in _han(run.text) if run.han else (run.text,):
            if not word.isdecimal() and len(word) <= words.LONGEST_WORD:
                found.setdefault(word)
        if len(found) >= MOST_WORDS:
            break
    return tuple(found)[:MOST_WORDS]


def _han(run: str) -> list[str]:
    if len(run) == 1:
        return [run]
    return [run[n : n + 2] for n in range(len(run) - 1)] + [w for w in words.cut(run) if len(w) > 2]


def said(feature: Feature) -> Text:
    """A feature as a person reads it."""
    family, value = feature
    if family in (Family.NEAR, Family.AREA):
        return Text("这里", "here")
    if family is Family.HOUR:
        return Text(f"{int(value)} 时", f"{int(value):02d}:00 to {int(value):02d}:59")
    if family is Family.WEEKDAY:
        return _DAYS[int(value)]
    return Text(value, value)


def _square(lon: float, lat: float, size: float) -> str:
    """The square of a grid that a place lies in: as high as wide, near 30 to 45 degrees north."""
    return f"{int(lon // (size * 1.25))}:{int(lat // size)}"
