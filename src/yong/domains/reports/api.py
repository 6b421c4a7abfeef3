"""The only door of reports: every function takes the City and the Caller, and authorizes first."""

from datetime import datetime, timedelta

from yong.domains.reports import service
from yong.domains.reports.contracts import CATEGORIES, STATES, State
from yong.domains.reports.logic import (
    NEAR_M,
    RECENT_DAYS,
    away,
    grouped,
    metres,
    near_box,
    read_reference,
    right_code,
)
from yong.kernel.access import api as access
from yong.kernel.access.contracts import Caller
from yong.kernel.base import clock
from yong.kernel.base.city import City
from yong.kernel.base.errors import NotFound, Unauthenticated, YongError
from yong.kernel.base.services import Matter, Progress, Rating, Receipt, Similar, Stage, Submission
from yong.kernel.base.text import Text
from yong.kernel.records import api as records
from yong.kernel.records.contracts import Filter, Operator, Record
from yong.kernel.store.contracts import Event
from yong.kernel.store.database import Connection

TABLE = service.TABLE
PROGRESS = "reports.progress"
_SIMILAR = 5
_MATTERS = 100
_UNKNOWN = Text("没有编号为 {n} 的反映", "There is no report with the number {n}")
_WHERE = Text("位置", "Place")
_DISTRICT = Text("所在区划代码", "District code")
_WHAT = Text("情况说明", "What you told us")
_PHOTOS = Text("照片", "Photos")
_CONTACT = Text("联系方式", "Contact")


async def submit(city: City, caller: Caller, submission: Submission) -> Receipt:
    """Keep what somebody reports, signed in or not; a number and a code for it.

    The same submission (by its key) gives the same receipt again. Raises Invalid with every problem.
    """
    access.authorize(city, caller, "reports.submit", "reports")
    return await service.keep(city, caller, submission)


async def similar(city: City, caller: Caller, submission: Submission) -> list[Similar]:
    """Reports of the same category in the last days that may be the same thing, the nearest or newest first.

    With a position those within 200 m of it, else those of the district. Only what the caller may see of
    `reports.progress`, whose positions are rounded: asking tells nothing more. Raises Invalid as `submit` does for
    a position that is not where it is said to be.
    """
    access.authorize(city, caller, "records.read", PROGRESS)
    category = submission.values.get("category")
    district = await service.district_of(city, submission)
    if not isinstance(category, str):
        return []
    since = (clock.now() - timedelta(days=RECENT_DAYS)).isoformat()
    filters = [
        Filter("category", Operator.EQ, category),
        Filter("state", Operator.NE, State.CLOSED.value),
        Filter("received_at", Operator.GTE, since),
    ]
    here = service.position_of(submission.values)
    if here is None:
        filters.append(Filter("district", Operator.EQ, district))
    else:
        filters.append(Filter("location", Operator.BBOX, near_box(*here)))
    page = await records.listing(city, caller, PROGRESS, filters=filters, sort="-received_at", limit=50)
    found: list[tuple[float, Similar]] = []
    for record in page.items:
        there = service.position_of(record.values)
        far = metres(here, there) if here and there else None
        if far is None or far <= NEAR_M:
            found.append((far or 0.0, _similar(record, far)))
    return [one for _, one in sorted(found, key=lambda f: f[0])[:_SIMILAR]]


def _similar(record: Record, distance_m: float | None) -> Similar:
    values = record.values
    state = STATES[State(str(values["state"]))]
    day = f"{_moment(values['received_at']).astimezone(clock.CHINA):%Y-%m-%d}"
    detail = Text(f"{day}，{state.zh}", f"{day}, {state.en}")
    if distance_m is not None:
        where = away(distance_m)
        detail = Text(f"{detail.zh}，{where.zh}", f"{detail.en}, {where.en}")
    return Similar(reference=str(values["reference"]), title=_category(values["category"]), detail=detail)


async def progress(city: City, caller: Caller, reference: str, code: str | None = None) -> Progress:
    """How far a report is: what anybody may know, and to whom the code or the report belongs all of it.

    Raises NotFound for a number that is none, and for a code that is not the number's.
    """
    access.authorize(city, caller, "records.read", PROGRESS)
    number = read_reference(reference)
    page = await records.listing(
        city, caller, PROGRESS, filters=(Filter("reference", Operator.EQ, number),), limit=1
    )
    if not page.items or (code and not right_code(service.word(city), number, code)):
        raise NotFound(_UNKNOWN, n=reference[:40])
    own = await _own(city, caller, number, proved=bool(code))
    if own is None:
        return _told(page.items[0].values, None, 0, None)
    photos, rating = await service.photos_of(city, number), await service.rating_of(city, number)
    return _told(page.items[0].values, own, photos, rating)


async def rate(city: City, caller: Caller, reference: str, code: str | None, rating: Rating) -> None:
    """Keep what whoever sent a report, or holds its code, thinks of how it was handled; again, and it is changed.

    Raises NotFound, Conflict before the report is closed, Invalid.
    """
    access.authorize(city, caller, "reports.rate", "reports")
    number = read_reference(reference)
    if code and not right_code(service.word(city), number, code):
        raise NotFound(_UNKNOWN, n=reference[:40])
    own = await _own(city, caller, number, proved=bool(code))
    if own is None:
        raise NotFound(_UNKNOWN, n=reference[:40])
    await service.rate(city, caller, own, rating)


async def _own(city: City, caller: Caller, number: str, *, proved: bool) -> Record | None:
    """The whole report, for whoever holds its code or sent it."""
    if proved:
        return await records.read(city, access.system_caller("reports"), TABLE, number)
    if caller.account == "anonymous" or caller.party is None:
        return None
    try:
        record = await records.read(city, caller, TABLE, number)
    except YongError:  # not theirs to see
        return None
    return record if record.values.get("reporter") == caller.party else None


def _told(values: dict[str, object], own: Record | None, photos: int, rating: Rating | None) -> Progress:
    state = State(str(values["state"]))
    reached = {
        State.RECEIVED: values["received_at"],
        State.ANSWERED: values["answered_at"],
        State.CLOSED: values["closed_at"],
    }
    facts: list[tuple[Text, Text]] = []
    if own is not None:
        told = own.values
        facts.append((_WHERE, _as_is(told.get("place"))))
        facts.append((_WHAT, _as_is(told.get("description"))))
        if photos:
            facts.append((_PHOTOS, _as_is(photos)))
        contact = " ".join(
            str(told[n]) for n in ("contact_name", "contact_phone", "contact_email") if told.get(n)
        )
        if contact:
            facts.append((_CONTACT, _as_is(contact)))
    return Progress(
        reference=grouped(str(values["reference"]), 4),
        title=_category(values["category"]),
        state=STATES[state],
        stages=tuple(Stage(STATES[s], _moment(at) if at else None) for s, at in reached.items()),
        facts=tuple(facts),
        answer=str(values["answer"]) if values.get("answer") else None,
        own=own is not None,
        may_rate=own is not None and state is State.CLOSED,
        rating=rating,
    )


async def tell(city: City, caller: Caller, connection: Connection, event: Event) -> None:
    """Tell the reporter how far a report is, in the transaction that reads an event of it. For reports' own work."""
    access.authorize(city, caller, "records.read", TABLE)
    await service.tell(city, connection, event)


async def matters(city: City, caller: Caller) -> list[Matter]:
    """The caller's own reports, the newest first, at most 100. Raises Unauthenticated."""
    if caller.account == "anonymous":
        raise Unauthenticated
    if caller.party is None or not access.allowed(city, caller, "records.read", TABLE):
        return []
    page = await records.listing(
        city, caller, TABLE,
        filters=(Filter("reporter", Operator.EQ, caller.party),), sort="-created_at", limit=_MATTERS,
    )  # fmt: skip
    return [
        Matter(
            reference=str(r.values["reference"]),
            title=_category(r.values["category"]),
            state=STATES[State(str(r.values["state"]))],
            at=_moment(r.created_at),
        )
        for r in page.items
    ]


def _category(code: object) -> Text:
    return CATEGORIES.get(str(code), Text(str(code), str(code)))


def _as_is(value: object) -> Text:
    return Text(str(value), str(value))


def _moment(value: object) -> datetime:
    return datetime.fromisoformat(str(value))
