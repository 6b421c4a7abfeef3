"""Indicators as a module: it understands what modules declare, and publishes figures as a Relation."""

from yong.kernel.access.contracts import Role
from yong.kernel.base.module import Module, Permission
from yong.kernel.base.relation import Relation, Type, general
from yong.kernel.base.text import Text
from yong.kernel.indicators import jobs
from yong.kernel.indicators.contracts import Indicator
from yong.kernel.records.contracts import Table
from yong.kernel.store.jobs import Job

FIGURE = Relation(
    name="indicators.figure",
    title=Text("指标值", "Figures"),
    description=Text(
        "各指标每次统计的结果，连同分子、分母和当时所依据的数据时点；更正另行统计，从不改写",
        "What indicators came to, with what was divided by what and as known when; a correction is another computation",
    ),
    key=("computation", "cell"),
    owner="owner_id",
    district="district",
    time="known_at",
    sql="""SELECT f.computation, c.name AS indicator, c.period, c.starts_on, c.ends_on, c.breakdown, f.cell, f.value, f.numerator,
                  f.denominator, f.grade, f.counts, c.rows, c.complete, c.known_at, c.computed_at,
                  NOT EXISTS (SELECT FROM indicators.computation o WHERE o.name = c.name AND o.breakdown = c.breakdown
                    AND o.period = c.period AND (o.known_at, o.computed_at) > (c.known_at, c.computed_at)) AS newest,
                  f.owner_id, f.district
           FROM indicators.frozen_figure f JOIN indicators.computation c ON c.id = f.computation""",
    fields=(
        general("computation", Type.TEXT, "统计编号", "The computation"),
        general("indicator", Type.TEXT, "指标", "Indicator"),
        general("period", Type.TEXT, "周期", "Cycle"),
        general("starts_on", Type.DATE, "周期起始日", "First day"),
        general("ends_on", Type.DATE, "周期截止日（不含）", "Ends before"),
        general("breakdown", Type.TEXT, "分组", "Breakdown"),
        general("cell", Type.TEXT, "分组取值，* 为全部", "Value of the breakdown; * for all"),
        general("value", Type.NUMBER, "指标值", "Value"),
        general("numerator", Type.NUMBER, "分子", "Numerator"),
        general("denominator", Type.NUMBER, "分母", "Denominator"),
        general("grade", Type.TEXT, "等级", "Grade"),
        general("counts", Type.JSON, "各项统计数", "What was counted"),
        general("rows", Type.INTEGER, "所依据的行数", "Rows looked at"),
        general("complete", Type.BOOLEAN, "周期已结束", "The period was over"),
        general("known_at", Type.MOMENT, "数据时点", "As known at"),
        general("computed_at", Type.MOMENT, "统计时间", "Computed"),
        general("newest", Type.BOOLEAN, "最新一次", "The newest of its period"),
        general("owner_id", Type.TEXT, "所属单位", "Whose figure it is"),
        general("district", Type.TEXT, "区划代码", "Code of the district"),
    ),
)
WEIGHT = Table(
    name="indicators.weight",
    title=Text("综合分权重", "Weights of scores"),
    description=Text(
        "综合分中各指标的权重；未登记的按表达式中的权重",
        "How much each indicator counts in a score; what is not here counts as the score's expression says",
    ),
    fields=(
        general("score", Type.TEXT, "综合分", "Score", required=True, max_length=100),
        general("part", Type.TEXT, "其中的指标", "Indicator in it", required=True, max_length=100),
        general("weight", Type.NUMBER, "权重", "Weight", required=True, minimum=0, maximum=1000),
        general("starts_on", Type.DATE, "起始日期", "Holds from"),
        general("ends_on", Type.DATE, "终止日期（不含）", "Holds until, exclusive"),
    ),
)
KEEPER = Role(name="indicators.keeper", title=Text("指标编制人", "Keeper of indicators"))
REVIEWER = Role(name="indicators.reviewer", title=Text("指标审批人", "Reviewer of indicators"))

MODULE = Module(
    name="indicators",
    package="yong.kernel.indicators",
    title=Text("指标", "Indicators"),
    plan=("plan-94",),
    needs=("store", "access", "records"),
    understands=(Indicator,),
    permissions=(
        Permission("indicators.read", Text("查看指标值", "Read figures")),
        Permission("indicators.compute", Text("统计指标", "Compute indicators")),
        Permission("indicators.keep", Text("编制指标", "Write indicators")),
        Permission("indicators.approve", Text("审批、停用指标", "Approve and withdraw indicators")),
    ),
    declares=(
        FIGURE, WEIGHT, KEEPER, REVIEWER,
        Job(
            name="indicators.compute_due",
            title=Text("统计到期的指标", "Compute the indicators that are due"),
            handler=jobs.compute_due,
            schedule="20 18 * * *",  # 02:20 in China
            retries=2,
        ),
    ),
)  # fmt: skip
