"""What context does by itself."""

from yong.kernel.base.city import City
from yong.kernel.context import api


async def forget_notifications(city: City) -> None:
    """Every night: notifications that were given up a month ago go."""
    await api.forget_notifications(city)


async def settle(city: City) -> None:
    """Every minute: what stayed as it is goes into the index over values."""
    await api.settle(city)
