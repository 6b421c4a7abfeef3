"""Work in the city that runs here."""

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import TypeVar

from yong.app import bootstrap
from yong.app.commands.words import configured
from yong.kernel.access import api as access
from yong.kernel.base.errors import Unavailable
from yong.kernel.base.text import Text
from yong.kernel.store import place
from yong.kernel.store.database import away

T = TypeVar("T")
_NOTHING_RUNS = Text(
    "这里没有运行中的系统；请先运行 yong up 或 yong demo", "No city runs here: run yong up or yong demo first"
)


async def in_city(work: Callable[..., Awaitable[T]], *arguments: object) -> T:
    """Work at a door, as whoever may use this machine's command line. Raises Unavailable where no city runs."""
    settings = configured()
    async with AsyncExitStack() as stack:
        running = bootstrap.running(settings, place.serve_url(settings), name="yong command", connections=2)
        try:
            city = await stack.enter_async_context(running)
        except Exception as error:
            if away(error):
                raise Unavailable(_NOTHING_RUNS) from None
            raise
        return await work(city, access.system_caller("access"), *arguments)
