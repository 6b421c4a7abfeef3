"""SenML in JSON (RFC 8428): base fields, relative time, numbers, text, booleans and data.

Names may be `pm25`, or carry the thing's id as a prefix (`urn:…:pm25`, `station-7/pm25`): the last part is the
attribute. Units of RFC 8428 §12.1, RFC 8798 and the register after them become UN/CEFACT codes; an unknown one is
refused. A sum (`s`), of a value over time, is kept as `<name>_sum` as it came. A field whose name ends with `_` must be understood (§4.4) and none is.
"""

import re
from typing import Annotated

import msgspec

from yong.kernel.base.errors import Invalid, Malformed, TooLarge
from yong.kernel.base.text import Text
from yong.kernel.history.contracts import Observation
from yong.kernel.history.logic import NOT_KEPT, keepable
from yong.kernel.sensing.adapters.json import checked, wrong
from yong.kernel.sensing.contracts import PAYLOAD_BYTES, READINGS, ThingRef

VERSION = 10
_RELATIVE_S = float(1 << 28)  # RFC 8428 §4.5.3: below this, time is relative to now
_LARGEST_S = 1e12

# RFC 8428 §12.1 and RFC 8798: SenML unit → UN/CEFACT Rec. 20 code.
UNITS = {
    "m": "MTR", "kg": "KGM", "g": "GRM", "s": "SEC", "A": "AMP", "K": "KEL", "cd": "CDL", "mol": "C34",
    "Hz": "HTZ", "rad": "C81", "sr": "D27", "N": "NEW", "Pa": "PAL", "J": "JOU", "W": "WTT", "C": "COU",
    "V": "VLT", "F": "FAR", "Ohm": "OHM", "S": "SIE", "Wb": "WEB", "T": "D33", "H": "81", "Cel": "CEL",
    "lm": "LUM", "lx": "LUX", "Bq": "BQL", "Gy": "A95", "Sv": "D13", "kat": "KAT", "m2": "MTK", "m3": "MTQ",
    "l": "LTR", "m/s": "MTS", "m/s2": "MSK", "m3/s": "MQS", "l/s": "G51", "W/m2": "D54", "cd/m2": "A24",
    "bit": "A99", "bit/s": "B10", "lat": "DD", "lon": "DD", "pH": "Q30", "dB": "2N", "dBW": "DBW",
    "count": "C62", "/": "C62", "%": "P1", "%RH": "P1", "%EL": "P1", "EL": "SEC", "1/s": "C97", "1/min": "C94",
    "beat/min": "BPM", "beats": "C62", "S/m": "D10", "B": "AD", "VA": "D46", "var": "D44",
    "J/m": "B12", "kg/m3": "KMQ", "deg": "DD", "NTU": "NTU", "ms": "C26", "min": "MIN", "h": "HUR",
    "MHz": "MHZ", "kW": "KWT", "kVA": "KVA", "kvar": "KVR", "Ah": "AMH", "Wh": "WHR", "kWh": "KWH",
    "kVAh": "C79", "kvarh": "K3", "KiB": "E64", "GB": "E34", "Mbit/s": "E20", "B/s": "P93", "MB/s": "P95",
    "mV": "2Z", "mA": "4K", "dBm": "DBM", "ug/m3": "GQ", "mm/h": "H67", "m/h": "M60", "ppm": "59", "/100": "P1",
    "/1000": "NX", "ppb": "61", "mg/l": "M1", "ug/l": "H29", "g/l": "GL",
    "hPa": "A97", "mm": "MMT", "cm": "CMT", "km": "KMT", "km/h": "KMH",
}  # fmt: skip
# Registered units without a code of their own: the next one with a code, and what a value is multiplied with.
SCALED = {
    "Bspl": ("2N", 10.0), "varh": ("K3", 1e-3), "VAs": ("C79", 1 / 3.6e6), "vars": ("K3", 1 / 3.6e6),
    "VAh": ("C79", 1e-3), "Wh/km": ("B12", 3.6), "ppt": ("61", 1e-3),
}  # fmt: skip
_SPLIT = re.compile(r"[:/.]")


class _Record(msgspec.Struct, gc=False):
    bn: str = ""
    bt: float | None = None
    bu: str | None = None
    bv: float | None = None
    bs: float | None = None
    bver: int | None = None
    n: str = ""
    u: str | None = None
    t: float = 0.0
    v: float | None = None
    vs: str | None = None
    vb: bool | None = None
    vd: str | None = None
    s: float | None = None
    ut: float | None = None


_loose = msgspec.json.Decoder(list[dict[str, msgspec.Raw]])
_decoder = msgspec.json.Decoder(Annotated[list[_Record], msgspec.Meta(min_length=1, max_length=READINGS)])


def decode(payload: bytes, thing: ThingRef, received_at: int) -> list[Observation]:
    """Observations of a SenML pack. Raises Malformed, Invalid or TooLarge."""
    if len(payload) > PAYLOAD_BYTES:
        raise TooLarge(Text("消息超过 256 KiB", "The message is over 256 KiB"))
    try:
        records = _decoder.decode(payload)
        strange = b'_"' in payload and any(k.endswith("_") for r in _loose.decode(payload) for k in r)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, OverflowError) as error:
        raise Malformed(
            Text("不是有效的 SenML：{why}", "Not a SenML pack: {why}"), why=str(error)[:200]
        ) from None
    if strange:
        raise wrong(0, "", _MANDATORY)
    base_name, base_time, base_unit, base_value, base_sum = "", 0.0, "", 0.0, 0.0
    out: list[Observation] = []
    for index, r in enumerate(records):
        if r.bver is not None and r.bver > VERSION:
            raise wrong(index, "bver", _VERSION)
        base_name = r.bn or base_name
        base_time = base_time if r.bt is None else r.bt
        base_unit = base_unit if r.bu is None else r.bu
        base_value = base_value if r.bv is None else r.bv
        base_sum = base_sum if r.bs is None else r.bs
        name = _SPLIT.split(base_name + r.n)[-1]
        moment = _moment(base_time + r.t, received_at, index)
        unit, factor = _unit(r.u if r.u is not None else base_unit, name, thing, index)
        given = [x for x in (r.v, r.vs, r.vb, r.vd) if x is not None]
        if len(given) > 1 or (not given and r.s is None and not _is_base_only(r)):
            raise wrong(index, "v", _VALUE)
        if given:
            value = (base_value + r.v) * factor if r.v is not None else given[0]
            out.append(Observation(thing.id, name, moment, checked(name, value, index), unit))
        if r.s is not None:
            total = f"{name}_sum"
            out.append(Observation(thing.id, total, moment, checked(total, base_sum + r.s, index), ""))
    if not out:
        raise Invalid(Text("没有读数", "There is no reading in it"))
    return out


def _is_base_only(r: _Record) -> bool:
    return not r.n and (r.bn != "" or r.bt is not None or r.bu is not None or r.bver is not None)


def _moment(seconds: float, received_at: int, index: int) -> int:
    if not abs(seconds) < _LARGEST_S:
        raise wrong(index, "t", NOT_KEPT)
    micros = round(seconds * 1e6)
    moment = received_at + micros if abs(seconds) < _RELATIVE_S else micros
    if not keepable(moment, received_at):
        raise wrong(index, "t", NOT_KEPT)
    return moment


def _unit(unit: str, name: str, thing: ThingRef, index: int) -> tuple[str, float]:
    """The code of a unit, and what to multiply a value with."""
    if not unit:
        return thing.units.get(name, ""), 1.0
    known = UNITS.get(unit)
    if known is not None:
        return known, 1.0
    scaled = SCALED.get(unit)
    if scaled is None:
        raise wrong(index, "u", _UNKNOWN_UNIT)
    return scaled


_MANDATORY = Text("含必须理解而未知的字段", "There is a field that must be understood and is not known")
_VERSION = Text("SenML 版本过新", "The SenML version is too new")
_VALUE = Text("应有且仅有一个值", "There must be exactly one value")
_UNKNOWN_UNIT = Text("未知的 SenML 单位", "Unknown SenML unit")
