"""Reads over a scope: one row, many rows, a page. What a caller may not see is not in the scope."""

import base64
import binascii
import math
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime

import msgspec

from yong.kernel.access.contracts import Scope
from yong.kernel.base import clock
from yong.kernel.base.errors import Invalid, Problem
from yong.kernel.base.relation import Field, Relation, Type
from yong.kernel.base.text import Text
from yong.kernel.records.contracts import Filter, Operator, Record, Table
from yong.kernel.records.store.tables import SQL_TYPES, quoted

_META = (
    ("version", "version"),
    ("owner_id", "owner"),
    ("district", "district"),
    ("created_at", "created_at"),
    ("updated_at", "updated_at"),
    ("ended_at", "ended_at"),
    ("valid_from", "valid_from"),
    ("valid_to", "valid_to"),
)
_COMPARE = {
    Operator.EQ: "=",
    Operator.NE: "IS DISTINCT FROM",
    Operator.LT: "<",
    Operator.LTE: "<=",
    Operator.GT: ">",
    Operator.GTE: ">=",
}
decode = msgspec.json.Decoder(Record).decode


class Source(msgspec.Struct, frozen=True):
    """Rows to read: a scope's SQL and arguments, and the fields in it. `table` is set for record tables."""

    relation: Relation
    sql: str
    args: tuple[object, ...]
    fields: tuple[Field, ...]
    table: Table | None
    audited: bool = False  # personal data is read in clear

    @property
    def id_sql(self) -> str:
        if self.relation.key == ("id",) and self.table is not None:
            return "r.id"
        return "concat_ws('~', " + ", ".join(f'r."{k}"' for k in self.relation.key) + ")"

    def doc_sql(self, extra: str = "") -> str:
        """The SQL expression of a row as the JSON text of a Record."""
        meta = {name for name, _ in _META} | {"id"} if self.table is not None else set()
        seen = {f.name for f in self.fields}
        values = ", ".join(_value(f) for f in self.fields if f.name not in meta)
        heads = "".join(f', r."{c}" AS {name}' for c, name in _META if c in meta and c in seen)
        relation = self.relation.name.replace("'", "''")
        inner = f"(SELECT row_to_json(v) FROM (SELECT {values}) v)" if values else "'{}'::json"
        return (
            f"(SELECT row_to_json(o) FROM (SELECT {self.id_sql} AS id, '{relation}' AS relation{heads},"
            f" {inner} AS values{extra}) o)::text"
        )


def _value(field: Field) -> str:
    if field.type is Type.DECIMAL:
        return f'r."{field.name}"::text AS "{field.name}"'
    return f'r."{field.name}"'


def source_of(relation: Relation, table: Table | None, scope: Scope) -> Source:
    fields = tuple(f for name in scope.fields if (f := relation.field(name)) is not None)
    return Source(relation, scope.sql, scope.args, fields, table, scope.audited)


def present_of(source: Source) -> Source:
    """The same rows without those that ended, under the same scope; of a bitemporal table what holds today."""
    assert source.table is not None
    if source.table.bitemporal:
        return past(source, None, None, ended=False)
    inner = f"(SELECT * FROM {quoted(source.relation.name)} WHERE ended_at IS NULL)"
    return msgspec.structs.replace(source, sql=over(source, inner))


def past(source: Source, at: date | None, known_at: datetime | None, *, ended: bool = True) -> Source:
    """The same rows as they were: from history, under the same scope. `at` needs a bitemporal table."""
    assert source.table is not None
    args = list(source.args)
    terms = [] if ended else ["ended_at IS NULL"]
    if known_at is None:
        terms.append("recorded_to IS NULL")
    else:
        args.append(known_at)
        terms.append(f"recorded_from <= ${len(args)} AND (recorded_to IS NULL OR recorded_to > ${len(args)})")
    if source.table.bitemporal:
        args.append(at or clock.now().astimezone(clock.CHINA).date())
        terms.append(f"valid_from <= ${len(args)} AND (valid_to IS NULL OR valid_to > ${len(args)})")
    inner = f"(SELECT * FROM {quoted(source.relation.name + '_history')} WHERE {' AND '.join(terms)})"
    return msgspec.structs.replace(source, sql=over(source, inner), args=tuple(args))


def over(source: Source, inner: str) -> str:
    """The scope's SQL with its table replaced by a sub-query of the same columns.

    The scope stays whole; it must name its table exactly once after FROM, otherwise this fails closed.
    """
    module, noun = source.relation.name.split(".")
    pattern = re.compile(
        rf'\bFROM\s+"?{module}"?\."?{noun}"?(?:\s+AS)?(?:\s+(?!WHERE\b|AS\b)("?\w+"?))?(?=\s|$|\))'
    )
    found = pattern.findall(source.sql)
    if len(found) != 1:
        raise AssertionError(f"the scope of {source.relation.name} does not name its table once")
    alias = found[0] or f'"{noun}"'
    return pattern.sub(lambda _: f"FROM {inner} AS {alias}", source.sql)


def history_sql(source: Source) -> str:
    """SQL that yields every state of one record as JSON of a Change; two more arguments: id and limit.

    The scope's own columns do not name when a row was recorded, so each moment of change is read as it was.
    """
    history = quoted(source.relation.name + "_history")
    number = len(source.args)
    inner = f"(SELECT * FROM {history} WHERE ctid = m.place)"
    doc = msgspec.structs.replace(source, sql=over(source, inner)).doc_sql()
    return (
        f"SELECT json_build_object('record', x.doc::json, 'recorded_from', m.recorded_from,"
        f" 'recorded_to', m.recorded_to)::text AS doc"
        f" FROM (SELECT ctid AS place, recorded_from, recorded_to FROM {history} WHERE id = ${number + 1}"
        f" ORDER BY recorded_from DESC LIMIT ${number + 2}) AS m"
        f" CROSS JOIN LATERAL (SELECT {doc} AS doc FROM ({over(source, inner)}) AS r) AS x"
        f" ORDER BY m.recorded_from DESC"
    )


class Query(msgspec.Struct, frozen=True):
    """A page to read: conditions, one order, where to go on and how many rows."""

    filters: tuple[Filter, ...] = ()
    sort: str | None = None  # a field's name, "-name" for descending
    cursor: str | None = None
    limit: int = 100
    ended: bool = False


class _Cursor(msgspec.Struct, array_like=True):
    sort: str
    value: str | None
    id: str


def page_sql(source: Source, query: Query) -> tuple[str, list[object]]:
    """SQL that yields (id, k, doc), one row more than the page; k is the sort value as text."""
    args: list[object] = list(source.args)
    terms = _conditions(source, query.filters, args)
    hide = source.table is not None and not query.ended and any(f.name == "ended_at" for f in source.fields)
    if hide and all(f.field != "ended_at" for f in query.filters):
        terms.append("r.ended_at IS NULL")
    name, descending = (query.sort or "").removeprefix("-"), (query.sort or "").startswith("-")
    field = _field(source, name, "sort") if name else None
    if field and field.type in (Type.GEOMETRY, Type.JSON):
        raise _wrong("sort", "此字段不能排序", "This field cannot be sorted by")
    id_sql, key = source.id_sql, f'r."{name}"' if field else "NULL::text"
    order = [f"{key} {'DESC' if descending else 'ASC'} NULLS LAST"] if field else []
    if query.cursor:
        terms.append(_after(source, query, field, descending, args))
    where = f"WHERE {' AND '.join(terms)}" if terms else ""
    args.append(query.limit + 1)
    sql = (
        f"SELECT {id_sql} AS id, {key}::text AS k, {source.doc_sql()} AS doc FROM ({source.sql}) AS r {where}"
        f" ORDER BY {', '.join([*order, id_sql])} LIMIT ${len(args)}"
    )
    return sql, args


def tagged_sql(
    source: Source, shown: Source, filters: Sequence[Filter], most: int
) -> tuple[str, list[object]]:
    """SQL that yields (id, doc, tag), at most so many rows in the order of their ids; the doc has the fields of `shown`."""
    args: list[object] = list(source.args)
    terms = _conditions(source, filters, args)
    if source.table is not None and any(f.name == "ended_at" for f in source.fields):
        terms.append("r.ended_at IS NULL")
    where = f"WHERE {' AND '.join(terms)}" if terms else ""
    args.append(most)
    return (
        f"SELECT d.id, d.doc, hashtextextended(d.doc, 0) AS tag FROM (SELECT {source.id_sql} AS id, {shown.doc_sql()} AS doc"
        f" FROM ({source.sql}) AS r {where} ORDER BY 1 LIMIT ${len(args)}) AS d"
    ), args


def _after(source: Source, query: Query, field: Field | None, descending: bool, args: list[object]) -> str:
    try:
        raw = base64.urlsafe_b64decode((query.cursor or "")[:4000].encode())
        cursor = msgspec.json.decode(raw, type=_Cursor)
        if "\0" in cursor.id or "\0" in (cursor.value or ""):
            raise ValueError("null character")
        if field and cursor.value is not None:
            _argument(field, cursor.value)
    except (ValueError, binascii.Error, msgspec.MsgspecError, UnicodeError, Invalid):
        raise _wrong("cursor", "游标无效", "The cursor is not valid") from None
    if cursor.sort != (query.sort or ""):
        raise _wrong("cursor", "游标属于另一种排序", "The cursor belongs to another order")
    args.append(cursor.id)
    beyond = f"{source.id_sql} > ${len(args)}"
    if field is None:
        return beyond
    column = f'r."{field.name}"'
    if cursor.value is None:
        return f"({column} IS NULL AND {beyond})"
    args.append(cursor.value)
    value = f"${len(args)}::text::{SQL_TYPES[field.type]}"
    sign = "<" if descending else ">"
    return f"({column} {sign} {value} OR ({column} = {value} AND {beyond}) OR {column} IS NULL)"


def cursor_of(query: Query, id_: str, value: str | None) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(_Cursor(query.sort or "", value, id_))).decode()


def _wrong(where: str, zh: str, en: str) -> Invalid:
    return Invalid(None, problems=(Problem(f"/{where}", Text(zh, en)),))


def _field(source: Source, name: str, where: str) -> Field:
    field = next((f for f in source.fields if f.name == name), None)
    if field is None:
        raise _wrong(where, f"没有字段 {name[:50]}", f"There is no field {name[:50]}")
    return field


def _conditions(source: Source, filters: Sequence[Filter], args: list[object]) -> list[str]:
    terms = []
    for one in filters:
        field = _field(source, one.field, f"filter/{one.field[:50]}")
        if "\0" in one.value or len(one.value) > 4000:
            raise _bad(field)
        terms.append(condition(source, field, one, args))
    return terms


def condition(source: Source, field: Field, one: Filter, args: list[object]) -> str:
    """One condition as SQL over rows `r`; its values go to `args`. Raises Invalid."""
    column, kind = f'r."{field.name}"', SQL_TYPES[field.type]
    shaped = field.type in (Type.GEOMETRY, Type.JSON)
    if one.operator is Operator.NULL:
        if one.value not in ("true", "false"):
            raise _bad(field)
        return f"{column} IS {'' if one.value == 'true' else 'NOT '}NULL"
    if one.operator is Operator.BBOX:
        return _bbox(source, field, one, args)
    if shaped:
        raise _bad(field)
    if one.operator in (Operator.PREFIX, Operator.CONTAINS):
        if kind != "text":
            raise _bad(field)
        literal = re.sub(r"([\\%_])", r"\\\1", one.value)
        args.append(literal + "%" if one.operator is Operator.PREFIX else f"%{literal}%")
        return f"{column} LIKE ${len(args)}"
    if one.operator is Operator.IN:
        parts = one.value.split(",")
        if len(parts) > 500:
            raise _bad(field)
        args.append([_argument(field, p) for p in parts])
        return f"{column} = ANY(${len(args)}::text[]::{kind}[])"
    args.append(_argument(field, one.value))
    return f"{column} {_COMPARE[one.operator]} ${len(args)}::text::{kind}"


def _bad(field: Field) -> Invalid:
    return _wrong(f"filter/{field.name}", "筛选条件无效", "This condition does not fit the field")


def _bbox(source: Source, field: Field, one: Filter, args: list[object]) -> str:
    if field.type is not Type.GEOMETRY:
        raise _bad(field)
    try:
        west, south, east, north = (float(p) for p in one.value.split(","))
    except ValueError:
        raise _bad(field) from None
    inside = all(map(math.isfinite, (west, south, east, north)))
    if not (inside and -180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise _bad(field)
    args.append(f"({east!r},{north!r}),({west!r},{south!r})")
    return f'records.box_of(r."{field.name}") && ${len(args)}::text::box'


def _argument(field: Field, value: str) -> str:
    """A filter's value, checked so that PostgreSQL can read it as the field's type."""
    if not _READERS[field.type](value):
        raise _bad(field)
    return value


def _reads(parse: Callable[[str], object]) -> Callable[[str], bool]:
    def check(value: str) -> bool:
        try:
            return parse(value) is not None
        except (ValueError, OverflowError):
            return False

    return check


def _integer(value: str) -> object:
    return True if re.fullmatch(r"-?[0-9]{1,19}", value) and -(2**63) <= int(value) < 2**63 else None


def _number(value: str) -> object:
    fits = re.fullmatch(r"[-+]?[0-9]{1,40}(\.[0-9]{0,40})?([eE][-+]?[0-9]{1,2})?", value)
    return True if fits and math.isfinite(float(value)) else None


def _moment(value: str) -> object:
    return True if re.match(r"[0-9]{4}-", value) and datetime.fromisoformat(value).tzinfo else None


def _day(value: str) -> object:
    return date.fromisoformat(value) if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value) else None


def _sane(value: str) -> object:
    return value.encode() is not None or None


_TEXT = _reads(_sane)
_READERS: Mapping[Type, Callable[[str], bool]] = {
    Type.TEXT: _TEXT,
    Type.CODE: _TEXT,
    Type.REFERENCE: _TEXT,
    Type.INTEGER: _reads(_integer),
    Type.MONEY: _reads(_integer),
    Type.NUMBER: _reads(_number),
    Type.DECIMAL: _reads(_number),
    Type.BOOLEAN: lambda v: v in ("true", "false"),
    Type.DATE: _reads(_day),
    Type.MOMENT: _reads(_moment),
}

__all__ = [
    "Query",
    "Source",
    "condition",
    "cursor_of",
    "decode",
    "history_sql",
    "over",
    "page_sql",
    "past",
    "present_of",
    "source_of",
    "tagged_sql",
]
