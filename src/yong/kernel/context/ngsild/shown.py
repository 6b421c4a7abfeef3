"""Entities as they go out: normalized, concise, simplified, GeoJSON (clauses 4.5.1 to 4.5.24)."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Literal

import msgspec

from yong.kernel.context.jsonld.names import CORE, Names
from yong.kernel.context.ngsild import ids
from yong.kernel.context.ngsild.attributes import KINDS, META, SYSTEM, Instance, Instances, is_geometry, split

Form = Literal["normalized", "concise", "simplified"]


class View(msgspec.Struct, frozen=True, kw_only=True):
    """How an entity is to be shown. `attrs`, `pick` and `omit` are stored names; of members also id, type, scope."""

    names: Names = CORE
    form: Form = "normalized"
    system: bool = False
    attrs: frozenset[str] | None = None
    pick: frozenset[str] | None = None
    omit: frozenset[str] = frozenset()
    lang: str | None = None
    dataset: str | None = None
    geometry: str = "location"

    def wants(self, member: str) -> bool:
        return (self.pick is None or member in self.pick) and member not in self.omit

    def attribute(self, name: str) -> bool:
        return (self.attrs is None or name in self.attrs) and self.wants(name)


PLAIN = View()


class Whole(msgspec.Struct, kw_only=True, gc=False):
    """An entity as it is stored, or made of a record; then its moments may not be known."""

    id: str
    type: str
    other_types: tuple[str, ...] | list[str] = ()
    scopes: tuple[str, ...] | list[str] = ()
    attributes: dict[str, Any]
    created_at: datetime | None
    modified_at: datetime | None


def entity(whole: Whole, view: View = PLAIN) -> dict[str, Any]:
    """An entity in the form asked for, without its @context."""
    out: dict[str, Any] = {}
    names = view.names
    if view.wants("id"):
        out["id"] = ids.shown(whole.id)
    if view.wants("type"):
        types = [names.shown(whole.type), *map(names.shown, whole.other_types)]
        out["type"] = types if len(types) > 1 else types[0]
    if whole.scopes and view.wants("scope"):
        out["scope"] = list(whole.scopes) if len(whole.scopes) > 1 else whole.scopes[0]
    if view.system:
        out |= _moments(whole)
    if view is PLAIN:
        for name, stored in whole.attributes.items():
            if type(stored) is dict:
                plain = SYSTEM.isdisjoint(stored)
                out[name] = stored if plain else {k: v for k, v in stored.items() if k not in SYSTEM}
            else:
                out[name] = [{k: v for k, v in i.items() if k not in SYSTEM} for i in stored]
        return out
    for name, stored in whole.attributes.items():
        if view.attribute(name):
            shown = _attribute(split(stored), view, whole)
            if shown is not None:
                out[names.shown(name)] = shown
    return out


def feature(whole: Whole, view: View) -> dict[str, Any]:
    """An entity as a GeoJSON feature; its geometry is the value of `view.geometry`, null without one."""
    shown = entity(whole, view)
    geometry = None
    stored = whole.attributes.get(view.geometry)
    if stored is not None and view.attribute(view.geometry):
        instance = split(stored).get(view.dataset or "")
        value = instance.get("value") if instance else None
        geometry = value if is_geometry(value) else None
    id_ = shown.pop("id", ids.shown(whole.id))
    return {"id": id_, "type": "Feature", "geometry": geometry, "properties": shown}


def _attribute(instances: Instances, view: View, whole: Whole) -> Any:
    if view.dataset is not None:
        instances = {d: i for d, i in instances.items() if d == view.dataset}
    if not instances:
        return None
    if view.form == "simplified":
        if len(instances) == 1:
            return _simplified(next(iter(instances.values())), view)
        return {"dataset": {d or "@none": _simplified(i, view) for d, i in sorted(instances.items())}}
    alone = len(instances) == 1
    shown = [_instance(instances[d], view, whole, alone) for d in sorted(instances)]
    return shown[0] if alone else shown


def _instance(stored: Instance, view: View, whole: Whole | None, alone: bool) -> Any:
    stored = _in_language(stored, view)
    names = view.names
    kind = stored["type"]
    out: dict[str, Any] = {}
    for key, value in stored.items():
        if key == "type":
            if view.form == "normalized":
                out[key] = value
        elif key in SYSTEM:
            if view.system:
                out[key] = value
        elif key in ("objectType", "valueType") or (key == "vocab" and kind == "VocabProperty"):
            out[key] = _shown_words(value, names)
        elif key == KINDS[kind].member or key in META or key == "lang":
            out[key] = value
        else:
            several = split(value)
            subs = [_instance(several[d], view, None, len(several) == 1) for d in sorted(several)]
            out[names.shown(key)] = subs if len(subs) > 1 else subs[0]
    if view.system and whole is not None:
        known = _moments(whole)
        if "observedAt" in stored:
            known["modifiedAt"] = stored["observedAt"]
        out = {**out, **{name: moment for name, moment in known.items() if name not in out}}
    if view.form == "concise":
        if kind == "ListRelationship":
            out["objectList"] = [o["object"] for o in out["objectList"]]
        if (
            alone
            and out.keys() == {"value"}
            and (kind == "GeoProperty" or not isinstance(out["value"], dict | list))
        ):
            return out["value"]
    return out


def _simplified(stored: Instance, view: View) -> Any:
    stored = _in_language(stored, view)
    kind = KINDS[stored["type"]]
    value = stored[kind.member]
    match kind.name:
        case "Property" | "GeoProperty" | "Relationship":
            return value
        case "VocabProperty":
            return {"vocab": _shown_words(value, view.names)}
        case "ListRelationship":
            return {"objectList": [o["object"] for o in value]}
    return {kind.member: value}


def _in_language(stored: Instance, view: View) -> Instance:
    """A LanguageProperty as a Property in the language asked for, else without one, else in any (4.5.18)."""
    if view.lang is None or stored["type"] != "LanguageProperty":
        return stored
    words: Mapping[str, Any] = stored["languageMap"]
    tag = _best(view.lang, words)
    rest = {k: v for k, v in stored.items() if k not in ("type", "languageMap")}
    return {"type": "Property", "value": words[tag], **({} if tag == "@none" else {"lang": tag}), **rest}


def _best(wanted: str, words: Mapping[str, Any]) -> str:
    asked = [part.partition(";")[0].strip().lower() for part in wanted.split(",")]
    by_tag = {tag.lower(): tag for tag in words}
    for tag in asked:
        if tag in by_tag:
            return by_tag[tag]
        near = next((t for low, t in by_tag.items() if low.split("-")[0] == tag.split("-")[0]), None)
        if near is not None:
            return near
    return "@none" if "@none" in words else next(iter(words))


def _shown_words(value: Any, names: Names) -> Any:
    return [names.shown(w) for w in value] if isinstance(value, list) else names.shown(value)


def _moments(whole: Whole) -> dict[str, str]:
    """When an entity was made and last changed, as far as that is known."""
    known = {"createdAt": whole.created_at, "modifiedAt": whole.modified_at}
    return {name: written(moment) for name, moment in known.items() if moment is not None}


def written(moment: datetime) -> str:
    """A moment as the standard writes it."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
