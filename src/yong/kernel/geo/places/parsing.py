"""A Chinese address in its parts: areas from the large to the small, then what is in them, then the number.

Addresses go from the whole to the part (GB/T 23705): province, city, county-level area, street or town, community or
village, road or place, number. People leave out any of them and the last character of names (江北 for 江北区), which may also
begin the name of a place (鄞州中学); so an address is understood in several ways, and what is found decides.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from yong.kernel.search.logic.words import plain, readings

LEVELS = ("district", "street", "community")
_DIGITS = {6: "district", 9: "street", 12: "community"}
_SUFFIXES = {
    "district": ("新区", "区", "县", "市"),
    "street": ("街道", "镇", "乡"),
    "community": ("社区居委会", "社区", "居委会", "村委会", "村"),
}
_MORE = frozenset("区县市镇乡村街社居")
_PARTERS = re.compile(r"(?:[\s,，、;；。./\\|·()（）_]|(?<!\d)[-—]|[-—](?!\d))+")
_NUMBER = re.compile(r"(?P<number>\d{1,5}(?:-\d{1,4})?)\s*(?:号(?!线)|弄|幢|#)")
_WAYS = 6


class Name(NamedTuple):
    """An area's code and name, between two days (ordinals, the second exclusive)."""

    code: str
    name: str
    start: int = 1
    end: int = date.max.toordinal() + 1

    @property
    def level(self) -> str:
        return _DIGITS[len(self.code)]


class Meant(NamedTuple):
    """An area that was named in an address; `full` when not shortened."""

    area: Name
    text: str
    full: bool


class Parsed(NamedTuple):
    """One way to understand an address."""

    areas: tuple[Meant, ...]
    rest: str  # the place in the areas, with its number; "" where the address names areas alone
    number: str | None

    @property
    def place(self) -> str:
        """The rest before its number."""
        found = _NUMBER.search(self.rest)
        return self.rest[: found.start()].strip() if found and found.start() else self.rest


def short(area: Name) -> str:
    """The name as people say it; the full one where nothing would be left."""
    for suffix in _SUFFIXES[area.level]:
        if area.name.endswith(suffix) and len(area.name) - len(suffix) >= 2:
            return area.name[: -len(suffix)]
    return area.name


class Names:
    """All areas of a city by the ways to call them."""

    def __init__(
        self, areas: Iterable[Name], above: Sequence[str], became: Mapping[str, Sequence[str]]
    ) -> None:
        self.above = tuple(above)
        self.became = dict(became)
        self.by_code: dict[str, list[Name]] = {}
        self.forms: dict[str, list[tuple[Name, bool]]] = {}
        self.letters: dict[str, list[tuple[Name, bool]]] = {}
        for area in areas:
            if len(area.code) not in _DIGITS:
                continue
            self.by_code.setdefault(area.code, []).append(area)
            brief = short(area)
            for form, full in {area.name: True, brief: brief == area.name}.items():
                self.forms.setdefault(plain(form).text, []).append((area, full))
                for spelled in _spelled(form):
                    self.letters.setdefault(spelled, []).append((area, full))
        self.longest = max(map(len, self.forms), default=0)

    def named(self, code: str, day: int) -> Name | None:
        """The area of a code on a day; of one that is no more or not yet, the last known."""
        known = self.by_code.get(code, [])
        return next((a for a in known if a.start <= day < a.end), known[-1] if known else None)

    def now(self, code: str) -> tuple[str, ...]:
        """The codes that took the place of an area's that is no more, itself where none did."""
        return tuple(self.became.get(code[:6], ())) or (code,)

    def inside(self, inner: Name, outer: Name) -> bool:
        """Whether an area lies in another by their codes, also in what an abolished one became."""
        return any(inner.code.startswith(code) for code in (outer.code, *self.now(outer.code)))

    def starting(self, text: str, inside: Sequence[Meant]) -> list[Meant]:
        """The areas that a text may begin with within others, the longest names first."""
        found: list[Meant] = []
        for length in range(min(self.longest, len(text)), 1, -1):
            for area, full in self.forms.get(text[:length], ()):
                if not full and text[length : length + 1] in _MORE:
                    continue  # the name goes on
                deeper = not inside or LEVELS.index(area.level) > LEVELS.index(inside[-1].area.level)
                if deeper and all(self.inside(area, m.area) for m in inside):
                    found.append(Meant(area, text[:length], full))
        return found


def _spelled(form: str) -> list[str]:
    """A name in letters, in full and by initials."""
    known = readings(form)
    if not all(known):
        return []
    return ["".join(r[0] for r in known), "".join(r[0][0] for r in known)]


def parse(address: str, names: Names) -> list[Parsed]:
    """The ways to understand an address, those that name most areas first; at least one."""
    text = _PARTERS.sub(" ", plain(address).text).strip()
    for above in names.above:
        text = text.removeprefix(above).lstrip()
        if text.startswith(above[:-1]) and names.starting(text[len(above) - 1 :].lstrip(), ()):
            text = text[len(above) - 1 :].lstrip()
    ways: list[Parsed] = []

    def go(rest: str, areas: tuple[Meant, ...]) -> None:
        if len(ways) >= 4 * _WAYS:
            return
        for meant in names.starting(rest, areas):
            go(rest[len(meant.text) :].lstrip(), (*areas, meant))
        number = _NUMBER.search(rest)
        ways.append(Parsed(areas, rest, number["number"] if number else None))

    go(text, ())
    if text.isascii() and text.replace(" ", "").isalpha():
        spelled = names.letters.get(text.replace(" ", ""), ())
        ways += [Parsed((Meant(area, text, full),), "", None) for area, full in spelled[:20]]
    ways.sort(key=lambda p: (len(p.rest), -sum(m.full for m in p.areas), len(p.areas)))
    seen: dict[tuple[tuple[str, ...], str], Parsed] = {}
    for way in ways:
        seen.setdefault((tuple(m.area.code for m in way.areas), way.rest), way)
    return list(seen.values())[: 4 * _WAYS]
