"""Open311: requests that come in are reports, as the portal's are; what goes out is what anybody may know."""

import hashlib
from collections.abc import Sequence
from datetime import datetime

import msgspec

from yong.domains.cityops import store
from yong.domains.cityops.contracts import (
    Asked,
    Attribute,
    MadeRequest,
    NewRequest,
    PublicRequest,
    PublicService,
)
from yong.domains.cityops.logic.open311 import faults_of, span, told
from yong.domains.cityops.service import services
from yong.domains.reports import api as reports
from yong.kernel.access import api as access
from yong.kernel.access.contracts import Caller
from yong.kernel.base import clock, pace
from yong.kernel.base.city import City
from yong.kernel.base.errors import Invalid, Malformed, NotFound, Problem, Unavailable
from yong.kernel.base.ids import new_id
from yong.kernel.base.services import Submission
from yong.kernel.base.text import Text
from yong.kernel.geo.places import api as places
from yong.kernel.records import api as records
from yong.kernel.store.database import Database, Row

PROGRESS = "reports.progress"
_SURE = 0.5  # of what an address means: below it another district may be meant
_LONG_SPAN = Text("start_date 至 end_date 最长 90 天", "start_date to end_date span at most 90 days")
_NO_ADDRESS = Text("没有这个 address_id", "There is no such address_id")
_WHERE = Text(
    "无法确定在哪个区县，请给出 lat 与 long 或写明区县",
    "The district cannot be told: give lat and long, or name the district",
)
_NOTICE = Text(
    "编号 {number}，查询码 {code}：在门户“办理进度”中可查看全部内容。",
    "Number {number}, code {code}: they show you the whole of it at the portal's progress page.",
)
# Where a fault of a report stands in the form.
_FIELDS = {
    "place": "address_string", "location": "lat", "contact_name": "first_name", "contact_phone": "phone",
    "contact_email": "email", "device": "device_id", "media": "media_url", "district": "address_string",
}  # fmt: skip


async def make(
    city: City,
    caller: Caller,
    new: NewRequest,
    client: str,
    idempotency: str | None,
    channel: str = "open311",
) -> MadeRequest:
    """Keep a request as a report. Raises Invalid with every problem, NotFound for a service that is none, TooMany.

    A key stands for an application, so the report is nobody's; who is signed in by themselves is its reporter.
    """
    found = await services.service(city, new.service_code)
    asks = await services.attributes(city, found.code)
    if faults := faults_of(asks, new.attributes):
        raise Invalid(None, problems=tuple(faults))
    application = "key" in caller.factors
    if not application:
        pace.step(
            city, "open311", client, most=10, seconds=600
        )  # as the portal's; a key has a quota of its own
    made = await submission(city, found, asks, new, channel)
    key = _key(caller, made, idempotency)
    sender = msgspec.structs.replace(caller, party=None) if application else caller
    try:
        receipt = await reports.submit(city, sender, msgspec.structs.replace(made, key=key))
    except Invalid as error:
        raise _as_asked(error) from None
    notice = _NOTICE.filled(number=receipt.reference, code=receipt.code).in_(caller.language)
    return MadeRequest(id=receipt.reference, notice=notice)


def _key(caller: Caller, submission: Submission, idempotency: str | None) -> str:
    """What makes two submissions one: the same words of the same account under the same Idempotency-Key."""
    if idempotency is None:
        return new_id()
    said = msgspec.json.encode(
        [caller.account, idempotency, submission.district, submission.values], order="sorted"
    )
    return hashlib.sha256(said).hexdigest()[:48]


async def submission(
    city: City, found: PublicService, asks: Sequence[Attribute], new: NewRequest, channel: str
) -> Submission:
    """A request as a report says it, without a key. Raises Invalid where its place cannot be told."""
    position = None if new.lat is None or new.long is None else (new.long, new.lat)
    address, district = new.address, None
    if new.address_id and (position is None or not address):
        position, address, district = await _address(city, new.address_id, position, address)
    if position is None and district is None:
        district = await _district(city, address or "")
    elif position is not None and not address:
        address = await _words(city, *position)
    values: dict[str, object] = {
        "category": found.category,
        "class": found.code if found.code != found.category else None,
        "description": (new.description or "").strip() or found.name.zh,
        "place": address,
        "location": {"type": "Point", "coordinates": list(position)} if position else None,
        "contact_name": new.name,
        "contact_phone": new.phone,
        "contact_email": new.email,
        "device": new.device,
        "media": new.media,
        "answers": told(asks, new.attributes) or None,
        "channel": channel,
    }
    return Submission(key="", values={k: v for k, v in values.items() if v is not None}, district=district)


async def _address(
    city: City, id_: str, position: tuple[float, float] | None, address: str | None
) -> tuple[tuple[float, float] | None, str, str | None]:
    """Where a place of the city's register of places is, what it is called, and its district."""
    try:
        found = await records.read(city, access.system_caller("cityops"), "geo.place", id_)
    except NotFound:
        raise Invalid(None, problems=(Problem("/address_id", _NO_ADDRESS),)) from None
    place, shape = found.values, found.values.get("geometry")
    if position is None and isinstance(shape, dict) and shape.get("type") == "Point":
        position = (float(shape["coordinates"][0]), float(shape["coordinates"][1]))
    words = address or str(place.get("address") or place.get("name"))
    return position, words[:200], None if position else found.district


async def _district(city: City, address: str) -> str:
    """The district of an address: the one that it names, else where what it surely means lies. Raises Invalid."""
    try:
        found = await places.geocode(city, access.system_caller("cityops"), address[:200], limit=5)
    except (Invalid, Unavailable):
        found = []
    named = {p.code[:6] for one in found for p in one.matched if len(p.code) >= 6 and p.text in address}
    if not named:
        named = {
            p.code[:6]
            for one in found[:1]
            for p in one.matched
            if one.confidence >= _SURE and len(p.code) >= 6
        }
    if len(named) != 1:
        raise Invalid(None, problems=(Problem("/address_string", _WHERE),))
    return named.pop()


async def _words(city: City, lon: float, lat: float) -> str:
    """A position in words: the address there, else its degrees."""
    try:
        at = await places.reverse(city, access.system_caller("cityops"), lon, lat, limit=1)
    except (Invalid, Unavailable):
        return f"{lat:.5f}, {lon:.5f}"
    return (at.address or f"{lat:.5f}, {lon:.5f}")[:200]


def _as_asked(error: Invalid) -> Invalid:
    """What is wrong with a report, by the fields of the form that asked for it."""
    problems = []
    for one in error.problems:
        name = one.pointer.rpartition("/")[2]
        if name == "district":
            one = Problem(one.pointer, _WHERE)
        problems.append(Problem(f"/{_FIELDS.get(name, name)}", one.detail))
    return type(error)(error.detail, problems=tuple(problems))


async def requests(city: City, caller: Caller, asked: Asked) -> list[PublicRequest]:
    """What anybody may know of requests. Raises Malformed for a span of more than 90 days."""
    scope = await records.present(city, caller, PROGRESS)
    if asked.ids:
        rows = await store.public_requests_of(city[Database], scope, asked.ids)
    else:
        within = span(asked, clock.now())
        if within is None:
            raise Malformed(None, problems=(Problem("/end_date", _LONG_SPAN),))
        rows = await store.public_requests(city[Database], scope, asked, within)
    own = access.system_caller("cityops")
    names = await services.names(city, {str(r["class"]) for r in rows})
    parties = await access.party_names(city, own, {str(r["unit"] or r["owner_id"]) for r in rows})
    return [_public(row, names, parties, caller) for row in rows]


def _public(row: Row, names: dict[str, Text], parties: dict[str, Text], caller: Caller) -> PublicRequest:
    code, party = str(row["class"]), str(row["unit"] or row["owner_id"])
    shape = row["location"]
    if isinstance(shape, str):
        shape = msgspec.json.decode(shape)
    long, lat = shape["coordinates"][:2] if shape else (None, None)
    closed = row["state"] == "closed"
    updated: datetime = row["updated_at"]
    return PublicRequest(
        id=row["reference"],
        closed=closed,
        notes=row["answer"],
        service_name=names[code].in_(caller.language) if code in names else code,
        service_code=code,
        agency=parties[party].in_(caller.language) if party in parties else None,
        requested_at=row["received_at"],
        updated_at=(row["closed_at"] or updated) if closed else updated,
        expected_at=row["expected_at"],
        lat=lat,
        long=long,
    )
