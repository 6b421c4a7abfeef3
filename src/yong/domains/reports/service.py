"""The use cases of reports: keep a submission once, whatever comes between."""

import hashlib
from collections.abc import Mapping, Sequence

import msgspec

from yong.domains.reports import store
from yong.domains.reports.contracts import CATEGORIES, State
from yong.domains.reports.logic import code_of, grouped, reference_of
from yong.kernel.access import api as access
from yong.kernel.access.contracts import Caller
from yong.kernel.base.city import City
from yong.kernel.base.errors import Conflict, Invalid, NotFound, Problem
from yong.kernel.base.services import Photo, Rating, Receipt, Submission
from yong.kernel.base.text import Text
from yong.kernel.documents import api as documents
from yong.kernel.documents.contracts import About, Belongs
from yong.kernel.geo import api as geo
from yong.kernel.messaging import api as messaging
from yong.kernel.records import api as records
from yong.kernel.records.contracts import Record
from yong.kernel.store.contracts import Event
from yong.kernel.store.database import Connection, Database
from yong.kernel.store.secrets import secret

TABLE, RATING = "reports.report", "reports.rating"
ASKED = frozenset({"category", "description", "place", "location", "contact_name", "contact_phone"})
TOLD = ASKED | {"class", "contact_email", "device", "answers", "media", "channel"}
"""What a report may say: another module hands in more than the portal asks."""
MESSAGES = {state: f"reports.{state.value}" for state in State}
_TOLD_OF = frozenset({"state", "answer"})
_ATTEMPTS = 4
_NOT_ASKED = Text("不能由反映人填写", "Not for the reporter to say")
_NO_DISTRICT = Text("请选择所在的区县市", "Choose the district")
_ELSEWHERE = Text(
    "坐标不在所选的区县市内；请改正其中一项",
    "The position is not in the district that was chosen; change one of them",
)
_PHOTO = Text("照片 {n}", "Photo {n}")
_NOT_CLOSED = Text("办结后才能评价", "It can be rated once it is closed")
_OUTSIDE = Text("坐标不在本市范围内", "The position is not in this city")


def word(city: City) -> str:
    """The secret that numbers and codes follow from."""
    return secret(city.settings.home, "report-codes")


async def keep(city: City, caller: Caller, submission: Submission) -> Receipt:
    """Keep a report; the same submission again gives the same receipt and changes nothing.

    It belongs to the party `reports_party`; who is signed in is its subject.
    """
    unknown = sorted(submission.values.keys() - TOLD)
    if unknown:
        raise Invalid(None, problems=tuple(Problem(f"/values/{n[:100]}", _NOT_ASKED) for n in unknown[:20]))
    district = await district_of(city, submission)
    values = {**submission.values, "state": State.RECEIVED.value, "reporter": caller.party}
    own = access.system_caller("reports")
    for attempt in range(_ATTEMPTS):
        reference = reference_of(word(city), submission.key, attempt)
        try:
            await records.create(
                city,
                own,
                TABLE,
                {**values, "reference": reference},
                owner=city.settings.reports_party,
                district=district,
                idempotency_key=f"{submission.key}.{attempt}",
            )
        except Conflict:
            if attempt + 1 == _ATTEMPTS:
                raise
            continue  # the number is another report's: once in a million reports
        break
    await _keep_photos(city, submission.photos, reference, district, caller.party)
    async with city[Database].transaction() as connection:
        await access.audit(connection, caller, "reports.submit", f"{TABLE}/{reference}")
    return Receipt(reference=reference, code=code_of(word(city), reference))


async def _keep_photos(
    city: City, photos: Sequence[Photo], reference: str, district: str, reporter: str | None
) -> None:
    """Keep the photos of a report with it; those that are there from the time before are not kept again."""
    own, belongs = access.system_caller("reports"), Belongs(TABLE, reference)
    there = {d.sha256 for d in await documents.documents_of(city, own, belongs)} if photos else set()
    for number, photo in enumerate(photos, 1):
        if hashlib.sha256(photo.content).hexdigest() in there:
            continue
        about = About(
            title=_PHOTO.filled(n=number).in_(city.settings.language), media_type=photo.media_type, belongs=belongs,
            owner=city.settings.reports_party, district=district, subject=reporter,
        )  # fmt: skip
        await documents.keep(city, own, photo.content, about)


async def photos_of(city: City, reference: str) -> int:
    """How many photos a report has."""
    own = access.system_caller("reports")
    return len(await documents.documents_of(city, own, Belongs(TABLE, reference)))


async def rating_of(city: City, reference: str) -> Rating | None:
    """What its sender thinks of a report."""
    try:
        found = await records.read(city, access.system_caller("reports"), RATING, reference)
    except NotFound:
        return None
    words = found.values.get("words")
    return Rating(score=int(str(found.values["score"])), words=str(words) if words else None)


async def rate(city: City, caller: Caller, report: Record, rating: Rating) -> None:
    """Keep a rating of a report that is closed, or change it."""
    if report.values["state"] != State.CLOSED.value:
        raise Conflict(_NOT_CLOSED)
    own, values = access.system_caller("reports"), {"score": rating.score, "words": rating.words}
    try:
        await records.create(
            city,
            own,
            RATING,
            {**values, "reference": report.id},
            owner=report.owner,
            district=report.district,
        )
    except Conflict:
        there = await records.read(city, own, RATING, report.id)
        await records.update(city, own, RATING, report.id, values, version=there.version or 1)
    async with city[Database].transaction() as connection:
        await access.audit(
            connection, caller, "reports.rate", f"{TABLE}/{report.id}", {"score": rating.score}
        )


async def district_of(city: City, submission: Submission) -> str:
    """The district of a submission: as chosen, and where the position lies if there is one. Raises Invalid."""
    position = position_of(submission.values)
    if position is None:
        if not submission.district:
            raise Invalid(None, problems=(Problem("/district", _NO_DISTRICT),))
        return submission.district
    place = await geo.locate_one(city, access.system_caller("reports"), *position)
    chosen = submission.district
    if place.district is not None:
        if chosen and chosen != place.district.code:
            raise Invalid(None, problems=(Problem("/values/location", _ELSEWHERE),))
        return place.district.code
    if await _mapped(city):
        raise Invalid(None, problems=(Problem("/values/location", _OUTSIDE),))
    if not chosen:
        raise Invalid(None, problems=(Problem("/district", _NO_DISTRICT),))
    return chosen


async def _mapped(city: City) -> bool:
    """Whether this install has any boundary: without one nothing can be said of where a position lies."""
    page = await records.listing(city, access.system_caller("reports"), "geo.boundary", limit=1)
    return bool(page.items)


def position_of(values: Mapping[str, object]) -> tuple[float, float] | None:
    """The longitude and latitude of a Point among values."""
    shape = values.get("location")
    if not isinstance(shape, dict) or shape.get("type") != "Point":
        return None
    lon, lat = shape["coordinates"][:2]
    return float(lon), float(lat)


async def tell(city: City, connection: Connection, event: Event) -> None:
    """Tell whoever sent a report signed in how far it is, after it came in and when its state or answer changed.

    What is told is how the report stands when the event is read; each version of it is told once.
    """
    if event.type.endswith("Updated") and not _TOLD_OF & set(
        msgspec.convert(event.data["fields"], list[str])
    ):
        return
    row = await store.standing(connection, event.subject)
    if row is None or row["reporter"] is None:
        return
    category, reference = row["category"], row["reference"]
    await messaging.tell(
        city, access.system_caller("reports"), connection,
        to=row["reporter"],
        message=MESSAGES[State(row["state"])],
        values={
            "category": CATEGORIES.get(category, Text(category, category)),
            "number": grouped(reference, 4),
            "reference": reference,
        },
        about=(TABLE, reference),
        key=f"{reference}.{row['version']}",
    )  # fmt: skip
