"""Requests of the past: what another system recorded goes its way as cases, as of then."""

import asyncio
from collections.abc import Callable, Sequence

from yong.domains.cityops.contracts import PROCEDURE, Imported, PastRequest
from yong.domains.cityops.logic import past_case, steps_of
from yong.kernel.access import api as access
from yong.kernel.access.contracts import Caller
from yong.kernel.base.city import City
from yong.kernel.base.errors import Conflict, YongError
from yong.kernel.base.text import Text
from yong.kernel.cases import api as cases
from yong.kernel.records import api as records

_SIDE_BY_SIDE = 64
_TOLD = 20


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
