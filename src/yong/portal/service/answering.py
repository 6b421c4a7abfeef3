"""Answers under way: begun, kept question by question, checked as a whole, handed in once."""

from collections import Counter
from collections.abc import Sequence

import msgspec

from yong.kernel.access import api as access
from yong.kernel.access.contracts import Caller
from yong.kernel.base import clock
from yong.kernel.base.city import City
from yong.kernel.base.errors import Conflict, Invalid, NotFound, Problem, TooLarge
from yong.kernel.base.ids import new_id
from yong.kernel.base.relation import Field, Type
from yong.kernel.base.services import Journey, Photo, Question, Receipt, Service, Similar, Submission
from yong.kernel.base.text import Text
from yong.kernel.documents import api as documents
from yong.kernel.records import api as records
from yong.kernel.records.contracts import CodeList
from yong.kernel.store.database import Database
from yong.portal import logic, store
from yong.portal.contracts import PHOTO_TYPES, Answers, Box, Choice, Fault, Row

_GONE = Text(
    "填写内容已超过保留时间，或尚未开始；请从头填写",
    "What you wrote was kept for an hour and is gone, or you have not begun; start again",
)
_OPEN = Text("还有问题没有回答", "A question is still open")
PHOTOS = "photos"  # the line of a form that adds some
_NO_PHOTO = Text("请选择 JPEG、PNG 或 WebP 图片", "Choose a JPEG, PNG or WebP picture")
_WHICH = Text("第 {n} 张没有添加：", "Photo {n} was not added:")
_ENOUGH = Text("最多 {n} 张照片；请先移除一张", "At most {n} photos; remove one first")


class Unfit(Invalid):
    """Answers that do not fit: `faults` by line, `question` where they are to be put right."""

    def __init__(self, question: str, faults: list[Fault]) -> None:
        super().__init__(None, problems=tuple(Problem(f"/{f.key}", f.text) for f in faults))
        self.question = question
        self.faults = faults


def service(city: City, name: str) -> Service:
    """A declared service. Raises NotFound."""
    found = next((s for _, s in city.registry.of(Service) if s.name == name), None)
    if found is None:
        raise NotFound(Text("没有这项服务", "There is no such service"))
    return found


def journey(found: Service) -> Journey:
    """The questions of a service. Raises NotFound where it has none."""
    if found.journey is None:
        raise NotFound
    return found.journey


def question(asked: Journey, name: str) -> Question:
    """One question. Raises NotFound."""
    found = next((q for q in asked.questions if q.name == name), None)
    if found is None:
        raise NotFound
    return found


def boxes(city: City, asked: Journey, one: Question) -> list[Box]:
    """The boxes of a question, with what may be chosen today."""
    fields = {f.name: f for f in records.relation(city, asked.table).fields}
    return [
        logic.box_of(
            i, fields, districts(city) if i.field == logic.DISTRICT else _choices(city, fields[i.field])
        )
        for i in one.inputs
    ]


def districts(city: City) -> list[Choice]:
    """The county-level areas of the city that hold today: its package's code list `<city>.area`."""
    return codes(city, f"{city.settings.city}.area")


def _choices(city: City, field: Field) -> list[Choice]:
    return codes(city, str(field.codes)) if field.type is Type.CODE else []


def codes(city: City, name: str) -> list[Choice]:
    """The codes of a declared list that are valid today, in its order."""
    today = clock.now().astimezone(clock.CHINA).date()
    found = next((c for _, c in city.registry.of(CodeList) if c.name == name), None)
    return [
        Choice(c.code, c.title)
        for c in (found.codes if found else ())
        if (c.valid_from is None or c.valid_from <= today) and (c.valid_to is None or today < c.valid_to)
    ]


async def under_way(city: City, visit: bytes, name: str) -> Answers:
    """The visit's answers for a service. Raises Conflict when there are none."""
    found = await store.answers(city[Database], visit, name)
    if found is None:
        raise Conflict(_GONE)
    return found


async def begin(city: City, visit: bytes, found: Service, written: dict[str, str]) -> str:
    """Begin anew, with what is known already; the first step."""
    asked = journey(found)
    keys = {key for q in asked.questions for box in boxes(city, asked, q) for key in box.keys}
    known = {k: v for k, v in written.items() if k in keys}
    await store.begin(city[Database], visit, found.name, new_id(), known)
    return asked.questions[0].name


async def answer(city: City, found: Service, answers: Answers, name: str, form: dict[str, str]) -> str:
    """Keep the answer to a question; the next step. Raises Unfit, and then keeps nothing."""
    asked = journey(found)
    one = question(asked, name)
    shown = boxes(city, asked, one)
    written = logic.lines_of(shown, form)
    _, _, faults = checked(city, asked, shown, written)
    if faults:
        raise Unfit(name, faults)
    changed = any(answers.written.get(k) != v for k, v in written.items())
    await store.note(city[Database], answers.key, written, [name])
    if changed and "similar" in answers.answered:
        await store.forget_steps(city[Database], answers.key, ["similar"])
    answered = [a for a in answers.answered if a != "similar" or not changed]
    return logic.next_step(asked, [*answered, name], similar=asked.similar is not None)


async def add_photos(city: City, found: Service, answers: Answers, name: str, given: Sequence[Photo]) -> None:
    """Add photos to a question, each examined and stripped. Raises Unfit, where those before the bad one stay."""
    asked = journey(found)
    one = question(asked, name)
    own = access.system_caller(asked.table.partition(".")[0])
    for number, photo in enumerate(given, 1):
        try:
            if photo.media_type not in PHOTO_TYPES:
                raise Invalid(_NO_PHOTO)
            bare = await documents.examined(city, own, photo.content, photo.media_type, strip=True)
        except (Invalid, TooLarge) as error:
            why, which = error.problems[0].detail if error.problems else error.detail, _WHICH.filled(n=number)
            raise Unfit(name, [Fault(PHOTOS, Text(which.zh + why.zh, f"{which.en} {why.en}"))]) from None
        added = msgspec.structs.replace(photo, content=bare)
        if not await store.add_photo(city[Database], answers.key, name, added, one.photos):
            raise Unfit(name, [Fault(PHOTOS, _ENOUGH.filled(n=one.photos))])


def checked(
    city: City, asked: Journey, shown: list[Box], written: dict[str, str]
) -> tuple[dict[str, object], str | None, list[Fault]]:
    """The values of some boxes, the district, and what is wrong: by the form, and by the table's declaration."""
    values, district, faults = logic.values_of(shown, written)
    module = asked.table.partition(".")[0]
    draft = records.draft(city, access.system_caller(module), asked.table, values)
    for problem in draft.problems:
        key = logic.key_of(shown, problem.pointer)
        if key is not None and all(f.key != key for f in faults):
            faults.append(Fault(key, problem.detail))
    return draft.values, district, faults


async def with_photos(city: City, key: str, sent: Submission) -> Submission:
    """A submission with the photos that were added."""
    added = await store.photos(city[Database], key)
    found = [await store.photo(city[Database], key, one.id) for one in added]
    return msgspec.structs.replace(sent, photos=tuple(p for p in found if p is not None))


def submission(city: City, asked: Journey, answers: Answers) -> Submission:
    """All answers together. Raises Unfit for the first question that is open or does not fit."""
    values: dict[str, object] = {}
    district = None
    for one in asked.questions:
        shown = boxes(city, asked, one)
        some, chosen, faults = checked(city, asked, shown, answers.written)
        if one.name not in answers.answered and not faults:
            faults = [Fault(shown[0].keys[0] if shown else PHOTOS, _OPEN)]
        if faults:
            raise Unfit(one.name, faults)
        values |= some
        district = chosen or district
    return Submission(key=answers.key, values=values, district=district)


def placed(city: City, asked: Journey, error: Invalid) -> Unfit | None:
    """What the module finds wrong, at the first question that asks for it."""
    for one in asked.questions:
        shown = boxes(city, asked, one)
        found = [(logic.key_of(shown, p.pointer), p.detail) for p in error.problems]
        faults = [Fault(key, text) for key, text in found if key is not None]
        if faults:
            return Unfit(one.name, faults)
    return None


async def similar(city: City, caller: Caller, asked: Journey, answers: Answers) -> list[Similar]:
    """What may be the same. Raises Unfit."""
    if asked.similar is None:
        return []
    try:
        return await asked.similar(city, caller, submission(city, asked, answers))
    except Unfit:
        raise
    except Invalid as error:
        raise placed(city, asked, error) or error from None


async def hand_in(city: City, caller: Caller, found: Service, answers: Answers) -> Receipt:
    """Hand the answers to the module that asked; the same receipt if they were handed in already."""
    if answers.receipt is not None:
        return answers.receipt
    asked = journey(found)
    try:
        sent = submission(city, asked, answers)
        if any(one.photos for one in asked.questions):
            sent = await with_photos(city, answers.key, sent)
        receipt = await asked.submit(city, caller, sent)
    except Unfit:
        raise
    except Invalid as error:
        raise placed(city, asked, error) or error from None
    await store.hand_in(city[Database], answers.key, receipt)
    return receipt


async def rows(city: City, asked: Journey, answers: Answers) -> list[Row]:
    """Everything that was written and added, as it is checked."""
    added = Counter(photo.question for photo in await store.photos(city[Database], answers.key))
    return [
        row
        for one in asked.questions
        for row in logic.rows_of(one, boxes(city, asked, one), answers.written, added[one.name])
    ]


def with_name(city: City, code: str | None) -> Text | None:
    """A district's name by its code."""
    return next((c.title for c in districts(city) if c.code == code), None)
