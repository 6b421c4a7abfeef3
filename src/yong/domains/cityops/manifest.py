"""Digital urban management as a module: what it is, needs, permits and declares."""

from yong.kernel.access.contracts import Role
from yong.kernel.base.module import Module
from yong.kernel.base.text import Text
from yong.kernel.cases.contracts import Procedure

SUPERVISION = Role(name="cityops.supervision", title=Text("监督中心坐席", "Supervision centre"))
CASE = Procedure(name="cityops.case", file="procedures/case.bpmn")

MODULE = Module(
    name="cityops",
    package="yong.domains.cityops",
    title=Text("数字化城市管理", "Digital urban management"),
    plan=("plan-94", "plan-43e"),
    needs=("access", "cases"),
    declares=(SUPERVISION, CASE),
)
