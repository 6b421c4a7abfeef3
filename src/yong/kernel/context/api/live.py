"""Following changes as they happen: who may see entities is told what changes of them."""

from collections.abc import Mapping

from yong.kernel.access.contracts import Caller
from yong.kernel.base.city import City
from yong.kernel.context.live import reading
from yong.kernel.context.live.clients import Asked, Client
from yong.kernel.context.live.hub import Hub
from yong.kernel.context.live.streams import Following
from yong.kernel.context.live.wanted import Wanted
from yong.kernel.context.service.reading import known_tenant, rows_of

_SAY_WHO = ("x-api-key", "authorization", "cookie", "x-purpose")


async def follow(
    city: City,
    caller: Caller,
    wanted: Wanted,
    *,
    headers: Mapping[str, str],
    address: str = "",
    tenant: str = "",
    last: str | None = None,
    seconds: int | None = None,
) -> Following:
    """A stream of what changes of the entities that `wanted` means and the caller may see, as long as that is so.

    `headers` are the request's: the credential in them is looked at again while the stream lasts. `address` tells
    clients without an account apart. `last` is the id of the last event read, `seconds` how long the stream lasts.
    Raises Unauthenticated or Forbidden, Invalid for a filter that is none, NotFound for a tenant that is none,
    TooMany when there are as many streams as there may be. Close what it gives.
    """
    rows_of(city, caller, tenant)
    await known_tenant(city, tenant)
    await reading.proven(city, wanted.probes)
    account = caller.account if caller.account != "anonymous" else f"anonymous at {address}"
    kept = {name: value for name in _SAY_WHO if (value := headers.get(name)) is not None}
    client = Client(
        Asked(
            caller=caller,
            headers=kept,
            account=account,
            wanted=wanted,
            tenant=tenant,
            last=last,
            seconds=seconds,
        )
    )
    hub = city[Hub]
    hub.admit(client)
    return Following(hub, client)


def end_streams(city: City) -> None:
    """End every stream of this process, which is about to stop: its clients go on with another."""
    city[Hub].end_all()
