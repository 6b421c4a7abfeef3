"""What a city package declares about its city: data only, read by its installer, the twin and the pages."""

from datetime import date

import msgspec

from yong.kernel.base.text import Text


class Area(msgspec.Struct, frozen=True, kw_only=True):
    """A county-level area of GB/T 2260, present or past.

    `until` is the first day on which the code no longer holds; `became` the codes that took its place.
    `since` is None where the code is as old as the published list that we know.
    """

    code: str
    name: Text
    since: date | None = None
    until: date | None = None
    became: tuple[str, ...] = ()
    basis: str | None = None  # the decision that changed it

    def valid_on(self, day: date) -> bool:
        return (self.since is None or self.since <= day) and (self.until is None or day < self.until)


class Department(msgspec.Struct, frozen=True, kw_only=True):
    """A department of the city. `name` as the plan has it, `today` the body that does its work now."""

    code: str  # lower-case letters, the party's short code
    name: Text
    today: Text


class Division(msgspec.Struct, frozen=True, kw_only=True):
    """A street or town (9 digits) or a community or village (12 digits) of the statistical codes."""

    code: str
    name: str
    parent: str


class CityPackage(msgspec.Struct, frozen=True, kw_only=True):
    """A city: its GB/T 2260 code, its centre (WGS 84 degrees: longitude, latitude), areas and departments."""

    code: str
    short: str
    name: Text
    centre: tuple[float, float]
    areas: tuple[Area, ...]
    departments: tuple[Department, ...]

    def areas_on(self, day: date) -> tuple[Area, ...]:
        """The areas whose codes hold on a day."""
        return tuple(a for a in self.areas if a.valid_on(day))
