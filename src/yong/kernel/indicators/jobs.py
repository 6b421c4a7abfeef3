"""What indicators do by themselves."""

from yong.kernel.access.api import system_caller
from yong.kernel.base.city import City
from yong.kernel.indicators import api


async def compute_due(city: City) -> None:
    """Every night: the periods that run and those that ended last are computed."""
    await api.compute_due(city, system_caller("indicators"))
