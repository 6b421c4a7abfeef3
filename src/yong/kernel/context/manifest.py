"""Context as a module: entities as Relations, who may write them."""

from yong.kernel.access.contracts import Role
from yong.kernel.base.module import Module, Permission
from yong.kernel.base.relation import Relation, Type, general
from yong.kernel.base.text import Text
from yong.kernel.context.asking import features
from yong.kernel.context.contracts import RELATION, TENANT_RELATION
from yong.kernel.context.jobs import forget_notifications, settle
from yong.kernel.context.service.telling import to_find
from yong.kernel.search.contracts import Searchable
from yong.kernel.store.jobs import Job

_FIELDS = (
    general("id", Type.TEXT, "标识", "Id"),
    general("type", Type.TEXT, "类型", "Type"),
    general("name", Type.TEXT, "名称（属性 name）", "Name (the attribute of that name)"),
    general("other_types", Type.JSON, "其余类型", "Further types"),
    general("scopes", Type.JSON, "范围（NGSI-LD scope）", "Scopes (NGSI-LD)"),
    general("doc", Type.JSON, "属性（NGSI-LD）", "Attributes (NGSI-LD)"),
    general("place", Type.GEOMETRY, "位置", "Place"),
    general("x", Type.NUMBER, "经度", "Longitude"),
    general("y", Type.NUMBER, "纬度", "Latitude"),
    general("shaped", Type.BOOLEAN, "位置是否不止一个点", "Whether its location is more than a point"),
    general("west", Type.NUMBER, "位置的西界", "West of such a location"),
    general("south", Type.NUMBER, "位置的南界", "South of it"),
    general("east", Type.NUMBER, "位置的东界", "East of it"),
    general("north", Type.NUMBER, "位置的北界", "North of it"),
    general("source", Type.TEXT, "来源：实时、回放或合成", "Source: live, replay or synthetic"),
    general("district", Type.TEXT, "行政区划", "District"),
    general(
        "settled",
        Type.BOOLEAN,
        "是否一段时间未变（可由取值索引找到）",
        "Whether it stayed as it is for a while, and an index over values finds it",
    ),
    general("created_at", Type.MOMENT, "创建时间", "Made at"),
    general("modified_at", Type.MOMENT, "最近变化", "Last change"),
)
# The name as a Property or LanguageProperty, under the default vocabulary or schema.org's, as data models have it.
_NAME = ", ".join(
    f"doc #>> '{{{name},{path}}}'"
    for name in ("name", "https://schema.org/name", "https://smartdatamodels.org/name")
    for path in ("value", "languageMap,zh", "languageMap,en")
)
_SQL = """SELECT {tenant} id, type, left(coalesce({name}), 200) AS name, other_types, scopes, doc, owner_id, district, source, created_at, modified_at,
                 location[0] AS x, location[1] AS y, extent IS NOT NULL AS shaped, settled,
                 extent[1] AS west, extent[2] AS south, extent[3] AS east, extent[4] AS north,
                 CASE WHEN location IS NULL THEN NULL ELSE jsonb_build_object('type', 'Point', 'coordinates',
                     jsonb_build_array(location[0], location[1])) END AS place
          FROM context.entity WHERE tenant {of} ''"""

MODULE = Module(
    name="context",
    package="yong.kernel.context",
    title=Text("现状", "Context"),
    plan=("plan-19",),
    needs=("store", "bus", "access", "records", "search", "geo", "history"),
    permissions=(
        Permission("context.write", Text("写入现状对象", "Write entities")),
        Permission("context.subscribe", Text("订阅现状变化", "Subscribe to changes of entities")),
        Permission(
            "context.oversee_subscriptions", Text("查看并删除全部订阅", "See and delete all subscriptions")
        ),
        Permission("context.manage_contexts", Text("管理 JSON-LD @context", "Keep JSON-LD contexts")),
    ),
    declares=(
        features.SOURCE,
        Job(
            name="context.forget_notifications",
            title=Text("清除早已放弃的通知", "Drop notifications that were given up long ago"),
            handler=forget_notifications,
            schedule="10 19 * * *",  # 03:10 in China
        ),
        Job(
            name="context.settle",
            title=Text("整理取值索引", "Keep the index over values"),
            handler=settle,
            schedule="*/5 * * * *",
        ),
        Searchable(
            relation=RELATION,
            title=("name",),
            codes=("id", "type"),
            kind=Text("物", "Entity"),
            changed=to_find,
        ),
        Searchable(relation=TENANT_RELATION),  # another tenant's are found by nobody here
        Role(name="context.provider", title=Text("现状数据提供者", "Context provider"), staff=False),
        Relation(
            name=RELATION,
            title=Text("对象现状", "Entities now"),
            key=("id",),
            fields=_FIELDS,
            sql=_SQL.format(tenant="", name=_NAME, of="="),
            owner="owner_id",
            district="district",
            time="modified_at",
            geometry="place",
        ),
        Relation(
            name=TENANT_RELATION,
            title=Text("各租户的对象现状", "Entities now, of tenants"),
            key=("tenant", "id"),
            fields=(general("tenant", Type.TEXT, "租户", "Tenant"), *_FIELDS),
            sql=_SQL.format(tenant="tenant,", name=_NAME, of="<>"),
            owner="owner_id",
            district="district",
            time="modified_at",
            geometry="place",
        ),
    ),
)
