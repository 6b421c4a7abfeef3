"""What cityops does by itself."""

from collections.abc import Sequence

from yong.domains.cityops import api
from yong.kernel.access.api import system_caller
from yong.kernel.base.city import City
from yong.kernel.store.contracts import Event


async def follow(city: City, events: Sequence[Event]) -> None:
    """As residents report and cases go on."""
    await api.follow(city, system_caller("cityops"), events)


async def pull(city: City) -> None:
    """Every ten minutes: what other Open311 endpoints have that is new."""
    await api.pull_all(city, system_caller("cityops"))


async def keep_score(city: City, events: Sequence[Event]) -> None:
    """As cases go on, what is scored of them."""
    await api.keep_score(city, system_caller("cityops"), events)
