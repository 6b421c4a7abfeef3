"""The names of a city's areas as one caller may read them: from the code list, the divisions, the boundaries.

A name lives where it is recorded; here it is only looked up. What was read is kept until any of it changes: each question asks
the database for a fingerprint first.
"""

import asyncio
from datetime import date

from yong.kernel.access import api as access
from yong.kernel.access.contracts import Caller, Scope
from yong.kernel.base.city import City
from yong.kernel.base.errors import Forbidden, Unauthenticated
from yong.kernel.base.kept import Kept
from yong.kernel.geo.places.contracts import Gazetteer
from yong.kernel.geo.places.parsing import Name, Names
from yong.kernel.records import api as records
from yong.kernel.store.database import Database

_KEPT = 16
_BOUNDARY = "geo.boundary"
_EVER = date.max.toordinal() + 1


class Gazetteers:
    """The names in use, the last asked for last. A City part."""

    def __init__(self) -> None:
        self.kept: Kept[tuple[object, ...], tuple[object, Names]] = Kept(_KEPT)
        self.loading = asyncio.Lock()


def declared(city: City) -> Gazetteer | None:
    """What the city package says of its areas."""
    return next((g for _, g in city.registry.of(Gazetteer)), None)


async def names_of(city: City, caller: Caller) -> Names:
    """All areas whose names the caller may read."""
    known = city.part(Gazetteers)
    said = declared(city)
    scopes = [s for s in (await _scope(city, caller, _BOUNDARY), await _divisions(city, caller, said)) if s]
    key = tuple((s.sql, s.args) for s in scopes)
    print_ = await _fingerprint(city, said, scopes)
    if (kept := known.kept.get(key)) is not None and kept[0] == print_:
        return kept[1]
    async with known.loading:
        if (kept := known.kept.get(key)) is not None and kept[0] == print_:
            return kept[1]
        areas = await _areas(city, caller, said)
        above = said.above if said else ()
        names = await asyncio.to_thread(Names, areas, above, said.became if said else {})
        return known.kept.put(key, (print_, names))[1]


async def _scope(city: City, caller: Caller, relation: str) -> Scope | None:
    try:
        return await records.present(city, caller, relation)
    except (Unauthenticated, Forbidden):
        return None


async def _divisions(city: City, caller: Caller, said: Gazetteer | None) -> Scope | None:
    return await _scope(city, caller, said.divisions) if said and said.divisions else None


async def _fingerprint(city: City, said: Gazetteer | None, scopes: list[Scope]) -> tuple[object, ...]:
    found: list[object] = [
        await city[Database].fetchval(
            """SELECT concat(count(*), ' ', sum(hashtextextended(concat_ws('~', code, zh, valid_from, valid_to), 0)::numeric))
               FROM records.code WHERE list = $1""",
            said.codes if said else "",
        )
    ]
    for scope in scopes:
        row = await city[Database].fetchrow(
            f"SELECT count(*) AS n, sum(hashtextextended(id, version)::numeric) AS s FROM ({scope.sql}) AS r",
            *scope.args,
        )
        found.append(tuple(row) if row else None)
    return tuple(found)


async def _areas(city: City, caller: Caller, said: Gazetteer | None) -> list[Name]:
    """The areas, each code once for the same days: the code list's name counts before the divisions', those before a boundary's."""
    found: dict[tuple[str, int], Name] = {}

    def add(code: str, name: str | None, start: date | None, end: date | None) -> None:
        if name:
            area = Name(code, name, start.toordinal() if start else 1, end.toordinal() if end else _EVER)
            found.setdefault((code, area.start), area)

    if said:
        for row in await city[Database].fetch(
            "SELECT code, zh, valid_from, valid_to FROM records.code WHERE list = $1", said.codes
        ):
            add(row["code"], row["zh"], row["valid_from"], row["valid_to"])
    if scope := await _divisions(city, caller, said):
        for row in await city[Database].fetch(f"SELECT code, name FROM ({scope.sql}) AS r", *scope.args):
            add(row["code"], row["name"], None, None)
    if scope := await _scope(city, caller, _BOUNDARY):
        known = {code for code, _ in found}
        for row in await city[Database].fetch(
            f"SELECT code, name, starts_on, ends_on FROM ({scope.sql}) AS r", *scope.args
        ):
            if row["code"] not in known:
                add(row["code"], row["name"], row["starts_on"], row["ends_on"])
    return list(found.values())


async def centres(city: City, caller: Caller, codes: list[str]) -> dict[str, tuple[float, float]]:
    """The middle of each area's boundary, of those that have one on record; the newest where it changed."""
    access.authorize(city, caller, "records.read", _BOUNDARY)
    scope = await records.present(city, caller, _BOUNDARY)
    if "geometry" not in scope.fields:
        return {}
    rows = await city[Database].fetch(
        f"""SELECT code, center(records.box_of(geometry)) AS middle FROM ({scope.sql}) AS r
            WHERE code = ANY(${len(scope.args) + 1}::text[]) ORDER BY starts_on NULLS FIRST""",
        *scope.args,
        codes,
    )
    return {row["code"]: (row["middle"][0], row["middle"][1]) for row in rows if row["middle"] is not None}
