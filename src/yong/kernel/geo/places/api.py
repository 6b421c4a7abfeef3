"""Places, for callers who may read them."""

import asyncio
from collections.abc import AsyncIterator, Sequence

from yong.kernel.access import api as access
from yong.kernel.access.contracts import Caller
from yong.kernel.base.city import City
from yong.kernel.base.errors import Invalid, Problem
from yong.kernel.base.text import Text
from yong.kernel.geo.datums import CGCS2000, convert_positions, named
from yong.kernel.geo.places import batch, importing, service
from yong.kernel.geo.places.contracts import GEOCODED, LONGEST_QUERY, PLACE, Geocoded, Reverse
from yong.kernel.geo.places.gazetteer import declared
from yong.kernel.records import api as records
from yong.kernel.records.contracts import Format, ImportReport
from yong.kernel.search import api as search
from yong.kernel.search.contracts import Hit
from yong.kernel.search.sources import sources

_READ = "records.read"


async def geocode(city: City, caller: Caller, q: str, *, limit: int = 5) -> list[Geocoded]:
    """What an address or a name may mean, the surest first; degrees of CGCS2000.

    Chinese, pinyin or initials; areas may be left out, shortened or no longer be. Raises Invalid for a limit or length
    out of range, Unavailable while there is no index.
    """
    access.authorize(city, caller, _READ, PLACE)
    _within("limit", limit, GEOCODED)
    _within("q", len(q), LONGEST_QUERY)
    return await service.geocode(city, caller, q, limit)


async def reverse(
    city: City, caller: Caller, lon: float, lat: float, *, datum: str = "CGCS2000", limit: int = 5
) -> Reverse:
    """What is at a position of any geographic datum: areas, an address, the places within two kilometres."""
    access.authorize(city, caller, _READ, PLACE)
    _within("limit", limit, GEOCODED)
    moved = convert_positions([[lon, lat]], named(datum), CGCS2000)[0]
    return await service.reverse(city, caller, moved[0], moved[1], limit)


async def suggest_places(
    city: City, caller: Caller, q: str, *, bbox: str | None = None, limit: int = 10
) -> list[Hit]:
    """Places and areas that somebody may mean who is still typing."""
    access.authorize(city, caller, _READ, PLACE)
    said = declared(city)
    wanted = (PLACE, "geo.boundary", said.divisions if said and said.divisions else "")
    kinds = [k for k in wanted if k in sources(city).by_name]
    return await search.suggest(city, caller, q, kinds=kinds, bbox=bbox, limit=limit)


async def geocode_file(
    city: City, caller: Caller, payload: bytes, columns: Sequence[str], *, encoding: str = "utf-8"
) -> AsyncIterator[bytes]:
    """A CSV file with what was found for each row, in pieces; `columns` together are the address.

    Raises, before anything is answered, Malformed, TooLarge (5,000 rows, 4 MiB), Invalid for a column that is not there.
    """
    access.authorize(city, caller, _READ, PLACE)
    sheet = await asyncio.to_thread(batch.read, payload, encoding, columns)

    async def ask(address: str) -> Geocoded | None:
        found = await service.geocode(city, caller, address, 1)
        return found[0] if found else None

    return batch.answered(sheet, encoding, columns, ask)


async def import_places(
    city: City, caller: Caller, payload: bytes, format: Format, datum: str, *, dry_run: bool = False
) -> ImportReport:
    """Import places whose positions are of a datum; all rows or none. CSV has columns lon and lat beside the fields."""
    access.authorize(city, caller, "records.import", PLACE)
    moved = await asyncio.to_thread(importing.converted, payload, format, datum)
    return await records.import_file(city, caller, PLACE, moved, Format.GEOJSON, dry_run=dry_run)


def _within(name: str, value: int, most: int) -> None:
    if not 1 <= value <= most:
        text = Text(f"应在 1 与 {most} 之间", f"Must lie between 1 and {most}")
        raise Invalid(None, problems=(Problem(f"/{name}", text),))
