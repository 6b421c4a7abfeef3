"""Environment as a module: what it is, needs, permits and declares."""

from functools import partial

from yong.domains.environment import jobs
from yong.domains.environment.contracts import Pollutant
from yong.domains.environment.logic import CLASSES, IN_FORCE, hourly_classes
from yong.kernel.base.module import Module, Page, Permission
from yong.kernel.base.relation import Field, Relation, Type, general
from yong.kernel.base.text import Text
from yong.kernel.geo.layers.contracts import StandardLayer, Step, Style
from yong.kernel.records.contracts import Table
from yong.kernel.search.contracts import Searchable
from yong.kernel.sensing.contracts import Attribute, Band, ThingType
from yong.kernel.store.jobs import Job

_required = partial(general, required=True)

STATION = Table(
    name="environment.station",
    title=Text("环境监测站", "Environmental stations"),
    description=Text(
        "空气站和气象站；编号即上报设备的编号",
        "Air and weather stations; the code is that of the thing that reports",
    ),
    key="code",
    geometry="location",
    fields=(
        _required(
            "code", Type.TEXT, "编号", "Code", pattern=r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,127}", max_length=128
        ),
        _required("kind", Type.TEXT, "air 空气站，weather 气象站", "air or weather", pattern="air|weather"),
        _required("name_zh", Type.TEXT, "中文名称", "Name in Chinese", max_length=100, searchable=True),
        _required("name_en", Type.TEXT, "英文名称", "Name in English", max_length=100, searchable=True),
        _required("location", Type.GEOMETRY, "位置", "Location"),
    ),
)

_NUMBERS = {
    "air": tuple(
        general(
            p.value,
            Type.NUMBER,
            f"{p.symbol} 浓度",
            f"Concentration of {p.symbol}",
            unit=unit,
        )
        for p, unit in ((p, "GP" if p is Pollutant.CO else "GQ") for p in Pollutant)
    ),
    "weather": (
        general("temperature", Type.NUMBER, "气温", "Air temperature", unit="CEL"),
        general("wind_speed", Type.NUMBER, "风速", "Wind speed", unit="MTS"),
        general("precipitation", Type.NUMBER, "降水量", "Precipitation", unit="MMT"),
    ),
}
_ATTRIBUTES = {"wind_speed": "windSpeed"}  # where the attribute has another name than the column


def _place(kind: str) -> tuple[Field, ...]:
    return (
        _required("code", Type.TEXT, "监测站编号", "Code of the station"),
        _required("name_zh", Type.TEXT, "中文名称", "Name in Chinese"),
        _required("name_en", Type.TEXT, "英文名称", "Name in English"),
        _required("location", Type.GEOMETRY, "位置", "Location"),
        general("district", Type.TEXT, "所在区县代码", "Code of the district"),
        general("owner_id", Type.TEXT, "所属单位", "Owning party"),
        general("source", Type.TEXT, "来源：实时、回放或合成", "live, replay or synthetic"),
        general("observed_at", Type.MOMENT, "最近读数的时刻", "Moment of the newest reading"),
        *_NUMBERS[kind],
    )


def _columns(kind: str) -> str:
    """The columns of `_place` over station s and entity e."""
    names = [(f.name, _ATTRIBUTES.get(f.name, f.name)) for f in _NUMBERS[kind]]
    moments = ", ".join(f"(e.doc->'{a}'->>'observedAt')::timestamptz" for _, a in names)
    values = ", ".join(f"(e.doc->'{a}'->>'value')::float8 AS {name}" for name, a in names)
    return (
        "s.code, s.name_zh, s.name_en, s.location, s.district, s.owner_id, e.source, "
        f"greatest({moments}) AS observed_at, {values}"
    )


def _from(kind: str) -> str:
    return f"""FROM environment.station s LEFT JOIN context.entity e ON e.tenant = '' AND e.id = s.code
               WHERE s.ended_at IS NULL AND s.kind = '{kind}'"""


_NOW = {
    "key": ("code",),
    "owner": "owner_id",
    "district": "district",
    "time": "observed_at",
    "geometry": "location",
}

_CLASSES = ", ".join(f"({c.level}, '{c.name.zh}', '{c.name.en}')" for c in CLASSES)

STATION_NOW = Relation(
    name="environment.station_now",
    title=Text("空气站现状", "Air stations now"),
    description=Text(
        "空气站的最近读数和最近的实时空气质量指数", "Air stations' newest readings and hourly index"
    ),
    sql=f"""SELECT n.*, i.at, i.aqi::bigint AS aqi, i.level::bigint AS level,
                   c.zh AS class_zh, c.en AS class_en,
                   array_to_string(i.primary_pollutants, ',') AS primary_pollutants, i.complete
            FROM (SELECT {_columns("air")} {_from("air")}) n
            LEFT JOIN LATERAL (SELECT * FROM environment.air_index a
                WHERE a.report = 'hourly' AND a.station = n.code ORDER BY a.at DESC LIMIT 1) i ON true
            LEFT JOIN (VALUES {_CLASSES}) AS c (level, zh, en) ON c.level = i.level""",
    fields=(
        *_place("air"),
        general("at", Type.MOMENT, "指数时段结束时刻", "End of the index's hour"),
        general("aqi", Type.INTEGER, "空气质量指数", "Air quality index"),
        general("level", Type.INTEGER, "级别，1 至 6", "Class, 1 to 6"),
        general("class_zh", Type.TEXT, "级别的中文名称", "The class in Chinese"),
        general("class_en", Type.TEXT, "级别的英文名称", "The class in English"),
        general("primary_pollutants", Type.TEXT, "首要污染物", "Primary pollutants"),
        general("complete", Type.BOOLEAN, "六项是否齐全", "Whether all six took part"),
    ),
    **_NOW,  # type: ignore[arg-type]  # what both views share
)

WEATHER_NOW = Relation(
    name="environment.weather_now",
    title=Text("气象站现状", "Weather stations now"),
    sql=f"SELECT {_columns('weather')} {_from('weather')}",
    fields=_place("weather"),
    **_NOW,  # type: ignore[arg-type]  # what both views share
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
        _required("station", Type.TEXT, "监测站编号", "Code of the station"),
        _required(
            "report", Type.TEXT, "报告种类：hourly 实时报，daily 日报", "Which report: hourly or daily"
        ),
        _required("at", Type.MOMENT, "时段结束时刻", "End of the hour or day"),
        _required("aqi", Type.INTEGER, "空气质量指数，0 至 500", "Air quality index, 0 to 500"),
        _required(
            "level", Type.INTEGER, "级别，1（优）至 6（严重污染）", "Class, 1 (excellent) to 6 (severe)"
        ),
        _required(
            "primary_pollutants",
            Type.TEXT,
            "首要污染物，指数不超过 50 时为空",
            "Primary pollutants, none up to 50",
        ),
        _required(
            "exceeding", Type.TEXT, "超标污染物，分指数大于 100", "Pollutants with a sub-index over 100"
        ),
        _required("complete", Type.BOOLEAN, "六项污染物是否齐全", "Whether all six pollutants took part"),
        _required("edition", Type.TEXT, "计算所依据的标准版本", "Edition of the standard used"),
        _required("parts", Type.JSON, "各污染物的浓度和分指数", "Concentration and sub-index by pollutant"),
        _required("district", Type.TEXT, "所在区县代码", "Code of the district"),
        _required("owner_id", Type.TEXT, "所属部门", "The owning party"),
    ),
)


def _bands(pollutant: Pollutant) -> tuple[Band, ...]:
    """The classes in which HJ 633 tells an hourly mean apart, by the newest edition."""
    _, edition = IN_FORCE[0]
    return tuple(Band(upper, c.name, c.colour.lower()) for upper, c in hourly_classes(edition, pollutant))


AIR_QUALITY = StandardLayer(
    name="air-quality",
    title=Text("空气质量（HJ 633）", "Air quality (HJ 633)"),
    collection="environment.station_now",
    style=Style(
        colour="#94a3b8",
        radius=9,
        by="aqi",
        steps=[
            Step(at=least, colour=c.colour.lower(), zh=c.name.zh, en=c.name.en)
            for least, c in zip([0, *(c.upper + 1 for c in CLASSES if c.upper)], CLASSES, strict=True)
        ],
    ),
    position=10,
    shown=True,
)
AIR_STATION = ThingType(
    name="environment.air_station",
    title=Text("空气站", "Air station"),
    entity_type="AirQualityObserved",
    interval_s=60,
    attributes=tuple(
        Attribute(name=p.value, meaning=f.meaning, unit=f.unit or "", bands=_bands(p))
        for p, f in zip(Pollutant, _NUMBERS["air"], strict=True)
    ),
)
WEATHER_STATION = ThingType(
    name="environment.weather_station",
    title=Text("气象站", "Weather station"),
    entity_type="WeatherObserved",
    interval_s=60,
    attributes=tuple(
        Attribute(name=_ATTRIBUTES.get(f.name, f.name), meaning=f.meaning, unit=f.unit or "")
        for f in _NUMBERS["weather"]
    ),
)

MODULE = Module(
    name="environment",
    package="yong.domains.environment",
    title=Text("生态环境", "Environment"),
    plan=("plan-44f",),
    needs=("store", "access", "records", "search", "geo", "history", "context", "sensing"),
    permissions=(Permission("environment.judge", Text("计算空气质量指数", "Compute the air-quality index")),),
    declares=(
        STATION,
        AQI,
        STATION_NOW,
        WEATHER_NOW,
        AIR_STATION,
        WEATHER_STATION,
        AIR_QUALITY,
        Page(
            name="air",
            title=Text("空气质量", "Air quality"),
            component="AirQuality.vue",
            needs="records.read",
            of=AQI.name,
        ),
        # A station is found once, as the record it is.
        Searchable(relation=STATION_NOW.name),
        Searchable(relation=WEATHER_NOW.name),
        Job(
            name="environment.judge_hour",
            title=Text("计算各站实时空气质量指数", "Compute every station's hourly index"),
            handler=jobs.judge_hour,
            schedule="* * * * *",
        ),
    ),
)
