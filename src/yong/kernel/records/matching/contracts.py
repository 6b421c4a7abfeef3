"""What crosses the door of matching: how records are compared, which pairs are looked at, what came of it."""

from enum import StrEnum

import msgspec

from yong.kernel.base.text import Text

MISSING = -1  # the level of a comparison where either side has no value: it says nothing, 0 bits


class Kind(StrEnum):
    """How two values are compared. What `levels` of a Comparison mean depends on it."""

    EXACT = "exact"  # equal texts; no levels
    JARO_WINKLER = "jaro_winkler"  # equal, then at least so similar (1 is equal), falling
    LEVENSHTEIN = "levenshtein"  # equal, then at most so many edits, rising
    DICE = "dice"  # equal, then at least so much of their pairs of neighbouring characters in common, falling
    NUMBER = "number"  # at most so far apart, in the column's unit (days for dates), rising
    NEAR = "near"  # at most so many times the combined error of the two positions apart, rising


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """One comparison of a column. Its outcomes are levels: 0 the best, the last one "all else".

    With `frequencies` an agreement on a rare value weighs more than one on a common value (level 0 alone).
    """

    name: str
    column: str
    kind: Kind
    title: Text
    levels: tuple[float, ...] = ()
    frequencies: bool = False

    @property
    def count(self) -> int:
        """How many levels there are, "all else" among them."""
        return len(self.levels) + (1 if self.kind in (Kind.NUMBER, Kind.NEAR) else 2)

    @property
    def said(self) -> tuple[Text, ...]:
        """Every level in words, in their order."""
        form = _WORDS[self.kind]
        first = () if self.kind in (Kind.NUMBER, Kind.NEAR) else (Text("相同", "the same"),)
        words = tuple(form.filled(n=f"{x:g}") for x in self.levels)
        return (*first, *words, Text("不同", "different"))


_WORDS = {
    Kind.EXACT: Text("相同", "the same"),
    Kind.JARO_WINKLER: Text("相似度不低于 {n}", "similar by {n} or more"),
    Kind.LEVENSHTEIN: Text("至多改动 {n} 个字符", "at most {n} edits apart"),
    Kind.DICE: Text("相邻字对相同不少于 {n}", "{n} or more of their pairs of characters in common"),
    Kind.NUMBER: Text("相差不超过 {n}", "at most {n} apart"),
    Kind.NEAR: Text("距离不超过误差的 {n} 倍", "at most {n} times the error apart"),
}


class SameKey(msgspec.Struct, frozen=True, tag="same_key"):
    """Pairs that have the same value in every one of these text columns; a missing value is in no pair.

    `prefix` takes so many characters of each value alone, 0 the whole.
    """

    columns: tuple[str, ...]
    prefix: int = 0


class Neighbours(msgspec.Struct, frozen=True, tag="neighbours"):
    """The sorted neighbourhood (Hernández & Stolfo 1995): pairs at most `window` apart in the order of a column."""

    column: str
    window: int = 5


class Within(msgspec.Struct, frozen=True, tag="within"):
    """Pairs of positions at most so many metres apart."""

    column: str
    metres: float


Block = SameKey | Neighbours | Within


class Levels(msgspec.Struct, frozen=True):
    """What a model knows of one comparison: how often each level is met among matches (m) and among others (u)."""

    m: tuple[float, ...]
    u: tuple[float, ...]


class Model(msgspec.Struct, frozen=True, kw_only=True):
    """The parameters of Fellegi and Sunter: `share` is how many of the pairs of `universe` are matches.

    `rounds` is how many rounds of EM it took, 0 for a model that was given. `universe` is a number of pairs.
    """

    comparisons: tuple[Comparison, ...]
    levels: tuple[Levels, ...]
    share: float
    universe: int
    rounds: int = 0


class Thresholds(msgspec.Struct, frozen=True, kw_only=True):
    """From which probability a pair is a match, and from which it is doubtful.

    A pair that is a match by itself but loses to a better one is doubtful too unless it is `margin_bits` worse.
    """

    match: float = 0.95
    doubtful: float = 0.2
    margin_bits: float = 3.0


class Reason(StrEnum):
    """Why a pair is for a person to decide."""

    UNSURE = "unsure"  # the evidence lies between the thresholds
    RIVAL = "rival"  # about as good as the pair that was preferred
    CHAIN = "chain"  # it would join groups whose other members do not fit each other


class Part(msgspec.Struct, frozen=True):
    """What one comparison says of a pair: its level (-1: a value is missing), in words, and its weight in bits."""

    comparison: str
    level: int
    words: Text
    bits: float
