"""What layers bring to geography: their register."""

from yong.kernel.base.relation import Type, general
from yong.kernel.base.text import Text
from yong.kernel.geo.layers import styles
from yong.kernel.geo.layers.contracts import Class, StandardLayer, Style
from yong.kernel.geo.layers.jobs import build
from yong.kernel.records.contracts import Code, CodeList, Table
from yong.kernel.store.jobs import Job

KINDS = CodeList(
    name="geo.layer_kind",
    title=Text("图层类别", "Kinds of layers"),
    codes=(
        Code(code="features", title=Text("要素", "Features")),
        Code(code="static", title=Text("静态瓦片（PMTiles）", "Static tiles (PMTiles)")),
        Code(code="wmts", title=Text("外部瓦片服务（WMTS）", "Tiles of an outside service (WMTS)")),
    ),
)
LAYER = Table(
    name="geo.layer",
    title=Text("图层", "Layers"),
    description=Text(
        "图层保存样式与次序，要素留在各自的资源中；静态图层由提交的文件生成瓦片；按有效期保存",
        "A layer keeps style and order, its features stay in their Relation; a static one has tiles built from a file; kept with validity",
    ),
    key="name",
    bitemporal=True,
    rule=styles.faults,
    fields=(
        general("name", Type.TEXT, "标识", "Name", required=True, max_length=40, pattern="[a-z][a-z0-9-]{0,39}"),
        general("title", Type.TEXT, "中文标题", "Title in Chinese", required=True, max_length=60, searchable=True),
        general("title_en", Type.TEXT, "英文标题", "Title in English", required=True, max_length=120, searchable=True),
        general("kind", Type.CODE, "类别", "Kind", codes="geo.layer_kind", required=True),
        general("theme", Type.TEXT, "专题", "Theme", max_length=60),
        general("collection", Type.TEXT, "要素集合：资源或实体集合的名称", "Collection of features: a Relation, or one of entities", max_length=200, pattern="[a-z][a-z0-9_]*[.][A-Za-z0-9_.:%-]+"),
        general("url", Type.TEXT, "瓦片地址模板（Web 墨卡托），含 {z}、{row}、{col}，密钥写作 {key}", "Template of tiles in WebMercatorQuad with {z}, {row}, {col}; a secret is written {key}", max_length=1000),
        general("archive", Type.TEXT, "瓦片文件的 SHA-256，由提交的要素文件生成", "SHA-256 of the archive of tiles, which is built from the file handed in", max_length=64, pattern="[0-9a-f]{64}"),
        general("style", Type.JSON, "样式", "Style"),
        general("position", Type.INTEGER, "次序，大者在上", "Order, the higher lies above", required=True, minimum=-1000, maximum=1000),
        general("shown", Type.BOOLEAN, "初始是否显示", "Whether it is shown at first", required=True),
        general("min_zoom", Type.INTEGER, "最小级别", "Lowest zoom", required=True, minimum=0, maximum=24),
        general("max_zoom", Type.INTEGER, "最大级别", "Highest zoom", required=True, minimum=0, maximum=24),
        general("attribution", Type.TEXT, "来源说明", "Attribution", max_length=300),
        general("approval_number", Type.TEXT, "审图号", "Approval number of the map (审图号)", max_length=60),
    ),
)  # fmt: skip
_SIGHTS = (  # what is looked for on a map, of the kinds of places
    ("station", "#0369a1", Text("车站", "Station")),
    ("school", "#b45309", Text("学校", "School")),
    ("hospital", "#be123c", Text("医院", "Hospital")),
    ("government", "#4338ca", Text("政务服务", "Public services")),
    ("park", "#15803d", Text("公园和景点", "Parks and sights")),
)
DECLARED = (
    KINDS,
    LAYER,
    StandardLayer(
        name="unit-grids",
        title=Text("单元网格", "Unit grids"),
        collection="geo.grid_cell",
        style=Style(colour="#7c3aed", fill_opacity=0.05, line_width=1.0),
        min_zoom=12,
    ),
    StandardLayer(
        name="places",
        title=Text("地点", "Places"),
        collection="geo.place",
        style=Style(
            colour="#64748b",
            by="kind",
            classes=[
                Class(value=code, colour=colour, zh=title.zh, en=title.en) for code, colour, title in _SIGHTS
            ],
        ),
        position=1,
        min_zoom=12,
    ),
    Job(
        name="geo.build",
        title=Text("生成静态图层的瓦片", "Build the tiles of static layers"),
        handler=build,
        retries=2,
    ),
)
