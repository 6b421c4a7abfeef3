"""The records of layers, as a caller may see them."""

from datetime import date

from yong.kernel.access import api as access
from yong.kernel.access.contracts import Caller
from yong.kernel.base.city import City
from yong.kernel.base.errors import NotFound
from yong.kernel.geo.features import sources
from yong.kernel.records import api as records
from yong.kernel.records.contracts import Record

LAYER = "geo.layer"


async def every(city: City, caller: Caller, at: date | None) -> list[Record]:
    """The layers that hold on a day (today); those of collections hidden from the caller left out."""
    found = [r async for r in records.every(city, caller, LAYER, at=at)]
    seen = {c.id for c in await sources.collections(city, caller)}
    return [r for r in found if r.values["kind"] != "features" or r.values["collection"] in seen]


async def of(city: City, caller: Caller, name: str, at: date | None) -> Record:
    """One layer as it holds on a day (today). Raises NotFound where there is none that the caller may see."""
    access.authorize(city, caller, "records.read", LAYER)
    record = await records.read(city, caller, LAYER, name, at=at)
    if record.ended_at is not None:
        raise NotFound
    if record.values["kind"] == "features":
        seen = {c.id for c in await sources.collections(city, caller)}
        if record.values["collection"] not in seen:
            raise NotFound
    return record


def number(record: Record, field: str) -> int:
    value = record.values[field]
    assert isinstance(value, int)
    return value
