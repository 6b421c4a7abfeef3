"""The use cases of cityops: reports become cases, and what becomes of a case is told at its report."""

from collections.abc import Mapping
from datetime import datetime

import structlog

from yong.domains.cityops import store
from yong.domains.cityops.contracts import PROCEDURE, SOURCE
from yong.domains.cityops.logic import answer_of, case_of
from yong.domains.cityops.service import components, services
from yong.kernel.access import api as access
from yong.kernel.base.city import City
from yong.kernel.base.errors import Conflict, NotFound, Stale, YongError
from yong.kernel.base.text import Text
from yong.kernel.cases import api as cases
from yong.kernel.cases.contracts import CaseShown
from yong.kernel.documents import api as documents
from yong.kernel.documents.contracts import About, Belongs
from yong.kernel.records import api as records
from yong.kernel.store.database import Database

REPORT, CASE = "reports.report", "cases.case"
HANDLING = "cases.handling"
_log = structlog.get_logger("cityops")


async def take_in(city: City, reference: str) -> None:
    """Open the case of a report, once; a report that cannot be a case is told of in the log and stays what it is."""
    caller = access.system_caller("cityops")
    try:
        report = await records.read(city, caller, REPORT, reference, purpose=HANDLING)
        code = str(report.values.get("class") or "")
        kinds = await services.names(city, {code}) if code else {}
        new = case_of(report.values, report.district, report.owner, kinds.get(code))
        reporter = report.values.get("reporter")
        made = await cases.open_case(
            city, caller, new, f"report/{reference}", reporter=str(reporter) if reporter else None
        )
        await cases.link(city, caller, made.id, "report", reference, "")
        await components.link(city, made.id, new.class_, new.location)
    except YongError as error:
        _log.error("a report did not become a case", reference=reference, why=error.detail.en)


async def take_photos(city: City, reference: str) -> None:
    """Give the case of a report the report's photos, each once: whoever has the case sees them, and the case's law holds."""
    caller = access.system_caller("cityops")
    try:
        case = await cases.opened_as(city, caller, f"report/{reference}")
        if case is None:
            return
        belongs = Belongs(CASE, case)
        there = {one.sha256 for one in await documents.documents_of(city, caller, belongs)}
        for photo in await documents.documents_of(city, caller, Belongs(REPORT, reference)):
            if photo.sha256 in there:
                continue
            content = await documents.open_content(city, caller, photo.id)
            about = About(
                title=photo.title, media_type=photo.media_type, filename=photo.filename, belongs=belongs, owner=photo.owner,
                district=photo.district, subject=photo.subject, personal=photo.personal, level=photo.level,
            )  # fmt: skip
            kept = await documents.keep(city, caller, content.opened.read(0, photo.bytes), about)
            await cases.attach(city, caller, case, kept.id)
    except YongError as error:
        _log.error(
            "the photos of a report did not come to its case", reference=reference, why=error.detail.en
        )


async def name_component(city: City, case: str) -> None:
    """Say at a case that somebody opened at a desk which component it is about."""
    if not await store.any_component(city[Database]):
        return
    try:
        found = await cases.case(city, access.system_caller("cityops"), case)
        shape = found.location
        if isinstance(shape, dict) and shape.get("type") == "Point":
            lon, lat = shape["coordinates"][:2]
            await components.link(city, case, found.class_, (float(lon), float(lat)))
    except YongError as error:
        _log.error("no component was named", case=case, why=error.detail.en)


async def tell_back(city: City, case: str) -> None:
    """Say at a report what became of its case, where that is new."""
    caller = access.system_caller("cityops")
    try:
        found = await cases.case(city, caller, case)
        for link in found.links:
            if link.kind == "report":
                told = answer_of(found.state, found.stage, found.outcome, found.number)
                if told:
                    await _answer(city, link.target, told[0].value, told[1], found)
    except NotFound:
        return


async def _answer(city: City, reference: str, state: str, said: Text, case: CaseShown) -> None:
    caller = access.system_caller("cityops")
    answer = f"{said.zh}\n{said.en}"
    due = case.due_at.isoformat() if case.due_at else None
    values = {"state": state, "answer": answer, "unit": case.unit, "expected_at": due}
    for _ in range(3):
        report = await records.read(city, caller, REPORT, reference, purpose=HANDLING)
        news = _news(report.values, values)
        if report.ended_at or not news:
            return
        try:
            await records.update(
                city,
                caller,
                REPORT,
                reference,
                news,
                version=report.version or 1,
            )
        except (Stale, Conflict):
            continue  # an officer changed it at the same time: what they wrote is read first
        return


def _news(known: Mapping[str, object], values: Mapping[str, object]) -> dict[str, object]:
    """What the report does not say yet: who sent it hears of a new state or answer, and of nothing twice."""
    return {n: value for n, value in values.items() if _moment(known.get(n)) != _moment(value)}


def _moment(value: object) -> object:
    """A moment however it is written; what is none as it is."""
    try:
        return datetime.fromisoformat(str(value))
    except ValueError:
        return value


def by_hand(data: dict[str, object]) -> bool:
    """Whether an event is of a case of ours that did not come of a report."""
    return data.get("procedure") == PROCEDURE and data.get("source") != SOURCE


def is_photo(data: dict[str, object]) -> bool:
    """Whether a document that was kept belongs to a report."""
    return data.get("belongs_to") == REPORT


def concerns(data: dict[str, object]) -> bool:
    """Whether an event of a case is of one that a resident reported."""
    return data.get("procedure") == PROCEDURE and data.get("source") == SOURCE
