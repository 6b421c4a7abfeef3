"""What merging brings to geography: the merged set and where it comes from, as Relations, and the job of a run."""

from yong.kernel.base.relation import Relation, Type, general
from yong.kernel.base.text import Text
from yong.kernel.geo.merging.jobs import merge
from yong.kernel.store.jobs import Job

COMPONENT_NAME, SOURCE_NAME = "geo.component", "geo.component_source"


COMPONENT = Relation(
    name=COMPONENT_NAME,
    title=Text("合并后的城市部件", "Merged components"),
    description=Text(
        "多个部门的部件点位合并为一套：位置按中误差加权，附来源与可信度",
        "The points of several departments as one set: positions weighted by accuracy, with provenance and confidence",
    ),
    key=("id",),
    owner="owner_id",
    district="district",
    time="updated_at",
    geometry="geometry",
    sql="""SELECT c.id, c.merging, c.class, c.name,
                  c.geometry, c.accuracy_m, c.confidence, c.records::bigint AS records,
                  (SELECT jsonb_agg(jsonb_build_object('source', l.source, 'record', l.record) ORDER BY l.source, l.record)
                   FROM geo.merge_link l WHERE l.component = c.id) AS provenance,
                  c.run, c.version::bigint AS version, c.updated_at, c.district, c.owner_id
           FROM geo.merge_component c WHERE c.ended_at IS NULL""",
    fields=(
        general("id", Type.TEXT, "部件标识，再次合并时不变", "The component's id, which later runs keep"),
        general("merging", Type.TEXT, "所属的合并", "The merging that it is of"),
        general(
            "class",
            Type.TEXT,
            "部件类别（CJ/T 214 或本市分类）",
            "Class of CJ/T 214 or of the city's own list",
        ),
        general("name", Type.TEXT, "名称", "Name", searchable=True),
        general("geometry", Type.GEOMETRY, "点（CGCS2000 经纬度）", "Point, degrees of CGCS2000"),
        general(
            "accuracy_m", Type.NUMBER, "平面位置中误差", "Root mean square of the planar error", unit="MTR"
        ),
        general("confidence", Type.NUMBER, "可信度，0 至 1", "Confidence, 0 to 1"),
        general("records", Type.INTEGER, "来源记录数", "How many source records it is made of"),
        general("provenance", Type.JSON, "来源记录：来源与编号", "The source records: source and id"),
        general("run", Type.TEXT, "最近一次改动它的合并运行", "The run that changed it last"),
        general("version", Type.INTEGER, "版本", "Version"),
        general("updated_at", Type.MOMENT, "最近改动的时刻", "Moment of the last change"),
        general("district", Type.TEXT, "所在区县代码", "Code of the district"),
        general("owner_id", Type.TEXT, "所属单位", "Owning party"),
    ),
)
COMPONENT_SOURCE = Relation(
    name=SOURCE_NAME,
    title=Text("合并部件的来源记录", "Source records of merged components"),
    description=Text(
        "每条来源记录属于哪个部件，以及它自己的位置、名称和类别",
        "Which component each source record is in, with its own position, name and class",
    ),
    key=("merging", "source", "record"),
    owner="owner_id",
    district="district",
    geometry="geometry",
    sql="""SELECT l.merging, l.source, l.record, l.component, l.class, l.name,
                  jsonb_build_object('type', 'Point', 'coordinates', jsonb_build_array(l.lon, l.lat)) AS geometry,
                  l.accuracy_m, l.offset_m, c.district, c.owner_id
           FROM geo.merge_link l JOIN geo.merge_component c ON c.id = l.component""",
    fields=(
        general("merging", Type.TEXT, "所属的合并", "The merging that it is of"),
        general("source", Type.TEXT, "来源", "Source"),
        general("record", Type.TEXT, "来源中的编号", "Its id in the source"),
        general("component", Type.TEXT, "部件标识", "The component's id"),
        general(
            "class",
            Type.TEXT,
            "来源所述类别，按合并方案换算",
            "Class as the source says, by the plan's mapping",
        ),
        general("name", Type.TEXT, "来源中的名称", "Name in the source"),
        general(
            "geometry",
            Type.GEOMETRY,
            "来源的点（CGCS2000 经纬度）",
            "Point of the source, degrees of CGCS2000",
        ),
        general(
            "accuracy_m",
            Type.NUMBER,
            "来源的平面位置中误差",
            "Root mean square of the source's planar error",
            unit="MTR",
        ),
        general("offset_m", Type.NUMBER, "到合并位置的距离", "Distance to the merged position", unit="MTR"),
        general("district", Type.TEXT, "部件所在区县代码", "Code of the component's district"),
        general("owner_id", Type.TEXT, "所属单位", "Owning party"),
    ),
)
DECLARED = (
    COMPONENT,
    COMPONENT_SOURCE,
    Job(
        name="geo.merge", title=Text("合并部件坐标", "Merge component coordinates"), handler=merge, retries=2
    ),
)
