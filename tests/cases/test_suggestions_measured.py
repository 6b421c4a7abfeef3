"""How good suggestions are on a real city's half year: learned on its first half, measured on its second."""

import csv
import gzip
from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from yong.kernel.cases.suggesting import duplicates
from yong.kernel.cases.suggesting.duplicates import REACH_M, Told
from yong.kernel.cases.suggesting.features import Facts, Family, features_of
from yong.kernel.cases.suggesting.model import Past, day_of, learned, packed, unpacked
from yong.kernel.cases.suggesting.ranking import Case, Measured, Ranker, learn
from yong.kernel.records import matching
from yong.kernel.records.matching.contracts import Model

BOSTON = ZoneInfo("America/New_York")
CITY_HALL = ("42.3594", "-71.0587")  # where the system puts what has no place: 15 % of all
MINUTE = 1 / 1440
Row = dict[str, str]


@pytest.fixture(scope="module")
def boston(yong_data: Path) -> tuple[list[Row], list[Row]]:
    """The cases of Boston's 311, January to June 2015: the first half and the second by opening."""
    file = yong_data / "service_requests_311" / "boston_311_2015_jan_jun.csv.gz"
    if not file.is_file():
        pytest.skip(f"the cases of Boston are absent ({file.name})")
    with gzip.open(file, "rt", encoding="utf-8", newline="") as lines:
        rows = sorted(csv.DictReader(lines), key=lambda r: (at(r["OPEN_DT"]), r["CASE_ENQUIRY_ID"]))
    return rows[: len(rows) // 2], rows[len(rows) // 2 :]


def at(text: str) -> datetime:
    return datetime.strptime(text, "%m/%d/%Y %I:%M:%S %p").replace(tzinfo=BOSTON)


def facts(row: Row, *, title: bool = False) -> Facts:
    """What was known as it came in. The title is no part of it but where it is said: see the page."""
    here = row["LATITUDE"], row["LONGITUDE"]
    place = (float(here[1]), float(here[0])) if all(here) and here != CITY_HALL else None
    return Facts(
        text=row["CASE_TITLE"] if title else "", place=place, district=row["ward"] or None, source=row["Source"],
        at=at(row["OPEN_DT"]),
    )  # fmt: skip


def cases_of(rows: Sequence[Row], *, title: bool = False, classed: bool = False) -> list[Case]:
    return [
        features_of(facts(r, title=title)) + ([(Family.CLASS, r["TYPE"])] if classed else []) for r in rows
    ]


def measured(
    halves: tuple[list[Row], list[Row]], label: str, *, title: bool = False, classed: bool = False
) -> tuple[Ranker, Measured]:
    first, second = halves
    ranker, _ = learn(cases_of(first, title=title, classed=classed), [r[label] for r in first])
    found = ranker.measure(cases_of(second, title=title, classed=classed), [r[label] for r in second])
    print(f"boston, {label}, title {title}, class known {classed}: {found}, weights {ranker.weights}")
    return ranker, found


def usual_of_class(halves: tuple[list[Row], list[Row]], label: str) -> tuple[float, float]:
    """The shares of the label that was most frequent of the class, and of its three most frequent."""
    first, second = halves
    seen: dict[str, Counter[str]] = defaultdict(Counter)
    for row in first:
        seen[row["TYPE"]][row[label]] += 1
    best = {kind: [name for name, _ in met.most_common(3)] for kind, met in seen.items()}
    found = [best.get(row["TYPE"], []) for row in second]
    top = sum(bool(b) and b[0] == r[label] for b, r in zip(found, second, strict=True)) / len(second)
    return top, sum(r[label] in b for b, r in zip(found, second, strict=True)) / len(second)


def test_class_from_place_hour_and_way(boston: tuple[list[Row], list[Row]]) -> None:
    _, found = measured(boston, "TYPE")
    assert found.cases == 29_060
    assert found.top >= 0.21 > 6 * found.usual
    assert found.top_3 >= 0.35 > 2.5 * found.usual_3


def test_class_where_the_title_is_not_the_class(boston: tuple[list[Row], list[Row]]) -> None:
    """Three of four titles are the class's own name: what a title tells is measured on the others."""
    ranker, everything = measured(boston, "TYPE", title=True)
    own = [r for r in boston[1] if r["CASE_TITLE"].strip() != r["TYPE"].strip()]
    found = ranker.measure(cases_of(own, title=True), [r["TYPE"] for r in own])
    print(f"boston, TYPE, titles of their own: {found}")
    assert 6_000 < found.cases < everything.cases / 4
    assert found.top >= 0.86 > 5 * found.usual
    assert found.top_3 >= 0.95


@pytest.mark.parametrize(
    ("label", "classed", "top", "top_3"),
    [("QUEUE", False, 0.24, 0.45), ("QUEUE", True, 0.80, 0.91), ("Department", False, 0.43, 0.80), ("Department", True, 0.93, 0.98)],
)  # fmt: skip
def test_unit(
    boston: tuple[list[Row], list[Row]], label: str, classed: bool, top: float, top_3: float
) -> None:
    _, found = measured(boston, label, classed=classed)
    by_class = usual_of_class(boston, label)
    print(f"boston, {label}, the usual one of the class: {by_class}")
    assert found.top >= top > found.usual
    assert found.top_3 >= top_3 > found.usual_3
    if label == "QUEUE" and classed:  # by the place better than by the class alone
        assert found.top > by_class[0] + 0.05
        assert found.top_3 > by_class[1] + 0.05


def test_the_whole_model_is_kept_and_read_again(boston: tuple[list[Row], list[Row]]) -> None:
    past = [
        Past(
            id=r["CASE_ENQUIRY_ID"], facts=facts(r), class_=r["TYPE"], unit=r["QUEUE"], opened_at=at(r["OPEN_DT"]),
            closed_at=at(r["CLOSED_DT"]) if r["CLOSED_DT"] else None,
        )
        for r in boston[0][-6000:]
    ]  # fmt: skip
    model = learned(past)
    assert model is not None
    body = packed(model)
    print(f"boston, 6,000 cases kept in {len(body)} bytes; {model.head.classes}, {model.head.units_by_class}")
    assert len(body) < 1_000_000
    again = unpacked(body)
    assert again.head == model.head
    case = features_of(facts(boston[1][0]))
    assert again.classes.rank(case) == model.classes.rank(case)
    assert again.neighbours.nearest(case, 20) == model.neighbours.nearest(case, 20)
    assert learned(past[::-1]).head.inputs == model.head.inputs  # type: ignore[union-attr]


# ---------------------------------------------------------------- duplicates


class Pairs:
    """Pairs of a half that were open together within reach, and which of them were closed together.

    The data marks no duplicates (the reasons of closing are not in it). A crew that closes two cases within a minute
    dealt with one thing, unless it closed others of the class far away in the same minute: those are no evidence and are left out.
    """

    def __init__(self, rows: Sequence[Row]) -> None:
        self.rows = [r for r in rows if facts(r).place is not None]
        self.cases = [
            Told(
                "", facts(r).place, r["TYPE"], day_of(at(r["OPEN_DT"])),
                day_of(at(r["CLOSED_DT"])) if r["CLOSED_DT"] else None,
            )
            for r in self.rows
        ]  # fmt: skip
        self.records = duplicates.records_of(self.cases)
        one, other = duplicates.pairs_of(self.cases, self.records)
        self.end = np.array([np.nan if c.until is None else c.until for c in self.cases])
        self.xy = self.records.places("place").xy
        single = ~np.isnan(self.end) & ~self._at_once()
        kept = single[one] & single[other]
        self.one, self.other = one[kept], other[kept]
        self.same = np.abs(self.end[self.one] - self.end[self.other]) <= MINUTE
        self.apart = np.hypot(*(self.xy[self.one] - self.xy[self.other]).T)
        self.days = (
            self.records.numbers("days").values[self.other] - self.records.numbers("days").values[self.one]
        )
        kinds = self.records.texts("class").codes
        self.alike = kinds[self.one] == kinds[self.other]

    def _at_once(self) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
        """Cases in whose minute others of their class were closed more than 500 m away."""
        found = np.zeros(len(self.cases), dtype=np.bool_)
        by_class: dict[str, list[int]] = defaultdict(list)
        for n, case in enumerate(self.cases):
            if case.until is not None:
                by_class[case.class_ or ""].append(n)
        for members in by_class.values():
            order = np.array(sorted(members, key=lambda n: self.end[n]))
            ends = self.end[order]
            low, high = np.searchsorted(ends, ends - MINUTE), np.searchsorted(ends, ends + MINUTE, "right")
            for n, a, b in zip(order, low, high, strict=True):
                found[n] = bool((np.hypot(*(self.xy[order[a:b]] - self.xy[n]).T) > 500).any())
        return found

    def chance(self, model: Model) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
        table = matching.compare(self.records, duplicates.COMPARISONS, self.one, self.other)
        weights = matching.weigh(self.records, model, table, self.one, self.other)
        return np.asarray(matching.probability(matching.total_bits(model, weights)))

    def judged(self, chosen: "np.ndarray[tuple[int], np.dtype[np.bool_]]") -> tuple[float, float, float]:
        """Precision, recall and their harmonic mean."""
        hits = float((chosen & self.same).sum())
        precision, recall = hits / max(1, chosen.sum()), hits / max(1, self.same.sum())
        return precision, recall, 2 * precision * recall / max(1e-9, precision + recall)


def test_duplicates(boston: tuple[list[Row], list[Row]]) -> None:
    first, second = (Pairs(half) for half in boston)
    print(
        f"boston, pairs: {len(first.one)}, {first.same.sum()} closed together; {len(second.one)}, {second.same.sum()}"
    )
    grid = [(m, d) for m in (1, 15, 40, 80, 120, REACH_M) for d in (1, 3, 7, 14, 30)]
    metres, days = max(
        grid, key=lambda g: first.judged(first.alike & (first.apart <= g[0]) & (first.days <= g[1]))[2]
    )
    simple = second.judged(second.alike & (second.apart <= metres) & (second.days <= days))
    print(f"boston, of one class within {metres} m and {days} days, the best of the first half: {simple}")
    decided = list(zip(first.one[first.same].tolist(), first.other[first.same].tolist(), strict=True))
    found = {}
    for name, pairs, least in (("found without", [], 0.95), ("merged", decided, 0.8)):
        model, by = duplicates.learn(first.cases, pairs)
        assert by == len(pairs)
        found[name] = second.judged(second.chance(model) >= least)
        print(f"boston, {name}: {found[name]}, all told: {second.judged(second.chance(model) >= 0.2)}")
    assert simple[2] > 0.5  # a baseline worth its name
    assert found["merged"][2] >= 0.55 > simple[2]
    assert found["found without"][0] >= 0.35  # it tells of more, and errs more
    assert found["found without"][1] >= 0.72 > simple[1]
    model, _ = duplicates.learn(first.cases, decided)
    assert second.judged(second.chance(model) >= 0.2)[1] >= 0.80  # of what is closed together so much is told


def test_a_moment_is_that_of_the_city() -> None:
    assert at("01/07/2015 03:40:14 AM").astimezone(UTC).hour == 8
