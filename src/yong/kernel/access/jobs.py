"""What access does by itself."""

from yong.kernel.access import retention
from yong.kernel.base.city import City


async def prune_audit(city: City) -> None:
    """Every night: the trail is sealed, and what is beyond its retention goes."""
    await retention.retain(city)
