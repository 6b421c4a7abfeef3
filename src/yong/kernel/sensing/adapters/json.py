"""Yong's own JSON: one reading of several attributes, or a list of them.

    {"t": "2026-11-23T08:00:00+08:00", "v": {"pm25": 12.3, "door": "open"}, "u": {"pm25": "GQ"}}

`t` is ISO 8601 with an offset, or seconds or milliseconds since 1970; without it the moment of receipt counts.
`v` maps attribute names to numbers, text, booleans or objects (`location` is a GeoJSON Point). `u` gives
UN/CEFACT unit codes where they differ from the thing type's. Values nest at most 16 deep.
"""

import math
import re
from typing import Any

import msgspec

from yong.kernel.base.errors import Invalid, Malformed, Problem, TooLarge
from yong.kernel.base.text import Text
from yong.kernel.context.logic import point_of
from yong.kernel.history.contracts import Observation
from yong.kernel.history.logic import NOT_KEPT, keepable
from yong.kernel.sensing.contracts import PAYLOAD_BYTES, READINGS, TEXT_CHARACTERS, ThingRef
from yong.kernel.sensing.logic import micros_of

ATTRIBUTE = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")
UNIT = re.compile(r"[A-Z0-9]{1,3}")
DEEPEST = 16


class _Reading(msgspec.Struct, gc=False):
    v: dict[str, Any]
    t: str | float | None = None
    u: dict[str, str] | None = None


_decoder = msgspec.json.Decoder(_Reading | list[_Reading])
_names: dict[str, bool] = {}


def decode(payload: bytes, thing: ThingRef, received_at: int) -> list[Observation]:
    """Observations of a JSON payload. Raises Malformed, Invalid or TooLarge."""
    if len(payload) > PAYLOAD_BYTES:
        raise TooLarge(Text("消息超过 256 KiB", "The message is over 256 KiB"))
    try:
        found = _decoder.decode(payload)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, OverflowError) as error:
        raise Malformed(
            Text("不是有效的 JSON 读数：{why}", "Not a JSON reading: {why}"), why=str(error)[:200]
        ) from None
    out: list[Observation] = []
    entity, units = thing.id, thing.units
    for index, reading in enumerate(found if isinstance(found, list) else (found,)):
        moment = received_at if reading.t is None else _moment(reading.t, index)
        if not keepable(moment, received_at):
            raise wrong(index, "t", NOT_KEPT)
        own = reading.u
        if own and not all(map(UNIT.fullmatch, own.values())):
            raise wrong(index, "u", _UNIT)
        for name, value in reading.v.items():
            unit = own[name] if own and name in own else units.get(name, "")
            out.append(Observation(entity, name, moment, checked(name, value, index), unit))
        if len(out) > READINGS:
            raise TooLarge(Text("一条消息至多 10000 个读数", "At most 10,000 readings in a message"))
    if not out:
        raise Invalid(Text("没有读数", "There is no reading in it"))
    return out


def checked(name: str, value: object, index: int) -> object:
    """A value as it is kept: numbers as floats. Raises Invalid."""
    known = _names.get(name)
    if known is None:
        known = bool(ATTRIBUTE.fullmatch(name))
        if len(_names) < 10_000:
            _names[name] = known
    if not known:
        raise wrong(index, "v", _NAME)
    kind = type(value)
    if kind is float or kind is int:
        try:
            number = float(value)  # type: ignore[arg-type]  # it is one of the two
        except OverflowError:
            number = math.inf
        if not math.isfinite(number):
            raise wrong(index, f"v/{name}", _NUMBER)
        if name == "location":
            raise wrong(index, "v/location", _PLACE)
        return number
    if value is None:
        raise wrong(index, f"v/{name}", _NULL)
    if name == "location" and point_of(value) is None:
        raise wrong(index, "v/location", _PLACE)
    if kind is str:
        text = str(value)
        if len(text) > TEXT_CHARACTERS or "\0" in text:
            raise wrong(index, f"v/{name}", _TEXT)
        return text
    if kind is not bool and not _storable(value):
        raise wrong(index, f"v/{name}", _OBJECT)
    return value


def _storable(value: object) -> bool:
    if _deeper(value, DEEPEST):
        return False
    try:
        encoded = msgspec.json.encode(value)
    except (ValueError, TypeError, OverflowError):  # integers beyond 64 bits
        return False
    return len(encoded) <= 4 * TEXT_CHARACTERS and b"\\u0000" not in encoded


def _deeper(value: object, levels: int) -> bool:
    if isinstance(value, dict):
        return levels == 0 or any(_deeper(v, levels - 1) for v in value.values())
    if isinstance(value, list):
        return levels == 0 or any(_deeper(v, levels - 1) for v in value)
    return False


def _moment(value: str | float, index: int) -> int:
    moment = micros_of(value)
    if moment is None:
        raise wrong(index, "t", _TIME)
    return moment


def wrong(index: int, where: str, text: Text) -> Invalid:
    """What is wrong with one reading of a message."""
    return Invalid(text, problems=(Problem(f"/{index}/{where}", text),))


_NAME = Text(
    "属性名须以字母开头，至多 64 个字母、数字或下划线",
    "An attribute's name starts with a letter and has at most 64 letters, digits or _",
)
_UNIT = Text("单位应为 UN/CEFACT 代码", "A unit is a UN/CEFACT code")
_NUMBER = Text("数值超出范围", "The number is out of range")
_NULL = Text("不得为 null", "Must not be null")
_TEXT = Text("文本过长或含空字符", "The text is too long or holds a null character")
_OBJECT = Text("对象过大、过深或含空字符", "The object is too large, too deep or holds a null character")
_PLACE = Text(
    "location 应为 GeoJSON Point（经度、纬度）", "A location is a GeoJSON Point (longitude, latitude)"
)
_TIME = Text("不是带时区的 ISO 8601 时间或 Unix 时间", "Neither ISO 8601 with an offset nor Unix time")
