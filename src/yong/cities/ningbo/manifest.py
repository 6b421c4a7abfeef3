"""Ningbo as a module of the install."""

from functools import partial

from yong.cities.ningbo.package import CITY
from yong.kernel.base.module import Module
from yong.kernel.base.relation import Type, general
from yong.kernel.base.text import Text
from yong.kernel.geo.places.contracts import Gazetteer
from yong.kernel.records.contracts import Code, CodeList, Table
from yong.kernel.sensing.contracts import Attribute, ThingType

_required = partial(general, required=True)

AREA = CodeList(
    name="ningbo.area",
    title=Text("县级行政区划代码（GB/T 2260）", "County-level areas (GB/T 2260)"),
    codes=tuple(
        Code(code=a.code, title=a.name, parent=CITY.code, valid_from=a.since, valid_to=a.until)
        for a in CITY.areas
    ),
)


DIVISION = Table(
    name="ningbo.division",
    title=Text("街道和社区", "Streets and communities"),
    description=Text(
        "街道（9 位）和社区（12 位）的统计用区划代码",
        "Statistical codes of streets (9 digits), communities (12)",
    ),
    key="code",
    fields=(
        _required(
            "code", Type.TEXT, "统计用区划代码", "Statistical code", pattern="[0-9]{9,12}", max_length=12
        ),
        _required("name", Type.TEXT, "名称（无官方英文名）", "Name (no official English one)", max_length=60),
        _required("kind", Type.TEXT, "street 街道，community 社区", "street or community", max_length=9),
        _required("parent", Type.TEXT, "上级代码", "Code of the parent", max_length=9),
    ),
)
GAZETTEER = Gazetteer(
    above=("浙江省", "宁波市"),
    codes=AREA.name,
    became={a.code: a.became for a in CITY.areas if a.became},
    divisions=DIVISION.name,
)


def _type(name: str, zh: str, en: str, interval_s: int, *attributes: tuple[str, str, str, str]) -> ThingType:
    return ThingType(
        name=name,
        title=Text(zh, en),
        entity_type=name,
        interval_s=interval_s,
        attributes=tuple(Attribute(name=a, meaning=Text(zh, en), unit=u) for a, zh, en, u in attributes),
    )


# What reports in Ningbo before its own domain is there to declare it.
THING_TYPES = (
    _type("tide", "潮位站", "Tide gauge", 60, ("waterLevel", "潮位", "Water level", "MTR")),
    _type("river", "河道水位站", "River gauge", 30, ("waterLevel", "水位", "Water level", "MTR")),
    _type("road", "道路线圈", "Road detector", 20, ("speed", "平均车速", "Mean speed", "KMH")),
    _type("feeder", "配电线路", "Feeder", 20, ("activePower", "有功功率", "Active power", "KWT")),
    _type(
        "parking",
        "停车场",
        "Car park",
        30,
        ("occupiedSpaces", "已占车位", "Occupied spaces", "H87"),
        ("totalSpaces", "车位总数", "Total spaces", "H87"),
    ),
)

MODULE = Module(
    name="ningbo",
    package="yong.cities.ningbo",
    title=Text("宁波", "Ningbo"),
    plan=("plan-45",),
    needs=("access", "records", "geo", "sensing"),
    declares=(AREA, DIVISION, GAZETTEER, *THING_TYPES),
)
