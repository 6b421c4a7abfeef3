"""Builds of static layers in the background, under the authority of whoever handed their files in."""

from yong.kernel.access.api import system_caller
from yong.kernel.base.city import City
from yong.kernel.geo.layers import handing


async def build(city: City, build: str) -> None:
    """Do an ordered build; one that came to its end already stays as it is."""
    await handing.perform_build(city, system_caller("geo"), build)
