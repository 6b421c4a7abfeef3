"""The rules of cityops: a report or a recorded request as a case, and a case as an answer. Pure."""

import hashlib
import re
from collections.abc import Mapping

from yong.domains.cityops.contracts import ENDED, FILED, PROCEDURE, REPLAY, SOURCE, PastRequest
from yong.domains.reports.contracts import CATEGORIES, State
from yong.kernel.base.text import Text
from yong.kernel.cases.contracts import TITLE, WORDS, Act, NewCase, Step

_CONTACT = ("contact_name", "contact_phone", "contact_email")
_HANDLED = frozenset({"dispatch", "handle", "check", "close"})


def case_of(
    values: Mapping[str, object], district: str | None, owner: str | None, kind: Text | None = None
) -> NewCase:
    """The case of a report: what its class (`kind`) or category is called and where, with the reporter's own words."""
    category = kind or CATEGORIES.get(str(values.get("category")), Text("其他", "Something else"))
    place = str(values.get("place") or "")
    contact = " ".join(str(values[name]) for name in _CONTACT if values.get(name))
    shape = values.get("location")
    point = shape["coordinates"] if isinstance(shape, dict) and shape.get("type") == "Point" else None
    return NewCase(
        procedure=PROCEDURE,
        title=f"{category.zh.partition('：')[0]}：{place}"[:TITLE],
        description=_words(values)[:WORDS],
        class_=str(values["class"]) if values.get("class") else None,
        source=SOURCE,
        district=district,
        place=place[:200] or None,
        location=(float(point[0]), float(point[1])) if point else None,
        contact=contact[:200] or None,
        owner=owner,
    )


def _words(values: Mapping[str, object]) -> str:
    """What the reporter wrote, and below it their answers to the questions of the class and where they say a picture is."""
    answers = values.get("answers")
    told = [f"{a['question']}：{a['answer']}" for a in answers] if isinstance(answers, list) else []
    if values.get("media"):
        told.append(f"反映人给出的图片地址（未经核实）：{values['media']}")
    return "\n".join((str(values.get("description") or ""), *told))


def answer_of(state: str, stage: str, outcome: str | None, number: str) -> tuple[State, Text] | None:
    """How far a report is by its case, and what is said of it; nothing before it is filed."""
    if state == "merged":
        return State.CLOSED, ENDED["merged"]
    if state == "closed":
        return State.CLOSED, ENDED.get(outcome or "", ENDED["solved"])
    if stage in _HANDLED:
        return State.ANSWERED, FILED.filled(number=number)
    return None


_CODE = 40
_NOT_IN_CODES = re.compile(r"[^0-9a-z]+")
_REPLAYED = "回放 · Replay {id}"


def code_of(words: str) -> str:
    """A code of at most 40 characters for what another system names in words; another one for other words."""
    short = _NOT_IN_CODES.sub("-", words.casefold()).strip("-")
    digest = hashlib.sha256(words.encode()).hexdigest()[:6]
    return f"{short[: _CODE - 7].strip('-')}-{digest}"


def past_case(request: PastRequest, district: str) -> NewCase:
    """The case of a recorded request as it came in: nothing that was decided later. `district`: where it is counted."""
    return NewCase(
        procedure=PROCEDURE, title=request.title[:TITLE], source=REPLAY, district=district,
        place=request.place[:200] if request.place else None, location=request.location,
    )  # fmt: skip


def steps_of(request: PastRequest) -> tuple[Step, ...]:
    """Its way through all stages. What lies between opening and closing was not recorded: it is verified, filed and
    dispatched as it comes in; handled, checked and closed as it is closed."""
    note = _REPLAYED.format(id=request.id)
    begun, ended = request.opened_at, request.closed_at
    steps = [
        Step(element="verify", at=begun, act=Act(choice="confirm", note=note)),
        Step(element="file", at=begun, act=Act(choice="file", class_=request.class_, note=note)),
        Step(element="dispatch", at=begun, act=Act(choice="dispatch", units=[request.unit], note=note)),
    ]
    if ended:
        steps += [
            Step(element="handle", at=ended, act=Act(choice="done", note=note)),
            Step(element="check", at=ended, act=Act(choice="pass", note=note)),
            Step(element="close", at=ended, act=Act(choice="close", note=note)),
        ]
    return tuple(steps)
