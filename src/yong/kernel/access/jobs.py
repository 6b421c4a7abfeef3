"""What access does by itself."""

from yong.kernel.access import identity, retention
from yong.kernel.base.city import City


async def prune_audit(city: City) -> None:
    """Every night: the trail is sealed, and what is beyond its retention goes."""
    await retention.retain(city)


async def tidy(city: City) -> None:
    """Every hour: uses of API keys in periods that are over, and sessions that have ended, go."""
    await identity.tidy(city)
