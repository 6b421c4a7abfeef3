"""The parameters of `/items` as a question: every one that is not known is a property's, or is refused.

Part 1 (bbox, datetime, limit, property filters), Part 2 (crs, bbox-crs), Part 3 (filter, filter-lang, filter-crs), and
`sortby` and `properties` as the drafts of later parts write them.
"""

import re
from datetime import UTC, date, datetime

import msgspec
import shapely

from yong.kernel.base.errors import Malformed, Problem
from yong.kernel.base.text import Text
from yong.kernel.geo.features import crs, filtering, paging
from yong.kernel.geo.features.contracts import MOST, USUAL, Column, Kind, Rows
from yong.kernel.geo.features.cql2 import from_json, from_text, tree
from yong.kernel.geo.features.cql2.text import number
from yong.kernel.geo.features.cql2.tree import Call, Interval, Name, Node, Value
from yong.kernel.geo.features.crs import Crs

PARAMETERS = (
    "limit", "bbox", "bbox-crs", "datetime", "crs", "filter", "filter-lang", "filter-crs", "sortby", "properties",
    "cursor", "f",
)  # fmt: skip
PROPERTIES = 200  # of one `properties`
TEXT, JSON = "cql2-text", "cql2-json"

_TWICE = Text("参数 {name} 只能出现一次", "The parameter {name} stands only once")
_NO_PARAMETER = Text("没有参数或可查询属性 {name}", "There is no parameter or queryable property {name}")
_LIMIT = Text("limit 应为 1 至 {most} 之间的整数", "limit is a whole number from 1 to {most}")
_BBOX = Text("bbox 应为 4 或 6 个以逗号分隔的数", "bbox is 4 or 6 numbers parted by commas")
_DATETIME = Text(
    "datetime 应为时间、日期或以 / 分隔的区间，.. 表示不限",
    "datetime is a moment, a day or an interval parted by /, with .. for no bound",
)
_NO_TIME = Text("集合 {id} 没有时间属性", "The collection {id} has no time")
_LANGUAGE = Text("filter-lang 应为 cql2-text 或 cql2-json", "filter-lang is cql2-text or cql2-json")
_FORMAT = Text("f 应为 {formats}", "f is {formats}")
_VALUE = Text("{name} 的值 {value} 不符合其类型", "{value} is no value of {name}")
_PROPERTIES = Text(
    "properties 应为以逗号分隔的属性名（至多 {n} 个）", "properties are names parted by commas, at most {n}"
)
_PLAIN_NUMBER = re.compile(r"[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d{1,3})?", re.ASCII)


class Ask(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked of a collection. `columns` has all that filter and order name; `shown` None for everything."""

    filter: Node | None = None
    columns: dict[str, Column]
    order: tuple[paging.By, ...] = ()
    shown: tuple[Column, ...] | None = None
    cursor: paging.Cursor | None = None
    limit: int = USUAL
    crs: Crs = crs.DEFAULT


def single(query: tuple[tuple[str, str], ...]) -> dict[str, str]:
    """Parameters by name. Raises Malformed where one stands twice, or holds what no text holds."""
    given: dict[str, str] = {}
    for name, value in query:
        if name in given:
            raise Malformed(_TWICE, name=name[:64])
        if "\0" in value or "\ufffd" in value or "\0" in name:
            raise Malformed(_VALUE, name=name[:64].replace("\0", "?"), value="…")
        given[name] = value
    return given


def expect_format(given: dict[str, str], *formats: str) -> str:
    """The format asked for, the first unless one is. Raises Malformed for one that there is not."""
    found = given.get("f", formats[0])
    if found not in formats:
        raise Malformed(_FORMAT, formats=", ".join(formats))
    return found


async def ask_of(rows: Rows, query: tuple[tuple[str, str], ...]) -> Ask:
    """A query as a question to a collection. Raises Malformed, which names what is wrong."""
    given = single(query)
    expect_format(given, "json")
    columns: dict[str, Column] = {}
    parts = [*_bbox(rows, given), *_filter(given)]
    if "datetime" in given:
        parts.append(_datetime(rows, given["datetime"]))
        columns |= {c.name: c for c in rows.columns if c.name == rows.time}
    sorted_by = paging.names_of(given.get("sortby"))
    named = {name for part in parts for name in filtering.names_of(part)} | {name for name, _ in sorted_by}
    for name in sorted(named | {n for n in given if n not in PARAMETERS}):
        if (column := await column_of(rows, name)) is not None:
            columns[name] = column
        elif name in given and name not in PARAMETERS:
            raise _unknown(name, _NO_PARAMETER)
    parts += [_equals(columns[n], v) for n, v in given.items() if n not in PARAMETERS]
    for name, _ in sorted_by:
        if name not in columns:
            raise _unknown(name, paging.NO_ORDER)
    order = paging.by([(columns[n], descending) for n, descending in sorted_by])
    cursor = given.get("cursor")
    tree_ = parts[0] if len(parts) == 1 else Call("and", tuple(parts)) if parts else None
    return Ask(
        filter=tree_,
        columns=columns,
        order=order,
        shown=await shown_of(rows, given.get("properties")),
        cursor=paging.read(cursor, order, rows) if cursor is not None else None,
        limit=_limit(given.get("limit")),
        crs=crs.named(given["crs"]) if "crs" in given else crs.DEFAULT,
    )


async def column_of(rows: Rows, name: str) -> Column | None:
    """A column by name, also one that only some features have."""
    found = rows.column(name)
    if found is None and rows.further is not None:
        found = await rows.further(name)
    return found


def _unknown(name: str, words: Text) -> Malformed:
    told = words.filled(name=name[:64])
    return Malformed(told, problems=(Problem(f"/{name[:64]}", told),))


def _limit(given: str | None) -> int:
    if given is None:
        return USUAL
    if not (given.isascii() and given.isdigit() and len(given) <= 9 and int(given) >= 1):
        raise Malformed(_LIMIT, most=MOST)
    return min(
        int(given), MOST
    )  # more than the most is the most (OGC 17-069r4, /req/core/fc-limit-response-1)


def _bbox(rows: Rows, given: dict[str, str]) -> list[Node]:
    system = crs.named(given["bbox-crs"]) if "bbox-crs" in given else crs.DEFAULT
    if "bbox" not in given:
        return []
    texts = given["bbox"].split(",")
    if len(texts) not in (4, 6) or not all(_PLAIN_NUMBER.fullmatch(t.strip()) for t in texts):
        raise Malformed(_BBOX)
    numbers = [float(number(t.strip())) for t in texts]
    return [Call("s_intersects", (Name(rows.geometry_name), _box(numbers, system)))]


def _box(numbers: list[float], system: Crs) -> tree.Shape:
    """A box in the axes of its system, whose edges run along them; over the antimeridian in degrees alone."""
    if len(numbers) == 6:
        numbers = [*numbers[:2], *numbers[3:5]]
    if system.north_first:
        numbers = [numbers[1], numbers[0], numbers[3], numbers[2]]
    carry = crs.place(msgspec.structs.replace(system, north_first=False))
    if system.geographic:
        return tree.box(numbers, carry)
    if len(numbers) == 4 and numbers[0] > numbers[2]:
        raise Malformed(_BBOX)
    return tree.box(numbers, lambda g: carry(shapely.segmentize(g, max(g.length / 64, 1.0))))


def _filter(given: dict[str, str]) -> list[Node]:
    system = crs.named(given["filter-crs"]) if "filter-crs" in given else crs.DEFAULT
    language = given.get("filter-lang", TEXT)
    if language not in (TEXT, JSON):
        raise Malformed(_LANGUAGE)
    if "filter" not in given:
        return []
    read = from_text if language == TEXT else from_json
    return [read(given["filter"], crs.place(system))]


def _datetime(rows: Rows, given: str) -> Node:
    """A condition on the collection's time (OGC 17-069r4, clause 7.15.4)."""
    if rows.time is None:
        raise Malformed(_NO_TIME, id=rows.collection.id)
    name = Name(rows.time)
    start, slash, end = given.partition("/")
    if not slash:
        return Call("t_intersects", (name, Value(_moment(start))))
    bounds = [None if text in ("", "..") else Value(_moment(text)) for text in (start, end)]
    if bounds == [None, None]:
        raise Malformed(_DATETIME)
    if bounds[0] is not None and bounds[1] is not None and _first(bounds[0].value) > _first(bounds[1].value):
        raise Malformed(_DATETIME)
    return Call("t_intersects", (name, Interval(*bounds)))


def _moment(text: str) -> date | datetime:
    try:
        return tree.instant(text)
    except Malformed:
        raise Malformed(_DATETIME) from None


def _first(value: tree.Scalar) -> datetime:
    if isinstance(value, datetime):
        return value
    assert isinstance(value, date)
    return datetime(value.year, value.month, value.day, tzinfo=UTC)


def _equals(column: Column, text: str) -> Node:
    """A property filter: the property equals the value, `*` in a text stands for anything."""
    name = Name(column.name)
    value: Value
    match column.kind:
        case Kind.TEXT:
            value = Value(text)
        case kind if kind.number and _PLAIN_NUMBER.fullmatch(text):
            value = Value(number(text))
        case Kind.BOOLEAN if text in ("true", "false"):
            value = Value(text == "true")
        case Kind.DATE | Kind.MOMENT:
            try:
                value = Value(tree.instant(text))
            except Malformed:
                raise _wrong_value(column, text) from None
        case Kind.ANY:
            return _either(name, text)
        case _:
            raise _wrong_value(column, text)
    return Call("=", (name, value))


def _either(name: Name, text: str) -> Node:
    """A value of any type: as a text, and as the number or truth that it may be."""
    found: list[Node] = [Call("=", (name, Value(text)))]
    if _PLAIN_NUMBER.fullmatch(text):
        found.append(Call("=", (name, Value(number(text)))))
    if text in ("true", "false"):
        found.append(Call("=", (name, Value(text == "true"))))
    return found[0] if len(found) == 1 else Call("or", tuple(found))


def _wrong_value(column: Column, text: str) -> Malformed:
    told = _VALUE.filled(name=column.name[:64], value=text[:60])
    return Malformed(told, problems=(Problem(f"/{column.name[:64]}", told),))


async def shown_of(rows: Rows, given: str | None) -> tuple[Column, ...] | None:
    """The columns that `properties` names, None for all of them. Raises Malformed."""
    if given is None:
        return None
    names = list(dict.fromkeys(given.split(","))) if given else []
    if len(names) > PROPERTIES:
        raise Malformed(_PROPERTIES, n=PROPERTIES)
    found = []
    for name in names:
        column = await column_of(rows, name)
        if column is None:
            raise _unknown(name, _NO_PARAMETER)
        if column.kind is not Kind.GEOMETRY or name != rows.geometry_name:
            found.append(column)
    return tuple(found)
