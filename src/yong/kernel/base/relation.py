"""Relations: what the plan calls information resources, as declarations.

A Relation is a declared SQL view (or the table behind a record) with a key, typed and labelled fields,
and the columns that decide whose it is. Catalogue, exchange, layers, search, export and pages read
Relations and nothing else, always through `access.scoped`.
"""

from enum import StrEnum
from typing import TypedDict, Unpack

import msgspec

from yong.kernel.base.text import Text


class Level(StrEnum):
    """Data level by GB/T 43697-2024. Core data (核心) is refused: this system may not hold it."""

    GENERAL = "general"  # 一般
    IMPORTANT = "important"  # 重要
    CORE = "core"  # 核心


class Personal(StrEnum):
    """Whether a field says something about a person (个人信息保护法 Art. 4 and 28)."""

    NO = "no"
    PERSONAL = "personal"  # 个人信息
    SENSITIVE = "sensitive"  # 敏感个人信息


class Type(StrEnum):
    """The types a field may have; how each is stored stands in `store.relations`."""

    TEXT = "text"
    INTEGER = "integer"  # 64 bits
    NUMBER = "number"  # IEEE 754 double
    DECIMAL = "decimal"  # exact
    MONEY = "money"  # integer fen
    BOOLEAN = "boolean"
    DATE = "date"
    MOMENT = "moment"  # UTC, microseconds
    CODE = "code"  # a code of the list that `codes` names
    REFERENCE = "reference"  # the id of a record of the Relation that `refers` names
    GEOMETRY = "geometry"  # GeoJSON geometry, WGS 84 / CGCS2000 degrees
    JSON = "json"


class Mask(StrEnum):
    """What a reader sees who may see the row but not this field in clear."""

    HIDE = "hide"  # null
    NAME = "name"  # first character, then *
    PHONE = "phone"  # 138****5678
    CITIZEN_NUMBER = "citizen_number"  # first 6 and last 2
    DAY = "day"  # the moment's or date's month only
    PLACE = "place"  # the position rounded to 0.01 degree


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """One column of a Relation. `level` and `personal` have no default: every field is labelled."""

    name: str
    type: Type
    meaning: Text
    level: Level
    personal: Personal
    mask: Mask = Mask.HIDE
    unit: str | None = None  # UN/CEFACT common code (Rec. 20), see base.units
    codes: str | None = None  # for CODE: the code list's name
    refers: str | None = None  # for REFERENCE: the Relation's name
    required: bool = False
    unique: bool = False
    max_length: int = 1000  # characters of TEXT
    pattern: str | None = None  # a regular expression the whole TEXT matches
    format: str | None = None  # a named check of TEXT, see records.logic.formats ("citizen_number", "uscc")
    minimum: float | None = None
    maximum: float | None = None
    searchable: bool = False


class Further(TypedDict, total=False):
    """What a declaration may say of a field beside its name, type, meaning and labels; see Field."""

    mask: Mask
    unit: str
    codes: str
    refers: str
    required: bool
    unique: bool
    max_length: int
    pattern: str
    format: str
    minimum: float
    maximum: float
    searchable: bool


def general(name: str, type: Type, zh: str, en: str, **more: Unpack[Further]) -> Field:
    """A field labelled general (一般数据) that says nothing about a person."""
    return Field(
        name=name, type=type, meaning=Text(zh, en), level=Level.GENERAL, personal=Personal.NO, **more
    )


def personal(name: str, type: Type, zh: str, en: str, **more: Unpack[Further]) -> Field:
    """A field labelled general (一般数据) that says something about a person, or may, as free text does."""
    return Field(
        name=name, type=type, meaning=Text(zh, en), level=Level.GENERAL, personal=Personal.PERSONAL, **more
    )


class Relation(msgspec.Struct, frozen=True, kw_only=True):
    """A declared view. `name` is `<module>.<noun>`, and so is the SQL view's.

    `sql` is the view's SELECT; without it the Relation stands over a record table of the same name.
    `owner`, `district`, `subject` and `time` name columns of the view (not necessarily fields):
    the owning party's id (and in `beside`, of type text[], further ones that have the row as well), a GB/T 2260 code (any length of its prefix tree), the party that a row is
    about (so that a person may read what concerns them), and the moment that time windows apply to.

    Figures are computed from Relations that can be read as they were known at a moment. A record table can. A view
    says how: `history` names a table of the same columns with `recorded_from` and `recorded_to`, as the histories of
    records have them; `recorded` names the field that says when a row of an append-only view came.
    """

    name: str
    title: Text
    key: tuple[str, ...]
    fields: tuple[Field, ...]
    sql: str | None = None
    owner: str | None = None
    beside: str | None = None
    district: str | None = None
    subject: str | None = None
    time: str | None = None
    geometry: str | None = None
    history: str | None = None
    recorded: str | None = None
    description: Text | None = None

    @property
    def module(self) -> str:
        return self.name.partition(".")[0]

    def field(self, name: str) -> Field | None:
        return next((f for f in self.fields if f.name == name), None)
