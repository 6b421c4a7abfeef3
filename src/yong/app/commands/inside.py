"""Work in the city that runs here."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from yong.app import bootstrap
from yong.app.commands.words import configured
from yong.kernel.access import api as access
from yong.kernel.store import place

T = TypeVar("T")


async def in_city(work: Callable[..., Awaitable[T]], *arguments: object) -> T:
    """Work at a door, as whoever may use this machine's command line."""
    settings = configured()
    async with bootstrap.running(
        settings, place.serve_url(settings), name="yong command", connections=2
    ) as city:
        return await work(city, access.system_caller("access"), *arguments)
