"""History as a module: its one Relation."""

from yong.kernel.base.module import Module
from yong.kernel.base.relation import Field, Level, Personal, Relation, Type
from yong.kernel.base.text import Text


def _field(name: str, kind: Type, zh: str, en: str) -> Field:
    return Field(name=name, type=kind, meaning=Text(zh, en), level=Level.GENERAL, personal=Personal.NO)


MODULE = Module(
    name="history",
    package="yong.kernel.history",
    title=Text("历史", "History"),
    plan=("plan-31",),
    needs=("access",),
    declares=(
        Relation(
            name="history.observation_of",
            title=Text("观测", "Observations"),
            key=("entity", "attribute", "observed_at"),
            fields=(
                _field("entity", Type.TEXT, "对象", "Entity"),
                _field("attribute", Type.TEXT, "属性", "Attribute"),
                _field(
                    "observed_at", Type.INTEGER, "观测时刻（UTC 微秒）", "Moment observed (UTC microseconds)"
                ),
                _field("value", Type.NUMBER, "数值", "Number"),
                _field("other", Type.JSON, "非数值", "Value that is no number"),
                _field("unit", Type.TEXT, "单位（UN/CEFACT）", "Unit (UN/CEFACT)"),
            ),
            sql="""SELECT s.entity, s.attribute, o.observed_at, o.value, o.other, s.unit, e.owner_id, e.district
                   FROM history.observation o JOIN history.series s ON s.id = o.series
                   LEFT JOIN context.entity e ON e.tenant = s.tenant AND e.id = s.entity""",
            owner="owner_id",
            district="district",
        ),
    ),
)
