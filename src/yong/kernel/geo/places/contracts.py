"""What crosses the door of places."""

import msgspec

from yong.kernel.geo.locating.contracts import Place as Areas

PLACE = "geo.place"
LONGEST_QUERY = 200
GEOCODED = 20  # answers to one address at most
ROWS, BYTES = 5_000, 4 << 20  # of a file that is geocoded
IMPORT_BYTES, IMPORT_ROWS = 64 << 20, 100_000
REACH_M = 2_000.0  # of what is near


class Gazetteer(msgspec.Struct, frozen=True, kw_only=True):
    """Where a city's areas have their names, declared by its package.

    `above` are the names that an address may begin with (province, city), `codes` the code list of county-level areas (GB/T 2260,
    with the days between which each code holds), `became` the codes that took an abolished one's place, `divisions`
    the Relation of streets (9 digits) and communities (12) with fields `code` and `name`.
    """

    above: tuple[str, ...]
    codes: str
    became: dict[str, tuple[str, ...]] = {}
    divisions: str | None = None


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """An area that an address names: its words there, its code, its full name."""

    level: str
    text: str
    code: str
    name: str


class Geocoded(msgspec.Struct, frozen=True, kw_only=True):
    """An area or a place that an address may mean, degrees of CGCS2000.

    `confidence` is 1 for an exact and complete match and less for what was guessed, left out or contradicted; `matched`
    the areas understood; `precision` is house, place, community, street or district. `lon` and `lat` are null
    where an area has no boundary on record.
    """

    name: str
    kind: str
    precision: str
    code: str | None = None
    id: str | None = None
    address: str | None = None
    lon: float | None = None
    lat: float | None = None
    confidence: float
    matched: list[Part]
    note: str | None = None


class Near(msgspec.Struct, frozen=True, kw_only=True):
    """A place near a position, and how far it is."""

    id: str
    name: str
    kind: str
    address: str | None
    lon: float
    lat: float
    distance_m: float


class Reverse(msgspec.Struct, frozen=True, kw_only=True):
    """What is at a position (degrees of CGCS2000): its areas, an address made of them, the places about it."""

    lon: float
    lat: float
    areas: Areas
    address: str | None
    places: list[Near]
