"""Cases of the past, walked through their procedure at the moments at which they were."""

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise

from yong.kernel.access.contracts import Caller
from yong.kernel.base import clock
from yong.kernel.base.city import City
from yong.kernel.base.errors import Invalid, Problem
from yong.kernel.base.text import Text
from yong.kernel.cases import store
from yong.kernel.cases.contracts import NewCase, Replayed, State, Step
from yong.kernel.cases.service.acting import change
from yong.kernel.cases.service.cases import acting, open_case
from yong.kernel.store.database import Database

_ORDER = Text("时间须依次先后，且不在将来", "Moments must follow one another and not lie in the future")


async def replay(
    city: City, caller: Caller, new: NewCase, key: str, at: datetime, steps: Sequence[Step]
) -> Replayed:
    """Open a case as of then and do what was done with it, each step a transaction of its own.

    A step whose element does not wait is left out: it was done before, or the procedure went another way.
    """
    moments = [at, *(step.at for step in steps)]
    if moments[-1] > clock.now() or any(b < a for a, b in pairwise(moments)):
        raise Invalid(None, problems=(Problem("/at", _ORDER),))
    made = await open_case(city, caller, new, key, None, at)
    standing = await store.standing(city[Database], made.id)
    fresh, done = standing.revision == 1, 0
    state = standing.state
    waiting = standing.waiting
    for step in steps:
        if state != State.OPEN.value:
            break
        for task in waiting.get(step.element, ()):
            answer = await change(city, await acting(city, caller, made.id, task, step.act, step.at))
            state, done = answer["state"], done + 1
        if step.element in waiting:
            waiting = (await store.standing(city[Database], made.id)).waiting
    return Replayed(id=made.id, number=made.number, state=state, fresh=fresh, done=done)
