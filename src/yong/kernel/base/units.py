"""Units of measure by UN/CEFACT Recommendation 20: the code that NGSI-LD writes as `unitCode`.

A unit stands for a size of a quantity; values are converted between units of the same quantity only. The table
holds what a city measures, and each row was compared with Recommendation 20 revision 17 (2021, the public-domain
data set "unece-units-of-measure"): there, and not withdrawn. Factors are exact where the definition is.
"""

import math
from collections.abc import Iterable, Mapping
from enum import StrEnum
from fractions import Fraction

import msgspec

from yong.kernel.base.errors import Invalid, Refused
from yong.kernel.base.text import Text


class Quantity(StrEnum):
    """What a unit measures. Two units convert into each other when theirs is the same."""

    RATIO = "ratio"
    COUNT = "count"
    PEOPLE = "people"
    LENGTH = "length"
    AREA = "area"
    VOLUME = "volume"
    MASS = "mass"
    TIME = "time"
    SPEED = "speed"
    FLOW = "flow"
    RAIN_RATE = "rain rate"
    TEMPERATURE = "temperature"
    PRESSURE = "pressure"
    CONCENTRATION = "concentration"
    POWER = "power"
    APPARENT_POWER = "apparent power"
    REACTIVE_POWER = "reactive power"
    ENERGY = "energy"
    REACTIVE_ENERGY = "reactive energy"
    VOLTAGE = "voltage"
    CURRENT = "current"
    RESISTANCE = "resistance"
    CONDUCTIVITY = "conductivity"
    FREQUENCY = "frequency"
    ROTATION = "rotation"
    ANGLE = "angle"
    SOUND_LEVEL = "sound level"
    ILLUMINANCE = "illuminance"
    IRRADIANCE = "irradiance"
    ACIDITY = "acidity"
    TURBIDITY = "turbidity"
    FORCE = "force"
    TORQUE = "torque"
    DATA = "data"


class Unit(msgspec.Struct, frozen=True):
    """`value × factor + offset` is the value in the quantity's coherent unit (K, Pa, kg/m³ …)."""

    code: str
    symbol: str
    name: Text
    quantity: Quantity
    factor: Fraction = Fraction(1)
    offset: Fraction = Fraction(0)


def unit(code: str) -> Unit:
    """The unit of a common code. Raises Invalid when the table does not have it."""
    found = UNITS.get(code)
    if found is None:
        raise Invalid(_UNKNOWN, code=code[:20])
    return found


def declared(where: str, code: str | None) -> None:
    """See that what a module declares has a unit of the table, or none. Raises Refused: such an install does not start."""
    if code and code not in UNITS:
        raise Refused(
            Text(
                "{where} 的单位 {code} 不在单位表中",
                "{where} has the unit {code}, which is not in the table of units",
            ),
            where=where,
            code=code,
        )


def convert(value: float, source: str, target: str) -> float:
    """`value` of unit `source` in unit `target`. Raises Invalid for other quantities, unknown codes
    and what is or becomes no finite number.
    """
    a, b = unit(source), unit(target)
    if a.quantity is not b.quantity:
        raise Invalid(_OTHER, source=a.symbol, target=b.symbol)
    if not math.isfinite(value):
        raise Invalid(_FINITE)
    if a is b:
        return value
    try:
        return float((Fraction(value) * a.factor + a.offset - b.offset) / b.factor)
    except OverflowError:
        raise Invalid(_FINITE) from None


_UNKNOWN = Text("没有计量单位代码 {code}", "There is no unit of the code {code}")
_FINITE = Text("数值不是有限数或换算后过大", "The value is not finite, or too large when converted")
_OTHER = Text("{source} 不能换算为 {target}", "{source} cannot be converted to {target}")


def _table(rows: Iterable[Unit]) -> Mapping[str, Unit]:
    return {row.code: row for row in rows}


def _of(quantity: Quantity, *rows: tuple[str, str, str, str, str]) -> Iterable[Unit]:
    for code, symbol, zh, en, factor in rows:
        yield Unit(code, symbol, Text(zh, en), quantity, Fraction(factor))


UNITS: Mapping[str, Unit] = _table(
    [
        *_of(
            Quantity.RATIO,
            ("C62", "1", "一", "one", "1"),
            ("P1", "%", "百分之一", "percent", "1/100"),
            ("59", "ppm", "百万分之一", "part per million", "1e-6"),
            ("61", "ppb", "十亿分之一", "part per billion", "1e-9"),
        ),
        *_of(
            Quantity.COUNT,
            ("H87", "pc", "件", "piece", "1"),
        ),
        *_of(Quantity.PEOPLE, ("IE", "p", "人", "person", "1")),
        *_of(
            Quantity.LENGTH,
            ("4H", "µm", "微米", "micrometre", "1e-6"),
            ("MMT", "mm", "毫米", "millimetre", "1e-3"),
            ("CMT", "cm", "厘米", "centimetre", "1e-2"),
            ("MTR", "m", "米", "metre", "1"),
            ("KMT", "km", "千米", "kilometre", "1000"),
            ("SMI", "mile", "英里", "statute mile", "1609.344"),
        ),
        *_of(
            Quantity.AREA,
            ("MTK", "m²", "平方米", "square metre", "1"),
            ("KMK", "km²", "平方千米", "square kilometre", "1e6"),
        ),
        *_of(
            Quantity.VOLUME,
            ("MLT", "ml", "毫升", "millilitre", "1e-6"),
            ("LTR", "l", "升", "litre", "1e-3"),
            ("MTQ", "m³", "立方米", "cubic metre", "1"),
        ),
        *_of(
            Quantity.MASS,
            ("GRM", "g", "克", "gram", "1e-3"),
            ("KGM", "kg", "千克", "kilogram", "1"),
            ("TNE", "t", "吨", "tonne", "1000"),
        ),
        *_of(
            Quantity.TIME,
            ("C26", "ms", "毫秒", "millisecond", "1e-3"),
            ("SEC", "s", "秒", "second", "1"),
            ("MIN", "min", "分", "minute", "60"),
            ("HUR", "h", "小时", "hour", "3600"),
            ("DAY", "d", "天", "day", "86400"),
        ),
        *_of(
            Quantity.SPEED,
            ("C16", "mm/s", "毫米每秒", "millimetre per second", "1e-3"),
            ("2M", "cm/s", "厘米每秒", "centimetre per second", "1e-2"),
            ("MTS", "m/s", "米每秒", "metre per second", "1"),
            ("KMH", "km/h", "千米每小时", "kilometre per hour", "1000/3600"),
            ("KNT", "kn", "节", "knot", "1852/3600"),
        ),
        # Rec. 20 prints 0,277… × 10⁻⁷ m/s for H67, a tenth of what its name says; this is the name's
        *_of(
            Quantity.RAIN_RATE,
            ("H67", "mm/h", "毫米每小时", "millimetre per hour", "1/3600000"),
            ("H81", "mm/min", "毫米每分", "millimetre per minute", "1/60000"),
        ),
        *_of(
            Quantity.FLOW,
            ("MQS", "m³/s", "立方米每秒", "cubic metre per second", "1"),
            ("MQH", "m³/h", "立方米每小时", "cubic metre per hour", "1/3600"),
            ("G51", "l/s", "升每秒", "litre per second", "1e-3"),
            ("L2", "l/min", "升每分", "litre per minute", "1/60000"),
            ("G52", "m³/d", "立方米每天", "cubic metre per day", "1/86400"),
            ("E32", "l/h", "升每小时", "litre per hour", "1/3600000"),
        ),
        Unit("KEL", "K", Text("开尔文", "kelvin"), Quantity.TEMPERATURE),
        Unit(
            "CEL",
            "°C",
            Text("摄氏度", "degree Celsius"),
            Quantity.TEMPERATURE,
            Fraction(1),
            Fraction("273.15"),
        ),
        Unit(
            "FAH",
            "°F",
            Text("华氏度", "degree Fahrenheit"),
            Quantity.TEMPERATURE,
            Fraction(5, 9),
            Fraction("459.67") * Fraction(5, 9),
        ),
        *_of(
            Quantity.PRESSURE,
            ("PAL", "Pa", "帕", "pascal", "1"),
            ("A97", "hPa", "百帕", "hectopascal", "100"),
            ("MBR", "mbar", "毫巴", "millibar", "100"),
            ("KPA", "kPa", "千帕", "kilopascal", "1000"),
            ("BAR", "bar", "巴", "bar", "1e5"),
            ("MPA", "MPa", "兆帕", "megapascal", "1e6"),
        ),
        *_of(
            Quantity.CONCENTRATION,
            ("GQ", "µg/m³", "微克每立方米", "microgram per cubic metre", "1e-9"),
            ("GP", "mg/m³", "毫克每立方米", "milligram per cubic metre", "1e-6"),
            ("H29", "µg/l", "微克每升", "microgram per litre", "1e-6"),
            ("M1", "mg/l", "毫克每升", "milligram per litre", "1e-3"),
            ("GL", "g/l", "克每升", "gram per litre", "1"),
            ("KMQ", "kg/m³", "千克每立方米", "kilogram per cubic metre", "1"),
        ),
        *_of(
            Quantity.POWER,
            ("WTT", "W", "瓦", "watt", "1"),
            ("KWT", "kW", "千瓦", "kilowatt", "1e3"),
            ("MAW", "MW", "兆瓦", "megawatt", "1e6"),
            ("A90", "GW", "吉瓦", "gigawatt", "1e9"),
        ),
        *_of(
            Quantity.APPARENT_POWER,
            ("D46", "V·A", "伏安", "volt-ampere", "1"),
            ("KVA", "kV·A", "千伏安", "kilovolt-ampere", "1e3"),
            ("MVA", "MV·A", "兆伏安", "megavolt-ampere", "1e6"),
        ),
        *_of(
            Quantity.REACTIVE_POWER,
            ("D44", "var", "乏", "var", "1"),
            ("KVR", "kvar", "千乏", "kilovar", "1e3"),
            ("MAR", "Mvar", "兆乏", "megavar", "1e6"),
        ),
        *_of(
            Quantity.ENERGY,
            ("JOU", "J", "焦", "joule", "1"),
            ("KJO", "kJ", "千焦", "kilojoule", "1e3"),
            ("3B", "MJ", "兆焦", "megajoule", "1e6"),
            ("GV", "GJ", "吉焦", "gigajoule", "1e9"),
            ("WHR", "W·h", "瓦时", "watt hour", "3600"),
            ("KWH", "kW·h", "千瓦时", "kilowatt hour", "3.6e6"),
            ("MWH", "MW·h", "兆瓦时", "megawatt hour", "3.6e9"),
            ("GWH", "GW·h", "吉瓦时", "gigawatt hour", "3.6e12"),
        ),
        *_of(Quantity.REACTIVE_ENERGY, ("K3", "kvar·h", "千乏时", "kilovar hour", "3.6e6")),
        *_of(
            Quantity.VOLTAGE, ("2Z", "mV", "毫伏", "millivolt", "1e-3"), ("VLT", "V", "伏", "volt", "1"), ("KVT", "kV", "千伏", "kilovolt", "1e3")
        ),
        *_of(
            Quantity.CURRENT,
            ("4K", "mA", "毫安", "milliampere", "1e-3"),
            ("AMP", "A", "安", "ampere", "1"),
            ("B22", "kA", "千安", "kiloampere", "1e3"),
        ),
        *_of(Quantity.RESISTANCE, ("OHM", "Ω", "欧", "ohm", "1")),
        *_of(
            Quantity.CONDUCTIVITY,
            ("G42", "µS/cm", "微西每厘米", "microsiemens per centimetre", "1e-4"),
            ("H61", "mS/cm", "毫西每厘米", "millisiemens per centimetre", "0.1"),
            ("D10", "S/m", "西每米", "siemens per metre", "1"),
        ),
        *_of(
            Quantity.FREQUENCY,
            ("HTZ", "Hz", "赫", "hertz", "1"),
            ("KHZ", "kHz", "千赫", "kilohertz", "1e3"),
            ("MHZ", "MHz", "兆赫", "megahertz", "1e6"),
        ),
        *_of(Quantity.ROTATION, ("RPM", "r/min", "转每分", "revolutions per minute", "1/60")),
        Unit("C81", "rad", Text("弧度", "radian"), Quantity.ANGLE),
        Unit(
            "DD", "°", Text("度", "degree"), Quantity.ANGLE, Fraction("3.14159265358979323846") / 180
        ),
        *_of(Quantity.SOUND_LEVEL, ("2N", "dB", "分贝", "decibel", "1")),
        *_of(Quantity.ILLUMINANCE, ("LUX", "lx", "勒", "lux", "1")),
        *_of(Quantity.IRRADIANCE, ("D54", "W/m²", "瓦每平方米", "watt per square metre", "1")),
        *_of(Quantity.ACIDITY, ("Q30", "pH", "酸碱度", "pH", "1")),
        *_of(Quantity.TURBIDITY, ("NTU", "NTU", "散射浊度单位", "nephelometric turbidity unit", "1")),
        *_of(Quantity.FORCE, ("NEW", "N", "牛", "newton", "1")),
        *_of(Quantity.TORQUE, ("NU", "N·m", "牛米", "newton metre", "1")),
        *_of(
            Quantity.DATA,
            ("AD", "byte", "字节", "byte", "1"),
            ("4L", "Mbyte", "兆字节", "megabyte", "1e6"),
            ("E34", "Gbyte", "吉字节", "gigabyte", "1e9"),
        ),
    ]
)  # fmt: skip
