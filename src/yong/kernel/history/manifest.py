"""History as a module: its one Relation."""

from yong.kernel.base.module import Module
from yong.kernel.base.relation import Relation, Type, general
from yong.kernel.base.text import Text
from yong.kernel.history import jobs
from yong.kernel.store.jobs import Job

MODULE = Module(
    name="history",
    package="yong.kernel.history",
    title=Text("历史", "History"),
    plan=("plan-31",),
    needs=("store", "access"),
    declares=(
        Job(
            name="history.make_days",
            title=Text("创建历史分区", "Make partitions of history"),
            handler=jobs.make_days,
            schedule="7 * * * *",
        ),
        Job(
            name="history.seal",
            title=Text("封存历史", "Seal history"),
            handler=jobs.seal,
            schedule="23 * * * *",
        ),
        Relation(
            name="history.observation_of",
            title=Text("观测", "Observations"),
            key=("entity", "attribute", "observed_at"),
            fields=(
                general("entity", Type.TEXT, "对象", "Entity"),
                general("attribute", Type.TEXT, "属性", "Attribute"),
                general(
                    "observed_at", Type.INTEGER, "观测时刻（UTC 微秒）", "Moment observed (UTC microseconds)"
                ),
                general("value", Type.NUMBER, "数值", "Number"),
                general("other", Type.JSON, "非数值", "Value that is no number"),
                general("unit", Type.TEXT, "单位（UN/CEFACT）", "Unit (UN/CEFACT)"),
                general("dataset", Type.TEXT, "数据集", "Data set"),
                general("series", Type.INTEGER, "序列号", "Number of the series"),
            ),
            sql="""SELECT s.entity, s.attribute, o.observed_at, o.value, o.other, s.unit, s.dataset, o.series,
                          e.owner_id, e.district
                   FROM history.observation o JOIN history.series s ON s.id = o.series
                   LEFT JOIN context.entity e ON e.tenant = s.tenant AND e.id = s.entity
                   WHERE s.tenant = ''""",
            owner="owner_id",
            district="district",
        ),
    ),
)
