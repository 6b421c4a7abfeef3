"""Places and open data: what anybody may read of the registers, found by name, district and nearness."""

import asyncio
import time

import msgspec
import shapely

from yong.kernel.access import api as access
from yong.kernel.access.contracts import ANONYMOUS
from yong.kernel.base import clock
from yong.kernel.base.city import City
from yong.kernel.base.errors import YongError
from yong.kernel.base.relation import Relation
from yong.kernel.base.text import Text
from yong.kernel.records import api as records
from yong.kernel.records.contracts import Filter, Format, Operator, Record, Table
from yong.portal import logic
from yong.portal.contracts import Dataset, Place, Sketch

PLACES_MOST = 5000  # of one register
SHOWN = 30  # places in one answer
_FRESH_S = 30.0
_OUTLINES_S = 600.0


class Seen:
    """What was read last for everybody together. A City part."""

    def __init__(self) -> None:
        self.places: tuple[float, list[Place]] | None = None
        self.outlines: tuple[float, list[tuple[str, shapely.Geometry]]] | None = None
        self.reading = asyncio.Lock()


def seen(city: City) -> Seen:
    return city.part(Seen)


async def places(city: City) -> list[Place]:
    """All located records of registers that anybody may read and that have a name, read once in half a minute."""
    kept = seen(city)
    async with kept.reading:
        if kept.places and time.monotonic() - kept.places[0] < _FRESH_S:
            return kept.places[1]
        found = [p for table in _registers(city) for p in await _of(city, table)]
        kept.places = (time.monotonic(), found)
        return found


def _registers(city: City) -> list[Table]:
    names = ({"name"}, {"name_zh", "name_en"})
    return [
        table
        for _, table in city.registry.of(Table)
        if table.geometry
        and any(n <= {f.name for f in table.fields} for n in names)
        and access.allowed(city, ANONYMOUS, "records.read", table.name)
    ]


async def _of(city: City, table: Table) -> list[Place]:
    found: list[Place] = []
    try:
        async for record in records.every(city, ANONYMOUS, table.name):
            place = _place(table, record)
            if place is not None:
                found.append(place)
            if len(found) == PLACES_MOST:
                break
    except YongError:  # this city keeps it closed after all
        return []
    return found


def _place(table: Table, record: Record) -> Place | None:
    values = record.values
    shape = values.get(str(table.geometry))
    if not isinstance(shape, dict) or shape.get("type") != "Point":
        return None
    lon, lat = shape["coordinates"][:2]
    plain = values.get("name")
    zh, en = values.get("name_zh") or plain, values.get("name_en") or plain
    if not zh or not en:
        return None
    return Place(
        id=f"{table.name}/{record.id}",
        kind=table.title,
        name=Text(str(zh), str(en)),
        lon=float(lon),
        lat=float(lat),
        district=record.district,
    )


def sought(every: list[Place], words: str, district: str, near: tuple[float, float] | None) -> list[Place]:
    """Those that fit the words and the district; the nearest first, else by name."""
    wanted = words[:100].casefold().split()
    found = [
        p
        for p in every
        if (not district or (p.district or "").startswith(district))
        and all(w in f"{p.name.zh} {p.name.en} {p.kind.zh} {p.kind.en}".casefold() for w in wanted)
    ]
    if near is None:
        return sorted(found, key=lambda p: (len(p.name.zh), p.name.zh, p.id))
    far = [msgspec.structs.replace(p, distance_m=logic.metres(*near, p)) for p in found]
    return sorted(far, key=lambda p: p.distance_m or 0.0)


async def sketch(city: City, shown: list[Place]) -> Sketch | None:
    """The drawing of districts and places; None where it is switched off or there is nothing to draw."""
    if not city.settings.portal_map:
        return None
    outlines = await _outlines(city)
    return await asyncio.to_thread(logic.sketch, outlines, shown)


async def _outlines(city: City) -> list[tuple[str, shapely.Geometry]]:
    kept = seen(city)
    async with kept.reading:
        if kept.outlines and time.monotonic() - kept.outlines[0] < _OUTLINES_S:
            return kept.outlines[1]
        page = await records.listing(
            city, access.system_caller("portal"), "geo.boundary",
            filters=(Filter("level", Operator.EQ, "district"),), limit=200,
        )  # fmt: skip
        today = clock.now().astimezone(clock.CHINA).date()
        texts = [
            (str(v.get("name") or v["code"]), msgspec.json.encode(v["geometry"]))
            for v in (r.values for r in page.items if r.holds_on(today))
        ]
        found = await asyncio.to_thread(
            lambda: [(name, shape) for name, text in texts if _surface(shape := shapely.from_geojson(text))]
        )
        kept.outlines = (time.monotonic(), found)
        return found


def _surface(shape: shapely.Geometry) -> bool:
    return isinstance(shape, shapely.Polygon | shapely.MultiPolygon)


def datasets(city: City) -> list[Dataset]:
    """The Relations that anybody may read, by module and title."""
    found = [
        _dataset(city, relation)
        for relation in records.readable(city, ANONYMOUS)
        if relation.sql or relation.field("version") is not None
    ]
    return sorted(found, key=lambda d: (d.module.en, d.title.en))


def _dataset(city: City, relation: Relation) -> Dataset:
    scope = access.scoped(city, relation, ANONYMOUS)
    module = city.registry.module(relation.module)
    taken = access.allowed(city, ANONYMOUS, "records.export", relation.name)
    formats = [f.value for f in Format if f is not Format.GEOJSON or relation.geometry in scope.fields]
    return Dataset(
        name=relation.name,
        title=relation.title,
        description=relation.description,
        module=module.title if module else Text(relation.module, relation.module),
        fields=tuple((f.name, f.type.value, f.meaning) for f in relation.fields if f.name in scope.fields),
        formats=tuple(formats) if taken else (),
    )
