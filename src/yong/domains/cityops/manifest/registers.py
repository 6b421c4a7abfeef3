"""What cityops keeps beside cases: classes, components, and other Open311 endpoints."""

from yong.domains.cityops.contracts import Datatype
from yong.domains.cityops.logic.classes import component_faults, question_faults
from yong.kernel.base.relation import Relation, Type, general
from yong.kernel.base.text import Text
from yong.kernel.geo.layers.contracts import StandardLayer, Style
from yong.kernel.records.contracts import Code, CodeList, Table

KIND = CodeList(
    name="cityops.kind",
    title=Text("类别集的对象", "What a set of classes is of"),
    codes=(
        Code(code="component", title=Text("部件", "Components")),
        Code(code="event", title=Text("事件", "Events")),
    ),
)
DATATYPE = CodeList(
    name="cityops.datatype",
    title=Text("问题的答案类型", "What an answer holds"),
    codes=(
        Code(code=Datatype.STRING.value, title=Text("一行文字", "A line")),
        Code(code=Datatype.NUMBER.value, title=Text("数字", "A number")),
        Code(code=Datatype.DATETIME.value, title=Text("日期时间", "A moment")),
        Code(code=Datatype.TEXT.value, title=Text("多行文字", "Text")),
        Code(code=Datatype.ONE.value, title=Text("单选", "One of a list")),
        Code(code=Datatype.MANY.value, title=Text("多选", "Several of a list")),
    ),
)
CLASS_SET = Table(
    name="cityops.class_set",
    title=Text("类别集", "Sets of classes"),
    description=Text(
        "部件、事件类别代码的一套及其版本；大类、小类的位数由代码集规定",
        "A set of class codes of components or events and its edition; how wide its codes are belongs to the set",
    ),
    key="name",
    fields=(
        general("name", Type.TEXT, "标识", "Name", required=True, max_length=60, pattern="[a-z0-9][a-z0-9._-]*"),
        general("title_zh", Type.TEXT, "名称", "Title in Chinese", required=True, max_length=100),
        general("title_en", Type.TEXT, "英文名称", "Title in English", required=True, max_length=100),
        general("kind", Type.CODE, "对象", "What it is of", required=True, codes="cityops.kind"),
        general("edition", Type.TEXT, "版本", "Edition", required=True, max_length=40),
        general("prefix", Type.TEXT, "代码前缀", "What stands before each code", max_length=8),
        general("major_width", Type.INTEGER, "大类位数", "Width of the upper class", required=True, minimum=1, maximum=8),
        general("minor_width", Type.INTEGER, "小类位数", "Width of the lower class", required=True, minimum=1, maximum=8),
        general("basis", Type.TEXT, "依据", "What it follows", max_length=300),
        general("synthetic", Type.BOOLEAN, "是否为演示用的合成数据", "Whether it is made up for a demo"),
        general("procedure", Type.TEXT, "适用流程", "Procedure it is for", max_length=128),
        general("clock", Type.TEXT, "计时名称", "Clock that its limits are for", max_length=60),
    ),
)  # fmt: skip
QUESTION = Table(
    name="cityops.question",
    title=Text("反映某类问题时的提问", "What is asked of who reports something of a class"),
    description=Text(
        "Open311 服务定义中的 attribute；答案类型沿用该标准", "The attributes of an Open311 service definition, with its types"
    ),
    rule=question_faults,
    fields=(
        general("class", Type.TEXT, "类别代码", "Code of the class", required=True, max_length=40),
        general("code", Type.TEXT, "代码", "Code", required=True, max_length=60, pattern=r"[0-9A-Za-z_.-]{1,60}"),
        general("text_zh", Type.TEXT, "问题", "Question in Chinese", required=True, max_length=300),
        general("text_en", Type.TEXT, "英文问题", "Question in English", max_length=300),
        general("hint_zh", Type.TEXT, "填写提示", "Hint in Chinese", max_length=300),
        general("hint_en", Type.TEXT, "英文填写提示", "Hint in English", max_length=300),
        general("datatype", Type.CODE, "答案类型", "What an answer holds", required=True, codes="cityops.datatype"),
        general("variable", Type.BOOLEAN, "是否需要回答（否则只作说明）", "Whether it is answered, or only says something"),
        general("required", Type.BOOLEAN, "是否必答", "Whether it must be answered"),
        general("position", Type.INTEGER, "顺序", "Order", minimum=1, maximum=1000),
        general("options", Type.JSON, "可选值", "What may be chosen"),
    ),
)  # fmt: skip
COMPONENT = Table(
    name="cityops.component",
    title=Text("管理部件", "Components"),
    description=Text(
        "城市管理部件台账：编码为 6 位区划、类别代码和顺序号（GB/T 30428.2），位数由类别集规定；可按 CSV、GeoJSON 导入",
        "The register of what a city looks after: its code is six digits of the area, the class and a number",
    ),
    key="code",
    geometry="location",
    rule=component_faults,
    fields=(
        general("code", Type.TEXT, "部件编码", "Code", required=True, max_length=40, pattern="[0-9A-Za-z]{9,40}"),
        general("class", Type.TEXT, "类别代码", "Code of the class", required=True, max_length=40),
        general("name", Type.TEXT, "名称", "Name", required=True, max_length=100, searchable=True),
        general("location", Type.GEOMETRY, "位置（CGCS2000 经纬度）", "Where it is, degrees of CGCS2000", required=True),
        general("cell", Type.TEXT, "所在单元网格", "Unit grid cell", max_length=15, pattern="[0-9]{15}"),
        general("place", Type.TEXT, "位置描述", "Where, in words", max_length=200),
        general("in_charge", Type.TEXT, "主管部门", "Department in charge", max_length=128),
        general("owned_by", Type.TEXT, "权属单位", "Owner", max_length=128),
        general("kept_by", Type.TEXT, "养护单位", "Who keeps it in repair", max_length=128),
        general("state", Type.TEXT, "现状（用语由本市代码集规定）", "State, in the words of the city's code set", max_length=40),
        general("first_on", Type.DATE, "初始日期", "First recorded"),
        general("changed_on", Type.DATE, "变更日期", "Changed last"),
        general("source", Type.TEXT, "数据来源（合成数据须注明）", "Source; says so where it is synthetic", max_length=300),
        general("note", Type.TEXT, "备注", "Note", max_length=500),
    ),
)  # fmt: skip
SOURCE = Table(
    name="cityops.source",
    title=Text("外部 Open311 接口", "Other Open311 endpoints"),
    description=Text(
        "从其他城市或平台的 Open311 接口取来请求；主机须列入设置 open311_hosts",
        "Endpoints whose requests are taken in; their hosts must be among the setting open311_hosts",
    ),
    key="name",
    fields=(
        general("name", Type.TEXT, "标识", "Name", required=True, max_length=40, pattern="[a-z0-9][a-z0-9._-]*"),
        general("url", Type.TEXT, "地址（不含 /requests）", "Address, without /requests", required=True, max_length=300,
                pattern=r"https?://[^\s?#@]+"),
        general("format", Type.TEXT, "格式", "Format", max_length=4, pattern="json|xml"),
        general("jurisdiction", Type.TEXT, "jurisdiction_id", "jurisdiction_id", max_length=200),
        general("services", Type.JSON, "对方服务代码与本市类别代码的对应", "Our code of a class by their service_code"),
        general("by_updated", Type.BOOLEAN, "对方是否支持 updated_after", "Whether it knows updated_after"),
        general("paused", Type.BOOLEAN, "暂停", "Paused"),
    ),
)  # fmt: skip
REMOTE = Relation(
    name="cityops.remote_request",
    title=Text("外部接口取来的请求", "Requests of other endpoints"),
    description=Text(
        "每件请求成为哪件反映，或因何未能成为反映", "Which report each became, or why it became none"
    ),
    key=("source", "remote_id"),
    time="seen_at",
    owner="owner_id",
    sql="""SELECT r.source, r.remote_id, r.reference, r.status, r.fault, r.updated_at, r.seen_at, s.owner_id
           FROM cityops.remote_taken r LEFT JOIN cityops.source s ON s.id = r.source""",
    fields=(
        general("source", Type.TEXT, "外部接口", "The endpoint"),
        general("remote_id", Type.TEXT, "对方编号", "Its number there"),
        general("reference", Type.TEXT, "反映编号", "Number of the report"),
        general("status", Type.TEXT, "对方状态", "Its status there"),
        general("fault", Type.TEXT, "未能成为反映的原因", "Why it became none"),
        general("updated_at", Type.MOMENT, "对方更新时间", "Updated there"),
        general("seen_at", Type.MOMENT, "最近处理时间", "Looked at last"),
        general("owner_id", Type.TEXT, "所属单位", "Owning party"),
    ),
)
REMOTE_TURN = Relation(
    name="cityops.remote_turn",
    title=Text("外部接口读取情况", "How other endpoints were read"),
    key=("source",),
    time="at",
    owner="owner_id",
    sql="""SELECT r.source, r.until, r.at, r.taken::bigint AS taken, r.known::bigint AS known, r.passed::bigint AS passed,
                  r.fault, s.owner_id
           FROM cityops.remote_look r LEFT JOIN cityops.source s ON s.id = r.source""",
    fields=(
        general("source", Type.TEXT, "外部接口", "The endpoint"),
        general("until", Type.MOMENT, "已读到", "Read up to"),
        general("at", Type.MOMENT, "最近读取时间", "Read last"),
        general("taken", Type.INTEGER, "新成为反映", "New reports"),
        general("known", Type.INTEGER, "已有或已办结", "Known or closed already"),
        general("passed", Type.INTEGER, "未能取入", "Passed over"),
        general("fault", Type.TEXT, "故障", "What failed"),
        general("owner_id", Type.TEXT, "所属单位", "Owning party"),
    ),
)
ON_THE_MAP = StandardLayer(
    name="components",
    title=Text("管理部件", "Components"),
    collection=COMPONENT.name,
    style=Style(colour="#0f766e", radius=3.0, label="name"),
    position=30,
    min_zoom=15,
)
