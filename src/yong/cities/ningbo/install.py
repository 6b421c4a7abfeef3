"""What an install of Ningbo holds before anybody works in it: parties, outlines, divisions where data has them."""

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from yong.cities.contracts import Division
from yong.cities.ningbo import boundaries, divisions
from yong.cities.ningbo.package import CITY
from yong.kernel.access import api as access
from yong.kernel.access.contracts import Caller, Kind
from yong.kernel.base import clock
from yong.kernel.base.city import City
from yong.kernel.base.errors import Conflict
from yong.kernel.base.text import Text
from yong.kernel.geo import api as geo
from yong.kernel.records import api as records
from yong.kernel.records.contracts import Filter, Operator

ROOT = "nb"
_AT_ONCE = 500


class Installed(msgspec.Struct, frozen=True, kw_only=True):
    """What was new this time, and what a person should know of it."""

    parties: int
    divisions: int
    outlines: int
    layers: int
    notes: tuple[Text, ...]


async def install(city: City, data: Path | None) -> Installed:
    """Put Ningbo into an install: doing it again adds only what is missing.

    The parties are the city (`nb`), the districts that exist today (by GB/T 2260 code) and the departments
    (by short code). Streets and communities come from the `data` folder; without them a note says so.
    """
    caller = access.system_caller("ningbo")
    parties: list[tuple[str, Kind, Text, str | None]] = [(ROOT, Kind.CITY, CITY.name, None)]
    today = clock.now().astimezone(clock.CHINA).date()
    parties += [(a.code, Kind.DISTRICT, a.name, ROOT) for a in CITY.areas_on(today)]
    parties += [(d.code, Kind.DEPARTMENT, d.name, ROOT) for d in CITY.departments]
    made = 0
    for id_, kind, name, parent in parties:
        made += await _party(city, caller, id_, kind, name, parent)
    found = divisions.read(data) if data else divisions.Divisions(absent=_NO_FOLDER)
    added = await _divisions(city, caller, [("street", s) for s in found.streets])
    added += await _divisions(city, caller, [("community", c) for c in found.communities])
    known = boundaries.read(frozenset(a.code for a in CITY.areas_on(today)))
    drawn = await _outlines(city, caller, known, {a.code: a.name.zh for a in CITY.areas_on(today)})
    layers = await geo.make_standard_layers(city, caller, owner=ROOT)
    notes = [note for note in (found.absent, None if known else boundaries.ABSENT) if note]
    return Installed(parties=made, divisions=added, outlines=drawn, layers=layers, notes=tuple(notes))


_NO_FOLDER = Text(
    "没有数据文件夹（YONG_DATA），安装时不含街道和社区",
    "There is no data folder (YONG_DATA): installed without streets and communities",
)


async def _party(city: City, caller: Caller, id_: str, kind: Kind, name: Text, parent: str | None) -> bool:
    try:
        await access.create_party(
            city, caller, id=id_, kind=kind.value, zh=name.zh, en=name.en, parent=parent
        )
    except Conflict:
        return False
    return True


async def _divisions(city: City, caller: Caller, wanted: Sequence[tuple[str, Division]]) -> int:
    known = {r.id async for r in records.every(city, caller, "ningbo.division")} if wanted else set()
    new = [(kind, d) for kind, d in wanted if d.code not in known]
    for start in range(0, len(new), _AT_ONCE):
        await asyncio.gather(
            *(
                records.create(
                    city,
                    caller,
                    "ningbo.division",
                    {"code": d.code, "name": d.name, "kind": kind, "parent": d.parent},
                    owner=ROOT,
                    district=d.code[:6],
                )
                for kind, d in new[start : start + _AT_ONCE]
            )
        )
    return len(new)


async def _outlines(
    city: City, caller: Caller, known: Mapping[str, dict[str, object]], names: Mapping[str, str]
) -> int:
    """Keep the outlines of districts that have none; whatever else is there stays."""
    page = await records.listing(
        city, caller, "geo.boundary", filters=(Filter("level", Operator.EQ, "district"),), limit=1000
    )
    there = {str(r.values["code"]) for r in page.items}
    new = sorted(known.keys() - there)
    for code in new:
        values = {
            "code": code, "level": "district", "name": names[code], "geometry": known[code],
            "source": boundaries.SOURCE, "datum": "cgcs2000",
        }  # fmt: skip
        await records.create(city, caller, "geo.boundary", values, owner=ROOT, district=code)
    return len(new)
