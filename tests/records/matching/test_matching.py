"""What is learned, weighed and grouped: on made-up data whose parameters are known, and on real sets with truth."""

import csv
from collections import Counter
from collections.abc import Sequence
from itertools import combinations, product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from yong.kernel.base.text import Text
from yong.kernel.records.matching import (
    Matched,
    Numbers,
    Places,
    Records,
    Texts,
    compare,
    learn_among_candidates,
    match,
    probability,
    resolve,
    settle,
    weigh,
)
from yong.kernel.records.matching.contracts import (
    Comparison,
    Kind,
    Levels,
    Model,
    Neighbours,
    Reason,
    SameKey,
    Thresholds,
)


def comparison(name: str, kind: Kind, *levels: float, frequencies: bool = False) -> Comparison:
    return Comparison(
        name=name, column=name, kind=kind, levels=levels, frequencies=frequencies, title=Text(name, name)
    )


# Levels and weights


def test_levels_of_every_kind() -> None:
    records = Records(
        [0, 0, 0],
        {
            "text": Texts(["martha", "marhta", None]),
            "day": Numbers([1.0, 3.0, None]),
            "place": Places(np.array([[0, 0], [3.0, 4.0], [np.nan, 0]]), np.array([3.0, 4.0, 1.0])),
        },
    )
    table = [
        comparison("text", Kind.EXACT),
        comparison("text", Kind.JARO_WINKLER, 0.97, 0.96),
        comparison("text", Kind.LEVENSHTEIN, 1, 2),
        comparison("text", Kind.DICE, 0.5, 0.2),
        comparison("day", Kind.NUMBER, 1, 2),
        comparison("place", Kind.NEAR, 0.5, 1.0),
    ]
    left, right = np.array([0, 0]), np.array([1, 2])
    assert compare(records, table, left, right).tolist() == [[1, 2, 2, 2, 1, 1], [-1] * 6]
    assert [c.count for c in table] == [2, 4, 4, 4, 3, 3]
    assert all(len(c.said) == c.count for c in table)


def test_an_agreement_on_a_rare_value_weighs_more() -> None:
    words = ["wang"] * 8 + ["ouyang"] * 2
    records = Records([0] * 10, {"name": Texts(words)})
    one = comparison("name", Kind.EXACT, frequencies=True)
    model = Model(comparisons=(one,), levels=(Levels((0.9, 0.1), (0.68, 0.32)),), share=0.1, universe=45)
    left, right = np.array([0, 8, 0]), np.array([1, 9, 9])
    weights = weigh(records, model, compare(records, [one], left, right), left, right)[:, 0]
    # log2(m / frequency of the value); where they differ log2 of the rest.
    assert weights == pytest.approx([np.log2(0.9 / 0.8), np.log2(0.9 / 0.2), np.log2(0.1 / 0.32)])


# Learning


def test_the_parameters_that_made_the_pairs_are_found_again() -> None:
    chance = np.random.default_rng(2)
    kinds = [
        comparison("a", Kind.EXACT),
        comparison("b", Kind.JARO_WINKLER, 0.9, 0.8),
        comparison("c", Kind.EXACT),
    ]
    m = [[0.9, 0.1], [0.7, 0.15, 0.1, 0.05], [0.8, 0.2]]
    u = [[0.05, 0.95], [0.02, 0.03, 0.15, 0.8], [0.2, 0.8]]
    true = chance.random(60_000) < 0.2

    def drawn(which: np.ndarray) -> np.ndarray:
        columns = [
            np.where(which, chance.choice(len(a), len(which), p=a), chance.choice(len(b), len(which), p=b))
            for a, b in zip(m, u, strict=True)
        ]
        table = np.column_stack(columns).astype(np.int8)
        table[chance.random(table.shape) < 0.1] = -1  # a tenth is missing
        return table

    model = learn_among_candidates(kinds, drawn(true), drawn(np.zeros(100_000, dtype=bool)))
    assert model.share == pytest.approx(0.2, abs=0.01)
    for levels, a, b in zip(model.levels, m, u, strict=True):
        assert levels.m == pytest.approx(a, abs=0.02)
        assert levels.u == pytest.approx(b, abs=0.01)


@pytest.mark.parametrize("scale", [0.5, 1.0, 1.5])
def test_positions_learn_how_right_the_stated_errors_are(scale: float) -> None:
    chance = np.random.default_rng(3)
    count = 4000
    kinds = [comparison("place", Kind.NEAR, 0.5, 1, 1.5, 2, 3), comparison("kind", Kind.EXACT)]
    d = np.hypot(*(chance.normal(0, scale / np.sqrt(2), (2, count))))  # over the stated combined error
    levels = np.searchsorted([0.5, 1, 1.5, 2, 3], np.concatenate([d, 3 * np.sqrt(chance.random(3 * count))]))
    kind = np.concatenate([chance.random(count) > 0.97, chance.random(3 * count) > 0.15]).astype(int)
    table = np.column_stack([levels, kind]).astype(np.int8)
    others = np.column_stack([levels[count:], (chance.random(3 * count) > 0.15).astype(int)]).astype(np.int8)
    model = learn_among_candidates(kinds, table, others, free=("place",))
    assert model.share == pytest.approx(0.25, abs=0.03)
    assert model.levels[0].m[0] == pytest.approx(1 - np.exp(-((0.5 / scale) ** 2)), abs=0.05)


# One to one


def matchings(z: dict[tuple[int, int], float]) -> dict[tuple[int, int], float]:
    """The probability of every pair, from every set of pairs that is one to one, by counting them all."""
    total, shares = 0.0, dict.fromkeys(z, 0.0)
    for kept in product((False, True), repeat=len(z)):
        chosen = [p for p, k in zip(z, kept, strict=True) if k]
        if len({a for a, _ in chosen}) == len({b for _, b in chosen}) == len(chosen):
            weight = float(np.prod([z[p] for p in chosen]))
            total += weight
            for p in chosen:
                shares[p] += weight
    return {p: s / total for p, s in shares.items()}


def test_rivals_share_what_is_probable() -> None:
    # Two records of one source, three of the other, a chain of candidates: the graph is a tree, so it is exact.
    pairs = [(0, 2), (0, 3), (1, 3), (1, 4)]
    evidence = np.array([3.0, 2.0, 4.0, 1.0])
    records = Records([0, 0, 1, 1, 1], {}, single=frozenset({0, 1}))
    left, right = (np.array(x) for x in zip(*pairs, strict=True))
    got = probability(settle(records, left, right, evidence, among_candidates=True, share=0.5))
    # z from the shares that it ended with
    q = [min(got.sum() / 2, 0.98), got.sum() / 3]
    prior = _fixed(evidence)
    z = {
        p: 2 ** (e + prior) / ((1 - q[0]) * (1 - q[1])) for p, e in zip(pairs, evidence.tolist(), strict=True)
    }
    wanted = matchings(z)
    assert got == pytest.approx([wanted[p] for p in pairs], abs=0.01)


def _fixed(evidence: np.ndarray) -> float:
    """The log odds at which the mean probability is what was assumed, at most 0.9."""
    share = 0.5
    for _ in range(500):
        share = float(np.clip(probability(evidence + np.log2(share / (1 - share))).mean(), 0.125, 0.9))
    return float(np.log2(share / (1 - share)))


# Groups

_pairs = st.lists(
    st.tuples(st.integers(0, 9), st.integers(0, 9)).filter(lambda p: p[0] < p[1]), unique=True, max_size=25
)


@given(_pairs, st.data())
def test_groups_obey_sources_and_persons(pairs: list[tuple[int, int]], data: st.DataObject) -> None:
    source = data.draw(st.lists(st.integers(0, 2), min_size=10, max_size=10))
    bits = np.array(
        data.draw(st.lists(st.floats(-20, 20), min_size=len(pairs), max_size=len(pairs))), dtype=float
    )
    same = data.draw(_pairs.map(lambda p: p[:2]))
    different = [p for p in data.draw(_pairs.map(lambda p: p[:2])) if p not in same]
    records = Records(source, {}, single=frozenset({0}))
    kept = records.allowed(*(np.array([p[k] for p in pairs], dtype=np.intp) for k in (0, 1)))
    left, right = (
        np.array([p[k] for p, ok in zip(pairs, kept, strict=True) if ok], dtype=np.intp) for k in (0, 1)
    )
    bits = bits[kept]
    found = resolve(records, left, right, bits, Thresholds(), same=same, different=different)
    group = found.group.tolist()
    for a, b in different:
        assert group[a] != group[b]
    forced = {r for p in same for r in p}
    for a, b in combinations(range(10), 2):
        if source[a] == source[b] == 0 and group[a] == group[b]:
            assert a in forced or b in forced  # only a person may say so
    if not same:
        assert all(bits[d.pair] >= np.log2(0.25) for d in found.doubts)
        likely = [float(bits[d.pair]) for d in found.doubts]
        assert likely == sorted(likely, reverse=True)
    assert sorted(dict.fromkeys(group)) == list(
        dict.fromkeys(group)
    )  # numbered in the order of first records
    again = resolve(records, right, left, bits, Thresholds(), same=same, different=different)
    assert again.group.tolist() == group


def test_a_chain_of_doubtful_neighbours_does_not_become_one_thing() -> None:
    records = Records([0] * 6, {})
    left, right = np.arange(5), np.arange(1, 6)
    found = resolve(records, left, right, np.full(5, 5.0), Thresholds())
    assert max(Counter(found.group.tolist()).values()) == 2
    assert {d.reason for d in found.doubts} == {Reason.CHAIN}


def test_about_as_good_a_rival_is_for_a_person() -> None:
    records = Records([0, 1, 1], {}, single=frozenset({0, 1}))
    left, right = np.array([0, 0]), np.array([1, 2])
    close = resolve(records, left, right, np.array([7.0, 6.0]), Thresholds())
    assert [(d.pair, d.reason) for d in close.doubts] == [(1, Reason.RIVAL)]
    assert close.chance[close.group[0]] < 0.1
    far = resolve(records, left, right, np.array([12.0, 6.0]), Thresholds())
    assert far.doubts == []


def test_what_stood_together_holds_until_it_is_less_than_doubtful() -> None:
    records = Records([0, 1], {})
    one = (np.array([0]), np.array([1]))
    for bits, kept, together in ((2.0, False, False), (2.0, True, True), (-3.0, True, False)):
        found = resolve(records, *one, np.array([bits]), Thresholds(), kept=np.array([kept]))
        assert (found.group[0] == found.group[1]) == together


# Real sets with truth; figures of docs/reference/matching.md


def scored(matched: Matched, truth: Sequence[str]) -> tuple[float, float, float]:
    """Precision, recall and F1 over pairs of records, by groups."""
    group = matched.resolution.group.tolist()

    def pairs(labels: Sequence[object]) -> int:
        return sum(n * (n - 1) // 2 for n in Counter(labels).values())

    right = pairs(list(zip(group, truth, strict=True)))
    precision, recall = right / pairs(group), right / pairs(truth)
    return precision, recall, 2 * precision * recall / (precision + recall)


def persons(folder: Path) -> tuple[Records, list[str]]:
    rows = list(csv.DictReader((folder / "entity_resolution/splink/fake_1000.csv").open(encoding="utf-8")))
    columns = ("first_name", "surname", "dob", "city", "email")
    return Records([0] * len(rows), {c: Texts([r[c] or None for r in rows]) for c in columns}), [
        r["cluster"] for r in rows
    ]


PERSONS = (
    comparison("first_name", Kind.JARO_WINKLER, 0.92, 0.8, frequencies=True),
    comparison("surname", Kind.JARO_WINKLER, 0.92, 0.8, frequencies=True),
    comparison("dob", Kind.LEVENSHTEIN, 1, 2),
    comparison("city", Kind.JARO_WINKLER, 0.9, frequencies=True),
    comparison("email", Kind.JARO_WINKLER, 0.9),
)
PERSON_KEYS = tuple(SameKey((c,)) for c in ("first_name", "surname", "dob", "email"))


@pytest.mark.parametrize(("threshold", "precision", "f1"), [(0.95, 0.99, 0.87), (0.5, 0.99, 0.91)])
def test_persons(yong_data: Path, threshold: float, precision: float, f1: float) -> None:
    records, truth = persons(yong_data)
    found = match(records, PERSONS, PERSON_KEYS, thresholds=Thresholds(match=threshold))
    score = scored(found, truth)
    assert score[0] > precision, score
    assert score[2] > f1, score
    part = found.why(0)
    assert [p.comparison for p in part] == [c.name for c in PERSONS]
    assert sum(p.bits for p in part) == pytest.approx(found.weights[0].sum(), abs=0.05)
    again = match(records, PERSONS, PERSON_KEYS, thresholds=Thresholds(match=threshold))
    assert (again.resolution.group == found.resolution.group).all()  # the same answer each time


def test_restaurants(yong_data: Path) -> None:
    file = yong_data / "entity_resolution/dedupe_restaurants/restaurant-nophone-training.csv"
    rows = list(csv.DictReader(file.open(encoding="utf-8"), skipinitialspace=True))
    columns = ("name", "address", "city", "cuisine")
    records = Records([0] * len(rows), {c: Texts([r[c].strip(" '\"") for r in rows]) for c in columns})
    found = match(
        records,
        (
            comparison("name", Kind.JARO_WINKLER, 0.92, 0.8, frequencies=True),
            comparison("address", Kind.JARO_WINKLER, 0.92, 0.8, frequencies=True),
            comparison("city", Kind.JARO_WINKLER, 0.9, frequencies=True),
            comparison("cuisine", Kind.EXACT, frequencies=True),
        ),
        (SameKey(("name",), 4), SameKey(("address",), 6), Neighbours("name", 4), Neighbours("address", 4)),
    )
    score = scored(found, [r["unique_id"] for r in rows])
    assert score[0] > 0.95, score
    assert score[2] > 0.86, score
