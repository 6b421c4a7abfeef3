"""`yong search rebuild`: asks the process that keeps the index, and waits."""

import asyncio

from yong.kernel.access.api import system_caller
from yong.kernel.access.contracts import Caller
from yong.kernel.base.city import City
from yong.kernel.base.errors import Conflict
from yong.kernel.base.text import Text
from yong.kernel.search import api as search

_BEGINS_WITHIN_S = 60.0
_STILL = Text(
    "没有进程着手重建索引；系统启动后会自动完成（yong status 可查看）",
    "No process took the index up; it is made anew once the system runs (see yong status)",
)


async def rebuild(city: City, _: Caller) -> int:
    """Have the index made anew and wait until it is in use; how many rows it holds. Conflict when nobody begins."""
    caller = system_caller("search")
    await search.rebuild(city, caller)
    waited = 0.0
    while (state := await search.state(city, caller)).rebuilding:
        if state.in_the_making is None and waited >= _BEGINS_WITHIN_S:
            raise Conflict(_STILL)
        await asyncio.sleep(0.2)
        waited += 0.2
    return state.rows
