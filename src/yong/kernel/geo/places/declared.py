"""What places bring to geography: their register, its kinds, how they are found."""

from yong.kernel.base.relation import Type, general
from yong.kernel.base.text import Text
from yong.kernel.geo.places.contracts import PLACE
from yong.kernel.records.contracts import Code, CodeList, Table
from yong.kernel.search.contracts import Searchable

KINDS = CodeList(
    name="geo.place_kind",
    title=Text("地点类别", "Kinds of places"),
    codes=(
        Code(code="address", title=Text("门址", "Address")),
        Code(code="station", title=Text("车站", "Station")),
        Code(code="school", title=Text("学校", "School")),
        Code(code="hospital", title=Text("医院", "Hospital")),
        Code(code="government", title=Text("政务服务", "Public services")),
        Code(code="shop", title=Text("商业", "Shops and offices")),
        Code(code="park", title=Text("公园和景点", "Parks and sights")),
        Code(code="road", title=Text("道路", "Road")),
        Code(code="other", title=Text("其他", "Other")),
    ),
)
PLACES = Table(
    name=PLACE,
    title=Text("地点", "Places"),
    description=Text(
        "有名称的地点和门址；经纬度为 CGCS2000，注明来源坐标系；更名或撤销的地点保留并注明终止日期",
        "Named places and addresses in degrees of CGCS2000, with the datum they came in; what was renamed or is gone stays with its last day",
    ),
    geometry="geometry",
    fields=(
        general("name", Type.TEXT, "名称", "Name", required=True, max_length=100, searchable=True),
        general("aliases", Type.TEXT, "别名（分号分隔）", "Other names (parted by semicolons)", max_length=300),
        general("kind", Type.CODE, "类别", "Kind", codes="geo.place_kind", required=True),
        general("address", Type.TEXT, "地址", "Address", max_length=200),
        general("street", Type.TEXT, "街道代码", "Code of the street", max_length=9, pattern="[0-9]{9}"),
        general("community", Type.TEXT, "社区代码", "Code of the community", max_length=12, pattern="[0-9]{12}"),
        general("geometry", Type.GEOMETRY, "位置（CGCS2000 经纬度）", "Where it is, degrees of CGCS2000", required=True),
        general("source", Type.TEXT, "来源（合成数据须注明）", "Source; says so where it is synthetic", max_length=300),
        general("datum", Type.CODE, "来源坐标系", "Datum it came in", codes="geo.source_datum", required=True),
        general("starts_on", Type.DATE, "启用日期，空为不限", "First day, none: always before"),
        general("ends_on", Type.DATE, "终止日期（不含），空为至今", "Last day (exclusive), none: still"),
    ),
)  # fmt: skip
DECLARED = (
    KINDS,
    PLACES,
    Searchable(relation=PLACE, title=("name", "aliases"), text=("address",), kind=Text("地点", "Place"), boost=1.5),
)  # fmt: skip
