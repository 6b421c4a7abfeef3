"""Attributes: the kinds there are, and reading them from normalized, concise and simplified forms (clause 4.5).

What is read is what is stored: the normalized form, names compacted against the core context, without
`createdAt` and `modifiedAt`, which are ours to say.
"""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any, TypeAlias

import msgspec

from yong.kernel.base.errors import Invalid, Problem
from yong.kernel.base.text import Text
from yong.kernel.context.jsonld.names import Names
from yong.kernel.context.ngsild.ids import is_uri

Instance: TypeAlias = dict[str, Any]
Instances: TypeAlias = dict[str, Instance]  # by datasetId, "" for the default instance

NULL = "urn:ngsi-ld:null"
GONE: Instance = {"type": NULL}
"""Stands for an instance that is to be taken away."""
SYSTEM = frozenset({"createdAt", "modifiedAt", "deletedAt"})
MOST_ATTRIBUTES = 250
MOST_INSTANCES = 100
DEEPEST = 6
_LONGEST_NAME = 512
_FORBIDDEN = re.compile(r"[\s<>\"'=;()\x00-\x1f\x7f]")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d([.,]\d{1,9})?Z")
_DEPTH = {"Point": 0, "MultiPoint": 1, "LineString": 1, "MultiLineString": 2, "Polygon": 2, "MultiPolygon": 3}
_LANGUAGE = re.compile(r"@none|[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*")


def bad(pointer: str, zh: str, en: str) -> Invalid:
    """The error of a part of the input, at its JSON Pointer."""
    return Invalid(Text(f"{pointer}：{zh}", f"{pointer}: {en}"), problems=(Problem(pointer, Text(zh, en)),))


def _any(value: Any, at: str, names: Names) -> Any:
    return value


def _geometry(value: Any, at: str, names: Names) -> Any:
    if not is_geometry(value):
        raise bad(at, "应为 GeoJSON 几何", "a GeoJSON geometry is expected")
    return value


def _uris(value: Any, at: str, names: Names) -> Any:
    each = value if isinstance(value, list) else [value]
    if not each or not all(map(is_uri, each)):
        raise bad(at, "应为 URI", "a URI is expected")
    return value


def _languages(value: Any, at: str, names: Names) -> Any:
    if not isinstance(value, dict) or not value:
        raise bad(at, "应为语言映射", "a language map is expected")
    for tag, words in value.items():
        texts = words if isinstance(words, list) else [words]
        if not _LANGUAGE.fullmatch(tag) or not all(isinstance(t, str) for t in texts):
            raise bad(f"{at}/{tag[:50]}", "语言映射有误", "a language tag with text is expected")
    return value


def _words(value: Any, at: str, names: Names) -> Any:
    each = value if isinstance(value, list) else [value]
    if not each or not all(isinstance(w, str) and w for w in each):
        raise bad(at, "应为词或其数组", "a term or an array of terms is expected")
    return [names.stored(w) for w in value] if isinstance(value, list) else names.stored(value)


def _list(value: Any, at: str, names: Names) -> Any:
    if not isinstance(value, list):
        raise bad(at, "应为数组", "an array is expected")
    return value


def _objects(value: Any, at: str, names: Names) -> Any:
    uris = [v.get("object") if isinstance(v, dict) else v for v in _list(value, at, names)]
    if not all(map(is_uri, uris)):
        raise bad(at, "应为 URI 数组", "an array of URIs is expected")
    return [{"object": uri} for uri in uris]


class Kind(msgspec.Struct, frozen=True):
    """A kind of attribute: the member that holds what it says, how that is checked, and what may go with it."""

    name: str
    member: str
    read: Callable[[Any, str, Names], Any]
    extra: frozenset[str] = frozenset()


KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("Property", "value", _any, frozenset({"unitCode", "valueType"})),
        Kind("GeoProperty", "value", _geometry),
        Kind("Relationship", "object", _uris, frozenset({"objectType"})),
        Kind("LanguageProperty", "languageMap", _languages),
        Kind("VocabProperty", "vocab", _words),
        Kind("JsonProperty", "json", _any),
        Kind("ListProperty", "valueList", _list, frozenset({"unitCode", "valueType"})),
        Kind("ListRelationship", "objectList", _objects, frozenset({"objectType"})),
    )
}
_ALIASES = {"VocabularyProperty": "VocabProperty"}  # its name in versions before 1.8
_BY_MEMBER = {kind.member: kind for kind in KINDS.values() if kind.name != "GeoProperty"}
MEMBERS = frozenset(_BY_MEMBER)
META = frozenset({"observedAt", "unitCode", "datasetId", "objectType", "valueType"})
RESERVED = MEMBERS | META | SYSTEM | {"type", "instanceId", "lang", "entity", "entityList"}
_PLAIN = frozenset({"type", "value", "unitCode", "observedAt"})
_SCALARS = frozenset({float, int, bool, str})
_NOT_KEPT = SYSTEM | {"instanceId", "lang", "entity", "entityList"}


def is_geometry(value: object) -> bool:
    """Whether this is a GeoJSON geometry (RFC 7946) in degrees."""
    if not isinstance(value, dict):
        return False
    kind = value.get("type")
    if kind == "Point":
        return _position(value.get("coordinates"))
    if kind == "GeometryCollection":
        parts = value.get("geometries")
        return isinstance(parts, list) and all(
            is_geometry(g) and g.get("type") != "GeometryCollection" for g in parts
        )
    depth = _DEPTH.get(kind) if isinstance(kind, str) else None
    return depth is not None and _positions(value.get("coordinates"), depth, str(kind))


def _positions(value: object, depth: int, kind: str) -> bool:
    if not isinstance(value, list):
        return False
    if depth:
        least = {"LineString": 2, "MultiLineString": 2, "Polygon": 4, "MultiPolygon": 4}.get(kind, 0)
        if depth == 1 and len(value) < least:
            return False
        if depth == 1 and least == 4 and value[0] != value[-1]:
            return False
        return (depth == 1 or bool(value)) and all(_positions(v, depth - 1, kind) for v in value)
    return _position(value)


def _position(value: object) -> bool:
    if not isinstance(value, list) or not 2 <= len(value) <= 4:
        return False
    for number in value:
        if type(number) is not float and type(number) is not int:
            return False
    return bool(-180 <= value[0] <= 180 and -90 <= value[1] <= 90)


def moment(value: Any, at: str) -> str:
    """A DateTime of the standard: ISO 8601 in UTC, as it was written."""
    if isinstance(value, dict):
        value = value.get("@value")
    if isinstance(value, str) and _MOMENT.fullmatch(value):
        try:
            datetime.fromisoformat(value)
        except ValueError:
            pass
        else:
            return value
    raise bad(
        at, "应为 UTC 时间（2026-01-31T08:00:00Z）", "a moment in UTC is expected (2026-01-31T08:00:00Z)"
    )


def attribute_name(name: str, at: str, names: Names) -> str:
    """The stored name of an attribute. Raises Invalid for one that the standard forbids (clause 4.6.2)."""
    if not _is_name(name):
        raise bad(at, "属性名称有误", "this is no name of an attribute")
    return names.stored(name)


@lru_cache(4096)
def _is_name(name: str) -> bool:
    return 0 < len(name) <= _LONGEST_NAME and not _FORBIDDEN.search(name) and name[0] != "@"


def read_attribute(raw: Any, at: str, names: Names, *, part: bool = False, depth: int = 0) -> Instances:
    """The instances of an attribute in any of its forms.

    With `part`, members may be missing and the kind with them (a partial update or merge), and NGSI-LD's null
    stands for what is to go: GONE, or NULL within a member.
    """
    plain = _plain(raw, at)
    if plain is not None:
        return {"": plain}
    if depth > DEEPEST:
        raise bad(at, f"子属性超过 {DEEPEST} 层", f"sub-attributes nest deeper than {DEEPEST}")
    several = isinstance(raw, list) and raw and all(_is_instance(r) for r in raw)
    if isinstance(raw, dict) and raw.keys() == {"dataset"} and isinstance(raw["dataset"], dict):
        raw = [
            {**_wrapped(value), **({} if id_ == "@none" else {"datasetId": id_})}
            for id_, value in raw["dataset"].items()
        ]
        several = True
    if several and len(raw) > MOST_INSTANCES:
        raise bad(at, f"实例超过 {MOST_INSTANCES} 个", f"it has more than {MOST_INSTANCES} instances")
    found: Instances = {}
    for index, one in enumerate(raw if several else [raw]):
        where = f"{at}/{index}" if several else at
        dataset, instance = _read_instance(one, where, names, part, depth)
        if dataset in found:
            raise bad(where, "datasetId 重复", "two instances have the same datasetId")
        found[dataset] = instance
    return found


def _plain(raw: Any, at: str) -> Instance | None:
    """A number, boolean, text or point as most come: normalized, with no more than its unit and moment.

    None of all else, which goes the long way to the same.
    """
    if type(raw) is not dict or not raw.keys() <= _PLAIN:
        return None
    kind, value = raw.get("type"), raw.get("value")
    if kind == "GeoProperty":
        if len(raw) > 2 or type(value) is not dict or value.get("type") != "Point" or not is_geometry(value):
            return None
        return {"type": kind, "value": value}
    if kind != "Property" or type(value) not in _SCALARS or value == NULL:
        return None
    out = {"type": kind, "value": value}
    if "unitCode" in raw:
        unit = raw["unitCode"]
        if type(unit) is not str or not 0 < len(unit) <= 64 or unit == NULL:
            return None
        out["unitCode"] = unit
    if "observedAt" in raw:
        if raw["observedAt"] == NULL:
            return None
        out["observedAt"] = moment(raw["observedAt"], f"{at}/observedAt")
    return out


def _wrapped(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) and _is_instance(value) else {"value": value}


def _is_instance(raw: Any) -> bool:
    """Whether an object is written as an attribute, not as a value."""
    if not isinstance(raw, dict):
        return False
    return "datasetId" in raw or _kind_name(raw.get("type")) in KINDS or not MEMBERS.isdisjoint(raw)


def _kind_name(name: object) -> str:
    text = str(name)
    return _ALIASES.get(text, text)


def _read_instance(raw: Any, at: str, names: Names, part: bool, depth: int) -> tuple[str, Instance]:
    if raw is None:
        raise bad(at, "不得为 null", "null is no value here")
    if isinstance(raw, str) and raw == NULL:
        if not part:
            raise bad(at, "此处不能删除", "nothing can be taken away here")
        return "", GONE
    if not isinstance(raw, dict) or is_geometry(raw):
        kind = KINDS["GeoProperty" if is_geometry(raw) else "Property"]
        return "", {"type": kind.name, "value": raw}
    declared = raw.get("type")
    known = _kind_name(declared) if declared is not None else None
    if known is not None and known not in KINDS:
        if not MEMBERS.isdisjoint(raw) or not isinstance(declared, str):
            raise bad(f"{at}/type", "没有这种属性", "there is no such kind of attribute")
        return "", {"type": "Property", "value": raw}  # a value with a type of its own, in concise form
    held = [m for m in raw if m in MEMBERS]
    if known is None and not held and (not part or META.isdisjoint(raw)):
        return "", {"type": "Property", "value": raw}
    if len(held) > 1:
        raise bad(at, "含有多个值成员", "it holds more than one kind of value")
    kind_ = _kind_of(raw, known, held, at, part)
    return _members(raw, kind_, held, at, names, part, depth)


def _kind_of(raw: Mapping[str, Any], known: str | None, held: list[str], at: str, part: bool) -> Kind | None:
    if known is not None:
        kind = KINDS[known]
        if held and held[0] != kind.member:
            raise bad(at, f"{kind.name} 的值应在 {kind.member}", f"a {kind.name} says it in {kind.member}")
        if not held and not part:
            raise bad(at, f"缺少 {kind.member}", f"{kind.member} is missing")
        return kind
    if not held:
        return None
    return KINDS["GeoProperty"] if is_geometry(raw[held[0]]) and held[0] == "value" else _BY_MEMBER[held[0]]


def _members(
    raw: Mapping[str, Any], kind: Kind | None, held: list[str], at: str, names: Names, part: bool, depth: int
) -> tuple[str, Instance]:
    out: Instance = {"type": kind.name} if kind else {}
    dataset = ""
    gone = False
    for key, value in raw.items():
        where = f"{at}/{key[:100]}"
        if key in _NOT_KEPT or key == "type":
            continue
        if value is None:
            raise bad(where, "不得为 null", "null is no value here")
        if key in MEMBERS:
            if value == NULL or (isinstance(value, dict) and value.get("@none") == NULL) or value == [NULL]:
                gone = True
            else:
                assert kind is not None
                if part and isinstance(value, dict) and NULL in value.values():
                    rest = {k: v for k, v in value.items() if v != NULL}
                    out[key] = {**value, **(kind.read(rest, where, names) if rest else {})}
                else:
                    out[key] = kind.read(value, where, names)
        elif part and value == NULL:
            out[key if key in META else attribute_name(key, where, names)] = NULL
        elif key == "datasetId":
            if value != "@none":
                out["datasetId"] = dataset = _uris(value, where, names)
        elif key == "observedAt":
            out["observedAt"] = moment(value, where)
        elif key == "unitCode":
            if not isinstance(value, str) or not 0 < len(value) <= 64:
                raise bad(where, "应为单位代码", "a code of a unit is expected")
            out["unitCode"] = value
        elif key in ("objectType", "valueType"):
            out[key] = _words(value, where, names)
        elif key == "@context":
            raise bad(where, "@context 只能在最外层", "a @context stands outermost alone")
        else:
            name = attribute_name(key, where, names)
            out[name] = joined(read_attribute(value, where, names, part=part, depth=depth + 1))
    if gone:
        if not part:
            raise bad(at, "此处不能删除", "nothing can be taken away here")
        return dataset, GONE
    return dataset, out


def split(stored: Any) -> Instances:
    """The instances of a stored attribute, by datasetId."""
    if isinstance(stored, list):
        return {i.get("datasetId", ""): i for i in stored}
    return {stored.get("datasetId", ""): stored}


def joined(instances: Instances) -> Any:
    """The stored form of instances: one alone, or several in an array with the default one first."""
    if len(instances) == 1:
        return next(iter(instances.values()))
    return [instances[d] for d in sorted(instances)]
