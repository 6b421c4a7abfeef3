"""What crosses the door of cityops: residents' answers, Open311, classes, components, requests of the past, and scores."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal

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


# ---------------------------------------------------------------- Open311 GeoReport v2

FORM_BYTES, FIELDS = 64 * 1024, 200
REQUESTS, SPAN_DAYS = 1_000, 90
"""Of one answer, by the standard: the first 1,000 requests of a span of 90 days."""
DEEPEST = 100_000
"""How far pages reach: beyond it a narrower span is to be asked for."""


class Datatype(StrEnum):
    """What an attribute of a service holds, as the standard names it."""

    STRING = "string"
    NUMBER = "number"
    DATETIME = "datetime"
    TEXT = "text"
    ONE = "singlevaluelist"
    MANY = "multivaluelist"


class Option(msgspec.Struct, frozen=True, kw_only=True):
    """A value that may be chosen."""

    key: str
    name: Text


class Attribute(msgspec.Struct, frozen=True, kw_only=True):
    """What a service asks besides what every request says; without `variable` it only tells something."""

    code: str
    description: Text
    datatype: Datatype
    variable: bool = True
    required: bool = False
    order: int = 1
    hint: Text | None = None
    values: tuple[Option, ...] = ()


class PublicService(msgspec.Struct, frozen=True, kw_only=True):
    """A kind of thing that anybody may report: a class of cases that is open, or a category of reports."""

    code: str
    name: Text
    category: str
    description: Text
    group: Text
    words: str = ""
    asks: bool = False  # whether it has attributes


class NewRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A request as it came in; `attributes` are the answers by code, each as often as it was given."""

    service_code: str
    lat: float | None = None
    long: float | None = None
    address: str | None = None
    address_id: str | None = None
    description: str | None = None
    name: str | None = None
    phone: str | None = None
    email: str | None = None
    device: str | None = None
    media: str | None = None
    attributes: Mapping[str, tuple[str, ...]] = {}


class MadeRequest(msgspec.Struct, frozen=True, kw_only=True):
    """The number of a request that was made, and the word that shows its sender the whole of it."""

    id: str
    notice: str


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """Which requests are asked for; ids stand above everything else."""

    ids: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    start: datetime | None = None
    end: datetime | None = None
    updated_after: datetime | None = None
    updated_before: datetime | None = None
    page: int = 1
    size: int = REQUESTS


class PublicRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What anybody may know of a request; the standard's other fields are about its sender, or not kept."""

    id: str
    closed: bool
    notes: str | None
    service_name: str
    service_code: str
    agency: str | None
    requested_at: datetime
    updated_at: datetime
    expected_at: datetime | None
    lat: float | None
    long: float | None


# ---------------------------------------------------------------- classes and components

LINES, CODE, LIMITS = 5_000, 40, 10
_Code = Annotated[str, msgspec.Meta(pattern="^[0-9A-Za-z]{1,20}$")]
_Title = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
_Words = Annotated[str, msgspec.Meta(max_length=1_000)]
_Short = Annotated[str, msgspec.Meta(max_length=300)]
_Width = Annotated[int, msgspec.Meta(ge=1, le=8)]


class ClassLimit(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How long a class may take; the units are those of time limits."""

    amount: Annotated[int, msgspec.Meta(ge=1, le=10_000)]
    unit: str
    grade: Annotated[str, msgspec.Meta(max_length=20)] | None = None
    urgent: bool | None = None


class ClassLine(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A class of a set: of the upper kind (大类) or, its code longer, of the lower (小类)."""

    code: _Code
    title_zh: _Title
    title_en: Annotated[str, msgspec.Meta(max_length=100)] | None = None
    filing: _Words | None = None
    closing: _Words | None = None
    open: bool = False
    summary_zh: Annotated[str, msgspec.Meta(max_length=500)] | None = None
    summary_en: Annotated[str, msgspec.Meta(max_length=500)] | None = None
    words: _Short | None = None
    limits: Annotated[list[ClassLimit], msgspec.Meta(max_length=LIMITS)] = []


class ClassSet(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A set of classes as a city keeps it: how wide its codes are, which edition it is, and its lines.

    `prefix` stands before each code in the register of classes, so that several sets have room beside each other.
    """

    title_zh: _Title
    title_en: _Title
    kind: Literal["component", "event"]
    edition: Annotated[str, msgspec.Meta(min_length=1, max_length=40)]
    prefix: Annotated[str, msgspec.Meta(pattern="^[0-9A-Za-z]{0,8}$")] = ""
    major_width: _Width = 2
    minor_width: _Width = 2
    basis: _Short | None = None
    synthetic: bool = False
    procedure: Annotated[str, msgspec.Meta(max_length=128)] | None = PROCEDURE
    clock: Annotated[str, msgspec.Meta(min_length=1, max_length=60)] = "handling"
    lines: Annotated[list[ClassLine], msgspec.Meta(min_length=1, max_length=LINES)]


class ClassSetKept(msgspec.Struct, frozen=True, kw_only=True):
    """What keeping a set did, or would do: how many classes are new, changed, ended or as they were; new limits."""

    name: str
    edition: str
    dry_run: bool
    created: int
    changed: int
    ended: int
    kept: int
    limits: int


class NearComponent(msgspec.Struct, frozen=True, kw_only=True):
    """A component near a position."""

    code: str
    class_: str = msgspec.field(name="class")
    name: str
    state: str | None
    in_charge: str | None
    distance_m: float


# ---------------------------------------------------------------- requests of other endpoints


class RemoteRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A request as another endpoint tells it."""

    id: str
    closed: bool
    service_code: str
    service_name: str
    description: str | None
    address: str | None
    lat: float | None
    long: float | None
    updated_at: datetime | None


class Misread(msgspec.Struct, frozen=True, kw_only=True):
    """An entry that cannot be taken, and why."""

    id: str
    why: Text


class Pulled(msgspec.Struct, frozen=True, kw_only=True):
    """What a look at another endpoint brought: new reports, requests known or closed already, entries passed over."""

    source: str
    taken: int
    known: int
    passed: int
    fault: str | None = None


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
