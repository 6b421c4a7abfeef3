"""The scores of digital urban management, by area, unit and post (GB/T 30428.4-2016), as indicators.

What the standard names is what is computed here. Its formulas were not at hand: they are those that cities publish for the
same names, and `source` says of each where a choice is ours (`docs/domains/cityops.md`).
"""

from yong.kernel.base.text import Text
from yong.kernel.indicators.contracts import Breakdown, Cycle, Direction, Grade, Indicator, Names

AREA = Breakdown(
    name="area", field="district", zh="区域", en="Area", names=Names.AREA, first=6,
)  # fmt: skip
UNIT = Breakdown(name="unit", field="unit_id", zh="部门", en="Unit", names=Names.PARTY)
POST = Breakdown(name="post", field="post", zh="岗位", en="Post", names=Names.ROLE)

# Blue to vermilion (Okabe and Ito 2008): told apart by people who do not tell red from green; the letter is shown too.
_BLUE, _SKY, _ORANGE, _VERMILION = "#0072B2", "#56B4E9", "#E69F00", "#D55E00"
_NAMES = (
    ("A", "优秀", "Excellent", _BLUE),
    ("B", "良好", "Good", _SKY),
    ("C", "合格", "Fair", _ORANGE),
    ("D", "不合格", "Poor", _VERMILION),
)
_PERIODS = (Cycle.WEEK, Cycle.MONTH, Cycle.QUARTER, Cycle.YEAR)


def _grades(*limits: float) -> tuple[Grade, ...]:
    """Grades A to D: of at least (or at most) these limits, and the rest."""
    return tuple(
        Grade(code=code, zh=zh, en=en, limit=limit, colour=colour)
        for (code, zh, en, colour), limit in zip(_NAMES, (*limits, None), strict=True)
    )


_STANDARD = Text(
    "GB/T 30428.4-2016 的评价指标；算法取各城市公布的通行做法。",
    "Named by GB/T 30428.4-2016; computed as cities publish that they do.",
)
_PRACTICE = Text(
    "按 GB/T 30428.4-2016 的评价对象设置；算法和界限为本系统所定。",
    "For what GB/T 30428.4-2016 evaluates; formula and limits are ours.",
)
_LIMITS = Text("等级界限为本系统所定，可另行编制。", "The limits of the grades are ours.")


# What is due is what the period's deadlines ask for: those that have passed, and those that were met before.
_DUE = "cityops.turn where theirs and (handled or due_at <= now) by due_at"
_TO_CLOSE = 'cityops.course where filed_at is not null and (outcome = "solved" or due_at <= now) by due_at'


def _rate(
    name: str, title: Text, meaning: Text, above: str, below: str, *breakdowns: Breakdown,
    source: Text = _STANDARD, direction: Direction = Direction.MORE, target: float = 95,
    limits: tuple[float, ...] = (95, 85, 70),
) -> Indicator:  # fmt: skip
    """A percentage of rows."""
    return Indicator(
        name=f"cityops.{name}", zh=title.zh, en=title.en, meaning_zh=meaning.zh, meaning_en=meaning.en,
        source_zh=source.zh + _LIMITS.zh, source_en=f"{source.en} {_LIMITS.en}",
        expression=f"100 * count({above}) / count({below})", unit="P1", direction=direction, target=target,
        grades=_grades(*limits), periods=_PERIODS, breakdowns=breakdowns,
    )  # fmt: skip


FILING = _rate(
    "filing_rate", Text("立案率", "Filing rate"),
    Text("周期内收到的问题中已立案的比例", "How much of what came in within the period was filed"),
    "cityops.course where filed_at is not null by opened_at", "cityops.course by opened_at",
    AREA, target=90, limits=(90, 75, 60),
)  # fmt: skip
HANDLING = _rate(
    "handling_rate", Text("处置率", "Handling rate"),
    Text("周期内到期应处置的任务中已处置的比例", "How much of what was due in the period was handled"),
    "cityops.turn where theirs and handled by due_at", _DUE,
    AREA, UNIT,
)  # fmt: skip
IN_TIME = _rate(
    "in_time_rate", Text("按期处置率", "In-time handling rate"),
    Text("周期内到期应处置的任务中按期处置的比例", "How much of what was due in the period was handled in time"),
    "cityops.turn where theirs and in_time by due_at", _DUE,
    AREA, UNIT, target=90, limits=(90, 80, 60),
)  # fmt: skip
REWORK = _rate(
    "rework_rate", Text("返工率", "Rework rate"),
    Text("已处置的任务中核查未通过、须返工的比例", "How much of what was handled had to be done again"),
    "cityops.turn where theirs and handled and reworked by due_at",
    "cityops.turn where theirs and handled by due_at",
    AREA, UNIT, direction=Direction.LESS, target=5, limits=(5, 10, 20),
)  # fmt: skip
CLOSING = _rate(
    "closing_rate", Text("结案率", "Closing rate"),
    Text("周期内应结案的案卷中已结案的比例", "How many of the cases that were due in the period are closed"),
    'cityops.course where filed_at is not null and outcome = "solved" by due_at',
    _TO_CLOSE,
    AREA, UNIT, target=90, limits=(90, 80, 60),
)  # fmt: skip
IN_TIME_CLOSING = _rate(
    "in_time_closing_rate", Text("按期结案率", "In-time closing rate"),
    Text("周期内应结案的案卷中按期处置并结案的比例", "How many of the cases due in the period were handled in time and closed"),
    "cityops.course where filed_at is not null and in_time by due_at",
    _TO_CLOSE,
    AREA, UNIT, target=85, limits=(85, 70, 50),
)  # fmt: skip
RETURNS = _rate(
    "return_rate", Text("退回率", "Return rate"),
    Text("派出的任务中因非本单位职责被退回的比例", "How much was returned as not the unit's duty"),
    "cityops.turn where returned", "cityops.turn",
    AREA, UNIT, source=_PRACTICE, direction=Direction.LESS, target=3, limits=(3, 8, 15),
)  # fmt: skip
SOUND = _rate(
    "sound_rate", Text("办理有效率", "Soundness of work"),
    Text("岗位办理的环节中未被后续环节推翻的比例：上报的已立案，派遣的未退回，处置的未返工，核查通过的未再返工",
         "How many steps of a post held: what was reported was filed, what was sent stayed, what was handled passed"),
    "cityops.deed where effective", "cityops.deed",
    AREA, POST, source=_PRACTICE,
)  # fmt: skip
DEEDS = Indicator(
    name="cityops.deeds", zh="办理数", en="Steps done",
    meaning_zh="岗位在周期内办完的环节数，监督员的上报也算", meaning_en="Steps that a post did in the period, inspectors' reports among them",
    source_zh=_PRACTICE.zh, source_en=_PRACTICE.en, expression="count(cityops.deed)",
    periods=_PERIODS, breakdowns=(AREA, POST),
)  # fmt: skip
HOURS = Indicator(
    name="cityops.handling_hours", zh="平均处置用时", en="Mean time of handling",
    meaning_zh="周期内处置完成的任务从派到到完成平均经过的时间（自然时间）",
    meaning_en="Time from when a unit was given a case until it was handled, by the clock on the wall",
    source_zh=_PRACTICE.zh, source_en=_PRACTICE.en, expression="avg(cityops.turn.hours where handled by ended_at)",
    unit="HUR", direction=Direction.LESS, periods=_PERIODS, breakdowns=(AREA, UNIT),
)  # fmt: skip
SCORE = Indicator(
    name="cityops.score", zh="综合分", en="Score",
    meaning_zh="各项指标得分按权重的平均：越高越好的取其值，越低越好的取 100 减其值；没有值的不计，其权重也不计",
    meaning_en="Mean of the indicators' points by weight: a rate counts itself, or what is missing to 100 where less is better",
    source_zh="评价结果分级并在地图上以颜色表示（GB/T 30428.4-2016）；权重、等级界限为本系统所定，权重可登记修改。",
    source_en="Results are graded and coloured on a map (GB/T 30428.4-2016); weights and limits are ours, and weights are data.",
    expression=(
        "weighted(cityops.filing_rate: 10, cityops.handling_rate: 20, cityops.in_time_rate: 30, cityops.rework_rate: 15,"
        " cityops.closing_rate: 10, cityops.in_time_closing_rate: 15)"
    ),
    unit="C62", target=90, grades=_grades(90, 80, 60), periods=_PERIODS, breakdowns=(AREA, UNIT),
)  # fmt: skip
SCORES = (
    SCORE, FILING, HANDLING, IN_TIME, REWORK, CLOSING, IN_TIME_CLOSING, RETURNS, SOUND, DEEDS, HOURS,
)  # fmt: skip
