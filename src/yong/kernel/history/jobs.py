"""What history does by itself."""

from yong.kernel.base.city import City
from yong.kernel.history import service


async def make_days(city: City) -> None:
    """Every hour: partitions stand before the first reading of their day comes."""
    await service.make_days(city)
