"""What documents does by itself."""

from yong.kernel.access.api import system_caller
from yong.kernel.base.city import City
from yong.kernel.documents import api


async def sweep(city: City) -> None:
    """Every night: content that nobody has, and uploads that nobody goes on with, go."""
    await api.sweep(city, system_caller("documents"))


async def remove_due(city: City) -> None:
    """Every night: what is due goes, unless somebody has to approve it first or it is held."""
    await api.remove_due(city, system_caller("documents"))
