"""What is measured: the codes of HJ 212-2017, annex B (after HJ 524 and HJ 525), as attributes with units.

The meaning and the unit of each line were read in that annex's tables B.1 to B.3, from a public copy of the
standard; what is not here is kept under its own code. Units are UN/CEFACT Rec. 20 codes. `unit` is of the
concentration or state, `amount` of what the standard calls emission (the sum of a period). The annex gives
particulates and ammonia in ng/m³ and monitors send µg/m³: their unit is left to the thing's type. `former` is
the code of HJ/T 212-2005.
"""

import msgspec

from yong.kernel.base.text import Text


class Factor(msgspec.Struct, frozen=True):
    """One code: the attribute, its meaning, the units, the code that the edition of 2005 used."""

    code: str
    attribute: str
    meaning: Text
    unit: str = ""
    amount: str = ""
    former: str = ""


_MG_L, _UG_L, _MG_M3 = "M1", "H29", "GP"
_KG, _G = "KGM", "GRM"


def _water(code: str, attribute: str, zh: str, en: str, former: str = "", unit: str = _MG_L) -> Factor:
    amount = {_MG_L: _KG, _UG_L: _G}.get(unit, "")
    return Factor(code, attribute, Text(zh, en), unit, amount, former)


def _air(code: str, attribute: str, zh: str, en: str, former: str = "", unit: str = _MG_M3) -> Factor:
    return Factor(code, attribute, Text(zh, en), unit, _KG if unit == _MG_M3 else "", former)


FACTORS = (
    Factor("w00000", "wastewaterFlow", Text("污水", "Waste water"), "G51", "MTQ", "B01"),
    Factor("w01001", "pH", Text("pH 值", "pH"), "Q30", "", "001"),
    Factor("w01009", "dissolvedOxygen", Text("溶解氧", "Dissolved oxygen"), _MG_L),
    Factor("w01010", "waterTemperature", Text("水温", "Water temperature"), "CEL"),
    Factor("w01014", "conductivity", Text("电导率", "Conductivity"), "G42"),
    _water("w01006", "dissolvedSolids", "溶解性总固体", "Total dissolved solids"),
    _water("w01012", "suspendedSolids", "悬浮物", "Suspended solids", "003"),
    _water("w01017", "bod5", "五日生化需氧量", "Biochemical oxygen demand, 5 days", "010"),
    _water("w01018", "cod", "化学需氧量", "Chemical oxygen demand", "011"),
    _water("w01019", "permanganateIndex", "高锰酸盐指数", "Permanganate index"),
    _water("w01020", "totalOrganicCarbon", "总有机碳", "Total organic carbon", "015"),
    _water("w19002", "anionicSurfactants", "阴离子表面活性剂", "Anionic surfactants", "520"),
    _water("w20111", "totalMercury", "总汞", "Total mercury", "020", _UG_L),
    _water("w20115", "totalCadmium", "总镉", "Total cadmium", "022", _UG_L),
    _water("w20116", "totalChromium", "总铬", "Total chromium", "023"),
    _water("w20117", "hexavalentChromium", "六价铬", "Hexavalent chromium", "024", _UG_L),
    _water("w20119", "totalArsenic", "总砷", "Total arsenic", "026", _UG_L),
    _water("w20120", "totalLead", "总铅", "Total lead", "027", _UG_L),
    _water("w20121", "totalNickel", "总镍", "Total nickel", "028"),
    _water("w20122", "totalCopper", "总铜", "Total copper", "029"),
    _water("w20123", "totalZinc", "总锌", "Total zinc", "030"),
    _water("w20124", "totalManganese", "总锰", "Total manganese", "031"),
    _water("w20125", "totalIron", "总铁", "Total iron", "032"),
    _water("w21001", "totalNitrogen", "总氮", "Total nitrogen", "065"),
    _water("w21003", "ammoniaNitrogen", "氨氮", "Ammonia nitrogen", "060"),
    _water("w21006", "nitrite", "亚硝酸盐", "Nitrite", "063"),
    _water("w21007", "nitrate", "硝酸盐", "Nitrate", "064"),
    _water("w21011", "totalPhosphorus", "总磷", "Total phosphorus", "101"),
    _water("w21016", "cyanide", "氰化物", "Cyanide", "070"),
    _water("w21017", "fluoride", "氟化物", "Fluoride", "072"),
    _water("w21019", "sulphide", "硫化物", "Sulphide", "071"),
    _water("w21022", "chloride", "氯化物", "Chloride", "090"),
    _water("w22001", "petroleum", "石油类", "Petroleum", "080"),
    _water("w23002", "volatilePhenol", "挥发酚", "Volatile phenol", "110"),
    Factor("a00000", "exhaustFlow", Text("废气", "Exhaust gas"), "MQS", "MTQ", "B02"),
    Factor("a01001", "temperature", Text("温度", "Temperature"), "CEL"),
    Factor("a01002", "humidity", Text("湿度", "Humidity"), "P1"),
    Factor("a01006", "pressure", Text("气压", "Air pressure"), "KPA"),
    Factor("a01007", "windSpeed", Text("风速", "Wind speed"), "MTS"),
    Factor("a01008", "windDirection", Text("风向", "Wind direction"), "DD"),
    Factor("a01011", "flueGasVelocity", Text("烟气流速", "Flue gas velocity"), "MTS", "", "S02"),
    Factor("a01012", "flueGasTemperature", Text("烟气温度", "Flue gas temperature"), "CEL", "", "S03"),
    Factor("a01013", "flueGasPressure", Text("烟气压力", "Flue gas pressure"), "KPA", "", "S08"),
    Factor("a01014", "flueGasHumidity", Text("烟气湿度", "Flue gas humidity"), "P1", "", "S05"),
    Factor("a19001", "oxygen", Text("氧气含量", "Oxygen content"), "P1", "", "S01"),
    _air("a21001", "nh3", "氨（氨气）", "Ammonia", "10", ""),
    _air("a21002", "nox", "氮氧化物", "Nitrogen oxides", "03"),
    _air("a21003", "no", "一氧化氮", "Nitric oxide"),
    _air("a21004", "no2", "二氧化氮", "Nitrogen dioxide"),
    _air("a21005", "co", "一氧化碳", "Carbon monoxide", "04"),
    _air("a21018", "fluorideGas", "氟化物", "Fluoride", "06"),
    _air("a21022", "chlorine", "氯气", "Chlorine", "11"),
    _air("a21024", "hydrogenChloride", "氯化氢", "Hydrogen chloride", "08"),
    _air("a21026", "so2", "二氧化硫", "Sulphur dioxide", "02"),
    _air("a21028", "hydrogenSulphide", "硫化氢", "Hydrogen sulphide", "05"),
    _air("a24087", "hydrocarbons", "碳氢化合物", "Hydrocarbons", "25"),
    _air("a24088", "nonMethaneHydrocarbons", "非甲烷总烃", "Non-methane hydrocarbons"),
    _air("a25002", "benzene", "苯", "Benzene"),
    _air("a25003", "toluene", "甲苯", "Toluene", "17"),
    _air("a25005", "xylene", "二甲苯", "Xylene", "18"),
    _air("a34001", "tsp", "总悬浮颗粒物", "Total suspended particulates", "", ""),
    _air("a34002", "pm10", "可吸入颗粒物 PM10", "PM10", "", ""),
    _air("a34004", "pm25", "细微颗粒物 PM2.5", "PM2.5", "", ""),
    _air("a34013", "smokeDust", "烟尘", "Smoke dust", "01"),
    Factor("LA", "soundLevelA", Text("A 权声级", "A-weighted sound level"), "2N"),
    Factor("Leq", "equivalentSoundLevel", Text("等效声级", "Equivalent sound level"), "2N"),
    Factor("Ldn", "dayNightSoundLevel", Text("昼夜等效声级", "Day-night sound level"), "2N"),
    Factor("Ld", "daySoundLevel", Text("昼间等效声级", "Day sound level"), "2N"),
    Factor("Ln", "nightSoundLevel", Text("夜间等效声级", "Night sound level"), "2N"),
)  # fmt: skip

BY_CODE = {f.code: f for f in FACTORS}
BY_FORMER = {f.former: f for f in FACTORS if f.former}

FLAGS = {
    "N": Text("工作正常", "Working normally"),
    "F": Text("停运", "Out of service"),
    "M": Text("维护期间", "Under maintenance"),
    "S": Text("手工输入", "Entered by hand"),
    "D": Text("故障", "Faulty"),
    "C": Text("校准", "Being calibrated"),
    "T": Text("超过测量上限", "Over the range"),
    "B": Text("与数采仪通讯异常", "No contact with the data logger"),
}
"""What a monitor says of its value (table 8)."""


def factor_of(code: str, year: int) -> Factor | None:
    """The factor that a code means in an edition; codes of 2017 are understood in every edition."""
    return BY_CODE.get(code) or (BY_FORMER.get(code) if year < 2017 else None)
