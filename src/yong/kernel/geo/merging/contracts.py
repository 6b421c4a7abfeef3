"""What crosses the door of merging."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal

import msgspec

MOST_SOURCES = 20
MOST_POINTS = 500_000  # of all sources of a merging
FILE_BYTES = 64 << 20
BAD_SHOWN = 100
DECISIONS_AT_ONCE = 1000

_Name = Annotated[str, msgspec.Meta(pattern="^[a-z][a-z0-9_-]{0,39}$")]
_Word = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
_Id = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
_Class = Annotated[str, msgspec.Meta(min_length=1, max_length=40)]


class Columns(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which of a source's fields say what. A Relation knows its own key and geometry.

    `record` names a file's field of ids; `lon` and `lat` a CSV file's positions (easting and northing in a plane
    system), which GeoJSON has in its geometry.
    """

    record: _Word | None = None
    lon: _Word | None = None
    lat: _Word | None = None
    name: _Word | None = None
    kind: _Word | None = msgspec.field(name="class", default=None)
    district: _Word | None = None
    code: _Word | None = None


class SourcePlan(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One source: a Relation, or without one a file that is sent.

    `accuracy_m` is the root mean square of its positions' planar error as its department states it (平面位置中误差);
    `datum` the coordinate system that its numbers are in. `duplicates` says that it may hold a thing twice.
    """

    name: _Name
    relation: Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9_]+\.[a-z0-9_]+$", max_length=128)] | None = None
    datum: Annotated[str, msgspec.Meta(min_length=1, max_length=100)] = "CGCS2000"
    accuracy_m: Annotated[float, msgspec.Meta(ge=0.01, le=100)]
    duplicates: bool = False
    columns: Columns = Columns()


class Plan(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How points are merged. The order of the sources is their rank where they disagree as often as they agree.

    `classes` says which of the departments' words for kinds of components are the same: from a word to the code of
    CJ/T 214 or of the city's own list; a word that is not in it stands for itself. `match` and `doubtful` are
    probabilities: from `match` on two points are one thing, from `doubtful` on a person is asked.
    """

    sources: Annotated[list[SourcePlan], msgspec.Meta(min_length=1, max_length=MOST_SOURCES)]
    classes: dict[_Class, _Class] = {}
    match: Annotated[float, msgspec.Meta(gt=0.5, lt=1)] = 0.95
    doubtful: Annotated[float, msgspec.Meta(gt=0, lt=1)] = 0.2
    owner: Annotated[str, msgspec.Meta(min_length=1, max_length=128)] | None = None
    district: Annotated[str, msgspec.Meta(pattern="^[0-9]{2,15}$")] | None = None


class Merging(msgspec.Struct, frozen=True, kw_only=True):
    """A plan with its name. `version` grows with every change of plan, files, decisions or merged set."""

    name: str
    plan: Plan
    version: int
    head: str | None  # the run that the merged set stands on
    created_at: datetime
    updated_at: datetime


class NewRun(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a run is to do. A `dry_run` reports and changes nothing.

    `learn` estimates the weights anew; otherwise those of the run before hold, so that what was settled stays settled.
    `despite_shifts` goes on where a source seems to be in another coordinate system than it states.
    """

    dry_run: bool = True
    learn: bool = False
    despite_shifts: bool = False


class State(StrEnum):
    """Where a run is."""

    WAITING = "waiting"
    DONE = "done"
    HELD = "held"  # a source seems to be in another coordinate system than stated: nothing was changed
    FAILED = "failed"
    UNDONE = "undone"


class BadPoint(msgspec.Struct, frozen=True):
    """A row that takes no part, and why, in the reader's language."""

    record: str
    reason: str


class SourceReport(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a source. `bad` lists at most BAD_SHOWN of its `bad_total` rows that take no part."""

    source: str
    points: int
    bad_total: int
    bad: list[BadPoint]


class Shift(msgspec.Struct, frozen=True, kw_only=True):
    """How a source lies against the others: the median offset over `pairs` of points that match well.

    `spread_m` is 1.4826 times the median absolute deviation. `finding` is empty where the offset is no more than
    chance and the stated accuracies explain; `offset` says that it is, `datum` that the numbers fit the others in the
    system `instead` and not in the stated one: `agree_stated` and `agree_instead` are the shares of its points that
    have a point of the same class within reach.
    """

    source: str
    stated: str
    pairs: int
    east_m: float
    north_m: float
    spread_m: float
    finding: Literal["", "offset", "datum"] = ""
    instead: str | None = None
    agree_stated: float | None = None
    agree_instead: float | None = None


class Weight(msgspec.Struct, frozen=True, kw_only=True):
    """A level of a comparison: how often among matches and among others, and its weight in bits."""

    comparison: str
    level: int
    words: str
    m: float
    u: float
    bits: float


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What a run found and did, or would do."""

    sources: list[SourceReport] = []
    shifts: list[Shift] = []
    pairs: int = 0  # looked at
    components: int = 0
    merged: int = 0  # components of several records
    created: int = 0
    changed: int = 0
    ended: int = 0
    doubtful: int = 0
    learned: bool = False
    share: float = 0.0
    weights: list[Weight] = []
    seconds: float = 0.0


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """A run: ordered, done by a background job, kept with its report."""

    id: str
    merging: str
    kind: Literal["merge", "split"]
    state: State
    dry_run: bool
    ordered_at: datetime
    finished_at: datetime | None = None
    report: Report | None = None
    problem: str | None = None


class RecordRef(msgspec.Struct, frozen=True, order=True, forbid_unknown_fields=True):
    """A record of a source."""

    source: _Name
    record: _Id


class Side(msgspec.Struct, frozen=True, kw_only=True):
    """One point of a doubtful pair, as its source has it; degrees of CGCS2000."""

    source: str
    record: str
    lon: float
    lat: float
    name: str | None
    kind: str | None = msgspec.field(name="class")


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """What one comparison says of a pair, in the reader's language."""

    comparison: str
    words: str
    bits: float


class DoubtfulPair(msgspec.Struct, frozen=True, kw_only=True):
    """A pair for a person to decide: both points, how far apart, the probability, why it is asked, the evidence."""

    a: Side
    b: Side
    distance_m: float
    probability: float
    reason: Literal["unsure", "rival", "chain"]
    prior_bits: float
    evidence: list[Evidence]


class DoubtPage(msgspec.Struct, frozen=True, kw_only=True):
    """Doubtful pairs of a run that nobody has decided, by falling probability, and the cursor of those that follow."""

    run: str | None
    items: list[DoubtfulPair]
    cursor: str | None = None


class Verdict(StrEnum):
    """What a person says of a pair; `open` takes back what was said."""

    SAME = "same"
    DIFFERENT = "different"
    OPEN = "open"


class Decision(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a person decided of two records. Later runs obey it."""

    a: RecordRef
    b: RecordRef
    verdict: Verdict
    note: Annotated[str, msgspec.Meta(max_length=300)] | None = None


class Decided(msgspec.Struct, frozen=True, kw_only=True):
    """How many decisions were taken down, and the merging's version after them."""

    decided: int
    version: int


class Decisions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Decisions on several pairs, all taken or none."""

    decisions: Annotated[list[Decision], msgspec.Meta(min_length=1, max_length=DECISIONS_AT_ONCE)]


class Received(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a file: how many points it has now in place of those before."""

    source: str
    points: int
    version: int
