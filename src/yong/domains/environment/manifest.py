"""Environment as a module: what it is, needs, permits and declares."""

from yong.kernel.base.module import Module
from yong.kernel.base.relation import Field, Level, Personal, Relation, Type
from yong.kernel.base.text import Text


def _general(name: str, kind: Type, zh: str, en: str) -> Field:
    """A field of open environmental data: level general, nothing personal."""
    return Field(
        name=name, type=kind, meaning=Text(zh, en), level=Level.GENERAL, personal=Personal.NO, required=True
    )


AQI = Relation(
    name="environment.aqi",
    title=Text("空气质量指数", "Air quality index"),
    description=Text(
        "各站每小时和每日的空气质量指数，按 HJ 633 计算", "Each station's hourly and daily index by HJ 633"
    ),
    key=("station", "report", "at"),
    owner="owner_id",
    district="district",
    time="at",
    sql="""SELECT station, report, at, aqi, level, array_to_string(primary_pollutants, ',') AS primary_pollutants,
                  array_to_string(exceeding, ',') AS exceeding, complete, edition, parts, district, owner_id
           FROM environment.air_index""",
    fields=(
        _general("station", Type.TEXT, "监测站编号", "Code of the station"),
        _general("report", Type.TEXT, "报告种类：hourly 实时报，daily 日报", "Which report: hourly or daily"),
        _general("at", Type.MOMENT, "时段结束时刻", "End of the hour or day"),
        _general("aqi", Type.INTEGER, "空气质量指数，0 至 500", "Air quality index, 0 to 500"),
        _general(
            "level", Type.INTEGER, "级别，1（优）至 6（严重污染）", "Class, 1 (excellent) to 6 (severe)"
        ),
        _general(
            "primary_pollutants",
            Type.TEXT,
            "首要污染物，指数不超过 50 时为空",
            "Primary pollutants, none up to 50",
        ),
        _general(
            "exceeding", Type.TEXT, "超标污染物，分指数大于 100", "Pollutants with a sub-index over 100"
        ),
        _general("complete", Type.BOOLEAN, "六项污染物是否齐全", "Whether all six pollutants took part"),
        _general("edition", Type.TEXT, "计算所依据的标准版本", "Edition of the standard used"),
        _general("parts", Type.JSON, "各污染物的浓度和分指数", "Concentration and sub-index by pollutant"),
        _general("district", Type.TEXT, "所在区县代码", "Code of the district"),
        _general("owner_id", Type.TEXT, "所属部门", "The owning party"),
    ),
)

MODULE = Module(
    name="environment",
    package="yong.domains.environment",
    title=Text("生态环境", "Environment"),
    plan=("plan-44f",),
    needs=("store",),
    declares=(AQI,),
)
