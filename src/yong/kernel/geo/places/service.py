"""From an address to what it may mean, and from a position to what is there."""

import math
from collections.abc import Sequence
from datetime import date

import msgspec

from yong.kernel.access.contracts import Caller
from yong.kernel.base import clock
from yong.kernel.base.city import City
from yong.kernel.base.errors import Invalid
from yong.kernel.base.text import Text
from yong.kernel.geo.locating import api as locating
from yong.kernel.geo.locating.contracts import Place as Areas
from yong.kernel.geo.places import scoring
from yong.kernel.geo.places.contracts import PLACE, REACH_M, Geocoded, Near, Part, Reverse
from yong.kernel.geo.places.gazetteer import centres, names_of
from yong.kernel.geo.places.parsing import LEVELS, Meant, Names, Parsed, parse
from yong.kernel.records import api as records
from yong.kernel.search import api as search
from yong.kernel.search.logic.words import cut
from yong.kernel.store.database import Database

_ASKED, _CANDIDATES = 3, 20  # ways whose place is looked for, and places of each
_LEFT_OVER = 0.5  # an area, where the place in it was not found
_SHORTENED = 0.9
_HERE_M = 50.0
_EARTH_M = 6_371_008.8  # mean radius, IUGG
_ENDED = Text(
    "{name}（{code}）已于 {day} 撤销，现为 {now}", "{name} ({code}) was abolished on {day}; it is now {now}"
)
_GONE = Text("该地点已于 {day} 停用", "This place ended on {day}")


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """A place as its reader sees it."""

    id: str
    name: str
    aliases: str | None
    kind: str
    address: str | None
    district: str | None
    street: str | None
    community: str | None
    x: float | None
    y: float | None
    ends_on: date | None


async def geocode(city: City, caller: Caller, address: str, limit: int) -> list[Geocoded]:
    """What an address may mean, the surest first; nothing where there is no word in it."""
    names = await names_of(city, caller)
    ways = parse(address, names)
    rows = await _candidates(city, caller, ways)
    found = [best for row in rows if (best := _best(names, ways, row, caller)) is not None]
    sure = max((f.confidence for f in found), default=0.0)
    areas = [_area(names, way, caller) for way in ways if way.areas and (not way.rest or sure < _LEFT_OVER)]
    found += await _placed(city, caller, [a for a in areas if a is not None])
    distinct: dict[tuple[str | None, str | None], Geocoded] = {}
    for one in sorted(found, key=lambda f: -f.confidence):
        if one.confidence >= scoring.LEAST:
            distinct.setdefault((one.id, one.code), one)
    return list(distinct.values())[:limit]


async def _candidates(city: City, caller: Caller, ways: Sequence[Parsed]) -> list[Row]:
    """Places that hold the words of what is left of an address besides its areas."""
    asked = [t for t in dict.fromkeys(t for way in ways for t in (way.rest, way.place)) if len(t) > 1]
    ids: dict[str, None] = {}
    for text in asked[: 2 * _ASKED]:
        ids.update(dict.fromkeys(await _search(city, caller, text)))
    if not ids and asked:
        for word in sorted(cut(asked[0]), key=len, reverse=True)[:2]:
            if len(word) > 1:
                ids.update(dict.fromkeys(await _search(city, caller, word)))
    return await _rows(city, caller, list(ids)) if ids else []


async def _search(city: City, caller: Caller, text: str) -> list[str]:
    try:
        found = await search.search(city, caller, text, kinds=(PLACE,), limit=_CANDIDATES)
    except Invalid:  # no words, or too many of them
        return []
    return [hit.id for hit in found.items]


async def _rows(city: City, caller: Caller, ids: list[str]) -> list[Row]:
    scope = await records.present(city, caller, PLACE)
    rows = await city[Database].fetch(
        f"""SELECT id, name, aliases, kind, address, district, street, community, ends_on,
                   (center(records.box_of(geometry)))[0] AS x, (center(records.box_of(geometry)))[1] AS y
            FROM ({scope.sql}) AS r WHERE id = ANY(${len(scope.args) + 1}::text[])""",
        *scope.args,
        ids,
    )
    return [Row(**dict(row)) for row in rows]


def _best(names: Names, ways: Sequence[Parsed], row: Row, caller: Caller) -> Geocoded | None:
    """A place under the way of understanding that suits it best."""
    scored = [(_confidence(names, way, row), n) for n, way in enumerate(ways) if way.rest]
    if not scored:
        return None
    confidence, n = max(scored, key=lambda s: (s[0], -s[1]))
    way = ways[n]
    gone = row.ends_on is not None and row.ends_on <= _today()
    note = _GONE.filled(day=row.ends_on).in_(caller.language) if gone else _changed(names, way, caller)
    return Geocoded(
        name=row.name,
        kind=row.kind,
        precision="house" if way.number and _has_number(row, way.number) else "place",
        id=row.id,
        code=row.community or row.street or row.district,
        address=row.address,
        lon=row.x,
        lat=row.y,
        confidence=round(confidence * (scoring.GONE if gone else 1.0), 3),
        matched=[_part(m) for m in way.areas],
        note=note,
    )


def _confidence(names: Names, way: Parsed, row: Row) -> float:
    called = [row.name, *(row.aliases or "").replace("；", ";").split(";"), _inside(row.address, way)]
    alike = scoring.alike(way.rest, called)
    if way.number:
        alike = max(alike, scoring.alike(way.place, called))
        alike *= 1.0 if _has_number(row, way.number) else scoring.NO_NUMBER
    return alike * _agreement(names, way, row)


def _inside(address: str | None, way: Parsed) -> str:
    """A place's address from the first word after the areas that were named."""
    text = address or ""
    for meant in way.areas:
        text = text.rpartition(meant.area.name)[2]
    return text


def _has_number(row: Row, number: str) -> bool:
    return any(f"{number}号" in (text or "") for text in (row.name, row.address, row.aliases))


def _agreement(names: Names, way: Parsed, row: Row) -> float:
    """Whether the areas that were named are those that a place lies in."""
    if not way.areas:
        return scoring.NO_AREA
    factor = 1.0
    for meant in way.areas:
        codes = (meant.area.code, *names.now(meant.area.code))
        lies = {"district": row.district, "street": row.street, "community": row.community}[meant.area.level]
        if lies is None:
            inside = row.community or row.street or row.district
            factor *= 0.95 if inside is None or meant.area.code.startswith(inside) else scoring.OTHER_AREA
        elif not any(lies.startswith(code) for code in codes):
            factor *= scoring.OTHER_AREA
        if not meant.full:
            factor *= scoring.SHORT_AREA
    return factor


def _area(names: Names, way: Parsed, caller: Caller) -> Geocoded | None:
    """The deepest area that was named; less sure where it was shortened or something was left over."""
    meant = way.areas[-1]
    confidence = 1.0 if meant.full else _SHORTENED
    # 江北 is the district before it is the village of that name; of what was understood of more, the deepest counts.
    order = (1.0, 0.97, 0.94) if not way.rest else (0.94 * _LEFT_OVER, 0.97 * _LEFT_OVER, _LEFT_OVER)
    confidence *= order[LEVELS.index(meant.area.level)]
    named = names.named(meant.area.code[:6], _today().toordinal())
    whole = "".join(dict.fromkeys([*([named.name] if named else []), *(m.area.name for m in way.areas)]))
    return Geocoded(
        name=meant.area.name,
        kind="area",
        precision=meant.area.level,
        code=meant.area.code,
        address=whole,
        confidence=round(confidence, 3),
        matched=[_part(m) for m in way.areas],
        note=_changed(names, way, caller),
    )


def _changed(names: Names, way: Parsed, caller: Caller) -> str | None:
    """That an area that was named is no more, and what it is now."""
    today = _today().toordinal()
    for meant in way.areas:
        area = meant.area
        if area.end > today:
            continue
        now = [names.named(code, today) for code in names.now(area.code) if code != area.code]
        told = "、".join(f"{n.name}（{n.code}）" for n in now if n) or "–"
        day = date.fromordinal(area.end)
        return _ENDED.filled(name=area.name, code=area.code, day=day, now=told).in_(caller.language)
    return None


async def _placed(city: City, caller: Caller, areas: list[Geocoded]) -> list[Geocoded]:
    """Areas with the middle of their boundary, where one is on record."""
    known = await centres(city, caller, [a.code for a in areas if a.code]) if areas else {}
    return [
        msgspec.structs.replace(a, lon=known[a.code][0], lat=known[a.code][1]) if a.code in known else a
        for a in areas
    ]


def _part(meant: Meant) -> Part:
    return Part(level=meant.area.level, text=meant.text, code=meant.area.code, name=meant.area.name)


async def reverse(city: City, caller: Caller, lon: float, lat: float, limit: int) -> Reverse:
    """What is at a position in degrees of CGCS2000."""
    areas = await locating.locate_one(city, caller, lon, lat)
    places = await _near(city, caller, lon, lat, limit)
    return Reverse(
        lon=lon, lat=lat, areas=areas, address=await _address(city, caller, areas, places), places=places
    )


async def _near(city: City, caller: Caller, lon: float, lat: float, limit: int) -> list[Near]:
    """Places within REACH_M, the nearest first; a wider box is asked only where a narrow one has too few."""
    scope = await records.present(city, caller, PLACE)
    if "geometry" not in scope.fields:
        return []
    for reach in (200.0, REACH_M):
        dy = math.degrees(reach / _EARTH_M)
        dx = dy / max(math.cos(math.radians(lat)), 0.01)
        n = len(scope.args)
        rows = await city[Database].fetch(
            f"""SELECT * FROM (
                  SELECT id, name, kind, address, (center(records.box_of(geometry)))[0] AS x,
                         (center(records.box_of(geometry)))[1] AS y
                  FROM ({scope.sql}) AS r
                  WHERE records.box_of(geometry) && ${n + 1}::text::box AND (ends_on IS NULL OR ends_on > ${n + 2})) AS p
                ORDER BY (x - ${n + 3})^2 * ${n + 5}::float8 + (y - ${n + 4})^2 LIMIT ${n + 6}""",
            *scope.args,
            f"({lon + dx!r},{lat + dy!r}),({lon - dx!r},{lat - dy!r})",
            _today(),
            lon,
            lat,
            math.cos(math.radians(lat)) ** 2,
            limit,
        )
        found = [_near_row(lon, lat, dict(row)) for row in rows]
        found = [one for one in found if one.distance_m <= reach]
        if len(found) >= limit:
            break
    return sorted(found, key=lambda one: one.distance_m)


def _near_row(lon: float, lat: float, row: dict[str, object]) -> Near:
    x, y = float(str(row["x"])), float(str(row["y"]))
    h = math.sin(math.radians(y - lat) / 2) ** 2
    h += math.cos(math.radians(lat)) * math.cos(math.radians(y)) * math.sin(math.radians(x - lon) / 2) ** 2
    return Near(
        id=str(row["id"]),
        name=str(row["name"]),
        kind=str(row["kind"]),
        address=str(row["address"]) if row["address"] else None,
        lon=x,
        lat=y,
        distance_m=round(2 * _EARTH_M * math.asin(math.sqrt(min(h, 1.0))), 1),
    )


async def _address(city: City, caller: Caller, areas: Areas, places: Sequence[Near]) -> str | None:
    """Areas from the large to the small, and the place one stands at."""
    names = await names_of(city, caller)
    parts = []
    for area in (areas.district, areas.street, areas.community):
        known = names.named(area.code, areas.on.toordinal()) if area else None
        parts.append(known.name if known else (area.name or "") if area else "")
    here = places[0].name if places and places[0].distance_m <= _HERE_M else ""
    return "".join((*parts, here)) or None


def _today() -> date:
    return clock.now().astimezone(clock.CHINA).date()
