"""What AIS brings to sensing: its payload format, its listener, and the receiver as a type of thing."""

from yong.kernel.base.text import Text
from yong.kernel.sensing.contracts import Adapter, Attribute, ThingType
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

_ATTRIBUTES = tuple(
    Attribute(name=name, meaning=Text(zh, en), unit=unit)
    for name, zh, en, unit in (
        ("location", "位置", "Location", ""),
        ("name", "名称", "Name", ""),
        ("speed", "对地航速", "Speed over ground", "KNT"),
        ("course", "对地航向", "Course over ground", "DD"),
        ("heading", "船首向", "Heading", "DD"),
        ("navigationalStatus", "航行状态", "Navigational status", ""),
        ("callSign", "呼号", "Call sign", ""),
        ("imo", "IMO 编号", "IMO number", ""),
        ("shipType", "船舶类型", "Type of ship", ""),
        ("destination", "目的港", "Destination", ""),
        ("eta", "预计到达", "Estimated time of arrival", ""),
        ("draught", "吃水", "Draught", "MTR"),
        ("length", "船长", "Length", "MTR"),
        ("beam", "船宽", "Beam", "MTR"),
        ("altitude", "高度", "Altitude", "MTR"),
        ("aidType", "航标类型", "Type of aid", ""),
        ("offPosition", "移位", "Off position", ""),
        ("virtual", "虚拟航标", "Virtual aid", ""),
        ("heardBy", "接收站", "Heard by", ""),
    )
)
_SPOKEN_OF = {
    "Vessel": Text("船舶", "Vessel"),
    "BaseStation": Text("岸台", "Base station"),
    "AidToNavigation": Text("航标", "Aid to navigation"),
    "SarAircraft": Text("搜救航空器", "Search and rescue aircraft"),
    "DistressBeacon": Text("遇险示位标", "Distress beacon"),
}
SHIPS = tuple(
    ThingType(
        name=f"ais_{entity.lower()}", title=title, entity_type=entity, interval_s=600, attributes=_ATTRIBUTES
    )
    for entity, title in _SPOKEN_OF.items()
)

DECLARED = (ADAPTER, session.LISTENER, RECEIVER, *SHIPS)
