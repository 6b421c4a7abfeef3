"""The query language as plainly as it can be said, over one entity in memory: what the SQL is held against."""

import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

from yong.kernel.context.asking.q import MEMBERS, Kind, Operator, Span, Term, Value
from yong.kernel.context.asking.reading import All
from yong.kernel.context.asking.reading import Any as Either
from yong.kernel.context.asking.scope import Scope
from yong.kernel.context.asking.types import OfType

KEYS = {
    Kind.MOMENT: re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:[.,](\d{1,6}))?Z"),
    Kind.DAY: re.compile(r"(\d{4}-\d\d-\d\d)()"),
    Kind.TIME: re.compile(r"(\d\d:\d\d:\d\d)(?:[.,](\d{1,6}))?Z"),
}
ORDERS: dict[Operator, Callable[[Any, Any], bool]] = {
    Operator.GREATER: lambda a, b: a > b,
    Operator.GREATER_EQUAL: lambda a, b: a >= b,
    Operator.LESS: lambda a, b: a < b,
    Operator.LESS_EQUAL: lambda a, b: a <= b,
}


def matches(tree: object, entity: dict[str, Any]) -> bool:
    match tree:
        case All(parts):
            return all(matches(p, entity) for p in parts)
        case Either(parts):
            return any(matches(p, entity) for p in parts)
        case OfType(name):
            return name in (entity["type"], *entity["other_types"])
        case Scope():
            return any(within(tree, scope) for scope in entity["scopes"])
        case Term():
            return term(tree, entity)
    raise AssertionError(tree)


def within(pattern: Scope, scope: str) -> bool:
    levels = scope.strip("/").split("/")
    if len(levels) < len(pattern.levels) or (len(levels) > len(pattern.levels) and not pattern.below):
        return False
    return all(p in ("+", s) for p, s in zip(pattern.levels, levels, strict=False))


def term(one: Term, entity: dict[str, Any]) -> bool:
    if one.path in (("createdAt",), ("modifiedAt",)):
        found: list[Any] = [entity["created_at" if one.path == ("createdAt",) else "modified_at"]]
    else:
        found = [entity["doc"]]
        for name in one.path:
            found = [
                i
                for f in found
                if isinstance(f, dict) and name in f
                for i in (f[name] if isinstance(f[name], list) else [f[name]])
            ]
    return any(holds(one, instance) for instance in found)


def holds(one: Term, instance: Any) -> bool:
    """Whether an instance of the attribute fulfils a term."""
    if one.operator is Operator.EXISTS and not one.inside:
        return True
    targets = list(values(one, instance))
    each = [e for t in targets for e in (t if isinstance(t, list) else [t])]
    match one.operator:
        case Operator.EXISTS:
            return bool(targets)
        case Operator.EQUAL:
            return any(equal(v, e) for v in one.values for e in each)
        case Operator.UNEQUAL:
            there = bool(targets) or not one.inside
            return there and not any(equal(v, e) for v in one.values for e in each)
        case Operator.LIKE:
            return any(isinstance(e, str) and re.search(one.pattern, e) for e in each)
        case Operator.UNLIKE:
            texts = [e for e in each if isinstance(e, str)]
            return bool(texts) and not any(re.search(one.pattern, e) for e in texts)
    (value,) = one.values
    assert isinstance(value, Value)
    return any(
        (k := key(value.kind, e)) is not None and ORDERS[one.operator](k, literal(value)) for e in each
    )


def values(one: Term, instance: Any) -> Iterator[Any]:
    """What the instance holds that a term may compare; arrays whole."""
    if one.path[-1] in MEMBERS:
        yield instance
        return
    if not isinstance(instance, dict):
        return
    languages = instance.get("languageMap", {})
    if one.inside == ("*",):
        yield from languages.values()
        return
    if one.inside:
        for member in ("value", "json", "languageMap"):
            if member in instance:
                yield from inside(instance[member], one.inside)
        return
    for member in ("value", "valueList", "json", "vocab"):
        if member in instance:
            yield instance[member]
    if isinstance(instance.get("value"), dict) and "@value" in instance["value"]:
        yield instance["value"]["@value"]
    yield from languages.values()
    if one.operator in (Operator.EQUAL, Operator.UNEQUAL):
        if "object" in instance:
            yield instance["object"]
        yield from (o["object"] for o in instance.get("objectList", []))


def inside(value: Any, names: tuple[str, ...]) -> Iterator[Any]:
    if not names:
        yield value
        return
    for part in value if isinstance(value, list) else [value]:
        if isinstance(part, dict) and names[0] in part:
            yield from inside(part[names[0]], names[1:])


def equal(value: Value | Span, target: Any) -> bool:
    if isinstance(value, Span):
        k = key(value.least.kind, target)
        return k is not None and literal(value.least) <= k <= literal(value.most)
    k = key(value.kind, target)
    return k is not None and bool(k == literal(value))


def literal(value: Value) -> Any:
    match value.kind:
        case Kind.BOOLEAN:
            return value.text == "true"
        case Kind.NUMBER:
            return Decimal(value.text)
        case Kind.STRING | Kind.WORD:
            return value.text
    return key(value.kind, value.text)


def key(kind: Kind, target: Any) -> Any:
    """A target as something that compares with values of that kind; None where it is of another kind."""
    if kind is Kind.BOOLEAN:
        return target if isinstance(target, bool) else None
    if kind is Kind.NUMBER:
        numeric = isinstance(target, int | float) and not isinstance(target, bool)
        return Decimal(repr(target)) if numeric else None
    if not isinstance(target, str):
        return None
    if kind in (Kind.STRING, Kind.WORD):
        return target
    found = KEYS[kind].fullmatch(target)
    return (found[1], (found[2] or "").ljust(6, "0")) if found else None
