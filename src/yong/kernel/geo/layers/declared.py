"""What layers bring to geography: their register."""

from yong.kernel.base.relation import Field, Level, Personal, Type
from yong.kernel.base.text import Text
from yong.kernel.geo.layers import styles
from yong.kernel.records.contracts import Code, CodeList, Table


def _field(name: str, kind: Type, zh: str, en: str, **more: object) -> Field:
    return Field(
        name=name,
        type=kind,
        meaning=Text(zh, en),
        level=Level.GENERAL,
        personal=Personal.NO,
        **more,  # type: ignore[arg-type]  # the declaration's own optional fields
    )


KINDS = CodeList(
    name="geo.layer_kind",
    title=Text("图层类别", "Kinds of layers"),
    codes=(
        Code(code="features", title=Text("要素", "Features")),
        Code(code="wmts", title=Text("外部瓦片服务（WMTS）", "Tiles of an outside service (WMTS)")),
    ),
)
LAYER = Table(
    name="geo.layer",
    title=Text("图层", "Layers"),
    description=Text(
        "图层只保存样式与次序，要素留在各自的资源中；按有效期保存",
        "A layer keeps style and order alone, its features stay in their Relation; kept with validity",
    ),
    key="name",
    bitemporal=True,
    rule=styles.faults,
    fields=(
        _field("name", Type.TEXT, "标识", "Name", required=True, max_length=40, pattern="[a-z][a-z0-9-]{0,39}"),
        _field("title", Type.TEXT, "中文标题", "Title in Chinese", required=True, max_length=60, searchable=True),
        _field("title_en", Type.TEXT, "英文标题", "Title in English", required=True, max_length=120, searchable=True),
        _field("kind", Type.CODE, "类别", "Kind", codes="geo.layer_kind", required=True),
        _field("theme", Type.TEXT, "专题", "Theme", max_length=60),
        _field("collection", Type.TEXT, "要素集合：资源或实体集合的名称", "Collection of features: a Relation, or one of entities", max_length=200, pattern="[a-z][a-z0-9_]*[.][A-Za-z0-9_.:%-]+"),
        _field("url", Type.TEXT, "瓦片地址模板（Web 墨卡托），含 {z}、{row}、{col}，密钥写作 {key}", "Template of tiles in WebMercatorQuad with {z}, {row}, {col}; a secret is written {key}", max_length=1000),
        _field("style", Type.JSON, "样式", "Style"),
        _field("position", Type.INTEGER, "次序，大者在上", "Order, the higher lies above", required=True, minimum=-1000, maximum=1000),
        _field("shown", Type.BOOLEAN, "初始是否显示", "Whether it is shown at first", required=True),
        _field("min_zoom", Type.INTEGER, "最小级别", "Lowest zoom", required=True, minimum=0, maximum=24),
        _field("max_zoom", Type.INTEGER, "最大级别", "Highest zoom", required=True, minimum=0, maximum=24),
        _field("attribution", Type.TEXT, "来源说明", "Attribution", max_length=300),
        _field("approval_number", Type.TEXT, "审图号", "Approval number of the map (审图号)", max_length=60),
    ),
)  # fmt: skip
DECLARED = (KINDS, LAYER)
