"""The only door of cityops: every function takes the City and the Caller, and authorizes first."""

from collections.abc import Sequence

from yong.domains.cityops import service
from yong.kernel.access import api as access
from yong.kernel.access.contracts import Caller
from yong.kernel.base.city import City
from yong.kernel.store.contracts import Event


async def follow(city: City, caller: Caller, events: Sequence[Event]) -> None:
    """Reports become cases; what becomes of the case is told at the report. Bears to be told the same again."""
    access.authorize(city, caller, "cityops.follow", "cityops")
    for event in events:
        if event.type == "reports.ReportCreated":
            await service.take_in(city, event.subject)
        elif service.concerns(event.data):
            await service.tell_back(city, event.subject)


async def keep_score(city: City, caller: Caller, events: Sequence[Event]) -> None:
    """What is scored of cases is brought up to date. Bears to be told the same again."""
    access.authorize(city, caller, "cityops.keep_score", "cityops")
    await service.keep_score(city, caller, [e.subject for e in events if service.is_ours(e.data)])
