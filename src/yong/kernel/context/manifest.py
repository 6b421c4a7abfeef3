"""Context as a module: its one Relation."""

from yong.kernel.base.module import Module
from yong.kernel.base.relation import Field, Level, Personal, Relation, Type
from yong.kernel.base.text import Text


def _field(name: str, kind: Type, zh: str, en: str) -> Field:
    return Field(name=name, type=kind, meaning=Text(zh, en), level=Level.GENERAL, personal=Personal.NO)


MODULE = Module(
    name="context",
    package="yong.kernel.context",
    title=Text("现状", "Context"),
    plan=("plan-19",),
    needs=("store", "access", "history"),
    declares=(
        Relation(
            name="context.entity_now",
            title=Text("对象现状", "Entities now"),
            key=("id",),
            fields=(
                _field("id", Type.TEXT, "标识", "Id"),
                _field("type", Type.TEXT, "类型", "Type"),
                _field("doc", Type.JSON, "属性（NGSI-LD）", "Attributes (NGSI-LD)"),
                _field("place", Type.GEOMETRY, "位置", "Place"),
                _field("x", Type.NUMBER, "经度", "Longitude"),
                _field("y", Type.NUMBER, "纬度", "Latitude"),
                _field("source", Type.TEXT, "来源：实时、回放或合成", "Source: live, replay or synthetic"),
                _field("district", Type.TEXT, "行政区划", "District"),
                _field("modified_at", Type.MOMENT, "最近变化", "Last change"),
            ),
            sql="""SELECT id, type, doc, owner_id, district, source, modified_at, location[0] AS x, location[1] AS y,
                          CASE WHEN location IS NULL THEN NULL ELSE jsonb_build_object('type', 'Point', 'coordinates',
                              jsonb_build_array(location[0], location[1])) END AS place
                   FROM context.entity WHERE tenant = ''""",
            owner="owner_id",
            district="district",
            time="modified_at",
            geometry="place",
        ),
    ),
)
