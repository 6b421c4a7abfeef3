"""What crosses the door of cases."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Literal

import msgspec

from yong.kernel.base.text import Text

TITLE, NOTE, WORDS, UNITS = 200, 4_000, 4_000, 8
BULK = 200
"""How many cases one bulk action may touch."""


class State(StrEnum):
    """How a case is, whatever its procedure."""

    OPEN = "open"
    SUSPENDED = "suspended"
    CLOSED = "closed"
    MERGED = "merged"


STATES = {
    State.OPEN: Text("办理中", "Open"),
    State.SUSPENDED: Text("已挂起", "Suspended"),
    State.CLOSED: Text("已办结", "Closed"),
    State.MERGED: Text("已并案", "Merged"),
}


class FieldKind(StrEnum):
    """What a field of a procedure's form holds."""

    TEXT = "text"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"
    CODE = "code"


class FormField(msgspec.Struct, frozen=True, kw_only=True):
    """A field that a procedure asks for, as `yong:field` declares it."""

    name: str
    kind: FieldKind
    title: Text
    required: bool = False
    personal: bool = False
    max_length: int = 1_000
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[tuple[str, Text], ...] = ()


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """What a person may do at an element, as `yong:action` declares it.

    `needs` names what must be said with it: `note`, `unit` (one or several, the first leads), `class`. `fields` are
    those of the form that are asked for. `frees`: the unit hands the case back and has no more to do with it.
    """

    name: str
    title: Text
    needs: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    frees: bool = False


class Desk(msgspec.Struct, frozen=True, kw_only=True):
    """Who does an element: whoever holds `role` for the party, as `yong:desk` declares it.

    The party is the unit that the case was sent to (`handling`), the one in charge (`owner`), or any (`city`).
    `joint`: each unit that it was sent to does its part, and all must. `roster`: it is given to one of those who are on
    duty, as the register `cases.roster` says, where somebody is.
    """

    role: str
    unit: Literal["handling", "owner", "city"] = "city"
    joint: bool = False
    roster: bool = False


class ClockDo(StrEnum):
    START = "start"
    PAUSE = "pause"
    RESUME = "resume"
    STOP = "stop"


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """What a procedure says of one of its elements beyond BPMN."""

    element: str
    kind: str  # as BPMN names it: userTask, serviceTask, boundaryEvent …
    title: Text
    stage: str | None = None
    desk: Desk | None = None
    choices: tuple[Choice, ...] = ()
    clocks: tuple[tuple[str, ClockDo], ...] = ()
    operation: str | None = None  # of a service task
    decision: str | None = None  # of a business rule task
    wait: str | None = None  # of a timer: a duration, or working time
    reopen: bool = False
    ends: str | None = None  # of an end event: the outcome of the case


class Sheet(msgspec.Struct, frozen=True, kw_only=True):
    """A procedure as Yong runs it, read from its file."""

    name: str
    title: Text
    fields: tuple[FormField, ...]
    stages: tuple[tuple[str, Text], ...]
    places: dict[str, Place]

    def stage(self, name: str) -> Text:
        return next((title for code, title in self.stages if code == name), Text(name, name))


class Procedure(msgspec.Struct, frozen=True, kw_only=True):
    """A procedure that a module declares: `file` lies in its folder. `name` is the id of the process in it."""

    name: str
    file: str


class Doing(msgspec.Struct, frozen=True, kw_only=True):
    """What an operation is told: the case, its procedure's element, and its data."""

    case: str
    number: str
    procedure: str
    element: str
    data: dict[str, Any]
    unit: str | None
    district: str
    cell: str | None
    class_: str | None


class Operation(msgspec.Struct, frozen=True, kw_only=True):
    """What a service task does: `handler(city, connection, doing)` in the transaction of the step.

    What it gives back is added to the case's data. `name` is `<module>.<verb>`.
    """

    name: str
    title: Text
    handler: Callable[..., Awaitable[dict[str, Any]]]


# ---------------------------------------------------------------- what people ask and are told

Title = Annotated[str, msgspec.Meta(min_length=1, max_length=TITLE)]
Words = Annotated[str, msgspec.Meta(max_length=WORDS)]
Note = Annotated[str, msgspec.Meta(max_length=NOTE)]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=128)]
Degrees = Annotated[float, msgspec.Meta(ge=-180, le=180)]


class NewCase(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A case to be opened. Positions are longitude and latitude in CGCS2000 degrees."""

    procedure: Name
    title: Title
    description: Words | None = None
    class_: Name | None = msgspec.field(default=None, name="class")
    source: Name = "desk"
    district: Annotated[str, msgspec.Meta(max_length=12, pattern="^[0-9]*$")] | None = None
    place: Annotated[str, msgspec.Meta(max_length=200)] | None = None
    location: tuple[Degrees, Degrees] | None = None
    contact: Annotated[str, msgspec.Meta(max_length=200)] | None = None
    urgent: bool = False
    owner: Name | None = None
    data: dict[str, Any] = {}


class Act(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What somebody does with a task."""

    choice: Name
    note: Note | None = None
    units: Annotated[list[Name], msgspec.Meta(max_length=UNITS)] = []
    class_: Name | None = msgspec.field(default=None, name="class")
    data: dict[str, Any] = {}
    revision: int | None = None  # of the case as it was seen; refused when it was changed since


class TaskAway(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A task done away from the network. `revision` of the case and `seen_at` (as `/sync` said) tell what was seen of it."""

    task: Name
    choice: Name
    note: Note | None = None
    units: Annotated[list[Name], msgspec.Meta(max_length=UNITS)] = []
    class_: Name | None = msgspec.field(default=None, name="class")
    data: dict[str, Any] = {}
    revision: int | None = None
    seen_at: Annotated[datetime, msgspec.Meta(tz=True)] | None = None


class TakenAway(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A task that somebody took for themselves away from the network, or put back."""

    task: Name
    back: bool = False


class NoteAway(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A word for the log of a case, written away from the network."""

    case: Name
    note: Annotated[str, msgspec.Meta(min_length=1, max_length=NOTE)]


class CaseDocument(msgspec.Struct, frozen=True, kw_only=True):
    """A document of a case. `made_at` and `place` are what the one who attached it said of it.

    `redacted_from` is the photo of which it is a covered copy; `shareable` that it is not about a person; `may_redact` that
    its reader may make a covered copy of it, or withdraw it where it is one.
    """

    id: str
    title: str
    media_type: str
    bytes: int
    width: int | None
    height: int | None
    kept_at: datetime
    by: str
    made_at: datetime | None
    place: Any
    redacted_from: str | None
    shareable: bool
    may_redact: bool


class Opened(msgspec.Struct, frozen=True, kw_only=True):
    """A case that was opened, or was there already under the same key."""

    id: str
    number: str


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """What was done with a case of the past, at which element, when."""

    element: str
    at: datetime
    act: Act


class Replayed(msgspec.Struct, frozen=True, kw_only=True):
    """Where a case of the past stands; `fresh`: whether it was not there before, `done`: steps that were done now."""

    id: str
    number: str
    state: str
    fresh: bool
    done: int


class ChoiceShown(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    title: str
    needs: list[str]
    fields: list[str]


class TaskShown(msgspec.Struct, frozen=True, kw_only=True):
    """A task of a case, and what the reader may do with it."""

    id: str
    element: str
    title: str
    role: str | None
    party: str | None
    party_name: str | None
    assignee: str | None
    assignee_name: str | None
    state: str
    outcome: str | None
    opened_at: datetime
    due_at: datetime | None
    done_at: datetime | None
    mine: bool
    choices: list[ChoiceShown]


class HappeningShown(msgspec.Struct, frozen=True, kw_only=True):
    """A line of a case's log."""

    id: int
    at: datetime
    what: str
    title: str
    element: str | None
    outcome: str | None
    by: str
    party: str | None
    note: str | None
    facts: dict[str, Any]


class ClockShown(msgspec.Struct, frozen=True, kw_only=True):
    """A clock of a case, and why it says so."""

    name: str
    colour: str
    running: bool
    started_at: datetime
    due_at: datetime | None
    hint_at: datetime | None
    yellow_at: datetime | None
    why: list[str]


class FieldShown(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    kind: str
    title: str
    required: bool
    value: Any
    choices: list[tuple[str, str]]


class RequestShown(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    kind: str
    amount: int | None
    reason: str
    by: str
    made_at: datetime
    answer: str | None


class LinkShown(msgspec.Struct, frozen=True, kw_only=True):
    kind: str
    target: str
    title: str


class CaseShown(msgspec.Struct, frozen=True, kw_only=True):
    """A case as its reader may see it; what they may not see is null."""

    id: str
    number: str
    procedure: str
    procedure_title: str
    version: int
    revision: int
    state: str
    stage: str
    stage_title: str
    outcome: str | None
    title: str | None
    description: str | None
    class_: str | None = msgspec.field(default=None, name="class")
    source: str
    urgent: bool
    supervised: bool
    owner: str | None
    unit: str | None
    unit_name: str | None
    district: str | None
    cell: str | None
    place: str | None
    location: Any
    contact: str | None
    opened_at: datetime
    closed_at: datetime | None
    due_at: datetime | None
    merged_into: str | None
    may: list[str]
    waiting: list[str]
    passed: dict[str, int]
    fields: list[FieldShown]
    tasks: list[TaskShown]
    clocks: list[ClockShown]
    requests: list[RequestShown]
    links: list[LinkShown]
    log: list[HappeningShown]


class Version(msgspec.Struct, frozen=True, kw_only=True):
    """A version of a procedure on the shelf."""

    name: str
    version: int
    title: str
    state: str
    made_by: str
    made_at: datetime
    live_at: datetime | None
    sha256: str
    running: int


class ToldStep(msgspec.Struct, frozen=True, kw_only=True):
    """A step of a procedure in plain words."""

    number: str
    element: str | None
    text: str


class ProcedureShown(msgspec.Struct, frozen=True, kw_only=True):
    """A version of a procedure: its file, its picture (SVG), and what it says in plain words."""

    name: str
    version: int
    title: str
    state: str
    bpmn: str
    drawing: str
    steps: list[ToldStep]
    stages: list[tuple[str, str]]
    fields: list[FieldShown]


class DecisionVersion(msgspec.Struct, frozen=True, kw_only=True):
    """A version of decisions on the shelf."""

    name: str
    version: int
    title: str
    state: str
    made_by: str
    made_at: datetime
    live_at: datetime | None
    sha256: str


class DecisionRule(msgspec.Struct, frozen=True, kw_only=True):
    """A line of a decision table, as it is written."""

    number: int
    tests: list[str]
    answers: list[str]
    note: str


class DecisionTable(msgspec.Struct, frozen=True, kw_only=True):
    """A decision table, or an expression (`value`). Inputs are labels and expressions, outputs names and labels."""

    id: str
    title: str
    policy: str
    policy_title: str
    aggregate: str | None
    value: str | None
    needs: list[str]
    inputs: list[tuple[str, str]]
    outputs: list[tuple[str, str]]
    rules: list[DecisionRule]


class DecisionMeeting(msgspec.Struct, frozen=True, kw_only=True):
    """Two rules that hold together where only one may, and for which inputs."""

    first: int
    second: int
    at: str


class DecisionFindings(msgspec.Struct, frozen=True, kw_only=True):
    """What a table was found to be, held against itself: gaps are inputs without an answer."""

    table: str
    checked: bool
    gaps: list[str]
    meetings: list[DecisionMeeting]
    unreached: list[int]


class DecisionShown(msgspec.Struct, frozen=True, kw_only=True):
    """A version of decisions: its file, its tables, what they ask of a case, and what was found in them."""

    name: str
    version: int
    title: str
    state: str
    dmn: str
    asked: list[str]
    tables: list[DecisionTable]
    findings: list[DecisionFindings]


class DecisionHit(msgspec.Struct, frozen=True, kw_only=True):
    """What a table came to: the rules that hold, none where its default is answered."""

    table: str
    rules: list[int]
    answers: dict[str, Any]


class DecisionAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What decisions answer, and why, table by table."""

    version: int
    answers: dict[str, Any]
    why: list[DecisionHit]


class MovedCase(msgspec.Struct, frozen=True, kw_only=True):
    """What becomes of a case when its procedure's version changes; `why` it cannot move."""

    id: str
    number: str
    before: int
    moved: bool
    why: str | None = None


class Moved(msgspec.Struct, frozen=True, kw_only=True):
    """What a move to a version did, or would do."""

    name: str
    version: int
    dry_run: bool
    cases: list[MovedCase]
