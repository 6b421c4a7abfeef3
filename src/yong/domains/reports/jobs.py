"""What reports does by itself."""

from yong.domains.reports import api
from yong.kernel.access.api import system_caller
from yong.kernel.base.city import City
from yong.kernel.store.contracts import Event
from yong.kernel.store.database import Connection


async def tell(city: City, connection: Connection, event: Event) -> None:
    """When a report came in, was answered or closed: whoever sent it is told."""
    await api.tell(city, system_caller("reports"), connection, event)
