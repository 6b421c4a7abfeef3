"""Runs of merging in the background, under the authority of whoever ordered them."""

from yong.kernel.access.api import system_caller
from yong.kernel.base.city import City
from yong.kernel.geo.merging import api


async def merge(city: City, run: str) -> None:
    """Do an ordered run; one that is done already stays as it is."""
    await api.perform_merge(city, system_caller("geo"), run)
