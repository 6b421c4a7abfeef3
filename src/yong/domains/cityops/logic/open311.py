"""The rules of Open311 GeoReport v2 (wiki.open311.org/GeoReport_v2): moments, spans, answers to attributes. Pure."""

import math
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from yong.domains.cityops.contracts import SPAN_DAYS, Asked, Attribute, Datatype
from yong.domains.reports.contracts import CATEGORIES
from yong.kernel.base import clock
from yong.kernel.base.errors import Problem
from yong.kernel.base.text import Text

OTHERS = "E06"
SPAN = timedelta(days=SPAN_DAYS)
_W3C = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)")
_REQUIRED = Text("必填", "This is required")
_UNKNOWN = Text("该类服务没有此项", "The service asks nothing of that code")
_NUMBER = Text("应为数字", "A number is asked for")
_MOMENT = Text(
    "应为带时区的日期时间，如 2026-05-01T08:00:00+08:00", "A moment with its zone: 2026-05-01T08:00:00+08:00"
)
_LINE = Text("不可换行，最多 {most} 字", "One line of at most {most} characters")
_WORDS = Text("最多 {most} 字", "At most {most} characters")
_CHOICE = Text("不在可选值之列", "Not among the values that may be chosen")
_ONE = Text("只能给出一个值", "One value alone")
LINE, WORDS, CHOSEN = 200, 1_000, 50


def moment(written: str) -> datetime | None:
    """A moment as the W3C note writes it, with its zone; None where it is none. A blank stands for a `+` in a URL."""
    text = re.sub(r" (?=\d\d:\d\d$)", "+", written[:64])
    if not _W3C.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def w3c(at: datetime) -> str:
    """A moment as the W3C note writes it, in China's zone, to the second."""
    return at.astimezone(clock.CHINA).isoformat(timespec="seconds")


def span(asked: Asked, now: datetime) -> tuple[datetime, datetime] | None:
    """From when to when requests are looked for: as asked, and 90 days where one end is open; None where it is longer."""
    start, end = asked.start, asked.end
    if start is None and end is None:
        return now - SPAN, now + timedelta(days=1)
    if start is None:
        assert end is not None
        return _before(end), end
    if end is None:
        return start, min(start, datetime.max.replace(tzinfo=UTC) - SPAN) + SPAN
    return (start, end) if timedelta(0) <= end - start <= SPAN else None


def _before(end: datetime) -> datetime:
    return max(end, datetime.min.replace(tzinfo=UTC) + SPAN) - SPAN


def category_of(code: str, sets: Sequence[Mapping[str, object]]) -> str:
    """The category of reports that a class falls into: by its own letters, else by its set; what fits none is others.

    The top classes of GB/T 30428.2 and CJ/T 214 have the categories' numbers: a component's 02 is C02, an event's E02.
    """
    if code[:3] in CATEGORIES:
        return code[:3]
    for one in sorted(sets, key=lambda s: -len(str(s["prefix"] or ""))):
        prefix, width = str(one["prefix"] or ""), int(str(one["major_width"]))
        if code.startswith(prefix) and len(code) >= len(prefix) + width:
            major = code[len(prefix) : len(prefix) + width]
            found = f"{'C' if one['kind'] == 'component' else 'E'}{major.lstrip('0').zfill(2)}"
            return found if found in CATEGORIES else OTHERS
    return OTHERS


def faults_of(asks: Sequence[Attribute], given: Mapping[str, tuple[str, ...]]) -> list[Problem]:
    """What is wrong with the answers to the attributes of a service, each by its field of the form."""
    known = {one.code: one for one in asks if one.variable}
    faults = [
        Problem(f"/attribute[{code[:100]}]", _UNKNOWN) for code in sorted(given.keys() - known.keys())[:20]
    ]
    for code, one in known.items():
        values = [v for v in given.get(code, ()) if v.strip()]
        fault = _REQUIRED if one.required and not values else _fault(one, values)
        if fault is not None:
            faults.append(Problem(f"/attribute[{code}]", fault))
    return faults


def _fault(one: Attribute, values: Sequence[str]) -> Text | None:
    if (one.datatype is not Datatype.MANY and len(values) > 1) or len(values) > CHOSEN:
        return _ONE
    for value in values:
        if one.datatype in (Datatype.ONE, Datatype.MANY):
            if value not in {v.key for v in one.values}:
                return _CHOICE
        elif one.datatype is Datatype.NUMBER:
            if not _number(value):
                return _NUMBER
        elif one.datatype is Datatype.DATETIME:
            if moment(value) is None:
                return _MOMENT
        elif one.datatype is Datatype.STRING:
            if len(value) > LINE or "\n" in value or "\r" in value:
                return _LINE.filled(most=LINE)
        elif len(value) > WORDS:
            return _WORDS.filled(most=WORDS)
    return None


def _number(value: str) -> bool:
    try:
        return len(value) <= 40 and value.isascii() and math.isfinite(float(value))
    except ValueError:
        return False


def told(asks: Sequence[Attribute], given: Mapping[str, tuple[str, ...]]) -> list[dict[str, str]]:
    """Answers as people read them: the question, and what was chosen or written, in the order of asking."""
    out = []
    for one in sorted(asks, key=lambda a: a.order):
        values = [v for v in given.get(one.code, ()) if v.strip()]
        if values and one.variable:
            names = {v.key: v.name.zh for v in one.values}
            answer = "、".join(names.get(v, v) for v in values)
            out.append({"code": one.code, "question": one.description.zh, "answer": answer})
    return out
