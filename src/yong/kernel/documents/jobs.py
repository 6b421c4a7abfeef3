"""What documents does by itself."""

from yong.kernel.access.api import system_caller
from yong.kernel.base.city import City
from yong.kernel.documents import api


async def sweep(city: City) -> None:
    """Every night: content that nobody has, and uploads that nobody goes on with, go."""
    await api.sweep(city, system_caller("documents"))
