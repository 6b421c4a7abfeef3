"""What crosses the door of cityops: what residents are told of what became of their report, and what is scored."""

from datetime import datetime

import msgspec

from yong.kernel.base.text import Text

PROCEDURE = "cityops.case"
SOURCE = "resident"

FILED = Text(
    "已受理并立案，正由责任单位处置。案卷编号 {number}。",
    "Your report was filed and is being handled by the unit that is responsible. Case {number}.",
)
ENDED: dict[str, Text] = {
    "solved": Text(
        "已处置并经现场核查。感谢您的反映。", "It was handled and checked on site. Thank you for telling us."
    ),
    "unfounded": Text("经现场核实，未发现所反映的问题。", "Somebody went to see and did not find it."),
    "rejected": Text(
        "经审核，不属于城市管理受理范围。", "It was examined and is not for the city's upkeep to handle."
    ),
    "merged": Text(
        "与另一件相同问题合并办理。", "It is handled together with another report of the same thing."
    ),
}
"""What is said at the end, by the outcome of the case."""


class Course(msgspec.Struct, frozen=True, kw_only=True):
    """The course of a case, as it is scored. `in_time`: handled in time and closed as solved."""

    case_id: str
    number: str
    class_: str | None = msgspec.field(name="class")
    source: str
    district: str
    cell: str | None
    owner_id: str
    unit_id: str | None
    opened_at: datetime
    filed_at: datetime | None
    rejected_at: datetime | None
    due_at: datetime | None
    handled_at: datetime | None
    closed_at: datetime | None
    state: str
    outcome: str | None
    in_time: bool
    reworks: int
    returns: int


class Turn(msgspec.Struct, frozen=True, kw_only=True):
    """One time that a unit was given a case. `theirs`: the unit's to handle, as it neither returned it nor lost it."""

    task: str
    case_id: str
    number: str
    class_: str | None = msgspec.field(name="class")
    district: str
    unit_id: str
    begun_at: datetime
    due_at: datetime | None
    ended_at: datetime | None
    outcome: str | None
    handled: bool
    in_time: bool
    reworked: bool
    returned: bool
    theirs: bool
    hours: float | None


class Deed(msgspec.Struct, frozen=True, kw_only=True):
    """A step that a post did. `effective`: nothing that came later undid it."""

    task: str
    case_id: str
    number: str
    district: str
    owner_id: str
    post: str
    element: str
    outcome: str | None
    begun_at: datetime
    done_at: datetime
    hours: float
    effective: bool
