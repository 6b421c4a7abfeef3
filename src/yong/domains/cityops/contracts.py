"""What crosses the door of cityops: what residents are told, and requests of the past."""

from datetime import datetime

import msgspec

from yong.kernel.base.text import Text

PROCEDURE = "cityops.case"
SOURCE = "resident"
REPLAY = "replay"
"""Where a case came from that is a recorded request: it is marked as such wherever it is shown."""

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


class PastRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A request that another system recorded, with its end where it has one. Position: degrees, where it is known."""

    id: str
    title: str
    opened_at: datetime
    closed_at: datetime | None
    class_: str
    class_title: str
    unit: str
    unit_title: str
    location: tuple[float, float] | None
    place: str | None


class Imported(msgspec.Struct, frozen=True, kw_only=True):
    """What became of the requests: those that were new, were there already, went on; closed now; refused with why."""

    requests: int
    fresh: int
    known: int
    steps: int
    closed: int
    refused: int
    why: tuple[tuple[str, Text], ...] = ()
