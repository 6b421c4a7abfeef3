"""The jobs that failed for good, for whoever operates the system: seen, tried again, forgotten."""

from yong.kernel.access import api as access
from yong.kernel.access.contracts import Caller
from yong.kernel.base.city import City
from yong.kernel.store import jobs
from yong.kernel.store.database import Database
from yong.kernel.store.jobs import DeadJob

_ACTION = "access.operate"


async def dead(city: City, caller: Caller, limit: int = 100) -> list[DeadJob]:
    """Jobs that used up their retries, newest first; why is in the worker's log."""
    access.authorize(city, caller, _ACTION, "access")
    return await jobs.dead(city[Database], min(max(limit, 1), 1000))


async def retry(city: City, caller: Caller, job: int) -> None:
    """Put a dead job back on the queue, with all its retries. Raises NotFound, Conflict."""
    access.authorize(city, caller, _ACTION, "access")
    async with city[Database].transaction() as connection:
        await access.audit(connection, caller, "access.retry_job", f"job:{job}")
        await jobs.retry(connection, job)


async def discard(city: City, caller: Caller, job: int) -> None:
    """Forget a dead job. Raises NotFound."""
    access.authorize(city, caller, _ACTION, "access")
    async with city[Database].transaction() as connection:
        await access.audit(connection, caller, "access.discard_job", f"job:{job}")
        await jobs.discard(connection, job)
