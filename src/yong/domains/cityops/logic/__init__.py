"""The rules of cityops: a report as a case, and a case as an answer. Pure."""

from collections.abc import Mapping

from yong.domains.cityops.contracts import ENDED, FILED, PROCEDURE, SOURCE
from yong.domains.reports.contracts import CATEGORIES, State
from yong.kernel.base.text import Text
from yong.kernel.cases.contracts import TITLE, WORDS, NewCase

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
