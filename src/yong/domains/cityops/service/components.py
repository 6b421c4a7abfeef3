"""Components (部件): those near a place, and the one that a case is about."""

from collections.abc import Iterator

from yong.domains.cityops.contracts import NearComponent
from yong.domains.cityops.logic.classes import NEAR_M, away, box
from yong.kernel.access import api as access
from yong.kernel.access.contracts import Caller
from yong.kernel.base.city import City
from yong.kernel.cases import api as cases
from yong.kernel.records import api as records
from yong.kernel.records.contracts import Filter, Operator, Record

COMPONENT = "cityops.component"
LINK = "component"
_SHOWN, _LOOKED_AT = 20, 500


async def near(
    city: City, caller: Caller, lon: float, lat: float, class_: str | None, within_m: float
) -> list[NearComponent]:
    """Components within some metres of a position, the nearest first, at most 20; of a class where one is named."""
    filters = [Filter("location", Operator.BBOX, box(lon, lat, within_m))]
    if class_:
        filters.append(Filter("class", Operator.EQ, class_))
    page = await records.listing(city, caller, COMPONENT, filters=filters, limit=_LOOKED_AT)
    found = [(away(lon, lat, _positions(r.values.get("location"))), r) for r in page.items]
    return [_near(d, r) for d, r in sorted(found, key=lambda f: (f[0], f[1].id)) if d <= within_m][:_SHOWN]


def _positions(shape: object) -> Iterator[tuple[float, float]]:
    """The positions of a geometry, however deep."""
    if isinstance(shape, dict):
        for inner in (shape.get("coordinates"), *(shape.get("geometries") or ())):
            yield from _positions(inner)
    elif isinstance(shape, list):
        if len(shape) >= 2 and all(isinstance(v, int | float) for v in shape[:2]):
            yield float(shape[0]), float(shape[1])
        else:
            for inner in shape:
                yield from _positions(inner)


def _near(distance_m: float, record: Record) -> NearComponent:
    values = record.values
    told = {n: str(values[n]) if values.get(n) is not None else None for n in ("state", "in_charge")}
    return NearComponent(
        code=str(values["code"]), class_=str(values["class"]), name=str(values["name"]), state=told["state"],
        in_charge=told["in_charge"], distance_m=round(distance_m, 1),
    )  # fmt: skip


async def link(
    city: City, case: str, class_: str | None, location: tuple[float, float] | None
) -> NearComponent | None:
    """Say at a case which component it is about: the nearest of its class within 50 m, where there is one."""
    if class_ is None or location is None:
        return None
    caller = access.system_caller("cityops")
    found = await near(city, caller, *location, class_, NEAR_M)
    if not found:
        return None
    await cases.link(
        city, caller, case, LINK, found[0].code, f"{found[0].name}（{found[0].distance_m:.0f} m）"
    )
    return found[0]
