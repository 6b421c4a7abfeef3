"""What is measured: element identifiers (SL 651, annex C, table C.1) as attributes with units.

Read in that table and compared with a public implementation. Units are UN/CEFACT Rec. 20 codes. An identifier that is
not here is kept under its own code, `sl651_3C`.
"""

import msgspec

from yong.kernel.base.text import Text


class Element(msgspec.Struct, frozen=True):
    """One identifier: the attribute, its meaning and its unit."""

    identifier: int
    attribute: str
    meaning: Text
    unit: str = ""


def _element(identifier: int, attribute: str, zh: str, en: str, unit: str = "") -> Element:
    return Element(identifier, attribute, Text(zh, en), unit)


ELEMENTS = (
    _element(0x01, "crossSection", "断面面积", "Cross-section area", "MTK"),
    _element(0x02, "temperature", "瞬时气温", "Air temperature", "CEL"),
    _element(0x03, "waterTemperature", "瞬时水温", "Water temperature", "CEL"),
    _element(0x06, "dailyEvaporation", "日蒸发量", "Evaporation of the day", "MMT"),
    _element(0x07, "evaporation", "当前蒸发", "Evaporation", "MMT"),
    _element(0x08, "pressure", "气压", "Air pressure", "A97"),
    _element(0x09, "gateOpening", "闸门开启高度", "Gate opening", "MTR"),
    _element(0x0C, "gatesOpen", "闸门开启孔数", "Gates open", "C62"),
    _element(0x0D, "groundTemperature", "地温", "Ground temperature", "CEL"),
    _element(0x0E, "groundwaterDepth", "地下水瞬时埋深", "Depth to groundwater", "MTR"),
    _element(0x0F, "waveHeight", "波浪高度", "Wave height", "MTR"),
    *(
        _element(identifier, f"soilMoisture{depth}", f"{depth} 厘米处土壤含水量", f"Soil moisture at {depth} cm", "P1")
        for identifier, depth in zip(range(0x10, 0x18), (10, 20, 30, 40, 50, 60, 80, 100), strict=True)
    ),
    _element(0x18, "humidity", "湿度", "Humidity", "P1"),
    *(
        _element(identifier, f"rainfall{hours}h", f"{hours} 小时时段降水量", f"Rainfall of {hours} h", "MMT")
        for identifier, hours in zip(range(0x1A, 0x1F), (1, 2, 3, 6, 12), strict=True)
    ),
    _element(0x1F, "dailyRainfall", "日降水量", "Rainfall of the day", "MMT"),
    _element(0x20, "rainfall", "当前降水量", "Rainfall", "MMT"),
    *(
        _element(identifier, f"rainfall{minutes}min", f"{minutes} 分钟时段降水量", f"Rainfall of {minutes} min", "MMT")
        for identifier, minutes in zip(range(0x21, 0x25), (1, 5, 10, 30), strict=True)
    ),
    _element(0x25, "stormRainfall", "暴雨量", "Storm rainfall", "MMT"),
    _element(0x26, "totalRainfall", "降水量累计值", "Accumulated rainfall", "MMT"),
    _element(0x27, "flow", "瞬时流量、抽水流量", "Flow", "MQS"),
    *(
        _element(0x27 + n, f"intakeFlow{n}", f"取（排）水口流量 {n}", f"Flow of intake {n}", "MQS")
        for n in range(1, 9)
    ),
    _element(0x30, "totalOutflow", "总出库流量、过闸总流量", "Total outflow", "MQS"),
    _element(0x31, "gateFlow", "输水设备流量、过闸流量", "Flow through a gate", "MQS"),
    _element(0x33, "windDirection", "风向", "Wind direction (code)"),
    _element(0x34, "windForce", "风力（级）", "Wind force (Beaufort)"),
    _element(0x35, "windSpeed", "风速", "Wind speed", "MTS"),
    _element(0x36, "meanVelocity", "断面平均流速", "Mean velocity", "MTS"),
    _element(0x37, "velocity", "当前瞬时流速", "Velocity", "MTS"),
    _element(0x38, "supplyVoltage", "电源电压", "Supply voltage", "VLT"),
    _element(0x39, "waterLevel", "瞬时河道水位、潮位", "Water level of a river or tide", "MTR"),
    _element(0x3A, "downstreamLevel", "库（闸、站）下水位", "Water level below", "MTR"),
    _element(0x3B, "upstreamLevel", "库（闸、站）上水位", "Water level above", "MTR"),
    *(
        _element(0x3B + n, f"intakeLevel{n}", f"取（排）水口水位 {n}", f"Water level of intake {n}", "MTR")
        for n in range(1, 9)
    ),
    _element(0x44, "sediment", "含沙量", "Sediment concentration", "KMQ"),
    _element(0x46, "pH", "pH 值", "pH", "Q30"),
    _element(0x47, "dissolvedOxygen", "溶解氧", "Dissolved oxygen", "M1"),
    _element(0x48, "conductivity", "电导率", "Conductivity", "G42"),
    _element(0x49, "turbidity", "浊度", "Turbidity", "NTU"),
    _element(0x4A, "permanganateIndex", "高锰酸盐指数", "Permanganate index", "M1"),
    _element(0x4B, "redoxPotential", "氧化还原电位", "Redox potential", "2Z"),
    _element(0x4C, "ammoniaNitrogen", "氨氮", "Ammonia nitrogen", "M1"),
    _element(0x4D, "totalPhosphorus", "总磷", "Total phosphorus", "M1"),
    _element(0x4E, "totalNitrogen", "总氮", "Total nitrogen", "M1"),
    _element(0x4F, "totalOrganicCarbon", "总有机碳", "Total organic carbon", "M1"),
    *(
        _element(0x57 + n, f"waterPressure{n}", f"水压 {n}", f"Water pressure {n}", "KPA") for n in range(1, 9)
    ),
    *(
        _element(0x67 + n, f"meterFlow{n}", f"水表 {n} 每小时水量", f"Water of meter {n} in an hour", "MQH")
        for n in range(1, 9)
    ),
    *(
        _element(0x70 + n, f"voltage{phase}", f"交流 {phase} 相电压", f"AC voltage {phase}", "VLT")
        for n, phase in enumerate("ABC")
    ),
    *(
        _element(0x73 + n, f"current{phase}", f"交流 {phase} 相电流", f"AC current {phase}", "AMP")
        for n, phase in enumerate("ABC")
    ),
)  # fmt: skip

BY_IDENTIFIER = {e.identifier: e for e in ELEMENTS}

STATUS = 0x45  # four bytes, a bit an alarm

STATIONS = {
    0x50: Text("降水", "Rainfall"), 0x48: Text("河道", "River"), 0x4B: Text("水库（湖泊）", "Reservoir or lake"),
    0x5A: Text("闸坝", "Sluice or dam"), 0x44: Text("泵站", "Pumping station"), 0x54: Text("潮汐", "Tide"),
    0x4D: Text("墒情", "Soil moisture"), 0x47: Text("地下水", "Groundwater"), 0x51: Text("水质", "Water quality"),
    0x49: Text("取水口", "Intake"), 0x4F: Text("排水口", "Outlet"),
}  # fmt: skip
"""Classes of station (annex A), by the byte behind a station's address."""


def attribute_of(identifier: int, extension: int | None = None) -> tuple[str, str]:
    """The attribute's name and unit of an identifier."""
    if extension is not None:
        return f"sl651_FF{extension:02X}", ""
    element = BY_IDENTIFIER.get(identifier)
    return (element.attribute, element.unit) if element else (f"sl651_{identifier:02X}", "")
