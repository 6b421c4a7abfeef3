"""Digital urban management as a module: what it is, needs, permits and declares."""

from yong.domains.cityops import jobs
from yong.domains.cityops.manifest.registers import (
    CLASS_SET,
    COMPONENT,
    DATATYPE,
    KIND,
    ON_THE_MAP,
    QUESTION,
    REMOTE,
    REMOTE_TURN,
    SOURCE,
)
from yong.domains.cityops.manifest.relations import COURSE, DEED, TURN
from yong.domains.cityops.manifest.scores import SCORES
from yong.kernel.access.contracts import Role
from yong.kernel.base.module import Module, Page, Permission
from yong.kernel.base.text import Text
from yong.kernel.cases.contracts import Procedure
from yong.kernel.records.contracts import Filter, Operator
from yong.kernel.records.sync.contracts import Parcel, Portion
from yong.kernel.store.followers import Follower
from yong.kernel.store.jobs import Job

SUPERVISION = Role(name="cityops.supervision", title=Text("监督中心坐席", "Supervision centre"))
CASE = Procedure(name="cityops.case", file="procedures/case.bpmn")
REPORTS = Follower(
    name="cityops",
    types=frozenset(
        {"reports.ReportCreated", "documents.DocumentKept", "cases.CaseOpened", "cases.CaseChanged"}
    ),
    handler=jobs.follow,
)
COURSES = Follower(
    name="cityops_scores",
    types=frozenset({"cases.CaseOpened", "cases.CaseChanged"}),
    handler=jobs.keep_score,
)
PAGE = Page(
    name="scores",
    title=Text("评价", "Scores"),
    component="Scores.vue",
    needs="indicators.read",
    of="cityops",
)
PULL = Job(
    name="cityops.pull",
    title=Text("读取外部 Open311 接口", "Read other Open311 endpoints"),
    handler=jobs.pull,
    schedule="*/10 * * * *",
    retries=0,
)

FIELD = Parcel(
    name="cityops.field",
    title=Text("监督员外业数据", "What an inspector takes along"),
    portions=(
        Portion(
            relation="cases.open_task",
            fields=(
                "case_id", "number", "procedure", "version", "element", "assignee", "district", "urgent", "opened_at", "due_at",
                "title", "class", "place", "location",
            ),
            filters=(Filter("role", Operator.EQ, "cases.inspector"),),
        ),
        Portion(
            relation="cases.case",
            fields=("number", "description", "source", "supervised", "stage", "state", "revision"),
            filters=(Filter("stage", Operator.IN, "collect,check"), Filter("state", Operator.EQ, "open")),
        ),
        Portion(relation="cases.class", fields=("code", "title_zh", "title_en"), shared=True),
    ),
)  # fmt: skip

MODULE = Module(
    name="cityops",
    package="yong.domains.cityops",
    title=Text("数字化城市管理", "Digital urban management"),
    plan=("plan-94", "plan-43e"),
    needs=("store", "access", "records", "geo", "documents", "cases", "indicators", "reports"),
    permissions=(
        Permission("cityops.follow", Text("把市民反映登记为案件", "Make cases of residents' reports")),
        Permission("cityops.keep_score", Text("记录案卷历程供评价", "Keep what is scored of cases")),
        Permission("cityops.open311", Text("使用 Open311 接口", "Use the Open311 door")),
        Permission("cityops.pull", Text("读取外部 Open311 接口", "Take in requests of other endpoints")),
        Permission("cityops.classes", Text("维护部件、事件类别集", "Keep the sets of classes")),
        Permission(
            "cityops.import", Text("导入既往诉求并按原时间走完流程", "Import requests of the past as cases")
        ),
        Permission(
            "cityops.nearby",
            Text("查看附近在办案件的公开信息", "See what is public of open cases near a place"),
        ),
    ),
    declares=(
        SUPERVISION, CASE, FIELD, REPORTS, COURSES, KIND, DATATYPE, CLASS_SET, QUESTION, COMPONENT, SOURCE, REMOTE, REMOTE_TURN, PULL,
        ON_THE_MAP, COURSE, TURN, DEED, PAGE, *SCORES,
    ),
)  # fmt: skip
