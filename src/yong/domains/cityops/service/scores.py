"""What is scored of cases, kept as they go on."""

from collections.abc import Iterable

from yong.domains.cityops.contracts import PROCEDURE
from yong.domains.cityops.logic.scores import course_of, deeds_of, turns_of
from yong.domains.cityops.store import scores as store
from yong.kernel.access.contracts import Caller
from yong.kernel.base.city import City
from yong.kernel.base.errors import NotFound
from yong.kernel.cases import api as cases
from yong.kernel.store.database import Database


def is_ours(data: dict[str, object]) -> bool:
    """Whether an event of a case is of one of urban management."""
    return data.get("procedure") == PROCEDURE


async def keep(city: City, caller: Caller, ids: Iterable[str]) -> None:
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
