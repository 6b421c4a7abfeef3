"""The rules of the portal: forms from declarations, what was written as values, distances, the sketch. Pure."""

import hashlib
import math
import unicodedata
from collections.abc import Iterable, Mapping, Sequence

import shapely

from yong.kernel.base.relation import Field, Personal, Type
from yong.kernel.base.services import Input, Journey, Question, Service
from yong.kernel.base.text import Text
from yong.portal.contracts import Box, Choice, Dot, Fault, Outline, Place, Row, Sketch

DISTRICT = "district"  # the box that chooses a county-level area
WRITTEN_MOST = 4000  # characters of one line; the table's own limit is told first
_RADIOS = 12  # more choices than these are a list
_LINES = 200  # more characters than these are written on several lines
_EARTH_M = 6_371_008.8  # mean radius, IUGG

PHOTOS = Text("照片", "Photos")
PHOTOS_ADDED = Text("{n} 张", "{n} added")
SCORES = {
    "5": Text("非常满意", "Very satisfied"),
    "4": Text("满意", "Satisfied"),
    "3": Text("一般", "Neither"),
    "2": Text("不满意", "Dissatisfied"),
    "1": Text("非常不满意", "Very dissatisfied"),
}
WORDS_MOST = 500  # characters of why
CHOOSE = Text("请选择一项", "Choose one")
FILL = Text("请填写", "Enter an answer")
LONG = Text("内容过长", "This is too long")
NOT_OFFERED = Text("请从列出的选项中选择", "Choose one of those listed")
NUMBER = Text("请填写数字，例如 121.55", "Enter a number, such as 121.55")
BOTH = Text("经度和纬度须同时填写，或都留空", "Enter both longitude and latitude, or neither")
RANGE = Text(
    "经度应在 -180 与 180 之间，纬度应在 -90 与 90 之间",
    "Longitude lies between -180 and 180, latitude between -90 and 90",
)


def csrf_of(visit: str) -> str:
    """The token of a visit's forms: only who knows the cookie knows it, and it does not tell the cookie."""
    return hashlib.sha256(f"form {visit}".encode()).hexdigest()[:40]


def box_of(asked: Input, fields: Mapping[str, Field], choices: Sequence[Choice]) -> Box:
    """The box of an input, by the declaration of its field."""
    if asked.field == DISTRICT:
        label = asked.label or Text("区、县（市）", "District")
        return Box(
            name=DISTRICT, kind="select", label=label, hint=asked.hint, required=asked.required,
            choices=tuple(choices),
        )  # fmt: skip
    field = fields[asked.field]
    return Box(
        name=field.name,
        kind=_kind(field, len(choices)),
        label=asked.label or field.meaning,
        hint=asked.hint,
        required=asked.required or field.required,
        choices=tuple(choices),
        most=field.max_length if field.type is Type.TEXT else None,
        autocomplete=asked.autocomplete,
        personal=field.personal is not Personal.NO,
    )


def _kind(field: Field, choices: int) -> str:
    if field.type is Type.CODE:
        return "radios" if choices <= _RADIOS else "select"
    if field.type is Type.GEOMETRY:
        return "position"
    if field.type is Type.TEXT:
        return "line" if field.max_length <= _LINES else "lines"
    raise ValueError(f"{field.name}: a form has no box for {field.type.value} yet")


def lines_of(boxes: Iterable[Box], form: Mapping[str, str]) -> dict[str, str]:
    """What a form has for these boxes: in Unicode's composed form, trimmed, with one kind of line end."""
    found = {}
    for box in boxes:
        for key in box.keys:
            text = unicodedata.normalize("NFC", form.get(key, ""))
            text = text.replace("\r\n", "\n").replace("\r", "\n").strip()
            found[key] = text if box.kind == "lines" else " ".join(text.split())
    return found


def values_of(
    boxes: Iterable[Box], written: Mapping[str, str]
) -> tuple[dict[str, object], str | None, list[Fault]]:
    """What was written as values of the table, the district chosen, and what is wrong before the table is asked."""
    values: dict[str, object] = {}
    district: str | None = None
    faults: list[Fault] = []
    for box in boxes:
        texts = [written.get(key, "") for key in box.keys]
        if any(len(text) > WRITTEN_MOST for text in texts):
            faults.append(Fault(box.keys[0], LONG))
        elif not any(texts):
            if box.required:
                faults.append(Fault(box.keys[0], CHOOSE if box.choices else FILL))
        elif box.kind == "position":
            value, fault = _point(box, texts)
            if fault:
                faults.append(fault)
            else:
                values[box.name] = value
        elif box.choices and texts[0] not in {c.code for c in box.choices}:
            faults.append(Fault(box.name, NOT_OFFERED))
        elif box.name == DISTRICT:
            district = texts[0]
        else:
            values[box.name] = texts[0]
    return values, district, faults


def _point(box: Box, texts: Sequence[str]) -> tuple[dict[str, object] | None, Fault | None]:
    if not all(texts):
        return None, Fault(box.keys[0 if not texts[0] else 1], BOTH)
    numbers = []
    for key, text in zip(box.keys, texts, strict=True):
        plain = unicodedata.normalize("NFKC", text)
        try:
            number = float(plain) if len(plain) <= 30 and "_" not in plain else math.nan
        except ValueError:
            number = math.nan
        if not math.isfinite(number):
            return None, Fault(key, NUMBER)
        numbers.append(number)
    for key, number, most in zip(box.keys, numbers, (180, 90), strict=True):
        if abs(number) > most:
            return None, Fault(key, RANGE)
    return {"type": "Point", "coordinates": numbers}, None


def key_of(boxes: Iterable[Box], pointer: str) -> str | None:
    """The first line of the box that a problem's JSON Pointer means."""
    name = pointer.rpartition("/")[2]
    return next((box.keys[0] for box in boxes if box.name == name), None)


def shown(box: Box, written: Mapping[str, str]) -> Text:
    """What was written, as it is read again; empty if nothing was."""
    texts = [written.get(key, "") for key in box.keys]
    if box.choices:
        return next((c.title for c in box.choices if c.code == texts[0]), Text("", ""))
    text = ", ".join(filter(None, texts))
    return Text(text, text)


def rows_of(question: Question, boxes: Iterable[Box], written: Mapping[str, str], photos: int) -> list[Row]:
    """The lines of one question for the page where answers are checked, with how many photos answer it."""
    rows = [Row(question.name, box.label, shown(box, written)) for box in boxes]
    if question.photos:
        rows.append(Row(question.name, PHOTOS, PHOTOS_ADDED.filled(n=photos) if photos else Text("", "")))
    return rows


def next_step(journey: Journey, answered: Sequence[str], *, similar: bool) -> str:
    """The step to go to: the first question that is open, then what may be the same, then the check."""
    for question in journey.questions:
        if question.name not in answered:
            return question.name
    return "similar" if similar and "similar" not in answered else "check"


def fits(service: Service, words: str) -> bool:
    """Whether a service is meant by what somebody looks for: every word is somewhere in what it says of itself."""
    texts = (service.title, service.summary, service.audience)
    told = " ".join([*(w for t in texts for w in (t.zh, t.en)), *service.words]).casefold()
    return all(word in told for word in words[:100].casefold().split())


def metres(lon: float, lat: float, place: Place) -> float:
    """How far a place is from a position, in metres on the mean sphere."""
    x1, y1, x2, y2 = (math.radians(v) for v in (lon, lat, place.lon, place.lat))
    half = math.sin((y2 - y1) / 2) ** 2 + math.cos(y1) * math.cos(y2) * math.sin((x2 - x1) / 2) ** 2
    return 2 * _EARTH_M * math.asin(min(1.0, math.sqrt(half)))


def sketch(shapes: Sequence[tuple[str, shapely.Geometry]], places: Sequence[Place]) -> Sketch | None:
    """Districts and places drawn with degrees of longitude as short as they are there; None of nothing.

    Outlines are simplified to a five-hundredth of the drawing: it is no map to measure on.
    """
    points = [(p.lon, p.lat) for p in places]
    bounds = [shape.bounds for _, shape in shapes] + [(x, y, x, y) for x, y in points]
    if not bounds:
        return None
    west, south = min(b[0] for b in bounds), min(b[1] for b in bounds)
    east, north = max(b[2] for b in bounds), max(b[3] for b in bounds)
    squeeze = math.cos(math.radians((south + north) / 2))
    wide, high = (east - west) * squeeze, north - south
    size = max(wide, high, 0.02)
    edge = size / 20

    def put(x: float, y: float) -> tuple[float, float]:
        return round((x - west) * squeeze, 4), round(north - y, 4)

    outlines = []
    for name, shape in shapes:
        plain = shapely.simplify(shape, size / 500)
        middle = put(*shapely.get_coordinates(shapely.point_on_surface(shape))[0])
        outlines.append(Outline(name, _path(plain, put), *middle))
    return Sketch(
        box=f"{-edge:.4f} {-edge:.4f} {wide + 2 * edge:.4f} {high + 2 * edge:.4f}",
        unit=round(size / 30, 4),
        outlines=tuple(outlines),
        dots=tuple(Dot(n, *put(x, y)) for n, (x, y) in enumerate(points, 1)),
    )


def _path(shape: shapely.Geometry, put: "object") -> str:
    assert callable(put)
    parts = shape.geoms if hasattr(shape, "geoms") else [shape]
    rings = [ring for part in parts for ring in (part.exterior, *part.interiors)]
    return "".join(
        "M" + "L".join(f"{x:g},{y:g}" for x, y in (put(*c[:2]) for c in ring.coords[:-1])) + "Z"
        for ring in rings
    )
