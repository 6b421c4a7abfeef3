"""Rules of cases that need no database."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from yong.kernel.base.clock import CHINA
from yong.kernel.base.errors import Problem
from yong.kernel.base.text import Text
from yong.kernel.cases.contracts import FieldKind, FormField, Sheet

_UNKNOWN = Text("此处不填写这一项", "This is not asked for here")
_REQUIRED = Text("必须填写", "This must be said")
_KINDS: dict[FieldKind, tuple[type | tuple[type, ...], Text]] = {
    FieldKind.TEXT: (str, Text("须为文字", "Must be text")),
    FieldKind.NUMBER: ((int, float), Text("须为数字", "Must be a number")),
    FieldKind.BOOLEAN: (bool, Text("须为是或否", "Must be yes or no")),
    FieldKind.DATE: (str, Text("须为日期（年-月-日）", "Must be a date (YYYY-MM-DD)")),
    FieldKind.CODE: (str, Text("须为所列选项之一", "Must be one of the choices")),
}
_LONG = Text("最多 {most} 个字", "At most {most} characters")
_BOTH_TIMES = Text("起止时间须同时填写，或都留空", "Say both times or neither")
_NO_DAY = Text("须在起始日期之后", "Must be after the first day")
_RANGE = Text("须在 {low} 与 {high} 之间", "Must lie between {low} and {high}")


def faults_of(
    sheet: Sheet, data: Mapping[str, Any], fields: Sequence[FormField], *, asked: Sequence[str]
) -> list[Problem]:
    """Everything wrong with what was filled in: fields that are not asked for here, lacking or of the wrong kind."""
    known = {field.name: field for field in fields}
    problems = [Problem(f"/data/{name[:100]}", _UNKNOWN) for name in data if name not in known][:20]
    for field in fields:
        value = data.get(field.name)
        if value is None:
            if field.required and field.name in asked:
                problems.append(Problem(f"/data/{field.name}", _REQUIRED))
        elif fault := _fault(field, value):
            problems.append(Problem(f"/data/{field.name}", fault))
    return problems


def _fault(field: FormField, value: object) -> Text | None:
    kind, wrong = _KINDS[field.kind]
    if not isinstance(value, kind) or (isinstance(value, bool) and field.kind is not FieldKind.BOOLEAN):
        return wrong
    if field.kind is FieldKind.CODE:
        return None if value in {code for code, _ in field.choices} else wrong
    if isinstance(value, str) and field.kind is FieldKind.DATE:
        try:
            date.fromisoformat(value)
        except ValueError:
            return wrong
    elif isinstance(value, str):
        return _LONG.filled(most=field.max_length) if len(value) > field.max_length else None
    elif isinstance(value, int | float) and not isinstance(value, bool):
        low = float("-inf") if field.minimum is None else field.minimum
        high = float("inf") if field.maximum is None else field.maximum
        return None if low <= value <= high else _RANGE.filled(low=low, high=high)
    return None


def shift_faults(values: Mapping[str, Any]) -> list[Problem]:
    """What is wrong with a line of the duty roster as a whole."""
    problems = []
    if bool(values.get("from_time")) != bool(values.get("to_time")):
        problems.append(Problem("/to_time" if values.get("from_time") else "/from_time", _BOTH_TIMES))
    if values.get("ends_on") and str(values["ends_on"]) <= str(values.get("starts_on") or ""):
        problems.append(Problem("/ends_on", _NO_DAY))
    return problems


def on_shift(line: Mapping[str, Any], at: datetime) -> bool:
    """Whether a line of the roster holds at a moment: its days in China's time, a shift past midnight by its first day."""
    local = at.astimezone(CHINA)
    day, time = local.date(), f"{local:%H:%M}"
    start, end = line["from_time"], line["to_time"]
    if start and end and start >= end and time < end:
        day -= timedelta(days=1)  # the night's part of a shift that began the day before
    elif start and end and not (start <= time < end or (start >= end and time >= start)):
        return False
    if day < line["starts_on"] or (line["ends_on"] and day >= line["ends_on"]):
        return False
    return not line["weekdays"] or str(day.isoweekday()) in line["weekdays"]


def best_shift(
    lines: Sequence[Mapping[str, Any]],
    loads: Mapping[str, int],
    task: Mapping[str, Any],
    class_: str,
    area: str,
    at: datetime,
) -> str | None:
    """Whom of those on duty a task is given to: those whose line is for its class and place, then who has least to do.

    `loads` is how many open tasks each account has; who has as many as the line allows gets no more.
    """
    holding = [
        line for line in lines
        if line["role"] == task["role"] and line["party"] in (None, task["party"])
        and class_.startswith(line["class_prefix"] or "") and area.startswith(line["area_prefix"] or "")
        and on_shift(line, at) and (line["most"] is None or loads.get(line["account"], 0) < line["most"])
    ]  # fmt: skip

    def order(line: Mapping[str, Any]) -> tuple[int, int, int, str]:
        skill, place = len(line["class_prefix"] or ""), len(line["area_prefix"] or "")
        return -skill, -place, loads.get(line["account"], 0), line["account"]

    return min(holding, key=order)["account"] if holding else None


def best_duty(
    duties: Sequence[Mapping[str, Any]], procedure: str, class_: str | None, area: str
) -> list[str]:
    """The parties responsible for a class in an area, the leading one first: those of the most particular line.

    A line holds where its class is a prefix of the case's (empty: any) and its area a prefix of the district's or
    unit grid's code. The longer class counts before the longer area.
    """
    holding = [
        d for d in duties
        if d["procedure"] in (None, procedure)
        and (class_ or "").startswith(d["class_prefix"] or "")
        and area.startswith(d["area_prefix"] or "")
    ]  # fmt: skip
    if not holding:
        return []

    def particular(line: Mapping[str, Any]) -> tuple[int, int, int]:
        return (
            len(line["class_prefix"] or ""),
            len(line["area_prefix"] or ""),
            line["procedure"] is not None,
        )

    best = max(particular(d) for d in holding)
    return [d["party"] for d in sorted(holding, key=lambda d: d["rank"] or 1) if particular(d) == best]
