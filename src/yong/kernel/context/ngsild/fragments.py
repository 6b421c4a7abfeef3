"""Entities and parts of them as they come in (clauses 5.2.4, 5.2.23)."""

import re
from typing import Any

import msgspec

from yong.kernel.context.jsonld.names import Names
from yong.kernel.context.ngsild import ids
from yong.kernel.context.ngsild.attributes import (
    MOST_ATTRIBUTES,
    NULL,
    Instances,
    attribute_name,
    bad,
    read_attribute,
)

_SCOPE = re.compile(r"/?[^\W\d]\w*(/[^\W\d]\w*)*")
_MOST_TYPES = 20
_SYSTEM = frozenset({"createdAt", "modifiedAt", "deletedAt", "expiresAt", "@context"})


class Fragment(msgspec.Struct, kw_only=True, gc=False):
    """An entity or a part of one. `scopes` is None where nothing is said of them, () where they are to go."""

    id: str | None
    types: tuple[str, ...]
    scopes: tuple[str, ...] | None
    attributes: dict[str, Instances]


def read_fragment(raw: Any, names: Names, *, part: bool = False) -> Fragment:
    """Read an entity; with `part` as a part, whose values may be NGSI-LD's null. Raises Invalid."""
    if not isinstance(raw, dict):
        raise bad("/", "应为对象", "an object is expected")
    types: tuple[str, ...] = ()
    scopes: tuple[str, ...] | None = None
    id_: str | None = None
    attributes: dict[str, Instances] = {}
    for key, value in raw.items():
        at = f"/{key[:100]}"
        if key in ("id", "@id"):
            id_ = ids.stored(value)
        elif key in ("type", "@type"):
            types = read_types(value, names, at)
        elif key == "scope":
            scopes = () if part and value == NULL else _scopes(value, at)
        elif key not in _SYSTEM:
            name = attribute_name(key, at, names)
            if name in attributes:
                raise bad(at, "属性重复", "this attribute is given twice")
            attributes[name] = read_attribute(value, at, names, part=part)
    if len(attributes) > MOST_ATTRIBUTES:
        raise bad("/", f"属性超过 {MOST_ATTRIBUTES} 个", f"it has more than {MOST_ATTRIBUTES} attributes")
    return Fragment(id=id_, types=types, scopes=scopes, attributes=attributes)


def read_entity(raw: Any, names: Names) -> Fragment:
    """Read a whole entity, which has an id and a type. Raises Invalid."""
    fragment = read_fragment(raw, names)
    if fragment.id is None:
        raise bad("/id", "缺少 id", "the id is missing")
    if not fragment.types:
        raise bad("/type", "缺少 type", "the type is missing")
    return fragment


def read_types(value: Any, names: Names, at: str = "/type") -> tuple[str, ...]:
    """The stored names of an entity's types."""
    if type(value) is str:
        return (attribute_name(value, at, names),)
    each = value if isinstance(value, list) else [value]
    if not 0 < len(each) <= _MOST_TYPES or not all(isinstance(t, str) for t in each):
        raise bad(at, "应为类型名或其数组", "a type or an array of types is expected")
    return tuple(dict.fromkeys(attribute_name(t, at, names) for t in each))


def _scopes(value: Any, at: str) -> tuple[str, ...]:
    each = value if isinstance(value, list) else [value]
    if len(each) > 50 or not all(isinstance(s, str) and len(s) <= 500 and _SCOPE.fullmatch(s) for s in each):
        raise bad(at, "应为范围（/甲/乙）", "a scope is expected (/A/B)")
    return tuple(dict.fromkeys(s if s.startswith("/") else f"/{s}" for s in each))
