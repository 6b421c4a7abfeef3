"""A small module with tables of every kind of field, for the tests of records."""

from datetime import date

from yong.kernel.base.module import Module
from yong.kernel.base.relation import Field, Level, Personal, Type
from yong.kernel.base.text import Text
from yong.kernel.records.contracts import Code, CodeList, Table


def field(name: str, kind: Type, **more: object) -> Field:
    labels = {"level": Level.GENERAL, "personal": Personal.NO, "meaning": Text(name, name)}
    return Field(name=name, type=kind, **{**labels, **more})


AREAS = CodeList(
    name="sample.area",
    title=Text("行政区划", "Areas"),
    codes=(
        Code(code="330203", title=Text("海曙", "Haishu")),
        Code(code="330204", title=Text("江东", "Jiangdong"), valid_to=date(2016, 9, 14)),
        Code(code="330283", title=Text("奉化市", "Fenghua"), valid_to=date(2016, 9, 14)),
        Code(code="330213", title=Text("奉化区", "Fenghua"), valid_from=date(2016, 9, 14)),
    ),
)
STATION = Table(
    name="sample.station",
    title=Text("站点", "Station"),
    key="code",
    geometry="place",
    fields=(
        field("code", Type.TEXT, required=True, max_length=20, pattern="[A-Z0-9]{1,20}"),
        field("name", Type.TEXT, required=True, max_length=40, searchable=True),
        field("area", Type.CODE, codes="sample.area"),
        field("height_m", Type.NUMBER, minimum=-500, maximum=9000),
        field("fee", Type.MONEY, minimum=0),
        field("share", Type.DECIMAL),
        field("active", Type.BOOLEAN),
        field("opened", Type.DATE),
        field("seen_at", Type.MOMENT),
        field("place", Type.GEOMETRY),
        field("extra", Type.JSON),
    ),
)
REPAIR = Table(
    name="sample.repair",
    title=Text("维修", "Repair"),
    fields=(
        field("station", Type.REFERENCE, refers="sample.station", required=True),
        field("serial", Type.INTEGER, unique=True),
    ),
)
POST = Table(
    name="sample.post",
    title=Text("职务", "Post"),
    bitemporal=True,
    key="code",
    fields=(field("code", Type.TEXT, required=True), field("holder", Type.TEXT)),
)
TABLES = (STATION, REPAIR, POST)


def module(*declares: object) -> Module:
    return Module(
        name="sample",
        package=__package__ or "records",
        title=Text("样例", "Sample"),
        needs=("records",),
        declares=declares or (AREAS, *TABLES),
    )
