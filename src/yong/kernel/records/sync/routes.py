"""HTTP of work away from the network: what a device takes along, hands in, and what is to be decided."""

from typing import Annotated, Any, Literal

import msgspec
from litestar import delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromQuery, JSONBody, PathParameter, QueryParameter

from yong.kernel.access.contracts import Caller
from yong.kernel.base.city import City
from yong.kernel.records import api
from yong.kernel.records.sync.contracts import CHANGES, ConflictShown, DeviceShown, HandedIn, Taken

_DEVICE = "^[0-9A-Za-z_-]{1,64}$"
_Device = Annotated[str, QueryParameter(pattern=_DEVICE)]


class HandIn(msgspec.Struct, forbid_unknown_fields=True):
    """Changes of a device in their order. Each has `id` (8 to 64 letters, digits, `-`, `_`; its own for good), `kind`,
    `made_at`, `body` after its kind, and where it is known `place` (`lon`, `lat`, `accuracy_m`).
    """

    device: Annotated[str, msgspec.Meta(pattern=_DEVICE)]
    changes: Annotated[list[dict[str, Any]], msgspec.Meta(max_length=CHANGES)]


class DecideConflict(msgspec.Struct, forbid_unknown_fields=True):
    """Whose value stands: `mine` (what was handed in), `theirs` (what holds now), or another `value`. Unless `theirs`, the
    version of the record that was seen.
    """

    choice: Literal["mine", "theirs", "value"]
    value: Any = None
    version: Annotated[int, msgspec.Meta(ge=1, le=2_147_483_647)] | None = None


class DecidedConflict(msgspec.Struct):
    """The version that the record has now, where it changed."""

    id: str
    version: int | None


@get("/sync", summary="Take along")
async def take_along(
    city: NamedDependency[City],
    caller: NamedDependency[Caller],
    parcel: Annotated[str, QueryParameter(min_length=1, max_length=128, pattern=r"^[a-z0-9_.]+$")],
    device: _Device,
    cursor: Annotated[str | None, QueryParameter(max_length=40)] = None,
    district: Annotated[str | None, QueryParameter(pattern="^[0-9]{2,15}$")] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=1000)] = 500,
) -> Taken:
    """What a device does not hold yet of a parcel (`cityops.field`), and what it is to forget: what its bearer may see."""
    return await api.take_along(city, caller, parcel, device, cursor=cursor, district=district, limit=limit)


@post("/sync/changes", status_code=200, summary="Hand in what was done away from the network")
async def hand_in(
    city: NamedDependency[City], caller: NamedDependency[Caller], data: JSONBody[HandIn]
) -> list[HandedIn]:
    """At most 100 changes, done in their order; each answers for itself. The same again does nothing."""
    return await api.hand_in(city, caller, data.device, data.changes)


@get("/sync/conflicts", summary="What is to be decided")
async def conflicts(
    city: NamedDependency[City], caller: NamedDependency[Caller], everyone: FromQuery[bool] = False
) -> list[ConflictShown]:
    """Both values, who said them and when; one's own, or with `everyone` those of all records that one may change."""
    return await api.conflicts(city, caller, everyone=everyone)


@post(
    "/sync/conflicts/{id:str}/decision", status_code=200, opt={"errors": (409, 412)}, summary="Decide a conflict"
)  # fmt: skip
async def decide(
    city: NamedDependency[City],
    caller: NamedDependency[Caller],
    id: Annotated[str, PathParameter(min_length=1, max_length=64, pattern=r"^[^\x00/]+$")],
    data: JSONBody[DecideConflict],
) -> DecidedConflict:
    """Which value stands. 412 when somebody changed the record since."""
    return DecidedConflict(
        id, await api.decide(city, caller, id, data.choice, value=data.value, version=data.version)
    )


@get("/sync/devices", summary="One's devices")
async def devices(city: NamedDependency[City], caller: NamedDependency[Caller]) -> list[DeviceShown]:
    """Those that took something along, and when each was last heard of."""
    return await api.devices(city, caller)


@delete("/sync/devices/{device:str}", summary="Give a device up")
async def give_up(
    city: NamedDependency[City],
    caller: NamedDependency[Caller],
    device: Annotated[str, PathParameter(pattern=_DEVICE)],
) -> None:
    """It is lost or handed on: it is told to forget everything, and nothing is taken from it."""
    await api.give_up(city, caller, device)


routes = (take_along, hand_in, conflicts, decide, devices, give_up)
