"""Readings of a frame: the adapter `hj212`.

Real-time values (CN 2011) are what the entity shows. Those of minutes, hours and days (2051, 2061, 2031) are
kept in history as data sets of their own: `urn:yong:minute:avg`, `urn:yong:hour:max`, `urn:yong:day:cou`,
converted ones (折算) as `urn:yong:hour:converted-avg`. DataTime is China's time; for periods it is their
beginning (table 4). What monitors say of their values is the attribute `quality`: the flags other than N
(normal), by attribute.
"""

import re

from yong.kernel.base.errors import Invalid, Malformed, TooLarge
from yong.kernel.base.text import Text
from yong.kernel.history.contracts import Observation
from yong.kernel.history.logic import NOT_KEPT, keepable
from yong.kernel.sensing.contracts import ThingRef
from yong.kernel.sensing.tcp.china import micros_of_digits
from yong.kernel.sensing.tcp.hj212.codes import factor_of
from yong.kernel.sensing.tcp.hj212.wire import FRAME_BYTES, Frame, one

PERIODS = {"2011": "", "2021": "", "2051": "minute", "2061": "hour", "2031": "day", "2041": "day"}
"""Uploads of data by command code (table 9), and the period that their values stand for."""

_NOW = frozenset({"Rtd", "RS", "Data"})  # kinds of value that are no statistic
TEXTS = frozenset({"Info", "SN"})
ABOUT = frozenset({"Flag", "EFlag", "SampleTime"})
_CODE = re.compile(r"[A-Za-z0-9_]{1,32}")
_KIND = re.compile(r"[A-Za-z]{1,16}")
_NUMBER = re.compile(r"[+-]?(?:[0-9]{1,18}(?:\.[0-9]{0,18})?|\.[0-9]{1,18})")
_FLAG = re.compile(r"[A-Za-z0-9]{1,4}")
_ITEMS = 2000
_TEXT = 200


def decode(payload: bytes, thing: ThingRef, received_at: int) -> list[Observation]:
    """Observations of a frame. Raises Malformed, Invalid or TooLarge."""
    if len(payload) > FRAME_BYTES:
        raise TooLarge(Text("数据帧过长", "The frame is too long"))
    frame = one(payload)
    if frame is None:
        raise Malformed(Text("不是校验正确的 HJ 212 数据帧", "Not an HJ 212 frame with a good check"))
    command = frame.head.get("CN", "")
    period = PERIODS.get(command)
    if period is None:
        raise Invalid(Text("命令编码 {cn} 不是数据上传", "Command {cn} is no upload of data"), cn=command[:8])
    about, values = read(frame.cp)
    moment = _moment(about, frame, received_at)
    out: list[Observation] = []
    quality: dict[str, str] = {}
    for code, kinds in values.items():
        factor = factor_of(code, frame.edition.year)
        name = factor.attribute if factor else code if code[0].isalpha() else f"code_{code}"
        at = _sampled(kinds.get("SampleTime"), received_at) or moment
        bad = False
        for kind, text in kinds.items():
            if kind in ABOUT:
                continue
            dataset = _dataset(period, kind)
            if kind in TEXTS:
                out.append(Observation(thing.id, name, at, text[:_TEXT].replace("\0", ""), "", dataset))
            elif _NUMBER.fullmatch(text):
                unit = "" if factor is None else factor.amount if kind == "Cou" else factor.unit
                if kind != "Cou":
                    unit = thing.units.get(name, unit)
                out.append(Observation(thing.id, name, at, float(text), unit, dataset))
            else:
                bad = True
        said = _quality(kinds, bad)
        if said:
            quality[name] = said
    if not out and not quality:
        raise Invalid(Text("没有读数", "There is no reading in it"))
    dataset = f"urn:yong:{period}" if period else ""
    out.append(Observation(thing.id, "quality", moment, quality, "", dataset))
    return out


def fields(cp: bytes) -> dict[str, str]:
    """The data area's fields that are of no factor: DataTime, RtdInterval, QnRtn, …"""
    return read(cp)[0]


def read(cp: bytes) -> tuple[dict[str, str], dict[str, dict[str, str]]]:
    """Plain fields, and `code → kind → text`. Raises TooLarge."""
    # The standard parts factors with ; and a factor's values with , – devices mix them up, and the code before
    # the - says it all the same.
    items = cp.decode("latin-1").replace(",", ";").split(";")
    if len(items) > _ITEMS:
        raise TooLarge(Text("一帧至多 {n} 项", "At most {n} items in a frame"), n=_ITEMS)
    plain: dict[str, str] = {}
    values: dict[str, dict[str, str]] = {}
    for item in items:
        name, equals, text = item.partition("=")
        name, text = name.strip(), text.strip()
        code, dash, kind = name.rpartition("-")
        if not equals:
            continue
        if dash and _CODE.fullmatch(code) and _KIND.fullmatch(kind):
            values.setdefault(code, {})[kind] = text
        elif _CODE.fullmatch(name):
            plain[name] = text
    return plain, values


def _moment(about: dict[str, str], frame: Frame, received_at: int) -> int:
    text = about.get("DataTime")
    # Without DataTime the request's own time: unlike the moment of receipt it is the same when it is sent again.
    moment = micros_of_digits(text if text is not None else frame.head.get("QN", ""))
    if moment is None:
        if text is not None:
            raise Invalid(Text("DataTime 不是有效时间", "DataTime is not a moment"))
        return received_at
    if not keepable(moment, received_at):
        raise Invalid(NOT_KEPT)
    return moment


def _sampled(text: str | None, received_at: int) -> int | None:
    moment = micros_of_digits(text or "")
    return moment if moment is not None and keepable(moment, received_at) else None


def _dataset(period: str, kind: str) -> str:
    if not period and kind in _NOW:
        return ""
    word = f"converted-{kind[2:]}" if kind.startswith("Zs") and len(kind) > 2 else kind
    return f"urn:yong:{period or 'now'}:{word.lower()}"


def _quality(kinds: dict[str, str], bad: bool) -> str:
    flag, own = kinds.get("Flag", ""), kinds.get("EFlag", "")
    words = [flag] if _FLAG.fullmatch(flag) and flag != "N" else []
    words += [own] if _FLAG.fullmatch(own) else []
    return "/".join(words + (["unreadable"] if bad and not words else []))
