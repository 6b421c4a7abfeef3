"""The use cases of cityops: reports become cases, and what becomes of a case is told at its report."""

from collections.abc import Iterable

import structlog

from yong.domains.cityops import store
from yong.domains.cityops.contracts import PROCEDURE, SOURCE
from yong.domains.cityops.logic import answer_of, case_of, course_of, deeds_of, turns_of
from yong.kernel.access import api as access
from yong.kernel.access.contracts import Caller
from yong.kernel.base.city import City
from yong.kernel.base.errors import Conflict, NotFound, Stale, YongError
from yong.kernel.base.text import Text
from yong.kernel.cases import api as cases
from yong.kernel.records import api as records
from yong.kernel.store.database import Database

REPORT = "reports.report"
HANDLING = "cases.handling"
_log = structlog.get_logger("cityops")


async def take_in(city: City, reference: str) -> None:
    """Open the case of a report, once; a report that cannot be a case is told of in the log and stays what it is."""
    caller = access.system_caller("cityops")
    try:
        report = await records.read(city, caller, REPORT, reference, purpose=HANDLING)
        new = case_of(report.values, report.district, report.owner)
        reporter = report.values.get("reporter")
        made = await cases.open_case(
            city, caller, new, f"report/{reference}", reporter=str(reporter) if reporter else None
        )
        await cases.link(city, caller, made.id, "report", reference, "")
    except YongError as error:
        _log.error("a report did not become a case", reference=reference, why=error.detail.en)


async def tell_back(city: City, case: str) -> None:
    """Say at a report what became of its case, where that is new."""
    caller = access.system_caller("cityops")
    try:
        found = await cases.case(city, caller, case)
        for link in found.links:
            if link.kind == "report":
                told = answer_of(found.state, found.stage, found.outcome, found.number)
                if told:
                    await _answer(city, link.target, told[0].value, told[1])
    except NotFound:
        return


async def _answer(city: City, reference: str, state: str, said: Text) -> None:
    caller = access.system_caller("cityops")
    answer = f"{said.zh}\n{said.en}"
    for _ in range(3):
        report = await records.read(city, caller, REPORT, reference, purpose=HANDLING)
        if (report.values["state"], report.values["answer"]) == (state, answer) or report.ended_at:
            return
        try:
            await records.update(
                city,
                caller,
                REPORT,
                reference,
                {"state": state, "answer": answer},
                version=report.version or 1,
            )
        except (Stale, Conflict):
            continue  # an officer changed it at the same time: what they wrote is read first
        return


def concerns(data: dict[str, object]) -> bool:
    """Whether an event of a case is of one that a resident reported."""
    return data.get("procedure") == PROCEDURE and data.get("source") == SOURCE


def is_ours(data: dict[str, object]) -> bool:
    """Whether an event of a case is of one of urban management."""
    return data.get("procedure") == PROCEDURE


async def keep_score(city: City, caller: Caller, ids: Iterable[str]) -> None:
    """Keep what is scored of some cases, as they are now; what is as it was is not written again."""
    courses, turns, deeds = [], [], []
    for id_ in dict.fromkeys(ids):
        try:
            case = await cases.case(city, caller, id_)
        except NotFound:
            continue
        own = turns_of(case)
        courses.append(course_of(case, own))
        turns += own
        deeds += deeds_of(case, own)
    async with city[Database].transaction() as connection:
        await store.keep(connection, store.COURSE, courses)
        await store.keep(connection, store.TURN, turns)
        await store.keep(connection, store.DEED, deeds)
