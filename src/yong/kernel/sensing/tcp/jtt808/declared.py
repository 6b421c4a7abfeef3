"""What JT/T 808 brings to sensing: its payload format, its listener, and the vehicle as a type of thing."""

from yong.kernel.base.text import Text
from yong.kernel.sensing.contracts import Adapter, Attribute, ThingType
from yong.kernel.sensing.tcp.jtt808 import adapter, session


def _of(name: str, zh: str, en: str, unit: str = "") -> Attribute:
    return Attribute(name=name, meaning=Text(zh, en), unit=unit)


ADAPTER = Adapter(
    name="jtt808",
    title=Text("JT/T 808 车载终端", "JT/T 808 vehicle terminals"),
    media_type="application/vnd.jtt808",
    decode=adapter.decode,
)

VEHICLE = ThingType(
    name="vehicle",
    title=Text("车辆", "Vehicle"),
    entity_type="Vehicle",
    interval_s=60,
    attributes=(
        _of("location", "位置", "Location"),
        _of("altitude", "高程", "Altitude", "MTR"),
        _of("speed", "速度", "Speed", "KMH"),
        _of("heading", "方向", "Heading", "DD"),
        _of("alarms", "报警", "Alarms"),
        _of("states", "状态", "States"),
        _of("load", "载货", "Load"),
        _of("odometer", "里程", "Odometer", "KMT"),
        _of("fuel", "油量", "Fuel", "LTR"),
        _of("recorderSpeed", "行驶记录速度", "Speed of the tachograph", "KMH"),
        _of("alarmEvent", "需人工确认的报警事件", "Alarm event to be confirmed"),
        _of("speeding", "超速报警附加信息", "Where it is too fast"),
        _of("areaCrossing", "进出区域或路线", "Area or route entered or left"),
        _of("sectionTime", "路段行驶时间", "Time on a section"),
        _of("signals", "车辆信号", "Signals"),
        _of("io", "IO 状态", "IO state"),
        _of("analog0", "模拟量 0", "Analogue input 0"),
        _of("analog1", "模拟量 1", "Analogue input 1"),
        _of("signalStrength", "无线信号强度", "Radio signal strength"),
        _of("satellites", "定位卫星数", "Satellites"),
        _of("extras", "其他附加信息（十六进制）", "Further items (hexadecimal)"),
    ),
)

DECLARED = (ADAPTER, session.LISTENER, VEHICLE)
