"""What the operations of the standard do to an entity (clauses 5.5.8, 5.5.12, 5.6). Pure.

An operation makes new attributes from those there were; instances that it leaves alone stay the same objects,
so that :func:`stamped` finds what changed without being told.
"""

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

import msgspec

from yong.kernel.base.errors import NotFound
from yong.kernel.base.text import Text
from yong.kernel.context.ngsild.attributes import (
    GONE,
    KINDS,
    META,
    NULL,
    Instance,
    Instances,
    bad,
    joined,
    split,
)
from yong.kernel.context.ngsild.fragments import Fragment

Attributes = dict[str, Any]  # stored name → instance or array of instances
NO_ATTRIBUTE = Text("对象 {id} 没有属性 {attribute}", "Entity {id} has no attribute {attribute}")


class NotUpdated(msgspec.Struct, frozen=True, rename="camel"):
    """An attribute that was left as it is, and why."""

    attribute_name: str
    reason: str


class Report(msgspec.Struct, gc=False):
    """The standard's UpdateResult: names as they are stored."""

    updated: list[str] = []
    not_updated: list[NotUpdated] = []


class Touched(msgspec.Struct, gc=False):
    """An instance that was written (`instance`) or taken away (None), at this moment."""

    attribute: str
    dataset: str
    instance: Instance | None
    before: Instance | None


class Body(msgspec.Struct, kw_only=True, gc=False):
    """What of an entity the operations change."""

    types: tuple[str, ...]
    scopes: tuple[str, ...]
    attributes: Attributes


def created(fragment: Fragment) -> Body:
    """A new entity."""
    return Body(
        types=fragment.types,
        scopes=fragment.scopes or (),
        attributes={name: joined(instances) for name, instances in fragment.attributes.items()},
    )


def replaced(body: Body, fragment: Fragment) -> Body:
    """All attributes replaced by those of the fragment (5.6.18)."""
    attributes = {name: joined(instances) for name, instances in fragment.attributes.items()}
    return Body(types=fragment.types or body.types, scopes=fragment.scopes or (), attributes=attributes)


def appended(body: Body, fragment: Fragment, report: Report, *, overwrite: bool = True) -> Body:
    """Attributes added, and replaced unless `overwrite` is off (5.6.3); types and scopes added."""
    attributes = dict(body.attributes)
    for name, given in fragment.attributes.items():
        have = split(attributes[name]) if name in attributes else {}
        fresh = {d: i for d, i in given.items() if i is not GONE and (overwrite or d not in have)}
        if len(fresh) < len(given):
            report.not_updated.append(NotUpdated(name, "the attribute exists already"))
        if fresh:
            attributes[name] = joined({**have, **fresh})
            report.updated.append(name)
    return Body(types=_united(body, fragment), scopes=_scoped(body, fragment), attributes=attributes)


def updated(body: Body, fragment: Fragment, report: Report) -> Body:
    """Attributes that exist replaced, or taken away by null; others are not made (5.6.2)."""
    attributes = dict(body.attributes)
    for name, given in fragment.attributes.items():
        have = split(attributes[name]) if name in attributes else {}
        known = {
            d: i if i is GONE else _whole(_without_null(i), f"/{name}") for d, i in given.items() if d in have
        }
        if len(known) < len(given):
            report.not_updated.append(NotUpdated(name, "there is no such attribute"))
        if known:
            _put(attributes, name, {**have, **known})
            report.updated.append(name)
    return Body(types=_united(body, fragment), scopes=_scoped(body, fragment), attributes=attributes)


def merged(body: Body, fragment: Fragment, *, observed_at: str | None = None) -> Body:
    """A merge-patch (5.5.12): members merged deeply, null takes away, what is new is made."""
    attributes = dict(body.attributes)
    for name, given in fragment.attributes.items():
        have = split(attributes[name]) if name in attributes else {}
        result = dict(have)
        for dataset, patch in given.items():
            at = f"/{name}"
            if patch is GONE:
                result.pop(dataset, None)
            elif dataset in have:
                result[dataset] = _merged_instance(have[dataset], patch, at)
                if observed_at and "observedAt" in have[dataset] and "observedAt" not in patch:
                    result[dataset]["observedAt"] = observed_at
            else:
                result[dataset] = _whole(_without_null(patch), at)
        if result or have:
            _put(attributes, name, result)
    return Body(types=_united(body, fragment), scopes=_scoped(body, fragment), attributes=attributes)


def partly_updated(body: Body, id: str, name: str, given: Instances, *, whole: bool = False) -> Body:
    """One instance of one attribute updated in part (5.6.4), or replaced as a `whole` (5.6.19).

    Raises NotFound when there is no such instance.
    """
    have = split(body.attributes[name]) if name in body.attributes else {}
    result = dict(have)
    for dataset, patch in given.items():
        if dataset not in have:
            raise NotFound(NO_ATTRIBUTE, id=id, attribute=name)
        if patch is GONE or whole:
            result[dataset] = patch
        else:
            result[dataset] = _part(have[dataset], patch, f"/{name}")
    attributes = dict(body.attributes)
    _put(attributes, name, result)
    return msgspec.structs.replace(body, attributes=attributes)


def without(body: Body, id: str, name: str, dataset: str = "", *, every: bool = False) -> Body:
    """An instance of an attribute, or every one, taken away (5.6.5). Raises NotFound."""
    have = split(body.attributes[name]) if name in body.attributes else {}
    if not have or (not every and dataset not in have):
        raise NotFound(NO_ATTRIBUTE, id=id, attribute=name)
    attributes = dict(body.attributes)
    _put(attributes, name, {} if every else {**have, dataset: GONE})
    return msgspec.structs.replace(body, attributes=attributes)


def stamped(before: Attributes, after: Attributes, now: datetime) -> tuple[Attributes, list[Touched]]:
    """The new attributes with `createdAt` and `modifiedAt` of what changed, and what that was."""
    touched: list[Touched] = []
    out = dict(after)
    at = _written(now)
    names = after if before.keys() <= after.keys() else before.keys() | after.keys()
    for name in names:
        old, new = before.get(name), after.get(name)
        if old is new:
            continue
        if type(new) is dict and (old is None or type(old) is dict):
            dataset = new.get("datasetId", "")
            if old is None or old.get("datasetId", "") == dataset:
                made = old.get("createdAt", at) if old else at
                out[name] = one = {**new, "createdAt": made, "modifiedAt": at}
                touched.append(Touched(name, dataset, one, old))
                continue
        olds = split(old) if old is not None else {}
        news = split(new) if new is not None else {}
        result: Instances = {}
        for dataset in olds.keys() | news.keys():
            was, is_ = olds.get(dataset), news.get(dataset)
            if is_ is not None and is_ is not was:
                made = was.get("createdAt", at) if was else at
                is_ = {**is_, "createdAt": made, "modifiedAt": at}
            if is_ is not was:
                touched.append(Touched(name, dataset, is_, was))
            if is_ is not None:
                result[dataset] = is_
        if result:
            out[name] = joined(result)
    return out, touched


@lru_cache(256)
def _written(moment: datetime) -> str:
    return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")


def _put(attributes: Attributes, name: str, instances: Instances) -> None:
    left = {d: i for d, i in instances.items() if i is not GONE}
    if left:
        attributes[name] = joined(left)
    else:
        attributes.pop(name, None)


def _united(body: Body, fragment: Fragment) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*body.types, *fragment.types)))


def _scoped(body: Body, fragment: Fragment) -> tuple[str, ...]:
    return body.scopes if fragment.scopes is None else fragment.scopes


def _adapted(have: Instance, patch: Instance, at: str) -> Instance:
    """A patch whose kind, if it has one, is that of the instance: a bare value is what that kind holds."""
    kind, stated = have["type"], patch.get("type")
    if stated is None or stated == kind:
        return patch
    member = KINDS[kind].member
    if stated in ("Property", "GeoProperty") and member == "value":
        return patch
    if stated == "Property" and patch.keys() == {"type", "value"}:
        value = patch["value"]
        if isinstance(value, str) and kind in ("Relationship", "VocabProperty"):
            return {"type": kind, member: value}
        if kind == "JsonProperty" or (kind == "ListProperty" and isinstance(value, list)):
            return {"type": kind, member: value}
        if kind == "LanguageProperty" and isinstance(value, dict):
            return {"type": kind, member: value}
    raise bad(at, f"该属性是 {kind}，不能当作 {stated}", f"this attribute is a {kind}, not a {stated}")


def _part(have: Instance, patch: Instance, at: str) -> Instance:
    """Members of the patch in place of those of the instance; null takes them away."""
    result = {**have, **_adapted(have, patch, at)}
    return _whole({k: v for k, v in result.items() if v != NULL}, at)


def _merged_instance(have: Instance, patch: Instance, at: str) -> Instance:
    patch = _adapted(have, patch, at)
    result = _merged_value(have, patch)
    if patch.get("type") == "GeoProperty" or have["type"] == "GeoProperty":
        result["value"] = patch.get("value", have["value"])  # parts of two geometries make no third one
    return _whole(result, at)


def _merged_value(have: Mapping[str, Any], patch: Mapping[str, Any]) -> dict[str, Any]:
    result = dict(have)
    for key, value in patch.items():
        if value == NULL or value is GONE:
            result.pop(key, None)
        elif isinstance(value, dict) and isinstance(have.get(key), dict):
            result[key] = _merged_value(have[key], value)
        else:
            result[key] = _without_null(value)
    return result


def _without_null(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _without_null(v) for k, v in value.items() if v != NULL and v is not GONE}
    return value


def _whole(instance: Instance, at: str) -> Instance:
    """An instance that is one: of a kind, and saying something."""
    kind = KINDS.get(str(instance.get("type")))
    if kind is None or kind.member not in instance:
        raise bad(at, "属性没有值", "the attribute has no value")
    for name, value in instance.items():
        if name in META or name in ("type", "createdAt", "modifiedAt") or name == kind.member:
            continue
        for sub in value if isinstance(value, list) else [value]:
            _whole(sub, f"{at}/{name}")
    return instance
