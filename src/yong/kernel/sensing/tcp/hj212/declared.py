"""What HJ 212 brings to sensing: its payload format, its listener, and the monitor of an outfall as a type of thing."""

import string

from yong.kernel.base.text import Text
from yong.kernel.sensing.contracts import Adapter, Argument, Attribute, Choice, CommandType, ThingType
from yong.kernel.sensing.tcp.contracts import Listener, Word
from yong.kernel.sensing.tcp.hj212 import decode, wire
from yong.kernel.sensing.tcp.hj212.codes import FACTORS
from yong.kernel.sensing.tcp.hj212.session import MINUTES, Hj212

ADAPTER = Adapter(
    name="hj212",
    title=Text("HJ 212 污染物在线监控", "HJ 212 pollution monitors"),
    media_type="application/vnd.yong.hj212",
    decode=decode.decode,
)
LISTENER = Listener(
    name="hj212",
    title=ADAPTER.title,
    session=Hj212,
    word=Word(alphabet=string.digits + string.ascii_letters, length=6),
    frame_bytes=wire.FRAME_BYTES,
    idle_s=1800.0,
    things=64,  # a gateway speaks for several monitors
)

_PERIOD = (
    Argument(name="begin", title=Text("起始时刻", "From"), type="time"),
    Argument(name="end", title=Text("截止时刻", "Until"), type="time"),
)
COMMANDS = (
    CommandType(name="get_clock", title=Text("提取现场机时间", "Ask for its time")),
    CommandType(name="set_clock", title=Text("设置现场机时间", "Set its time")),
    CommandType(name="get_interval", title=Text("提取实时数据间隔", "Ask how often it reports")),
    CommandType(
        name="set_interval",
        title=Text("设置实时数据间隔", "Set how often it reports"),
        arguments=(
            Argument(
                name="interval", title=Text("间隔", "Interval"), type="integer", unit="SEC", minimum=30, maximum=3600
            ),
        ),
    ),
    CommandType(name="get_minute_interval", title=Text("提取分钟数据间隔", "Ask over how many minutes it averages")),
    CommandType(
        name="set_minute_interval",
        title=Text("设置分钟数据间隔", "Set over how many minutes it averages"),
        arguments=(
            Argument(
                name="interval", title=Text("间隔", "Interval"), type="integer", unit="MIN",
                choices=tuple(Choice(n, Text(str(n), str(n))) for n in MINUTES),
            ),
        ),
    ),
    CommandType(name="start", title=Text("开始上报实时数据", "Start reporting")),
    CommandType(
        name="stop",
        title=Text("停止上报实时数据", "Stop reporting"),
        careful=Text("此后没有实时数据，直到再次开始", "Nothing is reported until it is started again"),
    ),
    CommandType(name="resend_minutes", title=Text("补传分钟数据", "Send minutes again"), arguments=_PERIOD),
    CommandType(name="resend_hours", title=Text("补传小时数据", "Send hours again"), arguments=_PERIOD),
    CommandType(name="resend_days", title=Text("补传日数据", "Send days again"), arguments=_PERIOD),
)  # fmt: skip

OUTFALL = ThingType(
    name="outfall",
    title=Text("排口监测仪", "Outfall monitor"),
    entity_type="outfall",
    interval_s=60,
    attributes=tuple(Attribute(name=f.attribute, meaning=f.meaning, unit=f.unit) for f in FACTORS),
    commands=COMMANDS,
)

DECLARED = (ADAPTER, LISTENER, OUTFALL)
