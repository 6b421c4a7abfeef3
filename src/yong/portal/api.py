"""The only door of the portal: every function takes the City and the Caller, and authorizes first."""

import hashlib
from collections.abc import Sequence

from yong.kernel.access import api as access
from yong.kernel.access.contracts import Caller
from yong.kernel.base import pace
from yong.kernel.base.city import City
from yong.kernel.base.errors import Forbidden, NotFound, Unauthenticated
from yong.kernel.base.services import Photo, Question, Rating, Receipt, Service, Similar
from yong.kernel.base.text import Text
from yong.kernel.store.database import Database
from yong.portal import logic, store
from yong.portal.contracts import (
    Added,
    Answers,
    Box,
    Choice,
    Dataset,
    OwnMatter,
    Place,
    Row,
    Sketch,
    Told,
)
from yong.portal.service import answering, finding

_PROOF = Text(
    "这项服务需要实名等级 {level}，您目前是 {now}",
    "This service needs identity proofing of level {level}; you are on {now}",
)


def _use(city: City, caller: Caller) -> None:
    access.authorize(city, caller, "portal.use", "portal")


def _stamp(visit: str) -> bytes:
    return hashlib.sha256(visit.encode()).digest()


def services(city: City, caller: Caller, words: str = "") -> list[Service]:
    """The services, those that fit what somebody looks for."""
    _use(city, caller)
    return [s for _, s in city.registry.of(Service) if logic.fits(s, words)]


def service(city: City, caller: Caller, name: str) -> Service:
    """One service. Raises NotFound."""
    _use(city, caller)
    return answering.service(city, name)


def enough(city: City, caller: Caller, found: Service) -> None:
    """Raise Unauthenticated or Forbidden where the caller is not proved as far as the service needs."""
    _use(city, caller)
    if found.proofing > caller.proofing:
        if caller.account == "anonymous":
            raise Unauthenticated
        raise Forbidden(_PROOF, level=found.proofing, now=caller.proofing)


async def begin(
    city: City, caller: Caller, visit: str, name: str, client: str, *, place: str | None = None
) -> str:
    """Begin a service's questions anew; the first step. A `place` (its id) is written down where one is asked for."""
    found = service(city, caller, name)
    enough(city, caller, found)
    pace.step(city, "begin", client, most=30, seconds=60)
    written: dict[str, str] = {}
    for one in await finding.places(city) if place else ():
        if one.id == place:
            written = {
                "place": one.name.in_(caller.language),
                "district": (one.district or "")[:6],
                "location_lon": f"{one.lon:g}",
                "location_lat": f"{one.lat:g}",
            }
    return await answering.begin(city, _stamp(visit), found, written)


async def question(
    city: City, caller: Caller, visit: str, name: str, step: str
) -> tuple[Service, Question, list[Box], Answers]:
    """A question with its boxes and what was written. Raises NotFound, Conflict when nothing is under way."""
    found = service(city, caller, name)
    enough(city, caller, found)
    asked = answering.journey(found)
    one = answering.question(asked, step)
    answers = await answering.under_way(city, _stamp(visit), name)
    return found, one, answering.boxes(city, asked, one), answers


async def answer(
    city: City, caller: Caller, visit: str, name: str, step: str, form: dict[str, str], client: str
) -> str:
    """Keep an answer; the next step. Raises answering.Unfit with what is wrong, by line."""
    found = service(city, caller, name)
    enough(city, caller, found)
    pace.step(city, "answer", client, most=120, seconds=60)
    answers = await answering.under_way(city, _stamp(visit), name)
    if answers.receipt is not None:
        return "done"
    return await answering.answer(city, found, answers, step, form)


async def add_photos(
    city: City, caller: Caller, visit: str, name: str, step: str, given: Sequence[Photo], client: str
) -> None:
    """Add photos to a question that takes some. Raises answering.Unfit, NotFound, Conflict, TooMany."""
    found = service(city, caller, name)
    enough(city, caller, found)
    if not answering.question(answering.journey(found), step).photos:
        raise NotFound
    pace.step(city, "photos", client, most=30, seconds=600)
    answers = await answering.under_way(city, _stamp(visit), name)
    await answering.add_photos(city, found, answers, step, given)


async def photos(city: City, caller: Caller, visit: str, name: str, step: str) -> list[Added]:
    """The photos that a visit added to a question. Raises Conflict when nothing is under way."""
    found = service(city, caller, name)
    answers = await answering.under_way(city, _stamp(visit), found.name)
    return [one for one in await store.photos(city[Database], answers.key) if one.question == step]


async def photo(city: City, caller: Caller, visit: str, name: str, id: str) -> Photo:
    """One of them. Raises NotFound, Conflict when nothing is under way."""
    found = service(city, caller, name)
    answers = await answering.under_way(city, _stamp(visit), found.name)
    one = await store.photo(city[Database], answers.key, id)
    if one is None:
        raise NotFound
    return one


async def remove_photo(city: City, caller: Caller, visit: str, name: str, id: str) -> None:
    """Take a photo away again. Raises Conflict when nothing is under way."""
    found = service(city, caller, name)
    answers = await answering.under_way(city, _stamp(visit), found.name)
    await store.remove_photo(city[Database], answers.key, id)


async def similar(city: City, caller: Caller, visit: str, name: str) -> tuple[Service, list[Similar]]:
    """What may be the same as what is being told. Raises answering.Unfit, Conflict."""
    found = service(city, caller, name)
    enough(city, caller, found)
    answers = await answering.under_way(city, _stamp(visit), name)
    return found, await answering.similar(city, caller, answering.journey(found), answers)


async def not_the_same(city: City, caller: Caller, visit: str, name: str) -> str:
    """Note that nothing shown is the same; the next step."""
    found = service(city, caller, name)
    answers = await answering.under_way(city, _stamp(visit), name)
    await store.note(city[Database], answers.key, {}, ["similar"])
    return logic.next_step(answering.journey(found), [*answers.answered, "similar"], similar=True)


async def to_check(
    city: City, caller: Caller, visit: str, name: str
) -> tuple[Service, list[Row], str | None, Receipt | None]:
    """All that was written, and the step that comes before the check if one is open; the receipt if handed in."""
    found = service(city, caller, name)
    enough(city, caller, found)
    asked = answering.journey(found)
    answers = await answering.under_way(city, _stamp(visit), name)
    if answers.receipt is not None:
        return found, [], None, answers.receipt
    step = logic.next_step(asked, answers.answered, similar=asked.similar is not None)
    return found, await answering.rows(city, asked, answers), None if step == "check" else step, None


async def hand_in(city: City, caller: Caller, visit: str, name: str, client: str) -> Receipt:
    """Hand in what is under way, once; its receipt. Raises answering.Unfit, Conflict, TooMany."""
    found = service(city, caller, name)
    enough(city, caller, found)
    answers = await answering.under_way(city, _stamp(visit), name)
    if answers.receipt is None:
        pace.step(city, "hand in", client, most=10, seconds=600)
    return await answering.hand_in(city, caller, found, answers)


async def progress(city: City, caller: Caller, reference: str, code: str | None, client: str) -> Told:
    """How far a matter is, by its number, and with its code all of it. Raises NotFound, TooMany."""
    _use(city, caller)
    pace.step(city, "code" if code else "look up", client, most=20 if code else 120, seconds=60)
    last: NotFound | None = None
    for found in services(city, caller):
        if found.progress is None:
            continue
        try:
            return Told(found, await found.progress(city, caller, reference, code))
        except NotFound as error:
            last = error
    raise last or NotFound()


async def rate(
    city: City, caller: Caller, reference: str, code: str | None, rating: Rating, client: str
) -> None:
    """Keep what its owner thinks of a matter that is over. Raises NotFound, Conflict, Invalid, TooMany."""
    told = await progress(city, caller, reference, code, client)
    if told.service.rate is None:
        raise NotFound
    await told.service.rate(city, caller, reference, code, rating)


async def matters(city: City, caller: Caller) -> list[OwnMatter]:
    """The caller's own matters of every service, the newest first. Raises Unauthenticated."""
    _use(city, caller)
    if caller.account == "anonymous":
        raise Unauthenticated
    found = [
        OwnMatter(s, matter)
        for s in services(city, caller)
        if s.matters is not None
        for matter in await s.matters(city, caller)
    ]
    return sorted(found, key=lambda m: m.matter.at, reverse=True)


async def places(
    city: City,
    caller: Caller,
    *,
    words: str = "",
    district: str = "",
    near: tuple[float, float] | None = None,
) -> tuple[list[Place], int, Sketch | None]:
    """Places that fit, the nearest first where a position is given; how many fit, and a sketch of those shown."""
    _use(city, caller)
    found = finding.sought(await finding.places(city), words, district, near)
    shown = found[: finding.SHOWN]
    return shown, len(found), await finding.sketch(city, shown)


def districts(city: City, caller: Caller) -> list[Choice]:
    """The districts of the city today."""
    _use(city, caller)
    return answering.districts(city)


def datasets(city: City, caller: Caller) -> list[Dataset]:
    """The open data: what anybody may read, whoever asks."""
    _use(city, caller)
    return finding.datasets(city)


def dataset(city: City, caller: Caller, name: str) -> Dataset:
    """One of them. Raises NotFound."""
    found = next((d for d in datasets(city, caller) if d.name == name), None)
    if found is None:
        raise NotFound
    return found


async def go_on_as(city: City, caller: Caller, visit: str, fresh: str) -> None:
    """Let the answers of a visit go on under a fresh cookie, at a sign-in: the old one opens nothing any more."""
    _use(city, caller)
    await store.move(city[Database], _stamp(visit), _stamp(fresh))


async def leave(city: City, caller: Caller, visit: str) -> None:
    """Forget what a visit had under way, at a sign-out."""
    _use(city, caller)
    await store.leave(city[Database], _stamp(visit))


async def tidy(city: City, caller: Caller) -> int:
    """Drop answers that nobody came back to; how many. For the portal's own job."""
    access.authorize(city, caller, "portal.tidy", "portal")
    return await store.tidy(city[Database])
