"""Columns to compare: texts, numbers and positions of all records of all sources, one after the other."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from yong.kernel.records.matching.similarity import Alphabet, Codes, Floats

_SPACES = re.compile(r"\s+")


def plain(text: str) -> str:
    """A text as it is compared: compatibility forms composed (NFKC: full-width letters are letters), case folded."""
    return _SPACES.sub(" ", unicodedata.normalize("NFKC", text).casefold()).strip()


class Texts:
    """A column of texts: `codes` point into `words`, -1 where there is none; empty texts are none."""

    def __init__(self, values: Sequence[str | None], *, clean: bool = True) -> None:
        known: dict[str, int] = {}
        raw: dict[str, int] = {}
        codes = np.full(len(values), -1, dtype=np.intp)
        for n, value in enumerate(values):
            if not value:
                continue
            code = raw.get(value)
            if code is None:
                word = plain(value) if clean else value
                code = raw[value] = known.setdefault(word, len(known)) if word else -1
            codes[n] = code
        self.codes: Codes = codes
        self.words = list(known)

    def __len__(self) -> int:
        return len(self.codes)

    @cached_property
    def alphabet(self) -> Alphabet:
        return Alphabet(self.words)

    @cached_property
    def frequencies(self) -> Floats:
        """The share of each word among the values that are there."""
        counts = np.bincount(self.codes[self.codes >= 0], minlength=len(self.words))
        shares: Floats = counts / max(1, counts.sum())
        return shares

    @cached_property
    def ranks(self) -> Codes:
        """Where each record stands in the order of the words, -1 where there is none."""
        rank = np.empty(len(self.words) + 1, dtype=np.intp)
        rank[np.array(sorted(range(len(self.words)), key=self.words.__getitem__), dtype=np.intp)] = np.arange(
            len(self.words)
        )
        rank[-1] = -1
        return rank[self.codes]


class Numbers:
    """A column of numbers (dates as days since any day); NaN where there is none."""

    def __init__(self, values: Sequence[float | None] | Floats) -> None:
        self.values: Floats = np.array([np.nan if v is None else v for v in values], dtype=np.float64)

    def __len__(self) -> int:
        return len(self.values)


class Places:
    """A column of positions: easting and northing in metres, NaN where there is none, and each one's error.

    `error_m` is the root mean square of the planar error (中误差): for independent errors the mean square of the
    distance between two positions of one thing is the sum of their squares.
    """

    def __init__(self, xy: Floats, error_m: Floats) -> None:
        self.xy: Floats = np.asarray(xy, dtype=np.float64).reshape(-1, 2)
        self.error_m: Floats = np.asarray(error_m, dtype=np.float64)
        if not (self.error_m > 0).all():
            raise ValueError("an error that is not positive")

    def __len__(self) -> int:
        return len(self.xy)


Column = Texts | Numbers | Places


class Records:
    """All records to be matched: `source` says which source each is from (0, 1, …), `columns` what is known.

    `single` are the sources that hold no thing twice: no pair inside of them is looked at, and no group has two of
    their records. Raises ValueError where the columns are not equally long.
    """

    def __init__(
        self,
        source: Sequence[int] | NDArray[np.int64],
        columns: Mapping[str, Column],
        *,
        single: frozenset[int] = frozenset(),
    ) -> None:
        self.source: NDArray[np.int64] = np.asarray(source, dtype=np.int64)
        self.columns = dict(columns)
        self.single = single
        wrong = [name for name, column in self.columns.items() if len(column) != len(self.source)]
        if wrong:
            raise ValueError(f"columns of another length: {', '.join(wrong)}")

    def __len__(self) -> int:
        return len(self.source)

    @property
    def pairs(self) -> int:
        """How many pairs there are to choose from: all but those inside of a source that holds nothing twice."""
        n = len(self)
        inside = np.bincount(self.source, minlength=1)
        return n * (n - 1) // 2 - sum(
            int(inside[s]) * (int(inside[s]) - 1) // 2 for s in self.single if s < len(inside)
        )

    def texts(self, name: str) -> Texts:
        column = self.columns[name]
        assert isinstance(column, Texts), name
        return column

    def numbers(self, name: str) -> Numbers:
        column = self.columns[name]
        assert isinstance(column, Numbers), name
        return column

    def places(self, name: str) -> Places:
        column = self.columns[name]
        assert isinstance(column, Places), name
        return column

    def allowed(self, left: Codes, right: Codes) -> NDArray[np.bool_]:
        """Which pairs may be matches at all."""
        same = self.source[left] == self.source[right]
        kept: NDArray[np.bool_] = ~(same & np.isin(self.source[left], list(self.single)))
        return kept
