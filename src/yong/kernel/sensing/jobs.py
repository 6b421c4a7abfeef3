"""What sensing does by itself."""

from yong.kernel.access.api import system_caller
from yong.kernel.base.city import City
from yong.kernel.sensing import api


async def forget_dead_letters(city: City) -> None:
    """Every night: dead letters that nobody wanted go."""
    await api.forget_dead_letters(city, system_caller("sensing"))
