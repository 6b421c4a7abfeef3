"""What environment does by itself."""

from yong.domains.environment import api
from yong.kernel.access.api import system_caller
from yong.kernel.base.city import City


async def judge_hour(city: City) -> None:
    """Every minute: every station's hourly index, as far as the hour has come."""
    await api.judge_hour(city, system_caller("environment"))
