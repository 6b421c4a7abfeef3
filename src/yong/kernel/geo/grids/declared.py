"""What unit grids bring to geography: the registers of boundaries and of grids, their code lists, the keeper."""

from collections.abc import Mapping

from yong.kernel.access.contracts import Role
from yong.kernel.base.errors import Problem
from yong.kernel.base.relation import Relation, Type, general
from yong.kernel.base.text import Text
from yong.kernel.records.contracts import Code, CodeList, Table

LEVELS = CodeList(
    name="geo.level",
    title=Text("区划层级", "Levels of areas"),
    codes=(
        Code(code="province", title=Text("省级", "Province")),
        Code(code="city", title=Text("地级", "City")),
        Code(code="district", title=Text("县级", "District")),
        Code(code="street", title=Text("乡级", "Street or township")),
        Code(code="community", title=Text("社区或村", "Community or village")),
    ),
)
SOURCE_DATUMS = CodeList(
    name="geo.source_datum",
    title=Text("来源坐标系", "Datums of sources"),
    codes=(
        Code(code="cgcs2000", title=Text("2000 国家大地坐标系", "CGCS2000")),
        Code(code="wgs84", title=Text("WGS 84", "WGS 84")),
        Code(code="gcj02", title=Text("GCJ-02", "GCJ-02")),
        Code(code="bd09", title=Text("BD-09", "BD-09")),
        Code(code="xian80", title=Text("1980 西安坐标系", "Xi'an 1980")),
        Code(code="beijing54", title=Text("1954 北京坐标系", "Beijing 1954")),
        Code(code="local", title=Text("城市独立坐标系", "A city's own")),
    ),
)
_DIGITS = {"province": 6, "city": 6, "district": 6, "street": 9, "community": 12}


def _of_its_level(values: Mapping[str, object]) -> list[Problem]:
    """A boundary's code has the digits of its level, and ends after it begins."""
    found = []
    digits = _DIGITS.get(str(values.get("level")))
    if digits is not None and len(str(values.get("code"))) != digits:
        found.append(
            Problem(
                "/code",
                Text("此层级的代码应为 {n} 位", "A code of this level has {n} digits").filled(n=digits),
            )
        )
    start, end = values.get("starts_on"), values.get("ends_on")
    if start is not None and end is not None and str(end) <= str(start):
        found.append(Problem("/ends_on", Text("应晚于生效日期", "Must be after starts_on")))
    return found


BOUNDARY = Table(
    name="geo.boundary",
    title=Text("区划边界", "Boundaries"),
    description=Text(
        "各级区划的边界，按有效期保存；经纬度为 CGCS2000",
        "Boundaries of areas with the days between which they hold; degrees of CGCS2000",
    ),
    geometry="geometry",
    rule=_of_its_level,
    fields=(
        general(
            "code", Type.TEXT, "区划代码：县级 6 位、乡级 9 位、社区 12 位", "Code: 6, 9 or 12 digits",
            required=True, max_length=12, pattern="[0-9]{6}|[0-9]{9}|[0-9]{12}", searchable=True,
        ),
        general("level", Type.CODE, "层级", "Level", codes="geo.level", required=True),
        general("name", Type.TEXT, "名称", "Name", max_length=60, searchable=True),
        general("geometry", Type.GEOMETRY, "面或多面（CGCS2000 经纬度）", "Polygon or MultiPolygon, degrees of CGCS2000", required=True),
        general("starts_on", Type.DATE, "生效日期，空为不限", "Valid from, none: always before"),
        general("ends_on", Type.DATE, "失效日期（不含），空为至今", "Valid to (exclusive), none: still"),
        general("source", Type.TEXT, "来源", "Source", max_length=300),
        general("datum", Type.CODE, "来源坐标系", "Datum it came in", codes="geo.source_datum", required=True),
    ),
)  # fmt: skip
GRID_CELL = Table(
    name="geo.grid_cell",
    title=Text("单元网格", "Unit grids"),
    description=Text(
        "社区内的单元网格（GB/T 30428.1）：编码一经使用不再改指",
        "The unit grids of communities (GB/T 30428.1); a code that was used never means another",
    ),
    key="code",
    geometry="geometry",
    fields=(
        general("code", Type.TEXT, "单元网格编码，15 位", "Code, 15 digits", required=True, max_length=15, pattern="[0-9]{15}"),
        general("geometry", Type.GEOMETRY, "面（CGCS2000 经纬度）", "Polygon, degrees of CGCS2000", required=True),
        general("area_m2", Type.NUMBER, "椭球面面积", "Area on the ellipsoid", unit="MTK", minimum=0, required=True),
        general("starts_on", Type.DATE, "启用日期", "First day", required=True),
        general("ends_on", Type.DATE, "终止日期（不含），空为至今", "Last day (exclusive), none: still"),
        general("land_use", Type.TEXT, "土地使用类别", "Land-use class", max_length=20),
        general("management_grade", Type.TEXT, "管理级别", "Management grade", max_length=20),
        general("responsible", Type.TEXT, "责任单位", "Responsible body", max_length=200, searchable=True),
    ),
)  # fmt: skip
DIVISION = Relation(
    name="geo.grid_division",
    title=Text("单元网格划分", "Divisions into unit grids"),
    description=Text(
        "社区历次划分：新增、保留和终止了哪些单元网格，终止的并入哪些",
        "How communities were divided: which unit grids were made, kept and ended, and into which those went",
    ),
    key=("id",),
    owner="owner_id",
    district="district",
    time="made_at",
    sql="""SELECT id, community, starts_on, to_jsonb(made) AS made, to_jsonb(kept) AS kept,
                  (SELECT coalesce(jsonb_agg(e - 'version'), '[]') FROM jsonb_array_elements(ended) e) AS ended,
                  made_at, undone_at, district, owner_id
           FROM geo.division""",
    fields=(
        general("id", Type.TEXT, "划分标识，用于撤销", "The division's id, to take it back", required=True),
        general("community", Type.TEXT, "社区代码，12 位", "The community, 12 digits", required=True, searchable=True),
        general("starts_on", Type.DATE, "启用日期", "First day", required=True),
        general("made", Type.JSON, "新增网格的编码", "Codes of the new grids", required=True),
        general("kept", Type.JSON, "保留网格的编码", "Codes of the grids that stayed", required=True),
        general("ended", Type.JSON, "终止的网格，及其并入的网格", "The grids that ended, and into which each went", required=True),
        general("made_at", Type.MOMENT, "划分的时刻", "When it was made", required=True),
        general("undone_at", Type.MOMENT, "撤销的时刻", "When it was taken back"),
        general("district", Type.TEXT, "所在区县代码", "Code of the district"),
        general("owner_id", Type.TEXT, "所属单位", "Owning party"),
    ),
)  # fmt: skip
DECLARED = (
    LEVELS,
    SOURCE_DATUMS,
    BOUNDARY,
    GRID_CELL,
    DIVISION,
    Role(name="geo.keeper", title=Text("地理信息管理员", "Keeper of geography")),
)
