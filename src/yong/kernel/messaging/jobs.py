"""What messaging does by itself."""

from typing import Any

from yong.kernel.access.api import system_caller
from yong.kernel.base.city import City
from yong.kernel.messaging import api


async def deliver(city: City, delivery: str) -> None:
    """A letter goes out by its channel."""
    await api.deliver(city, system_caller("messaging"), delivery)


async def send_code(city: City, account: str, channel: str, nonce: str) -> None:
    """The code of an address goes there."""
    await api.send_code(city, system_caller("messaging"), account, channel, nonce)


async def tell_again(city: City, teller: str, event: dict[str, Any]) -> None:
    """What a teller failed to tell of is told."""
    await api.tell_again(city, system_caller("messaging"), teller, event)


async def forget(city: City) -> None:
    """Every night: old messages go."""
    await api.forget(city, system_caller("messaging"))
