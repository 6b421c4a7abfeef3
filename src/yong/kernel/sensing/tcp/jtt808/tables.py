"""What the bits and codes of JT/T 808 mean. Where the editions differ, a bit says which ones have it.

Source: JT/T 808-2013 and -2019, clause 8 (location report, its tables of status, alarm and additional items).
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence

import msgspec

from yong.kernel.base.text import Text


class Bit(msgspec.Struct, frozen=True, kw_only=True):
    """A bit of a flag word: its key in readings, its meaning, and the editions that define it."""

    number: int
    key: str
    meaning: Text
    editions: tuple[int, ...] = (2013, 2019)


def _bit(number: int, key: str, zh: str, en: str, *editions: int) -> Bit:
    return Bit(number=number, key=key, meaning=Text(zh, en), editions=editions or (2013, 2019))


ALARMS = (
    _bit(0, "emergency", "紧急报警", "Emergency button"),
    _bit(1, "overspeed", "超速报警", "Overspeed"),
    _bit(2, "fatigue", "疲劳驾驶", "Fatigued driving"),
    _bit(3, "danger_warning", "危险预警", "Danger warning", 2013),
    _bit(3, "dangerous_driving", "危险驾驶行为报警", "Dangerous driving", 2019),
    _bit(4, "gnss_fault", "GNSS 模块故障", "GNSS module fault"),
    _bit(5, "gnss_antenna_open", "GNSS 天线未接或被剪断", "GNSS antenna not connected or cut"),
    _bit(6, "gnss_antenna_short", "GNSS 天线短路", "GNSS antenna short-circuited"),
    _bit(7, "power_low", "终端主电源欠压", "Main power undervoltage"),
    _bit(8, "power_lost", "终端主电源掉电", "Main power lost"),
    _bit(9, "display_fault", "终端显示器故障", "Display fault"),
    _bit(10, "tts_fault", "TTS 模块故障", "Speech module fault"),
    _bit(11, "camera_fault", "摄像头故障", "Camera fault"),
    _bit(12, "card_reader_fault", "道路运输证 IC 卡模块故障", "Transport certificate card reader fault"),
    _bit(13, "overspeed_warning", "超速预警", "Overspeed warning"),
    _bit(14, "fatigue_warning", "疲劳驾驶预警", "Fatigue warning"),
    _bit(15, "violation", "违规行驶报警", "Driving against the rules", 2019),
    _bit(16, "tyre_pressure_warning", "胎压预警", "Tyre pressure warning", 2019),
    _bit(17, "right_blind_spot", "右转盲区异常报警", "Right-turn blind spot", 2019),
    _bit(18, "daily_driving_exceeded", "当天累计驾驶超时", "Daily driving time exceeded"),
    _bit(19, "parking_exceeded", "超时停车", "Parked too long"),
    _bit(20, "area_crossing", "进出区域", "Entered or left an area"),
    _bit(21, "route_crossing", "进出路线", "Entered or left a route"),
    _bit(22, "section_time", "路段行驶时间不足或过长", "Time on a section too short or too long"),
    _bit(23, "route_deviation", "路线偏离报警", "Off the route"),
    _bit(24, "vss_fault", "车辆 VSS 故障", "Vehicle speed sensor fault"),
    _bit(25, "fuel_abnormal", "车辆油量异常", "Abnormal fuel level"),
    _bit(26, "stolen", "车辆被盗", "Vehicle stolen"),
    _bit(27, "illegal_ignition", "车辆非法点火", "Illegal ignition"),
    _bit(28, "illegal_movement", "车辆非法位移", "Illegal movement"),
    _bit(29, "collision_warning", "碰撞预警", "Collision warning", 2013),
    _bit(29, "collision_rollover", "碰撞侧翻报警", "Collision or rollover", 2019),
    _bit(30, "rollover_warning", "侧翻预警", "Rollover warning"),
    _bit(31, "illegal_door_opening", "非法开门报警", "Illegal door opening", 2013),
)

# Bits 1 to 5 tell how to read the position and bits 8 and 9 are the load: `location` reads them itself.
STATES = (
    _bit(0, "acc", "ACC 开", "Ignition on"),
    _bit(1, "positioned", "已定位", "Positioned"),
    _bit(4, "out_of_service", "停运", "Out of service"),
    _bit(6, "forward_collision_warning", "紧急刹车系统采集的前撞预警", "Forward collision warning", 2019),
    _bit(7, "lane_departure_warning", "车道偏移预警", "Lane departure warning", 2019),
    _bit(10, "fuel_cut", "车辆油路断开", "Fuel line cut"),
    _bit(11, "circuit_cut", "车辆电路断开", "Electric circuit cut"),
    _bit(12, "doors_locked", "车门加锁", "Doors locked"),
    _bit(13, "door1_open", "门 1（前门）开", "Door 1 (front) open"),
    _bit(14, "door2_open", "门 2（中门）开", "Door 2 (middle) open"),
    _bit(15, "door3_open", "门 3（后门）开", "Door 3 (rear) open"),
    _bit(16, "door4_open", "门 4（驾驶席门）开", "Door 4 (driver) open"),
    _bit(17, "door5_open", "门 5（自定义）开", "Door 5 (other) open"),
    _bit(18, "gps", "使用 GPS", "GPS in use"),
    _bit(19, "beidou", "使用北斗", "BeiDou in use"),
    _bit(20, "glonass", "使用 GLONASS", "GLONASS in use"),
    _bit(21, "galileo", "使用 Galileo", "Galileo in use"),
    _bit(22, "moving", "行驶状态", "Moving", 2019),
)

SIGNALS = (
    _bit(0, "low_beam", "近光灯", "Low beam"),
    _bit(1, "high_beam", "远光灯", "High beam"),
    _bit(2, "right_turn", "右转向灯", "Right turn signal"),
    _bit(3, "left_turn", "左转向灯", "Left turn signal"),
    _bit(4, "brake", "制动", "Brake"),
    _bit(5, "reverse", "倒挡", "Reverse gear"),
    _bit(6, "fog_light", "雾灯", "Fog light"),
    _bit(7, "side_marker", "示廓灯", "Side marker"),
    _bit(8, "horn", "喇叭", "Horn"),
    _bit(9, "air_conditioner", "空调", "Air conditioner"),
    _bit(10, "neutral", "空挡", "Neutral gear"),
    _bit(11, "retarder", "缓速器", "Retarder"),
    _bit(12, "abs", "ABS", "ABS"),
    _bit(13, "heater", "加热器", "Heater"),
    _bit(14, "clutch", "离合器", "Clutch"),
)

IO = (
    _bit(0, "deep_sleep", "深度休眠", "Deep sleep"),
    _bit(1, "sleep", "休眠", "Sleep"),
)

PLACES = {0: "none", 1: "circle", 2: "rectangle", 3: "polygon", 4: "section"}
DIRECTIONS = {0: "in", 1: "out"}
SECTION_RESULTS = {0: "too_short", 1: "too_long"}
LOADS = ("empty", "half", "reserved", "full")


class Flags:
    """A flag word's bits by edition."""

    def __init__(self, bits: Sequence[Bit]) -> None:
        known: dict[int, dict[int, str]] = defaultdict(dict)
        for bit in bits:
            for edition in bit.editions:
                known[edition][bit.number] = bit.key
        self._keys: Mapping[int, Mapping[int, str]] = dict(known)

    def raised(self, word: int, edition: int) -> list[str]:
        """The keys of the bits that are set, lowest first; `bit<n>` for one that the edition does not define."""
        keys, out = self._keys[edition], []
        while word:
            number = (word & -word).bit_length() - 1
            word &= word - 1
            out.append(keys.get(number) or f"bit{number}")
        return out
