"""What crosses the door of the portal."""

import msgspec

from yong.kernel.base.services import Matter, Progress, Receipt, Service
from yong.kernel.base.text import Text

ANSWERS_MINUTES = 60  # answers that nobody came back to for so long are gone
ANSWERS_HOURS = 24  # and so are those begun so long ago, whatever happened since
PHOTO_BYTES = 12 << 20  # the largest photo that is added
PHOTO_TYPES = ("image/jpeg", "image/png", "image/webp")


class Choice(msgspec.Struct, frozen=True):
    """Something to choose: its code and words."""

    code: str
    title: Text


class Box(msgspec.Struct, frozen=True, kw_only=True):
    """A box of a form. `kind` is radios, select, line, lines or position (two lines: longitude and latitude)."""

    name: str
    kind: str
    label: Text
    hint: Text | None
    required: bool
    choices: tuple[Choice, ...] = ()
    most: int | None = None  # characters
    autocomplete: str | None = None
    personal: bool = False

    @property
    def keys(self) -> tuple[str, ...]:
        """The names that its lines have in the form."""
        return (f"{self.name}_lon", f"{self.name}_lat") if self.kind == "position" else (self.name,)


class Fault(msgspec.Struct, frozen=True):
    """What is wrong with a line of a form, by the line's name."""

    key: str
    text: Text


class Answers(msgspec.Struct, frozen=True, kw_only=True):
    """Answers under way, as written. `key` is the submission's; `receipt` is there once they were handed in."""

    key: str
    written: dict[str, str]
    answered: tuple[str, ...]
    receipt: Receipt | None = None


class Added(msgspec.Struct, frozen=True, kw_only=True):
    """A photo of answers under way: its id, the question it answers, its size."""

    id: str
    question: str
    bytes: int


class Row(msgspec.Struct, frozen=True):
    """A line of the answers to be checked: the question's name, the label, and what was written."""

    question: str
    label: Text
    value: Text


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """A located record that anybody may see. Degrees as the record has them; `distance_m` from where one asked."""

    id: str
    kind: Text
    name: Text
    lon: float
    lat: float
    district: str | None
    distance_m: float | None = None


class Outline(msgspec.Struct, frozen=True):
    """A district in the sketch: its name, its outline as an SVG path, and where its name stands."""

    name: str
    path: str
    x: float
    y: float


class Dot(msgspec.Struct, frozen=True):
    """A place in the sketch, with its number in the list."""

    number: int
    x: float
    y: float


class Sketch(msgspec.Struct, frozen=True, kw_only=True):
    """A drawing of the districts with places in it; units are degrees of latitude, north is up."""

    box: str
    unit: float  # the radius of a dot
    outlines: tuple[Outline, ...]
    dots: tuple[Dot, ...]


class Dataset(msgspec.Struct, frozen=True, kw_only=True):
    """A Relation that anybody may read, and the formats that anybody may take it in."""

    name: str
    title: Text
    description: Text | None
    module: Text
    fields: tuple[tuple[str, str, Text], ...]  # name, type, meaning
    formats: tuple[str, ...]


class OwnMatter(msgspec.Struct, frozen=True):
    """One of somebody's matters, and the service it belongs to."""

    service: Service
    matter: Matter


class Told(msgspec.Struct, frozen=True):
    """How far a matter is, and the service it belongs to."""

    service: Service
    progress: Progress
