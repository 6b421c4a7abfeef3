"""The rules of readings as JSON and as SenML, whichever door they come by; and of formats that go over MQTT as they are."""

from collections.abc import Callable, Mapping

import msgspec

from yong.kernel.base import units
from yong.kernel.base.errors import Invalid, YongError
from yong.kernel.base.text import Text
from yong.kernel.history.contracts import Observation
from yong.kernel.sensing.adapters import json, senml
from yong.kernel.sensing.conformance.ais import AisInspector
from yong.kernel.sensing.conformance.findings import About, Finding, Rule, ahead, broken, refused, times
from yong.kernel.sensing.conformance.hj212 import Hj212Inspector
from yong.kernel.sensing.conformance.jtt808 import Jtt808Inspector
from yong.kernel.sensing.conformance.sl651 import Sl651Inspector
from yong.kernel.sensing.contracts import ThingRef
from yong.kernel.sensing.logic import micros_of

REFUSED = Rule("payload.refused", Text("读数被拒绝", "The readings are refused"))
MEMBER = Rule("payload.member", Text("{where}：{why}", "{where}: {why}"))
TIME, CLOCK = times("payload")
UNIT = Rule("payload.unit", Text("{name} 的单位代码 {said} 未知", "{name} has the unknown unit {said}"))
UNITS = Rule("payload.no-unit", Text("{name} 没有单位", "{name} has no unit"), False)
DECLARED = Rule(
    "payload.unit-declared",
    Text("{name} 的单位为 {said}，设备类型规定 {right}", "{name} is in {said}; its type says {right}"),
    False,
)
SECONDS = Rule("payload.zone", Text("t {said} 没有时区", "t {said} has no offset"))
STRANGE = Rule(
    "payload.unknown-member",
    Text("{said} 不是读数的成员，将被忽略", "{said} is no member of a reading and is passed over"),
    False,
)
FORMAT = Rule("payload.format", Text("没有格式 {said}", "There is no format {said}"))

_MEMBERS = frozenset({"t", "v", "u"})
_TIME = Text("t", "t")


def check(format: str, payload: bytes, about: About, now_us: int) -> list[Finding]:
    """What is wrong with a payload of a format, by the format's name in topics."""
    known = _FORMATS.get(format)
    return known(payload, about, now_us) if known else [broken(FORMAT, payload, said=format[:64])]


def _thing(about: About) -> ThingRef:
    return ThingRef(
        id=about.thing, entity_type="", owner=None, district=None, place=None, source="", units=about.units
    )


def _json(payload: bytes, about: About, now_us: int) -> list[Finding]:
    out = _members(payload, now_us)
    if any(f.grave for f in out):
        return out
    return out + _decoded(json.decode, payload, about, now_us)


def _senml(payload: bytes, about: About, now_us: int) -> list[Finding]:
    return _decoded(senml.decode, payload, about, now_us)


def _members(payload: bytes, now_us: int) -> list[Finding]:
    """What the decoder passes over, or tells less of."""
    try:
        found = msgspec.json.decode(payload)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return []
    out: list[Finding] = []
    for reading in found if isinstance(found, list) else [found]:
        if not isinstance(reading, dict):
            continue
        out += [broken(STRANGE, payload, said=name[:64]) for name in sorted(reading.keys() - _MEMBERS)]
        moment = reading.get("t")
        if isinstance(moment, str) and micros_of(moment) is None:
            rule = SECONDS if micros_of(f"{moment}Z") is not None else TIME
            out.append(broken(rule, payload, what=_TIME, said=moment[:40]))
    return out


def _decoded(
    decode: Callable[[bytes, ThingRef, int], list[Observation]], payload: bytes, about: About, now_us: int
) -> list[Finding]:
    try:
        observations = decode(payload, _thing(about), now_us)
    except Invalid as error:
        if error.problems:
            return [broken(MEMBER, payload, where=p.pointer, why=p.detail) for p in error.problems]
        return [refused(REFUSED, error.detail, payload)]
    except YongError as error:
        return [refused(REFUSED, error.detail, payload)]
    out: list[Finding] = []
    latest = max((o.observed_at for o in observations), default=now_us)
    out += ahead(CLOCK, _TIME, latest, now_us, payload)
    for name, unit in dict.fromkeys((o.attribute, o.unit) for o in observations if type(o.value) is float):
        right = about.units.get(name)
        if unit and unit not in units.UNITS:
            out.append(broken(UNIT, payload, name=name, said=unit))
        elif right and unit != right:
            out.append(broken(DECLARED, payload, name=name, said=unit, right=right))
        elif not unit and not name.endswith("_sum"):
            out.append(broken(UNITS, payload, name=name))
    return out


def _hj212(payload: bytes, about: About, now_us: int) -> list[Finding]:
    inspector = Hj212Inspector(about)
    return inspector.heard(payload, now_us) + inspector.ended()


def _sl651(payload: bytes, about: About, now_us: int) -> list[Finding]:
    inspector = Sl651Inspector(about)
    return inspector.heard(payload, now_us) + inspector.ended()


def _jtt808(payload: bytes, about: About, now_us: int) -> list[Finding]:
    inspector = Jtt808Inspector(about, signs_on=False)
    return inspector.heard(payload, now_us) + inspector.ended()


def _ais(payload: bytes, about: About, now_us: int) -> list[Finding]:
    inspector = AisInspector(about, signs_on=False)
    return inspector.heard(payload + b"\n", now_us) + inspector.ended()


_FORMATS: Mapping[str, Callable[[bytes, About, int], list[Finding]]] = {
    "json": _json,
    "senml": _senml,
    "hj212": _hj212,
    "sl651": _sl651,
    "jtt808": _jtt808,
    "ais": _ais,
}
