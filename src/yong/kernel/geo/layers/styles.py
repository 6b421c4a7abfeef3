"""Rules of layers: what a style may be, what a layer's fields say together, what a legend reads. Pure."""

import math
import re
from collections.abc import Iterator, Mapping
from itertools import pairwise
from urllib.parse import urlsplit

import msgspec

from yong.kernel.base.errors import Problem
from yong.kernel.base.text import Language, Text
from yong.kernel.geo.layers.contracts import Mark, Step, Style

_PLACES = re.compile(r"\{([^{}]*)\}")
_NEEDED = {"z", "row", "col"}
_USED = {"features": "collection", "wmts": "url", "static": "archive"}  # of each kind, what it alone has
_NEEDED_FIELDS = ("collection", "url")  # the archive comes with the first file
_REQUIRED = Text("此类图层须填写", "A layer of this kind needs it")
_UNUSED = Text("此类图层不使用", "A layer of this kind does not use it")


def style_of(value: object) -> Style:
    """A style as it is kept. Raises msgspec.ValidationError for what is none."""
    return msgspec.convert(value or {}, Style)


def faults(values: Mapping[str, object]) -> list[Problem]:
    """What the fields of a layer break together: the rule of its table."""
    return list(_faults(values))


def _faults(values: Mapping[str, object]) -> Iterator[Problem]:
    kind = values.get("kind")
    used = _USED.get(str(kind))
    if used in _NEEDED_FIELDS and not values.get(used):
        yield Problem(f"/{used}", _REQUIRED)
    for unused in _USED.values():
        if unused != used and values.get(unused):
            yield Problem(f"/{unused}", _UNUSED)
    least, most = values.get("min_zoom"), values.get("max_zoom")
    if isinstance(least, int) and isinstance(most, int) and least > most:
        yield Problem("/max_zoom", Text("不得小于最小级别", "Must be at least min_zoom"))
    if kind == "wmts" and values.get("url"):
        yield from _address(str(values["url"]))
    if values.get("style") is not None:
        yield from _style(values["style"])


def _address(url: str) -> Iterator[Problem]:
    """A template is https, names a host and the three places of a tile; `{key}` stands for the setting."""
    named = _PLACES.findall(url)
    if not set(named) >= _NEEDED or set(named) - _NEEDED - {"key"}:
        yield Problem("/url", Text(
            "须含 {z}、{row}、{col}，可含 {key}", "Must have {z}, {row} and {col}, may have {key}"
        ))  # fmt: skip
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        port, parts = None, urlsplit("")
    if parts.scheme != "https" or not parts.hostname or parts.username or port not in (None, 443):
        yield Problem(
            "/url", Text("须为 https 地址，不含账户", "Must be an https address without an account")
        )
    elif _PLACES.search(parts.netloc):
        yield Problem("/url", Text("主机名须固定", "The host must be fixed"))


def _style(value: object) -> Iterator[Problem]:
    try:
        style = style_of(value)
    except msgspec.ValidationError as error:
        yield Problem(
            "/style", Text("样式有误：{why}", "The style is wrong: {why}").filled(why=str(error)[:300])
        )
        return
    if (style.by is None) != (not style.steps and not style.classes):
        yield Problem("/style", Text("by 须与 steps 或 classes 同用", "`by` goes with `steps` or `classes`"))
    if style.steps and style.classes:
        yield Problem("/style", Text("steps 与 classes 只能用一种", "Either `steps` or `classes`, not both"))
    bounds = [step.at for step in style.steps]
    if any(not math.isfinite(b) for b in bounds) or any(b >= a for b, a in pairwise(bounds)):
        yield Problem("/style", Text("steps 须逐级升高", "`steps` must rise"))
    values = [(type(c.value), c.value) for c in style.classes]
    if len(set(values)) < len(values):
        yield Problem("/style", Text("classes 的值重复", "Two `classes` share a value"))


def legend(style: Style, language: Language) -> list[Mark]:
    """The lines of a style's legend, from the lowest step up; none where all is of one colour."""
    zh = language == "zh"
    marks = [
        Mark(colour=c.colour, text=(c.zh if zh else c.en) or c.zh or c.en or _said(c.value, zh=zh))
        for c in style.classes
    ]
    for n, step in enumerate(style.steps):
        most = style.steps[n + 1].at if n + 1 < len(style.steps) else None
        text = (step.zh if zh else step.en) or step.zh or step.en or _range(step, most)
        marks.append(Mark(colour=step.colour, text=text, least=step.at, most=most))
    return marks


def _range(step: Step, most: float | None) -> str:
    return f"≥ {step.at:g}" if most is None else f"{step.at:g} – {most:g}"


def _said(value: object, *, zh: bool) -> str:
    if isinstance(value, bool):
        return ("是" if value else "否") if zh else ("yes" if value else "no")
    return str(value)
