"""HTTP as the kernel names it, without a framework: ASGI callables and the routes that need its full speed."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, TypeAlias

import msgspec

from yong.kernel.base.city import City

Message: TypeAlias = MutableMapping[str, Any]
ASGI: TypeAlias = Callable[
    [Message, Callable[[], Awaitable[Message]], Callable[[Message], Awaitable[None]]], Awaitable[bool | None]
]


class HotRoute(msgspec.Struct, frozen=True, kw_only=True):
    """A route answered before the framework, under the same authorization and in the same OpenAPI.

    It takes requests of `method` whose path starts with `prefix` and has `segments` parts
    (`/records/a/b` has three). `open` makes the ASGI callable once the City is open. A module lists its
    hot routes as `hot` in `routes.py`; the framework's handler of the same path stays as documentation
    and takes what the callable declines by returning False before it sent anything.
    """

    method: str
    prefix: str
    segments: int
    open: Callable[[City], ASGI]
