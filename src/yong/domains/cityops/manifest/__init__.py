"""Digital urban management as a module: what it is, needs, permits and declares."""

from yong.domains.cityops import jobs
from yong.domains.cityops.manifest.relations import COURSE, DEED, TURN
from yong.domains.cityops.manifest.scores import SCORES
from yong.kernel.access.contracts import Role
from yong.kernel.base.module import Module, Page, Permission
from yong.kernel.base.text import Text
from yong.kernel.cases.contracts import Procedure
from yong.kernel.store.followers import Follower

SUPERVISION = Role(name="cityops.supervision", title=Text("监督中心坐席", "Supervision centre"))
CASE = Procedure(name="cityops.case", file="procedures/case.bpmn")
REPORTS = Follower(
    name="cityops",
    types=frozenset({"reports.ReportCreated", "cases.CaseOpened", "cases.CaseChanged"}),
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

MODULE = Module(
    name="cityops",
    package="yong.domains.cityops",
    title=Text("数字化城市管理", "Digital urban management"),
    plan=("plan-94", "plan-43e"),
    needs=("store", "access", "records", "cases", "indicators", "reports"),
    permissions=(
        Permission("cityops.follow", Text("把市民反映登记为案件", "Make cases of residents' reports")),
        Permission("cityops.keep_score", Text("记录案卷历程供评价", "Keep what is scored of cases")),
    ),
    declares=(SUPERVISION, CASE, REPORTS, COURSES, COURSE, TURN, DEED, PAGE, *SCORES),
)
