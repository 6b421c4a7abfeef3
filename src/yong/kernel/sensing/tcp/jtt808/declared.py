"""What JT/T 808 brings to sensing: its payload format, its listener, and the vehicle as a type of thing."""

from yong.kernel.base.text import Text
from yong.kernel.sensing.contracts import Adapter, Argument, Attribute, Choice, CommandType, ThingType
from yong.kernel.sensing.tcp.jtt808 import adapter, down, session


def _of(name: str, zh: str, en: str, unit: str = "") -> Attribute:
    return Attribute(name=name, meaning=Text(zh, en), unit=unit)


ADAPTER = Adapter(
    name="jtt808",
    title=Text("JT/T 808 车载终端", "JT/T 808 vehicle terminals"),
    media_type="application/vnd.jtt808",
    decode=adapter.decode,
)

_MANNERS = {
    "urgent": Text("紧急", "Urgent"),
    "display": Text("终端显示", "Shown on the terminal"),
    "speak": Text("语音播读", "Spoken"),
}
_ACTIONS = {
    "shutdown": Text("终端关机", "Shut the terminal down"),
    "reset": Text("终端复位", "Restart the terminal"),
    "factory_reset": Text("恢复出厂设置", "Reset to factory settings"),
    "close_data": Text("关闭数据通信", "Close data communication"),
    "close_wireless": Text("关闭所有无线通信", "Close all radio communication"),
}
_PARAMETERS = {
    "heartbeat_s": (Text("心跳间隔", "Heartbeat every"), "SEC"),
    "tcp_answer_timeout_s": (Text("TCP 应答超时", "Time to wait for an answer over TCP"), "SEC"),
    "tcp_retries": (Text("TCP 重传次数", "Retries over TCP"), ""),
    "report_strategy": (Text("位置汇报策略", "Report by"), ""),
    "report_sleeping_s": (Text("休眠时汇报间隔", "Report while asleep every"), "SEC"),
    "report_interval_s": (Text("缺省汇报间隔", "Report every"), "SEC"),
    "report_distance_m": (Text("缺省汇报距离间隔", "Report after"), "MTR"),
    "turn_angle_deg": (Text("拐点补传角度", "Report turns from"), "DD"),
    "max_speed_kmh": (Text("最高速度", "Highest speed"), "KMH"),
    "overspeed_s": (Text("超速持续时间", "Too fast for"), "SEC"),
}
_STRATEGIES = (
    Choice(0, Text("定时", "Time")),
    Choice(1, Text("定距", "Distance")),
    Choice(2, Text("定时和定距", "Both")),
)


def _parameter(name: str, title: Text, unit: str) -> Argument:
    known = down.PARAMETERS[name]
    return Argument(
        name=name, title=title, type="integer", unit=unit, required=False, minimum=known.low, maximum=known.high,
        choices=_STRATEGIES if name == "report_strategy" else (),
    )  # fmt: skip


COMMANDS = (
    CommandType(name="locate", title=Text("查询位置", "Ask where it is")),
    CommandType(
        name="text",
        title=Text("下发文本", "Send a text"),
        arguments=(
            Argument(name="text", title=Text("文本", "Text"), maximum=500),
            Argument(
                name="as", title=Text("方式", "Manner"), required=False, several=True,
                choices=tuple(Choice(name, title) for name, title in _MANNERS.items()),
            ),
            Argument(
                name="kind", title=Text("类型", "Kind"), required=False,
                choices=(Choice("notice", Text("通知", "Notice")), Choice("service", Text("服务", "Service"))),
            ),
        ),
    ),
    CommandType(
        name="parameters",
        title=Text("设置参数", "Set parameters"),
        arguments=tuple(_parameter(name, *said) for name, said in _PARAMETERS.items()),
    ),
    CommandType(
        name="control",
        title=Text("终端控制", "Control the terminal"),
        arguments=(
            Argument(
                name="action", title=Text("动作", "Action"),
                choices=tuple(Choice(name, title) for name, title in _ACTIONS.items()),
            ),
        ),
        careful=Text(
            "终端可能就此断开，直到有人到车上恢复", "The terminal may stay away until somebody goes to the vehicle"
        ),
    ),
)  # fmt: skip

VEHICLE = ThingType(
    name="vehicle",
    title=Text("车辆", "Vehicle"),
    entity_type="Vehicle",
    interval_s=60,
    commands=COMMANDS,
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
