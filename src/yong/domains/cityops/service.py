"""The use cases of cityops: reports become cases, what becomes of a case is told at its report; requests of the past."""

import asyncio
from collections.abc import Callable, Sequence

import structlog

from yong.domains.cityops.contracts import PROCEDURE, SOURCE, Imported, PastRequest
from yong.domains.cityops.logic import answer_of, case_of, past_case, steps_of
from yong.kernel.access import api as access
from yong.kernel.access.contracts import Caller
from yong.kernel.base.city import City
from yong.kernel.base.errors import Conflict, NotFound, Stale, YongError
from yong.kernel.base.text import Text
from yong.kernel.cases import api as cases
from yong.kernel.records import api as records

REPORT = "reports.report"
HANDLING = "cases.handling"
_SIDE_BY_SIDE = 64
_TOLD = 20
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


# ---------------------------------------------------------------- requests of the past


async def take_over(
    city: City, caller: Caller, requests: Sequence[PastRequest], district: str, tell: Callable[[int], None]
) -> Imported:
    """Have recorded requests go their way as cases, each step a transaction; `tell` hears how many are through.

    Where it was broken off it goes on: a request is known by its number.
    """
    await _known(city, caller, requests)
    left = iter(requests)
    counts = dict.fromkeys(("requests", "fresh", "known", "steps", "closed", "refused"), 0)
    why: list[tuple[str, Text]] = []

    async def walk() -> None:
        for request in left:
            counts["requests"] += 1
            number = counts["requests"]
            try:
                done = await cases.replay(
                    city,
                    caller,
                    past_case(request, district),
                    f"311/{request.id}",
                    request.opened_at,
                    steps_of(request),
                )
                counts["fresh" if done.fresh else "known"] += 1
                counts["steps"] += done.done
                counts["closed"] += bool(done.done) and done.state == "closed"
            except YongError as error:
                counts["refused"] += 1
                if len(why) < _TOLD:
                    told = error.problems[0].detail if error.problems else error.detail
                    why.append((request.id, told))
            if number % 1000 == 0:
                tell(number)

    async with asyncio.TaskGroup() as group:
        for _ in range(_SIDE_BY_SIDE):
            group.create_task(walk())
    return Imported(**counts, why=tuple(why))


async def _known(city: City, caller: Caller, requests: Sequence[PastRequest]) -> None:
    """Their classes and units are kept, under the names that the other system gave them."""
    for code, title in {r.class_: r.class_title for r in requests}.items():
        told = {"code": code, "title_zh": title[:100], "title_en": title[:100], "procedure": PROCEDURE}
        try:
            await records.create(city, caller, "cases.class", told, owner=city.settings.reports_party)
        except Conflict:
            continue
    for code, title in {r.unit: r.unit_title for r in requests}.items():
        try:
            await access.create_party(
                city, caller, id=code, kind="department", zh=title[:100], en=title[:100]
            )
        except Conflict:
            continue
