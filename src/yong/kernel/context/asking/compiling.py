"""Trees of conditions as SQL over the columns of entities. Values travel as parameters only.

A condition of `q` becomes one SQL/JSON path (`doc @? $1::jsonpath`), which PostgreSQL evaluates in about a
microsecond an entity. In lax mode, which is the default, a path steps into every instance of an attribute that has
several and a comparison into every element of an array: the standard's "is included in the target value". Moments,
days and times are compared by keys (`context.moment_key`), since their fractions of a second vary in length.
"""

import json
from collections.abc import Callable, Iterable
from datetime import datetime
from functools import lru_cache

import msgspec

from yong.kernel.base.errors import Invalid
from yong.kernel.base.text import Text
from yong.kernel.context.asking.q import MEMBERS, Kind, Operator, Span, Term, Value
from yong.kernel.context.asking.reading import All, Any
from yong.kernel.context.asking.scope import Scope
from yong.kernel.context.asking.types import OfType, alone
from yong.kernel.store.arguments import Arguments

_ONE_SYSTEM = Text(
    "{name} 只能与一个日期时间（如 2026-01-01T00:00:00Z）比较",
    "{name} is compared with one moment, such as 2026-01-01T00:00:00Z",
)
_APART = 8  # types of one query that are asked for one by one
_TEMPORAL = {Kind.MOMENT: "m", Kind.DAY: "d", Kind.TIME: "t"}
_VALUES = ('."value"', '."value"."@value"', '."valueList"', '."json"')
_WORDS = ('."languageMap".*', '."vocab"')
_LINKS = ('."object"', '."objectList"', '."objectList"."object"')
_ORDERS = (Operator.GREATER, Operator.GREATER_EQUAL, Operator.LESS, Operator.LESS_EQUAL)


class Columns(msgspec.Struct, frozen=True, kw_only=True):
    """Where a SELECT finds what is asked for."""

    id: str = "r.id"
    type: str = "r.type"
    others: str = "r.other_types"  # those beside the first
    scopes: str = "r.scopes"
    doc: str = "r.doc"
    created_at: str = "r.created_at"
    modified_at: str = "r.modified_at"


def joined(tree: object, leaf: Callable[[object], str]) -> str:
    """A tree as SQL, its leaves by `leaf`."""
    match tree:
        case All(parts):
            return "(" + " AND ".join(joined(part, leaf) for part in parts) + ")"
        case Any(parts):
            return "(" + " OR ".join(joined(part, leaf) for part in parts) + ")"
    return leaf(tree)


def query(tree: object, columns: Columns, arguments: Arguments) -> str:
    """A tree of `q` as SQL. Raises Invalid where a system attribute is compared with what it never is."""

    def leaf(term: object) -> str:
        assert isinstance(term, Term)
        if term.path in (("createdAt",), ("modifiedAt",)) and not term.inside:
            return _system(term, columns, arguments)
        if any(_temporal(v) for v in term.values):
            return _timely(term, columns, arguments)
        return f"{columns.doc} @? {arguments.add(path_of(term), 'jsonpath')}"

    return joined(tree, leaf)


def one_path(tree: object) -> str | None:
    """A tree of `q` as one SQL/JSON path that gives something where all of it holds; None where it has moments.

    As a value it can be compared beside others in one statement.
    """
    try:
        return f"$ ? ({_joined_path(tree)})"
    except _NoPath:
        return None


def paths(tree: object) -> list[str]:
    """The SQL/JSON paths of a tree, term by term; PostgreSQL says of each whether its pattern is one."""
    match tree:
        case All(parts) | Any(parts):
            return [path for part in parts for path in paths(part)]
    path = one_path(tree)
    return [] if path is None else [path]


class _NoPath(Exception):
    """A term that no path decides."""


def _joined_path(tree: object) -> str:
    match tree:
        case All(parts):
            return "(" + " && ".join(map(_joined_path, parts)) + ")"
        case Any(parts):
            return "(" + " || ".join(map(_joined_path, parts)) + ")"
        case Term(path=("createdAt",) | ("modifiedAt",), inside=()):
            raise _NoPath
        case Term(values=values) if any(map(_temporal, values)):
            raise _NoPath
        case Term():
            return f"exists(@{path_of(tree)[1:]})"
    raise TypeError(tree)


def scopes(tree: object, columns: Columns, arguments: Arguments) -> str:
    """A tree of scopes as SQL."""

    def leaf(scope: object) -> str:
        assert isinstance(scope, Scope)
        if scope.levels and not scope.below and "+" not in scope.levels:
            path = "".join(f"/{level}" for level in scope.levels)
            return f"{columns.scopes} @> ARRAY[{arguments.add(path, 'text')}]"
        pattern = arguments.add(scope.pattern, "text")
        return f"EXISTS (SELECT FROM unnest({columns.scopes}) AS s (s) WHERE s.s ~ {pattern})"

    return f"({columns.scopes} <> '{{}}' AND {joined(tree, leaf)})"


def types(tree: object, columns: Columns, arguments: Arguments) -> str:
    """A selection of types as SQL, where what else is asked for is the way in."""

    def leaf(one: object) -> str:
        assert isinstance(one, OfType)
        return f"{arguments.add(one.name, 'text')} = ANY({columns.type} || {columns.others})"

    return joined(tree, leaf)


def types_apart(tree: object, columns: Columns, arguments: Arguments) -> tuple[tuple[str, ...], str]:
    """A selection of types as conditions that exclude each other: entities of one type, and of several.

    Asked for one after the other they come from indexes in the order of their ids.
    """
    names = sorted(alone(tree))
    single: tuple[str, ...]
    if len(names) > _APART:
        single = (f"({columns.type} = ANY({arguments.add(names, 'text[]')}) AND {columns.others} = '{{}}')",)
    else:
        single = tuple(
            f"({columns.type} = {arguments.add(name, 'text')} AND {columns.others} = '{{}}')"
            for name in names
        )
    return single, f"({columns.others} <> '{{}}' AND {types(tree, columns, arguments)})"


@lru_cache(512)
def path_of(term: Term) -> str:
    """A term without moments as an SQL/JSON path that gives something where it holds."""
    instances = _instances(term.path)
    if term.operator is Operator.EXISTS:
        if not term.inside:
            return instances
        return f"{instances} ? ({_some(f'exists(@{s})' for s in _inside(term.inside))})"
    seeds = _seeds(term)
    if term.operator in (Operator.LIKE, Operator.UNLIKE):
        like = [f"@{seed} like_regex {_quoted(term.pattern)}" for seed in seeds]
        if term.operator is Operator.LIKE:
            return f"{instances} ? ({_first(seeds, like, 'string')})"
        text = _some(f'exists(@{seed} ? (@.type() == "string"))' for seed in seeds)
        return f"{instances} ? (({text}) && {_not(_some(like))})"
    if term.operator in _ORDERS:
        value = _only(term)
        holds = [f"@{seed} {term.operator} {_literal(value)}" for seed in seeds]
    else:
        holds = [_some(_equal(seed, value) for value in term.values) for seed in seeds]
    if term.operator is not Operator.UNEQUAL:
        kinds = {"number" if _kind(value) is Kind.NUMBER else "string" for value in term.values}
        plain = not any(_kind(value) is Kind.BOOLEAN for value in term.values) and len(kinds) == 1
        return f"{instances} ? ({_first(seeds, holds, *(kinds if plain else ()))})"
    unequal = _not(_some(holds))
    if not term.inside:
        return f"{instances} ? ({unequal})"
    there = _some(f"exists(@{seed})" for seed in seeds)
    return f"{instances} ? (({there}) && {unequal})"


def _first(seeds: tuple[str, ...], holds: list[str], kind: str | None = None) -> str:
    """Any of the conditions. Where `value` is of the kind compared, and it fails, the others need no look:

    an instance has one of the members that hold values. That saves a third of the time of a scan.
    """
    if kind is None or seeds[0] != _VALUES[0]:
        return _some(holds)
    first, *rest = holds
    return f'({first}) || (!(@."value".type() == "{kind}") && ({_some(rest)}))'


def _equal(seed: str, value: Value | Span) -> str:
    if isinstance(value, Value):
        return f"@{seed} == {_literal(value)}"
    kind = "number" if value.least.kind is Kind.NUMBER else "string"
    least, most = _literal(value.least), _literal(value.most)
    # Of several values of an array the same one must lie within; most entities fail at the plain comparisons.
    same = f'exists(@{seed} ? (@.type() == "{kind}" && @ >= {least} && @ <= {most}))'
    return f"(@{seed} >= {least} && @{seed} <= {most} && {same})"


def _instances(path: tuple[str, ...]) -> str:
    """An attribute's instances; of an array each one, since a filter and a member of an array are those of its elements."""
    return "$" + "".join(f".{_quoted(name)}" for name in path)


def _inside(names: tuple[str, ...]) -> tuple[str, ...]:
    """Where a trailing path leads; a star stands for every language."""
    if names == ("*",):
        return ('."languageMap".*',)
    path = "".join(f".{_quoted(name)}" for name in names)
    return tuple(f'."{member}"{path}' for member in ("value", "json", "languageMap"))


def _seeds(term: Term) -> tuple[str, ...]:
    """Where, from an instance of the attribute on, the values lie that a term compares.

    A negation looks everywhere. Else a number is not looked for among names, and an order or a pattern not among
    the ids that a relationship holds.
    """
    if term.inside:
        return _inside(term.inside)
    if term.path[-1] in MEMBERS:
        return ("",)
    words = any(_kind(value) not in (Kind.NUMBER, Kind.BOOLEAN) for value in term.values)
    if not words and (term.operator in _ORDERS or term.operator is Operator.EQUAL):
        return _VALUES
    if term.operator in (Operator.LIKE, Operator.UNLIKE) or term.operator in _ORDERS:
        return (*_VALUES, *_WORDS)
    return (*_VALUES, *_WORDS, *_LINKS)


def _some(conditions: Iterable[str]) -> str:
    return " || ".join(conditions)


def _not(condition: str) -> str:
    """A comparison of different kinds is unknown: that counts as not."""
    return f"(!({condition}) || ({condition}) is unknown)"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _literal(value: Value | Span) -> str:
    assert isinstance(value, Value)
    return value.text if value.kind in (Kind.NUMBER, Kind.BOOLEAN) else _quoted(value.text)


def _only(term: Term) -> Value:
    (value,) = term.values
    assert isinstance(value, Value)
    return value


def _kind(value: Value | Span) -> Kind:
    return value.least.kind if isinstance(value, Span) else value.kind


def _temporal(value: Value | Span) -> bool:
    return _kind(value) in _TEMPORAL


def _timely(term: Term, columns: Columns, arguments: Arguments) -> str:
    """A term that compares with moments, days or times, perhaps beside other values of a list."""
    instances = arguments.add(f"{_instances(term.path)}[*]", "jsonpath")
    seeds = arguments.add([f"${seed}[*]" for seed in _seeds(term)], "jsonpath[]")
    found = f"FROM unnest({seeds}) AS p (p), jsonb_path_query(i.i, p.p) AS v (v)"
    holds = " OR ".join(_holds(term.operator, value, arguments) for value in term.values)
    wanted = f"EXISTS (SELECT {found} WHERE {holds})"
    if term.operator is Operator.UNEQUAL:
        wanted = f"NOT {wanted}"
        if term.inside:
            there = arguments.add([f"${seed}" for seed in _seeds(term)], "jsonpath[]")
            wanted += f" AND EXISTS (SELECT FROM unnest({there}) AS t (t) WHERE i.i @? t.t)"
    return f"EXISTS (SELECT FROM jsonb_path_query({columns.doc}, {instances}) AS i (i) WHERE {wanted})"


def _holds(operator: Operator, value: Value | Span, arguments: Arguments) -> str:
    if not _temporal(value):
        if isinstance(value, Span):
            raise AssertionError("a span stands alone")
        return f"v.v = {arguments.add(_literal(value), 'text')}::jsonb"
    key = 'context.moment_key(v.v) COLLATE "C"'
    if isinstance(value, Span):
        least, most = (
            arguments.add(moment_key(value.least), "text"),
            arguments.add(moment_key(value.most), "text"),
        )
        return f"{key} BETWEEN {least} AND {most}"
    sign = "=" if operator in (Operator.EQUAL, Operator.UNEQUAL) else operator.value
    kind = _TEMPORAL[value.kind]
    place = arguments.add(moment_key(value), "text")
    return f"({key} {sign} {place} AND starts_with(context.moment_key(v.v), '{kind}'))"


def moment_key(value: Value) -> str:
    """As `context.moment_key` makes it of a stored value: keys of one kind sort as their moments do."""
    whole, _, fraction = value.text.removesuffix("Z").partition(".")
    return _TEMPORAL[value.kind] + (whole if value.kind is Kind.DAY else whole + fraction.ljust(6, "0"))


def _system(term: Term, columns: Columns, arguments: Arguments) -> str:
    """A term about the moment an entity was made or changed, which stand in columns."""
    column = columns.created_at if term.path == ("createdAt",) else columns.modified_at
    if term.operator is Operator.EXISTS:
        return f"{column} IS NOT NULL"
    match term.values:
        case (Value(Kind.MOMENT, text),):
            sign = {Operator.EQUAL: "=", Operator.UNEQUAL: "<>"}.get(term.operator, term.operator.value)
            return f"{column} {sign} {arguments.add(datetime.fromisoformat(text), 'timestamptz')}"
        case (Span(Value(Kind.MOMENT, least), Value(_, most)),):
            bounds = [arguments.add(datetime.fromisoformat(text), "timestamptz") for text in (least, most)]
            sign = "NOT BETWEEN" if term.operator is Operator.UNEQUAL else "BETWEEN"
            return f"{column} {sign} {bounds[0]} AND {bounds[1]}"
    raise Invalid(_ONE_SYSTEM, name=term.path[0])
