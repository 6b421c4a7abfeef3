"""What SL 651 brings to sensing: its payload format, its listener, and the hydrological station as a type of thing."""

from yong.kernel.base.text import Text
from yong.kernel.sensing.contracts import Adapter, Attribute, CommandType, ThingType
from yong.kernel.sensing.tcp.contracts import Listener, Word
from yong.kernel.sensing.tcp.sl651 import decode, wire
from yong.kernel.sensing.tcp.sl651.elements import ELEMENTS
from yong.kernel.sensing.tcp.sl651.session import Sl651

ADAPTER = Adapter(
    name="sl651",
    title=Text("SL 651 水文监测", "SL 651 hydrological stations"),
    media_type="application/vnd.yong.sl651",
    decode=decode.decode,
)
LISTENER = Listener(
    name="sl651",
    title=ADAPTER.title,
    session=Sl651,
    word=Word(alphabet="0123456789ABCDEF", length=4),
    frame_bytes=wire.FRAME_BYTES,
    idle_s=7200.0,  # a station may speak once an hour
)
COMMANDS = (
    CommandType(name="query", title=Text("查询实时数据", "Ask for its values")),
    CommandType(name="set_clock", title=Text("校时", "Set its time")),
)
STATION = ThingType(
    name="gauge",
    title=Text("水文遥测站", "Hydrological station"),
    entity_type="gauge",
    interval_s=300,
    attributes=tuple(Attribute(name=e.attribute, meaning=e.meaning, unit=e.unit) for e in ELEMENTS),
    commands=COMMANDS,
)

DECLARED = (ADAPTER, LISTENER, STATION)
