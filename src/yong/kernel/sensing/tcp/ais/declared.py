"""What AIS brings to sensing: its payload format, its listener, and the receiver as a type of thing."""

from yong.kernel.base.text import Text
from yong.kernel.sensing.contracts import Adapter, ThingType
from yong.kernel.sensing.tcp.ais import adapter, session, ships

ADAPTER = Adapter(
    name="ais",
    title=Text("AIS 语句（NMEA 0183）", "AIS sentences (NMEA 0183)"),
    media_type="application/vnd.nmea.ais",
    decode=adapter.decode,
    speaks_of=ships.SPEAKS_OF,
)

# A receiver has no readings of its own: what it hears are readings of ships.
RECEIVER = ThingType(
    name="ais_receiver",
    title=Text("AIS 接收站", "AIS receiver"),
    entity_type="AisReceiver",
    interval_s=60,
    attributes=(),
)

DECLARED = (ADAPTER, session.LISTENER, RECEIVER)
