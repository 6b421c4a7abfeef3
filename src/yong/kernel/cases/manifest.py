"""Cases as a module: what it is, needs, permits and declares."""

from yong.kernel.access.contracts import Basis, Purpose, Role
from yong.kernel.base.module import Module, Permission
from yong.kernel.base.relation import Mask, Relation, Type, general, personal
from yong.kernel.base.text import Text
from yong.kernel.cases.clocks.contracts import Unit
from yong.kernel.cases.contracts import STATES, Operation, Procedure
from yong.kernel.cases.jobs import JOBS
from yong.kernel.cases.logic import shift_faults
from yong.kernel.cases.service.away import DEEDS
from yong.kernel.cases.service.duty import ASSIGN
from yong.kernel.records.contracts import Code, CodeList, Table

STATE = CodeList(
    name="cases.state",
    title=Text("案件状态", "States of cases"),
    codes=tuple(Code(code=state.value, title=title) for state, title in STATES.items()),
)
LIMIT_UNIT = CodeList(
    name="cases.limit_unit",
    title=Text("时限单位", "Units of limits"),
    codes=tuple(Code(code=unit.value, title=unit.name_of) for unit in Unit),
)

CLASS = Table(
    name="cases.class",
    title=Text("案件类别", "Classes of cases"),
    description=Text(
        "类别代码的位数由各套代码自定；上级类别由代码前缀表示",
        "How wide a code is belongs to its set; a prefix of a code is the class above it",
    ),
    key="code",
    fields=(
        general("code", Type.TEXT, "代码", "Code", required=True, max_length=40, pattern="[0-9A-Za-z._-]{1,40}"),
        general("title_zh", Type.TEXT, "名称", "Name in Chinese", required=True, max_length=100, searchable=True),
        general("title_en", Type.TEXT, "英文名称", "Name in English", max_length=100, searchable=True),
        general("procedure", Type.TEXT, "适用流程", "Procedure it is for", max_length=128),
        general("filing", Type.TEXT, "立案条件", "When it is filed", max_length=1000),
        general("closing", Type.TEXT, "结案条件", "When it may be closed", max_length=1000),
        general("parent", Type.TEXT, "上级类别", "The class above it", max_length=40),
        general("class_set", Type.TEXT, "所属代码集", "The set of codes it is of", max_length=60),
        general("open", Type.BOOLEAN, "是否可由公众反映", "Whether anybody may report it"),
        general("summary_zh", Type.TEXT, "说明（公开）", "What it is, for the public, in Chinese", max_length=500),
        general("summary_en", Type.TEXT, "英文说明（公开）", "What it is, for the public, in English", max_length=500),
        general("words", Type.TEXT, "关键词，逗号分隔", "Words that people look for it by, with commas", max_length=300),
    ),
)  # fmt: skip
LIMIT = Table(
    name="cases.limit",
    title=Text("办理时限", "Time limits"),
    description=Text(
        "按类别和条件规定的时限；最具体的一条适用；登记了区划的只在该区划适用",
        "Limits by class and condition; the most particular line holds; one of a district holds there alone",
    ),
    fields=(
        general("procedure", Type.TEXT, "适用流程", "Procedure it is for", max_length=128),
        general("clock", Type.TEXT, "计时名称", "Clock it is for", required=True, max_length=60),
        general("class_prefix", Type.TEXT, "类别代码前缀", "Prefix of the class", max_length=40),
        general("grade", Type.TEXT, "等级", "Grade", max_length=20),
        general("urgent", Type.BOOLEAN, "是否紧急", "Whether for urgent cases"),
        general("amount", Type.INTEGER, "数量", "How many", required=True, minimum=1, maximum=10_000),
        general("unit", Type.CODE, "单位", "Of what", required=True, codes="cases.limit_unit"),
        general(
            "same_time",
            Type.BOOLEAN,
            "到同一时刻为止（否则到下班为止）",
            "Ends at the time of day at which it began",
        ),
        general("basis_zh", Type.TEXT, "依据", "Basis in Chinese", max_length=300),
        general("basis_en", Type.TEXT, "依据（英文）", "Basis in English", max_length=300),
        general("class_set", Type.TEXT, "所属代码集", "The set of classes it came with", max_length=60),
        general("starts_on", Type.DATE, "起始日期", "Holds from"),
        general("ends_on", Type.DATE, "终止日期（不含）", "Holds until, exclusive"),
    ),
)
DUTY = Table(
    name="cases.duty",
    title=Text("责任清单", "Responsibilities"),
    description=Text(
        "哪类案件在哪里由哪个单位负责；最具体的一条适用，同样具体的按顺序，第一个为主办",
        "Which unit is responsible for which class where; the most particular line holds, the first of several leads",
    ),
    fields=(
        general("procedure", Type.TEXT, "适用流程", "Procedure it is for", max_length=128),
        general("class_prefix", Type.TEXT, "类别代码前缀", "Prefix of the class", max_length=40),
        general("area_prefix", Type.TEXT, "区划或网格代码前缀", "Prefix of the area's or grid cell's code", max_length=20),
        general("party", Type.TEXT, "责任单位", "The unit", required=True, max_length=128),
        general("rank", Type.INTEGER, "顺序", "Order", minimum=1, maximum=20),
    ),
)  # fmt: skip
ROSTER = Table(
    name="cases.roster",
    title=Text("值班表", "Duty roster"),
    description=Text(
        "谁在什么时间、哪个岗位值班，办哪些类别、哪些区域；写明 assign 的环节按此分给在岗、对口、待办最少的人",
        "Who is on duty when and at which desk, for which classes and areas; elements that say so go to who has least to do",
    ),
    rule=shift_faults,
    fields=(
        general("account", Type.TEXT, "值班人（账户）", "Whose shift it is, by account", required=True, max_length=64),
        general("role", Type.TEXT, "岗位", "Role", required=True, max_length=128),
        general("party", Type.TEXT, "单位", "Unit", max_length=128),
        general("class_prefix", Type.TEXT, "对口类别代码前缀", "Prefix of the classes that are for them", max_length=40),
        general("area_prefix", Type.TEXT, "区划或网格代码前缀", "Prefix of the area's or grid cell's code", max_length=20),
        general("starts_on", Type.DATE, "起始日期", "First day", required=True),
        general("ends_on", Type.DATE, "终止日期（不含）", "Until this day, exclusive"),
        general("weekdays", Type.TEXT, "星期（1 至 7，空为每天）", "Days of the week, 1 to 7; empty for all", max_length=7, pattern="[1-7]{1,7}"),
        general("from_time", Type.TEXT, "上岗时间", "From, as HH:MM", max_length=5, pattern="([01][0-9]|2[0-3]):[0-5][0-9]"),
        general("to_time", Type.TEXT, "离岗时间", "Until, as HH:MM", max_length=5, pattern="([01][0-9]|2[0-3]):[0-5][0-9]"),
        general("most", Type.INTEGER, "最多待办数", "How many open tasks at most", minimum=1, maximum=1000),
    ),
)  # fmt: skip

_CASE_FIELDS = (
    general("id", Type.TEXT, "标识", "Identifier"),
    general("number", Type.TEXT, "案卷编号", "Number", searchable=True),
    general("procedure", Type.TEXT, "流程", "Procedure"),
    general("version", Type.INTEGER, "流程版本", "Version of the procedure"),
    general("stage", Type.TEXT, "阶段", "Stage"),
    general("state", Type.CODE, "状态", "State", codes="cases.state"),
    general("outcome", Type.TEXT, "结果", "Outcome"),
    personal("title", Type.TEXT, "标题", "Title"),
    personal("description", Type.TEXT, "情况说明", "What it is about"),
    general("class", Type.TEXT, "类别", "Class"),
    general("source", Type.TEXT, "来源", "Source"),
    general("urgent", Type.BOOLEAN, "紧急", "Urgent"),
    general("supervised", Type.BOOLEAN, "督办", "Supervised"),
    general("owner_id", Type.TEXT, "主管单位", "Party in charge"),
    general("unit_id", Type.TEXT, "处置单位", "Unit that handles it"),
    general("handler_id", Type.TEXT, "现在的承办单位", "Party that has it now"),
    general("district", Type.TEXT, "区划代码", "Code of the district"),
    general("cell", Type.TEXT, "单元网格", "Unit grid cell"),
    personal("place", Type.TEXT, "位置描述", "Where, in words"),
    personal("location", Type.GEOMETRY, "位置", "Position", mask=Mask.PLACE),
    personal("reporter", Type.TEXT, "反映人（主体编号）", "The reporter's party"),
    personal("contact", Type.TEXT, "联系方式", "Contact"),
    personal("data", Type.JSON, "表单内容", "What was filled in"),
    general("opened_at", Type.MOMENT, "收到时间", "Opened"),
    general("closed_at", Type.MOMENT, "办结时间", "Closed"),
    general("due_at", Type.MOMENT, "到期时间", "Due"),
    general("hint_at", Type.MOMENT, "提示时间", "Hint"),
    general("yellow_at", Type.MOMENT, "黄牌时间", "Yellow from"),
    general("late", Type.BOOLEAN, "超期", "Late"),
    general("returned", Type.INTEGER, "退回次数", "How often it was returned"),
    general("merged_into", Type.TEXT, "并入案件", "Merged into"),
    general("revision", Type.INTEGER, "修订号", "Revision"),
)
CASE = Relation(
    name="cases.case",
    title=Text("案件", "Cases"),
    description=Text(
        "跨部门办理的案件：所处阶段、承办单位、时限和结果",
        "Work that crosses desks: how far it is, who has it, when it is due, how it ended",
    ),
    key=("id",),
    owner="handler_id",
    beside="beside",
    district="district",
    subject="reporter",
    time="opened_at",
    geometry="location",
    sql="""SELECT c.id, c.number, c.procedure, c.version, c.stage, c.state, c.outcome, c.title, c.description, c.class,
                  c.source, c.urgent, c.supervised, c.owner_id, c.unit_id, c.handler_id, c.beside, c.district, c.cell, c.place,
                  c.location, c.reporter, c.contact, c.data, c.opened_at, c.closed_at, c.due_at, c.hint_at, c.yellow_at,
                  coalesce(c.closed_at, now()) > c.due_at AS late,
                  (SELECT count(*) FROM cases.log h WHERE h.case_id = c.id AND h.what = 'task.returned')::int
                    AS returned,
                  c.merged_into, c.revision
           FROM cases.case_file c""",
    fields=_CASE_FIELDS,
)
TASK = Relation(
    name="cases.open_task",
    title=Text("待办任务", "Tasks to be done"),
    description=Text("各岗位待办的任务及所属案件", "What lies on which desk, and of which case"),
    key=("id",),
    owner="party_id",
    district="district",
    time="opened_at",
    geometry="location",
    sql="""SELECT t.id, t.case_id, c.number, c.procedure, c.version, t.element, t.role, t.party, coalesce(t.party, c.handler_id) AS party_id,
                  t.assignee, t.district, t.urgent, t.opened_at, t.due_at, c.hint_at, c.yellow_at, c.title, c.class, c.stage,
                  c.state, c.source, c.supervised, c.cell, c.place, c.location
           FROM cases.task t JOIN cases.case_file c ON c.id = t.case_id WHERE t.state = 'open'""",
    fields=(
        general("id", Type.TEXT, "标识", "Identifier"),
        general("case_id", Type.TEXT, "案件标识", "The case"),
        general("number", Type.TEXT, "案卷编号", "Number"),
        general("procedure", Type.TEXT, "流程", "Procedure"),
        general("version", Type.INTEGER, "流程版本", "Version of the procedure"),
        general("element", Type.TEXT, "环节", "Element of the procedure"),
        general("role", Type.TEXT, "岗位", "Role"),
        general("party", Type.TEXT, "单位", "Unit"),
        general("party_id", Type.TEXT, "承办单位", "Party that has it"),
        general("assignee", Type.TEXT, "经办人（账户）", "Whose it is, by account"),
        general("district", Type.TEXT, "区划代码", "Code of the district"),
        general("urgent", Type.BOOLEAN, "紧急", "Urgent"),
        general("opened_at", Type.MOMENT, "到达时间", "On the desk since"),
        general("due_at", Type.MOMENT, "到期时间", "Due"),
        general("hint_at", Type.MOMENT, "提示时间", "Hint"),
        general("yellow_at", Type.MOMENT, "黄牌时间", "Yellow from"),
        personal("title", Type.TEXT, "标题", "Title"),
        general("class", Type.TEXT, "类别", "Class"),
        general("stage", Type.TEXT, "阶段", "Stage"),
        general("state", Type.CODE, "案件状态", "State of the case", codes="cases.state"),
        general("source", Type.TEXT, "来源", "Source"),
        general("supervised", Type.BOOLEAN, "督办", "Supervised"),
        general("cell", Type.TEXT, "单元网格", "Unit grid cell"),
        personal("place", Type.TEXT, "位置描述", "Where, in words"),
        personal("location", Type.GEOMETRY, "位置", "Position", mask=Mask.PLACE),
    ),
)
HAPPENING = Relation(
    name="cases.happening",
    title=Text("案件经过", "What cases went through"),
    description=Text("案件每一步的记录，只增不改", "Every step of every case; append-only"),
    key=("event",),
    owner="handler_id",
    beside="beside",
    district="district",
    time="at",
    sql="""SELECT h.id::text AS event, h.case_id, c.number, c.procedure, c.class, c.handler_id, c.beside, c.district, h.at, h.what, h.element,
                  h.outcome, h.party
           FROM cases.log h JOIN cases.case_file c ON c.id = h.case_id""",
    fields=(
        general("event", Type.TEXT, "标识", "Identifier"),
        general("case_id", Type.TEXT, "案件标识", "The case"),
        general("number", Type.TEXT, "案卷编号", "Number"),
        general("procedure", Type.TEXT, "流程", "Procedure"),
        general("class", Type.TEXT, "类别", "Class"),
        general("handler_id", Type.TEXT, "现在的承办单位", "Party that has it now"),
        general("district", Type.TEXT, "区划代码", "Code of the district"),
        general("at", Type.MOMENT, "时间", "When"),
        general("what", Type.TEXT, "发生了什么", "What happened"),
        general("element", Type.TEXT, "环节", "Element of the procedure"),
        general("outcome", Type.TEXT, "选择", "What was chosen"),
        general("party", Type.TEXT, "办理单位", "By which party"),
    ),
)

CLERK = Role(name="cases.clerk", title=Text("案件经办", "Case clerk"))
DISPATCHER = Role(name="cases.dispatcher", title=Text("派遣员", "Dispatcher"))
INSPECTOR = Role(name="cases.inspector", title=Text("监督员", "Inspector"))
SUPERVISOR = Role(name="cases.supervisor", title=Text("值班长", "Duty officer"))
DESIGNER = Role(name="cases.designer", title=Text("流程管理员", "Keeper of procedures"))
HANDLING = Purpose(name="cases.handling", title=Text("办理案件", "Handling a case"), basis=Basis.DUTY)

MODULE = Module(
    name="cases",
    package="yong.kernel.cases",
    title=Text("案件", "Cases"),
    plan=("plan-94",),
    needs=("store", "access", "documents", "records", "search", "geo"),
    understands=(Procedure, Operation),
    permissions=(
        Permission("cases.read", Text("查看案件", "See cases")),
        Permission("cases.open", Text("登记案件", "Open cases")),
        Permission("cases.act", Text("办理任务", "Do tasks")),
        Permission("cases.steer", Text("督办、转办、挂起、并案、重开", "Mark, transfer, suspend, merge and reopen")),
        Permission("cases.shelve", Text("管理流程", "Keep procedures")),
        Permission("cases.tick", Text("到期处理", "Do what time brings")),
        Permission("cases.learn", Text("从往案学习", "Have past cases learned from")),
        Permission("cases.replay", Text("把往案按原时间走完流程", "Have cases of the past go through their procedure")),
    ),
    declares=(
        STATE, LIMIT_UNIT, CLASS, LIMIT, DUTY, ROSTER, CASE, TASK, HAPPENING, CLERK, DISPATCHER, INSPECTOR, SUPERVISOR, DESIGNER,
        HANDLING, ASSIGN, *DEEDS, *JOBS,
    ),
)  # fmt: skip
