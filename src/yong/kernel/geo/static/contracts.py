"""What crosses the door of static layers, and its limits."""

from datetime import date, datetime
from enum import StrEnum

import msgspec

FILE_BYTES, ARRIVES_WITHIN_S = 128 << 20, 300.0
MOST_FEATURES = 500_000
MOST_POSITIONS = 10_000_000  # of a file
FEATURE_POSITIONS = 1_000_000
PROPERTIES, PROPERTY_BYTES = 200, 64 << 10  # of a feature
PROBLEMS_SHOWN = 100
DEEPEST = (
    14  # the level up to which tiles are built: 0.6 m in a tile's units; clients draw deeper ones from it
)
BUILD_WITHIN_S = 1800.0
ARCHIVE_BYTES = 2 << 30
DIRECTORIES_KEPT, ARCHIVES_OPEN = 512, 64  # in one process


class FileFormat(StrEnum):
    """Formats of files of features: a FeatureCollection (RFC 7946), features one after the other (RFC 8142, or lines)."""

    GEOJSON = "geojson"
    GEOJSONSEQ = "geojsonseq"


class Prepared(msgspec.Struct, frozen=True, kw_only=True):
    """What a file holds: features that are drawn, those without a geometry, positions."""

    features: int
    unplaced: int
    positions: int


class Archive(msgspec.Struct, frozen=True, kw_only=True):
    """An archive that was built: SHA-256 of its bytes, their number, its tiles and levels."""

    digest: str
    bytes: int
    tiles: int
    min_zoom: int
    max_zoom: int


class Build(msgspec.Struct, frozen=True, kw_only=True):
    """A file that was handed in for a layer, and what became of it.

    `state` is waiting, done, failed (`problem` says why, in the reader's language) or replaced by a later file.
    `features` are drawn, `unplaced` have no geometry. Its tiles hold from `valid_from` to `valid_to` (exclusive).
    """

    id: str
    layer: str
    state: str
    format: str
    datum: str
    bytes: int
    features: int
    unplaced: int
    positions: int
    valid_from: date
    valid_to: date | None = None
    ordered_at: datetime
    finished_at: datetime | None = None
    problem: str | None = None
    archive: Archive | None = None
