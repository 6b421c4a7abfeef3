"""Texts compared over arrays agree with published examples and with the definitions written out."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from yong.kernel.records.matching import Texts
from yong.kernel.records.matching.similarity import (
    LONGEST,
    Alphabet,
    Codes,
    Floats,
    dice,
    jaro_winkler,
    levenshtein,
)


def measured(measure: Callable[[Alphabet, Codes, Codes], Floats], a: str, b: str) -> float:
    return float(measure(Alphabet([a, b]), np.array([0]), np.array([1]))[0])


# Winkler (1990), table of examples; Winkler & Thibaudeau (1991).
@pytest.mark.parametrize(
    ("a", "b", "wanted"),
    [
        ("MARTHA", "MARHTA", 0.961), ("DWAYNE", "DUANE", 0.840), ("DIXON", "DICKSONX", 0.813),
        ("SHACKLEFORD", "SHACKELFORD", 0.982), ("NICHLESON", "NICHULSON", 0.956), ("JONES", "JOHNSON", 0.832),
        ("ABROMS", "ABRAMS", 0.922), ("ABC", "XYZ", 0.0), ("", "", 1.0), ("", "A", 0.0), ("雨水井盖", "雨水井", 0.942),
    ],
)  # fmt: skip
def test_jaro_winkler_as_published(a: str, b: str, wanted: float) -> None:
    assert measured(jaro_winkler, a, b) == pytest.approx(wanted, abs=0.0006)


def naive_jaro_winkler(a: str, b: str) -> float:
    if not a and not b:
        return 1.0
    reach = max(max(len(a), len(b)) // 2 - 1, 0)
    used = [False] * len(b)
    met = []
    for i, x in enumerate(a):
        for j in range(max(0, i - reach), min(len(b), i + reach + 1)):
            if not used[j] and b[j] == x:
                used[j] = True
                met.append(x)
                break
    if not met:
        return 0.0
    turned = sum(x != y for x, y in zip(met, [y for y, u in zip(b, used, strict=True) if u], strict=True)) / 2
    m = len(met)
    jaro = (m / len(a) + m / len(b) + (m - turned) / m) / 3
    prefix = 0
    for x, y in zip(a[:4], b[:4], strict=False):
        if x != y:
            break
        prefix += 1
    return jaro + 0.1 * prefix * (1 - jaro) if jaro > 0.7 else jaro


def naive_levenshtein(a: str, b: str) -> int:
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        step = [i]
        for j, y in enumerate(b, 1):
            step.append(min(row[j] + 1, step[-1] + 1, row[j - 1] + (x != y)))
        row = step
    return row[-1]


def naive_dice(a: str, b: str) -> float:
    def pairs(w: str) -> set[str]:
        return {w} if len(w) == 1 else {w[i : i + 2] for i in range(len(w) - 1)}

    one, other = pairs(a), pairs(b)
    both = len(one) + len(other)
    return 2 * len(one & other) / both if both else 1.0


_words = st.lists(st.text(alphabet="ab雨水c1", max_size=12), min_size=1, max_size=12)


@given(_words)
def test_every_measure_is_its_definition(words: list[str]) -> None:
    n = len(words)
    left, right = (x.ravel() for x in np.meshgrid(np.arange(n), np.arange(n)))
    alphabet = Alphabet(words)
    pairs = [(words[i], words[j]) for i, j in zip(left, right, strict=True)]
    assert jaro_winkler(alphabet, left, right) == pytest.approx([naive_jaro_winkler(*p) for p in pairs])
    assert levenshtein(alphabet, left, right).tolist() == [naive_levenshtein(*p) for p in pairs]
    assert dice(alphabet, left, right) == pytest.approx([naive_dice(*p) for p in pairs])


def test_long_texts_are_looked_at_to_a_length() -> None:
    assert measured(levenshtein, "x" * 5000, "x" * LONGEST + "y") == 0


def test_texts_are_compared_as_people_mean_them() -> None:
    texts = Texts(["Ａ座１号  井", "a座1号 井", "", None, "  "])
    assert texts.codes.tolist() == [0, 0, -1, -1, -1]
    assert texts.words == ["a座1号 井"]
