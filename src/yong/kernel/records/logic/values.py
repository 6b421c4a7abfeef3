"""Checks of values, compiled once per field: what comes in, what is kept, and what is wrong with it."""

import json
import math
import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from yong.kernel.base.errors import Problem
from yong.kernel.base.relation import Field, Type
from yong.kernel.base.text import Text
from yong.kernel.records.contracts import Draft, Table
from yong.kernel.records.logic.formats import FORMATS
from yong.kernel.records.logic.shapes import shape_fault

Check = Callable[[object], object]
"""Returns the value to keep; raises Fault. Kept values are what PostgreSQL's JSON reads."""

JSON_BYTES = 65_536
_INT64 = 1 << 63


class Fault(Exception):
    """Why one value is refused."""

    def __init__(self, zh: str, en: str) -> None:
        self.text = Text(zh, en)
        super().__init__(en)


REQUIRED = Text("必填", "This is required")
UNKNOWN = Text("没有这个字段", "There is no such field")


@lru_cache(maxsize=4096)
def check_of(field: Field) -> Check:
    """The check of one field for values that are not null."""
    return _KINDS[field.type](field)


@lru_cache(maxsize=1024)
def checks_of(table: Table) -> Mapping[str, Check]:
    return {f.name: check_of(f) for f in table.fields}


def check(
    table: Table, values: Mapping[str, object], *, prefix: str = "/values", partial: bool = False
) -> Draft:
    """Every value checked; `partial` lets required fields be left out (but not be null)."""
    checks = checks_of(table)
    problems: list[Problem] = []
    kept: dict[str, object] = {}
    for name, value in values.items():
        one = checks.get(name)
        if one is None:
            problems.append(Problem(f"{prefix}/{pointer(name)}", UNKNOWN))
        elif value is None:
            kept[name] = None
        else:
            try:
                kept[name] = one(value)
            except Fault as fault:
                problems.append(Problem(f"{prefix}/{name}", fault.text))
    for field in table.fields:
        if field.required and kept.get(field.name) is None and (field.name in kept or not partial):
            if field.name in values and values[field.name] is not None:
                continue  # already told why
            problems.append(Problem(f"{prefix}/{field.name}", REQUIRED))
    if not partial and not problems:
        problems.extend(broken(table, kept, prefix=prefix))
    return Draft(values=kept, problems=tuple(problems))


def broken(table: Table, values: Mapping[str, object], *, prefix: str = "/values") -> tuple[Problem, ...]:
    """What a whole record's values break by the rule of its table."""
    if table.rule is None:
        return ()
    return tuple(Problem(prefix + p.pointer, p.detail) for p in table.rule(values))


def pointer(name: str) -> str:
    """A name as one step of a JSON Pointer (RFC 6901), cut to a sane length."""
    return name[:100].replace("~", "~0").replace("/", "~1")


def _text(field: Field) -> Check:
    limit = field.max_length
    pattern = re.compile(field.pattern) if field.pattern else None
    named = FORMATS[field.format] if field.format else None

    def check(value: object) -> object:
        if not isinstance(value, str):
            raise Fault("应为文本", "Must be text")
        if len(value) > limit:
            raise Fault(f"不得超过 {limit} 个字符", f"Must have at most {limit} characters")
        if not value.isprintable():
            _clean(value)
        if pattern and not pattern.fullmatch(value):
            raise Fault("格式不符", "Does not have the required form")
        if named and not named[0](value):
            raise Fault(named[1].zh, named[1].en)
        return value

    return check


def _clean(value: str) -> None:
    if "\0" in value:
        raise Fault("含有空字符", "Contains a null character")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise Fault("含有无效字符", "Contains an invalid character") from None


def _identifier(field: Field) -> Check:
    what = Text("代码", "a code") if field.type is Type.CODE else Text("标识", "an identifier")

    def check(value: object) -> object:
        if not isinstance(value, str) or not 0 < len(value) <= 200:
            raise Fault(f"应为{what.zh}", f"Must be {what.en}")
        _clean(value)
        return value

    return check


def _bounds(field: Field) -> Callable[[float | Decimal], None]:
    low, high = field.minimum, field.maximum

    def within(value: float | Decimal) -> None:
        if low is not None and value < low:
            raise Fault(f"不得小于 {low:g}", f"Must be at least {low:g}")
        if high is not None and value > high:
            raise Fault(f"不得大于 {high:g}", f"Must be at most {high:g}")

    return within


def _integer(field: Field) -> Check:
    within = _bounds(field)

    def check(value: object) -> object:
        if type(value) is float and value.is_integer() and abs(value) < 2**53:
            value = int(value)
        if type(value) is not int:
            raise Fault("应为整数", "Must be a whole number")
        if not -_INT64 <= value < _INT64:
            raise Fault("超出 64 位整数", "Does not fit into 64 bits")
        within(value)
        return value

    return check


def _number(field: Field) -> Check:
    within = _bounds(field)

    def check(value: object) -> object:
        if type(value) is not float and type(value) is not int:
            raise Fault("应为数", "Must be a number")
        try:
            number = float(value)
        except OverflowError:
            raise Fault("数过大", "The number is too large") from None
        if not math.isfinite(number):
            raise Fault("应为有限的数", "Must be finite")
        within(number)
        return number

    return check


def _decimal(field: Field) -> Check:
    within = _bounds(field)

    def check(value: object) -> object:
        if (
            isinstance(value, bool)
            or not isinstance(value, str | int | float | Decimal)
            or len(str(value)) > 60
        ):
            raise Fault("应为十进制数", "Must be a decimal number")
        try:
            number = Decimal(str(value))
        except InvalidOperation:
            raise Fault("应为十进制数", "Must be a decimal number") from None
        if not number.is_finite() or abs(number.adjusted()) > 60:
            raise Fault("应为有限的十进制数", "Must be a finite decimal number")
        within(number)
        return format(number, "f")

    return check


def _boolean(field: Field) -> Check:
    def check(value: object) -> object:
        if not isinstance(value, bool):
            raise Fault("应为 true 或 false", "Must be true or false")
        return value

    return check


def _date(field: Field) -> Check:
    def check(value: object) -> object:
        if isinstance(value, date) and not isinstance(value, datetime):
            return value.isoformat()
        if isinstance(value, str) and len(value) == 10:
            try:
                return date.fromisoformat(value).isoformat()
            except ValueError:
                pass
        raise Fault("应为日期 YYYY-MM-DD", "Must be a date YYYY-MM-DD")

    return check


def _moment(field: Field) -> Check:
    def check(value: object) -> object:
        try:
            moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(value)[:40])
            if moment.tzinfo is not None and (isinstance(value, datetime | str)):
                return moment.astimezone(UTC).isoformat()
        except (ValueError, OverflowError):
            pass
        raise Fault("应为带时区的时间（RFC 3339）", "Must be a moment with its offset (RFC 3339)")

    return check


def _geometry(field: Field) -> Check:
    def check(value: object) -> object:
        fault = shape_fault(value)
        if fault:
            raise Fault(fault.zh, fault.en)
        return value

    return check


def _json(field: Field) -> Check:
    def check(value: object) -> object:
        try:
            text = json.dumps(value, ensure_ascii=False, allow_nan=False)
            size = len(text.encode())
        except (TypeError, ValueError, RecursionError):
            raise Fault("不是有效的 JSON", "Is not valid JSON") from None
        if size > JSON_BYTES:
            raise Fault(f"不得超过 {JSON_BYTES} 字节", f"Must have at most {JSON_BYTES} bytes")
        if "\\u0000" in text or _depth(value) > 32:
            raise Fault("不是可保存的 JSON", "Is not JSON that can be kept")
        return value

    return check


def _depth(value: object, level: int = 0) -> int:
    if level > 40 or not isinstance(value, dict | list):
        return level
    inner = value.values() if isinstance(value, dict) else value
    return max((_depth(v, level + 1) for v in inner), default=level)


_KINDS: Mapping[Type, Callable[[Field], Check]] = {
    Type.TEXT: _text,
    Type.INTEGER: _integer,
    Type.NUMBER: _number,
    Type.DECIMAL: _decimal,
    Type.MONEY: _integer,
    Type.BOOLEAN: _boolean,
    Type.DATE: _date,
    Type.MOMENT: _moment,
    Type.CODE: _identifier,
    Type.REFERENCE: _identifier,
    Type.GEOMETRY: _geometry,
    Type.JSON: _json,
}
