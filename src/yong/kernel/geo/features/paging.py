"""The order of features and where a page goes on: behind the values of its last feature, whatever was added before it."""

import base64
import binascii
from collections.abc import Sequence
from datetime import date, datetime

import msgspec

from yong.kernel.base.errors import Malformed
from yong.kernel.base.text import Text
from yong.kernel.geo.features.contracts import SORTED_BY, Column, Key, Kind, Rows
from yong.kernel.store.arguments import Arguments

LONGEST = 8000  # characters of a cursor

_WRONG = Text("cursor 无效", "The cursor is not valid")
_OTHER = Text("cursor 属于另一种排序", "The cursor belongs to another order")
_SORTBY = Text(
    "sortby 应为至多 {n} 个属性，以逗号分隔，降序者前加 -",
    "sortby is up to {n} properties parted by commas, with - before what descends",
)
NO_ORDER = Text("不能按 {name} 排序", "Nothing is sorted by {name}")


class By(msgspec.Struct, frozen=True):
    """A property that features are sorted by; what has none comes last."""

    column: Column
    descending: bool


class Cursor(msgspec.Struct, frozen=True, array_like=True):
    """The values of the last feature of a page, as texts: of what it is sorted by, then of its key."""

    order: str
    values: tuple[str | None, ...]
    keys: tuple[str, ...]

    @property
    def text(self) -> str:
        return base64.urlsafe_b64encode(msgspec.json.encode(self)).decode().rstrip("=")


def names_of(sortby: str | None) -> list[tuple[str, bool]]:
    """The properties of `sortby`, each with whether it descends. Raises Malformed."""
    if sortby is None:
        return []
    parts = sortby.split(",")
    names = [(part.lstrip("+-") if part[:1] in "+-" else part, part.startswith("-")) for part in parts]
    if len(parts) > SORTED_BY or not all(name for name, _ in names):
        raise Malformed(_SORTBY, n=SORTED_BY)
    return names


def by(columns: Sequence[tuple[Column, bool]]) -> tuple[By, ...]:
    """What to sort by. Raises Malformed for what has no order."""
    for column, _ in columns:
        if not column.kind.sortable or column.masked:
            raise Malformed(NO_ORDER, name=column.name[:64])
    return tuple(By(_ordered(column), descending) for column, descending in columns)


def _ordered(column: Column) -> Column:
    """A column whose JSON null is as absent as SQL's."""
    if column.kind is not Kind.ANY:
        return column
    return msgspec.structs.replace(column, sql=f"nullif({column.sql}, 'null')")


def read(text: str, order: Sequence[By], rows: Rows) -> Cursor:
    """A cursor as a link had it. Raises Malformed for one of another order, and for what is none."""
    try:
        if len(text) > LONGEST:
            raise ValueError("long")
        found = msgspec.json.decode(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)), type=Cursor)
        if any("\0" in v for v in (*found.values, *found.keys) if v is not None):
            raise ValueError("null character")
        if len(found.keys) != len(rows.keys) or len(found.values) != len(order):
            raise ValueError("another length")
        kinds = [*(o.column.kind for o in order), *(k.kind for k in rows.keys)]
        for kind, value in zip(kinds, (*found.values, *found.keys), strict=True):
            if value is not None:
                _check(kind, value)
    except (ValueError, OverflowError, binascii.Error, msgspec.MsgspecError, UnicodeError, RecursionError):
        raise Malformed(_WRONG) from None
    if found.order != named(order):
        raise Malformed(_OTHER)
    return found


def named(order: Sequence[By]) -> str:
    """An order as `sortby` writes it."""
    return ",".join(f"{'-' if o.descending else ''}{o.column.name}" for o in order)


def _check(kind: Kind, value: str) -> None:
    """Raise ValueError for what PostgreSQL could not read as a value of that kind."""
    if kind is Kind.INTEGER:
        if not -(2**63) <= int(value) < 2**63:
            raise ValueError(value)
    elif kind.number:
        float(value)
    elif kind is Kind.BOOLEAN:
        if value not in ("true", "false"):
            raise ValueError(value)
    elif kind is Kind.DATE:
        date.fromisoformat(value)
    elif kind is Kind.MOMENT:
        datetime.fromisoformat(value)
    elif kind is Kind.ANY:
        msgspec.json.decode(value)


def order_sql(order: Sequence[By], keys: Sequence[Key]) -> str:
    """What comes after ORDER BY."""
    parts = [f"{o.column.sql} {'DESC' if o.descending else 'ASC'} NULLS LAST" for o in order]
    return ", ".join([*parts, *(k.sql for k in keys)])


def values_sql(order: Sequence[By], keys: Sequence[Key]) -> list[str]:
    """The values that a cursor keeps, as texts, in SQL."""
    return [f"({o.column.sql})::text" for o in order] + [f"({k.sql})::text" for k in keys]


def behind(cursor: Cursor, order: Sequence[By], keys: Sequence[Key], arguments: Arguments) -> str:
    """The rows that come after those of a cursor, in SQL."""
    given = [f"{arguments.add(v, 'text')}::{k.kind.sql}" for v, k in zip(cursor.keys, keys, strict=True)]
    tail = f"({', '.join(k.sql for k in keys)}) > ({', '.join(given)})"
    for one, value in reversed(list(zip(order, cursor.values, strict=True))):
        sql = one.column.sql
        if value is None:
            tail = f"({sql} IS NULL AND {tail})"
            continue
        place = f"{arguments.add(value, 'text')}::{one.column.kind.sql}"
        sign = "<" if one.descending else ">"
        tail = f"({sql} {sign} {place} OR {sql} IS NULL OR ({sql} = {place} AND {tail}))"
    return tail
