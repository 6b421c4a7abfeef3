"""Digital urban management as a module: what it is, needs, permits and declares."""

from yong.domains.cityops import jobs
from yong.kernel.access.contracts import Role
from yong.kernel.base.module import Module, Permission
from yong.kernel.base.text import Text
from yong.kernel.cases.contracts import Procedure
from yong.kernel.records.contracts import Filter, Operator
from yong.kernel.records.sync.contracts import Parcel, Portion
from yong.kernel.store.followers import Follower

SUPERVISION = Role(name="cityops.supervision", title=Text("监督中心坐席", "Supervision centre"))
CASE = Procedure(name="cityops.case", file="procedures/case.bpmn")
REPORTS = Follower(
    name="cityops",
    types=frozenset({"reports.ReportCreated", "cases.CaseOpened", "cases.CaseChanged"}),
    handler=jobs.follow,
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
    needs=("store", "access", "records", "cases", "reports"),
    permissions=(
        Permission("cityops.follow", Text("把市民反映登记为案件", "Make cases of residents' reports")),
    ),
    declares=(SUPERVISION, CASE, FIELD, REPORTS),
)
