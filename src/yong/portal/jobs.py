"""What the portal does by itself."""

from yong.kernel.access.api import system_caller
from yong.kernel.base.city import City
from yong.portal import api


async def tidy(city: City) -> None:
    """Every ten minutes: answers that nobody came back to, go."""
    await api.tidy(city, system_caller("portal"))
