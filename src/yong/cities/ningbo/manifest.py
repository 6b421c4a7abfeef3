"""Ningbo as a module of the install."""

from yong.cities.ningbo.package import CITY
from yong.kernel.base.module import Module
from yong.kernel.base.relation import Field, Level, Personal, Type
from yong.kernel.base.text import Text
from yong.kernel.records.contracts import Code, CodeList, Table

AREA = CodeList(
    name="ningbo.area",
    title=Text("县级行政区划代码（GB/T 2260）", "County-level areas (GB/T 2260)"),
    codes=tuple(
        Code(code=a.code, title=a.name, parent=CITY.code, valid_from=a.since, valid_to=a.until)
        for a in CITY.areas
    ),
)


def _general(name: str, kind: Type, zh: str, en: str, **more: object) -> Field:
    return Field(
        name=name,
        type=kind,
        meaning=Text(zh, en),
        level=Level.GENERAL,
        personal=Personal.NO,
        required=True,
        **more,  # type: ignore[arg-type]  # the other attributes of Field, as they are
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
        _general(
            "code", Type.TEXT, "统计用区划代码", "Statistical code", pattern="[0-9]{9,12}", max_length=12
        ),
        _general("name", Type.TEXT, "名称（无官方英文名）", "Name (no official English one)", max_length=60),
        _general("kind", Type.TEXT, "street 街道，community 社区", "street or community", max_length=9),
        _general("parent", Type.TEXT, "上级代码", "Code of the parent", max_length=9),
    ),
)

MODULE = Module(
    name="ningbo",
    package="yong.cities.ningbo",
    title=Text("宁波", "Ningbo"),
    plan=("plan-45",),
    needs=("access", "records"),
    declares=(AREA, DIVISION),
)
