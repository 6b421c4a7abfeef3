"""Rules of cases that need no database."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

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
