"""Blocks name the pairs that they should, each once, and refuse to name too many."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from yong.kernel.base.errors import TooLarge
from yong.kernel.records.matching import Places, Records, Texts, candidates, near
from yong.kernel.records.matching.contracts import Block, Neighbours, SameKey, Within

_words = st.lists(st.sampled_from(["", "a", "ab", "abc", "b"]), min_size=2, max_size=20)


def named(records: Records, *blocks: Block) -> list[tuple[int, int]]:
    left, right = candidates(records, blocks)
    assert (left < right).all()
    return list(zip(left.tolist(), right.tolist(), strict=True))


@given(_words, st.data())
def test_the_same_key(words: list[str], data: st.DataObject) -> None:
    other = data.draw(st.lists(st.sampled_from(["", "x", "y"]), min_size=len(words), max_size=len(words)))
    records = Records([0] * len(words), {"a": Texts(words), "b": Texts(other)})
    pairs = list(combinations(range(len(words)), 2))
    assert named(records, SameKey(("a", "b"))) == [
        (i, j) for i, j in pairs if words[i] == words[j] != "" and other[i] == other[j] != ""
    ]
    assert named(records, SameKey(("a",), 1)) == [
        (i, j) for i, j in pairs if words[i][:1] == words[j][:1] != ""
    ]


def test_neighbours_in_the_order_of_a_column() -> None:
    records = Records([0] * 5, {"a": Texts(["d", "b", None, "a", "c"])})
    assert named(records, Neighbours("a", 1)) == [(0, 4), (1, 3), (1, 4)]


_places = st.lists(st.tuples(st.floats(0, 100), st.floats(0, 100)), min_size=2, max_size=30)


@given(_places, st.floats(0.5, 60))
def test_what_lies_near(places: list[tuple[float, float]], radius: float) -> None:
    xy = np.array(places)
    apart = np.hypot(*(xy[:, None] - xy[None, :]).transpose(2, 0, 1))
    wanted = {(i, j) for i, j in combinations(range(len(xy)), 2) if apart[i, j] <= radius}
    records = Records([0] * len(xy), {"p": Places(xy, np.ones(len(xy)))})
    assert set(named(records, Within("p", radius))) == wanted
    left, right = near(xy, radius, of=np.array([0]))
    some = [tuple(sorted(p)) for p in zip(left.tolist(), right.tolist(), strict=True)]
    assert sorted(some) == sorted(p for p in wanted if 0 in p)
    left, right = near(xy, radius, beyond=radius / 2)
    ring = {tuple(sorted(p)) for p in zip(left.tolist(), right.tolist(), strict=True)}
    assert ring == {p for p in wanted if apart[p] > radius / 2}


def test_a_source_that_holds_nothing_twice_has_no_pair_inside() -> None:
    records = Records([0, 0, 1, 1], {"a": Texts(["x"] * 4)}, single=frozenset({0}))
    assert named(records, SameKey(("a",))) == [(0, 2), (0, 3), (1, 2), (1, 3), (2, 3)]
    assert records.pairs == 5


def test_too_many_pairs_are_refused_before_they_are_made() -> None:
    records = Records(
        [0] * 10_000, {"a": Texts(["x"] * 10_000), "p": Places(np.zeros((10_000, 2)), np.ones(10_000))}
    )
    for block in (SameKey(("a",)), Within("p", 1.0)):
        with pytest.raises(TooLarge):
            candidates(records, (block,))


def test_places_that_are_nowhere_are_near_nothing() -> None:
    xy = np.array([[0.0, 0.0], [np.nan, 0.0], [0.0, 0.1]])
    assert [p.tolist() for p in near(xy, 1.0)] == [[0], [2]]
    assert [len(p) for p in near(xy[1:2], 1.0)] == [0, 0]


def test_errors_are_positive_and_columns_equally_long() -> None:
    with pytest.raises(ValueError, match="not positive"):
        Places(np.zeros((1, 2)), np.zeros(1))
    with pytest.raises(ValueError, match="another length: a"):
        Records([0, 0], {"a": Texts(["x"])})
