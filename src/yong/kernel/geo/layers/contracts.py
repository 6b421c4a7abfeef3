"""What crosses the door of layers: styles as they are kept, and layers as one caller may see them."""

from typing import Annotated

import msgspec

from yong.kernel.base.text import Text

STEPS = 30
TILES_AT_ONCE = 16  # that are fetched from outside by one process
TILE_BYTES = 2 << 20
TILES_KEPT, TILES_KEPT_BYTES = 10_000, 64 << 20  # of outside tiles, in one process
FETCH_WITHIN_S = 10.0

Colour = Annotated[str, msgspec.Meta(pattern="^#[0-9a-f]{6}$")]
_Words = Annotated[str, msgspec.Meta(min_length=1, max_length=60)]
_Name = Annotated[str, msgspec.Meta(pattern="^[A-Za-z][A-Za-z0-9_]{0,79}$")]
_Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
_Pixels = Annotated[float, msgspec.Meta(ge=0, le=40)]


class Step(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """From this value on (inclusive) up to the next step's, a colour; words where it has a name."""

    at: float
    colour: Colour
    zh: _Words | None = None
    en: _Words | None = None


class Class(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The colour of what has this value."""

    value: Annotated[str, msgspec.Meta(max_length=200)] | int | bool
    colour: Colour
    zh: _Words | None = None
    en: _Words | None = None


class Style(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How features are drawn: points as circles, lines, surfaces with an edge.

    The colour is `colour`, unless the property `by` says otherwise: in `steps` of a number or in `classes` of values;
    what is in none of them keeps `colour`. `label` is the property that is written beside a feature. Widths and radii
    are pixels.
    """

    colour: Colour = "#2563eb"
    opacity: _Share = 1.0
    fill_opacity: _Share = 0.25
    line_width: _Pixels = 1.5
    radius: _Pixels = 5.0
    by: _Name | None = None
    steps: Annotated[list[Step], msgspec.Meta(max_length=STEPS)] = []
    classes: Annotated[list[Class], msgspec.Meta(max_length=STEPS)] = []
    label: _Name | None = None


class StandardLayer(msgspec.Struct, frozen=True, kw_only=True):
    """A layer that a module brings along for what it keeps, declared in its manifest.

    An install of a city makes it once, as a record like any other: who keeps geography changes it, or ends it for good.
    `collection` is a Relation with a geometry.
    """

    name: str
    title: Text
    collection: str
    style: Style
    position: int = 0
    shown: bool = False
    min_zoom: int = 0
    max_zoom: int = 22


class Mark(msgspec.Struct, frozen=True, kw_only=True):
    """A line of a legend: a colour and what it means; the bounds where it stands for a range ([least, most))."""

    colour: str
    text: str
    least: float | None = None
    most: float | None = None


class Tile(msgspec.Struct, frozen=True, kw_only=True):
    """A tile with its media type and a tag that changes with it; `packed` is its body by gzip."""

    body: bytes
    media_type: str
    tag: str
    packed: bool = False


class Layer(msgspec.Struct, frozen=True, kw_only=True):
    """A layer as one caller may see it, in the reader's language.

    `features` names the collection whose features it draws (`/ogc/collections/{features}`), `tiles` the template of
    tiles: pictures for the kind wmts, vector tiles for static, whose `archive` (SHA-256) holds them; a static layer whose
    first file is not built yet has neither. Higher `position`s lie above lower ones. `approval_number` is the map's
    审图号, where it has one.
    """

    name: str
    title: str
    kind: str
    position: int
    shown: bool
    min_zoom: int
    max_zoom: int
    theme: str | None = None
    features: str | None = None
    tiles: str | None = None
    archive: str | None = None
    style: Style | None = None
    legend: list[Mark] = []
    attribution: str | None = None
    approval_number: str | None = None
    owner: str | None = None
    district: str | None = None
    version: int = 1
    valid_from: str | None = None
    valid_to: str | None = None


class Layers(msgspec.Struct, frozen=True):
    """All layers that a caller may see, the lowest first."""

    layers: list[Layer]
