"""What crosses the door of features, and what a package declares that has collections of its own."""

from collections.abc import Awaitable, Callable, Sequence
from enum import StrEnum
from typing import Any

import msgspec

from yong.kernel.access.contracts import Caller
from yong.kernel.base.city import City
from yong.kernel.base.text import Text
from yong.kernel.store.arguments import Arguments

MOST = 10_000  # features of one page
USUAL = 10
COUNTED = 10_000  # so many are counted for numberMatched; of more it is left out
CANDIDATES = 20_000  # so many places at most are looked at one by one for one answer
WITHIN_S = 10.0  # longer may no answer take
SORTED_BY = 5  # properties


class Kind(StrEnum):
    """What a property is compared as."""

    TEXT = "text"
    INTEGER = "bigint"
    NUMBER = "double precision"
    DECIMAL = "numeric"
    BOOLEAN = "boolean"
    DATE = "date"
    MOMENT = "timestamptz"
    ANY = "jsonb"  # a JSON value, of a type that each feature decides
    DOCUMENT = "json"  # a JSON value that is only shown
    GEOMETRY = "geometry"  # a GeoJSON geometry

    @property
    def number(self) -> bool:
        return self in (Kind.INTEGER, Kind.NUMBER, Kind.DECIMAL)

    @property
    def sortable(self) -> bool:
        return self not in (Kind.DOCUMENT, Kind.GEOMETRY)

    @property
    def sql(self) -> str:
        """The type of its column in PostgreSQL."""
        return "jsonb" if self in (Kind.GEOMETRY, Kind.DOCUMENT) else self.value


class Column(msgspec.Struct, frozen=True, kw_only=True):
    """A property: `sql` is its value over a row `r`; `masked` what a caller may see but not ask by.

    `about` marks what tells of the record, not of the thing: tiles leave it out unless it is asked for.
    """

    name: str
    sql: str
    kind: Kind
    title: Text
    unit: str | None = None
    required: bool = False
    masked: bool = False
    about: bool = False


class Key(msgspec.Struct, frozen=True):
    """A column by which features are told apart and come in order."""

    sql: str
    kind: Kind = Kind.TEXT


class Collection(msgspec.Struct, frozen=True, kw_only=True):
    """A collection that a caller may see something of."""

    id: str
    title: Text
    description: Text | None = None


class Rows(msgspec.Struct, frozen=True, kw_only=True):
    """The features of a collection as one caller may see them, in SQL over rows `r` of `sql`.

    `sql` and `args` come from `access.scoped`: what the caller may not see is not in them. `id` gives a feature's id
    as text, `geometry` its GeoJSON geometry (longitude and latitude of WGS 84 or CGCS2000) or null, `x` and `y` its
    longitude and latitude where it is one point, else null, `near` whether the box around it overlaps the box {0}, as
    an index answers it, and `box` that box. `find` is the condition for the feature of an id, None where it is none.
    `placed` is `sql` written so that only places are a way in, where something else could be taken for one.
    `everything` gives all properties as one JSON object, `drawn` those that tiles show; without them they are those of
    `columns`. `further` finds a column that `columns` does not name, of collections whose features have properties of
    their own. `time` names a column, `changes` gives a number (bigint) that is another one when a row changed.
    """

    collection: Collection
    sql: str
    args: tuple[object, ...]
    keys: tuple[Key, ...]
    id: str
    geometry: str
    x: str
    y: str
    near: str
    box: str
    columns: tuple[Column, ...]
    find: Callable[[str, Arguments], str | None]
    changes: str
    everything: str | None = None
    drawn: str | None = None
    placed: str | None = None
    further: Callable[[str], Awaitable[Column | None]] | None = None
    time: str | None = None
    geometry_name: str = "geometry"

    def column(self, name: str) -> Column | None:
        return next((c for c in self.columns if c.name == name), None)


class FeatureSource(msgspec.Struct, frozen=True, kw_only=True):
    """Collections that a module offers beside those that its located Relations are by themselves.

    Their ids begin with the module's name and a dot. `collections` lists what the caller may see, `rows` opens one and
    gives None for an id that is none of them; both raise Unauthenticated or Forbidden as the law says, and read
    through `access.scoped` alone.
    """

    title: Text
    collections: Callable[[City, Caller], Awaitable[Sequence[Collection]]]
    rows: Callable[[City, Caller, str], Awaitable[Rows | None]]


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """A document to be sent: its bytes, media type and further headers."""

    body: bytes
    media_type: str
    headers: dict[str, str] = {}


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """A request as it came: the address of `/ogc`, of itself, and its query."""

    root: str
    path: str
    query: tuple[tuple[str, str], ...] = ()

    @property
    def address(self) -> str:
        return self.root.removesuffix("/ogc") + self.path


JSON = dict[str, Any]
