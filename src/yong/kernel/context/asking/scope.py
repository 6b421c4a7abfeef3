"""The scope query language (ETSI GS CIM 009 clause 4.19): which places in the trees of scopes are meant."""

import re

import msgspec

from yong.kernel.context.asking.reading import Reader, logical

LEVELS = 20  # levels of one scope

_LEVEL = re.compile(r"[^\W\d]\w*")


class Scope(msgspec.Struct, frozen=True):
    """One pattern: its levels (`+` stands for any one), and whether all below it is meant as well.

    No levels and `below` mean any scope at all.
    """

    levels: tuple[str, ...]
    below: bool = False

    @property
    def pattern(self) -> str:
        """The regular expression of the scopes that are meant, POSIX extended."""
        if not self.levels:
            return "^/"
        path = "".join("/" + ("[^/]+" if level == "+" else level) for level in self.levels)
        return f"^{path}(/.*)?$" if self.below else f"^{path}$"


def parse(text: str) -> object:
    """The tree of a scope query: Scopes under All and Any. Raises Invalid."""
    return logical(Reader(text, "scopeQ"), _scope, ("|", ","))


def _scope(reader: Reader) -> Scope:
    levels: list[str] = []
    reader.take("/")  # the standard's own example leaves out the first one
    if reader.take("#"):
        return Scope((), below=True)
    while not levels or reader.take("/"):
        if levels and reader.take("#"):
            return Scope(tuple(levels), below=True)
        found = "+" if reader.take("+") else reader.match(_LEVEL)
        if found is None or len(levels) == LEVELS:
            reader.fail(
                f"范围名、“+” 或 “#”（至多 {LEVELS} 级）",
                f"a level of a scope, “+” or “#” (at most {LEVELS})",
            )
        levels.append(found)
    return Scope(tuple(levels))
