"""What history does by itself."""

from yong.kernel.base.city import City
from yong.kernel.history import retention, sealing, service


async def make_days(city: City) -> None:
    """Every hour: partitions stand before the first reading of their day comes."""
    await service.make_days(city)


async def seal(city: City) -> None:
    """Every hour: days that are over go into their files; what is beyond its retention goes."""
    await sealing.seal(city)
    await retention.retain(city)
