"""What is learned from past cases, without a database: ranking, neighbours, duplicates, what is kept."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yong.kernel.cases.suggesting import duplicates
from yong.kernel.cases.suggesting.duplicates import REACH_M, Told
from yong.kernel.cases.suggesting.features import MOST_WORDS, Facts, Family, features_of, said, tokens
from yong.kernel.cases.suggesting.model import Past, inputs_of, learned, packed, unpacked
from yong.kernel.cases.suggesting.neighbours import Neighbours
from yong.kernel.cases.suggesting.ranking import Ranker, learn

BEGAN = datetime(2024, 1, 1, 9, tzinfo=UTC)
WORDS = ("井盖松动有异响", "垃圾堆放无人清运", "路灯不亮", "loose cover", "dirty road")
DEGREE_M = 111_320.0


def past(n: int, **more: object) -> Past:
    kind = n % len(WORDS)
    values = {
        "id": f"case-{n:05d}", "facts": Facts(text=f"{WORDS[kind]} {n}", place=(121.5 + kind * 0.02, 29.8 + n % 13 * 1e-4)),
        "class_": f"0{kind}", "unit": f"unit-{kind % 3}", "opened_at": BEGAN + timedelta(minutes=100 * n),
        "closed_at": BEGAN + timedelta(minutes=100 * n, days=2),
    }  # fmt: skip
    return Past(**values | more)  # type: ignore[arg-type]


def test_features_are_what_is_known_as_a_case_comes_in() -> None:
    at = datetime(2024, 2, 5, 14, 30, tzinfo=UTC)
    facts = Facts(
        text="路灯不亮 Lamp ＬＡＭＰ 12345",
        place=(121.553, 29.873),
        district="330203",
        source="resident",
        at=at,
    )
    found = features_of(facts)
    assert [v for f, v in found if f is Family.WORD] == ["路灯", "灯不", "不亮", "灯不亮", "lamp"]
    by_family = dict(found)
    assert (by_family[Family.HOUR], by_family[Family.WEEKDAY]) == ("14", "0")
    assert {Family.NEAR, Family.AREA, Family.DISTRICT, Family.SOURCE} < by_family.keys()
    assert Family.CLASS not in by_family
    assert features_of(Facts()) == []
    assert said((Family.WEEKDAY, "0")).en == "Monday"
    near = dict(features_of(Facts(place=(121.5531, 29.8731))))
    assert near[Family.AREA] == by_family[Family.AREA]


@settings(max_examples=60)
@given(st.text(max_size=3_000))
def test_any_text_has_few_words_each_once(text: str) -> None:
    found = tokens(text)
    assert len(found) == len(set(found)) <= MOST_WORDS
    assert not any(word.isdecimal() for word in found)


def test_what_is_likeliest_comes_first_with_what_spoke_for_it() -> None:
    cases = [past(n) for n in range(400)]
    ranker, measured = learn([features_of(c.facts) for c in cases], [c.class_ or "" for c in cases])
    assert (measured.cases, measured.top) == (60, 1.0)
    assert measured.usual < 0.3
    [best, *others] = ranker.rank(features_of(Facts(text="小区井盖松动")), 5)
    assert best.label == "00"
    assert best.share > 0.5 > max(o.share for o in others)
    assert abs(best.share + sum(o.share for o in others) - 1) < 1e-9
    assert {p.feature[1] for p in best.parts} <= {"井盖", "盖松", "松动"}
    assert [p.bits for p in best.parts] == sorted((p.bits for p in best.parts), reverse=True)


def test_what_was_never_seen_says_nothing_and_one_case_proves_nothing() -> None:
    cases = [features_of(Facts(text="sign")) for _ in range(80)] + [
        features_of(Facts(text="tree")) for _ in range(20)
    ]
    ranker = Ranker.counted([*cases, features_of(Facts(text="owl"))], ["a"] * 80 + ["b"] * 21)
    unknown = ranker.rank(features_of(Facts(text="whale owl")))
    assert [r.label for r in unknown] == ["a", "b"]
    assert unknown[0].share == pytest.approx(80.5 / 102, abs=0.01)
    assert unknown[0].parts == []
    assert Ranker.counted([], []).rank(cases[0]) == []


def test_the_most_similar_are_those_that_share_what_is_rare() -> None:
    texts = ["road sign"] * 50 + ["road mirror", "road mirror broken", "nothing else"]
    index = Neighbours.over([features_of(Facts(text=t)) for t in texts])
    found = index.nearest(features_of(Facts(text="mirror on the road")), 5)
    assert [s.number for s in found[:2]] == [51, 50]  # alike, the newest first
    assert found[0].share == found[1].share > found[2].share > 0
    assert index.nearest(features_of(Facts(text="whale")), 5) == []
    assert index.nearest([], 5) == []


def test_what_was_learned_is_kept_whole_and_its_inputs_have_a_version() -> None:
    cases = [past(n) for n in range(300)]
    model = learned(cases)
    assert model is not None
    again = unpacked(packed(model))
    assert again.head == model.head
    assert (again.ids, again.class_of, again.unit_of) == (model.ids, model.class_of, model.unit_of)
    case = features_of(cases[7].facts)
    assert again.classes.rank(case) == model.classes.rank(case)
    assert again.neighbours.nearest(case, 20) == model.neighbours.nearest(case, 20)
    assert learned(cases[::-1]).head.inputs == model.head.inputs  # type: ignore[union-attr]
    assert inputs_of(cases) != inputs_of([*cases[:-1], past(299, class_="09")])
    assert learned(cases[:99]) is None
    still_open = [past(n, closed_at=None) for n in range(300)]
    assert learned(still_open) is None


# ---------------------------------------------------------------- duplicates


def reported(n: int, rng: np.random.Generator) -> Told:
    place = (121.5 + float(rng.uniform(0, 0.02)), 29.8 + float(rng.uniform(0, 0.02)))
    return Told(WORDS[n % 5], place, f"0{n % 5}", float(rng.uniform(0, 60)))


def again(case: Told, rng: np.random.Generator) -> Told:
    """The same told once more, some metres beside it within a day."""
    assert case.place is not None
    beside = rng.normal(0, 12, 2) / DEGREE_M
    place = (case.place[0] + float(beside[0]), case.place[1] + float(beside[1]))
    return Told(f"请处理{case.text}", place, case.class_, case.day + float(rng.uniform(0, 1)))


@pytest.mark.parametrize("merged", [True, False])
def test_duplicates_are_found_with_and_without_merges(merged: bool) -> None:
    rng = np.random.default_rng(5)
    cases = [reported(n, rng) for n in range(1500)]
    cases += [again(cases[n], rng) for n in range(150)]
    pairs = [(n, 1500 + n) for n in range(150)]
    model, by = duplicates.learn(cases, pairs if merged else [])
    assert by == (150 if merged else 0)
    fresh = [reported(n, rng) for n in range(100)]
    hits = told = 0
    for case in fresh[:40]:
        found = duplicates.likely(model, again(case, rng), fresh, least=0.5)
        hits += any(fresh[one.number] is case for one in found)
        told += len(found)
    assert hits >= 36
    assert told <= 56  # others of the class lie near as well


def test_little_is_presumed_and_what_lies_far_or_has_no_place_is_told_as_such() -> None:
    assert duplicates.learn([])[0] == duplicates.presumed()
    here = Told("井盖松动", (121.55, 29.87), "01", 10.0)
    others = [
        Told("井盖松动", (121.5501, 29.87), "01", 10.1), Told("行道树倾斜", (121.5515, 29.87), "02", 3.0),
        Told("井盖松动", None, "01", 10.0),
    ]  # fmt: skip
    found = {one.number: one for one in duplicates.likely(duplicates.presumed(), here, others)}
    assert found[0].probability > 0.8 > 0.05 > found[1].probability
    assert found[0].distance_m == pytest.approx(9.65, abs=0.1)
    assert (found[2].distance_m, found[2].parts[0].level) == (None, -1)
    assert duplicates.likely(duplicates.presumed(), here, []) == []


def test_more_than_can_be_looked_at_is_looked_at_in_part() -> None:
    at_one_place = [Told("x", (121.5, 29.8), "01", float(n % 40)) for n in range(7_000)]
    one, other = duplicates.pairs_of(at_one_place, duplicates.records_of(at_one_place))
    assert 0 < len(one) == len(other)
    assert REACH_M == 200.0
