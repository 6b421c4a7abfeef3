"""Which open cases may be about the same as another: candidates near in place and time, weighed by the one matcher. Pure.

Candidates lie within REACH_M of one another, and the earlier one was still open when the later came, at most
WINDOW_DAYS after it. What weighs: how far apart, whether of one class, how alike the words, how many days between.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from yong.kernel.base.errors import TooLarge
from yong.kernel.base.text import Text
from yong.kernel.records import matching
from yong.kernel.records.matching import Numbers, Places, Records, Texts
from yong.kernel.records.matching.comparing import Levels as Table
from yong.kernel.records.matching.contracts import Comparison, Kind, Levels, Model, Part
from yong.kernel.records.matching.estimating import counted, expected
from yong.kernel.records.matching.similarity import Codes, Floats

REACH_M, WINDOW_DAYS = 200.0, 30.0
ERROR_M = 20.0
"""How exact a position that somebody points at is taken to be, as root mean square."""
MOST = 200
"""How many candidates of one case are weighed: the nearest."""
MOST_LEARNED = 20_000
LEAST_PAIRS, LEAST_DECIDED = 50, 50
_RING_M, _RING_CASES = 500.0, 2_000
_SHARE = 0.05  # of candidates that are the same, where nothing could be learned
_DEGREE_M = 111_320.0

COMPARISONS: tuple[Comparison, ...] = (
    Comparison(
        name="place", column="place", kind=Kind.NEAR, levels=(0.5, 1.0, 2.0, 4.0), title=Text("距离", "Distance")
    ),
    Comparison(name="class", column="class", kind=Kind.EXACT, title=Text("类别", "Class")),
    Comparison(
        name="text", column="text", kind=Kind.DICE, levels=(0.8, 0.6, 0.4, 0.2), title=Text("文字", "Words")
    ),
    Comparison(
        name="days", column="days", kind=Kind.NUMBER, levels=(0.05, 0.25, 1.0, 3.0, 7.0, 14.0),
        title=Text("相隔天数", "Days between"),
    ),
)  # fmt: skip


class Told(NamedTuple):
    """A case as it is compared: place in degrees, `day` since any day, until when it was open (none: it still is)."""

    text: str
    place: tuple[float, float] | None
    class_: str | None
    day: float
    until: float | None = None


class Likely(NamedTuple):
    """A candidate: its number in what was given, how far away, how likely the same, and why."""

    number: int
    distance_m: float | None
    probability: float
    parts: tuple[Part, ...]


def metres(places: Sequence[tuple[float, float] | None]) -> Floats:
    """Easting and northing around the middle of the places; NaN where there is none. Right to a part in 500 within a city."""
    lonlat = np.array([p if p is not None else (np.nan, np.nan) for p in places], dtype=np.float64).reshape(
        -1, 2
    )
    there = lonlat[~np.isnan(lonlat[:, 1]), 1]
    middle = float(np.median(there)) if len(there) else 0.0
    found: Floats = lonlat * np.array([_DEGREE_M * np.cos(np.radians(middle)), _DEGREE_M])
    return found


def records_of(cases: Sequence[Told]) -> Records:
    """Cases as columns of the matcher."""
    return Records(
        np.zeros(len(cases), dtype=np.int64),
        {
            "place": Places(metres([c.place for c in cases]), np.full(len(cases), ERROR_M)),
            "class": Texts([c.class_ for c in cases]),
            "text": Texts([c.text or None for c in cases]),
            "days": Numbers([c.day for c in cases]),
        },
    )


def pairs_of(
    cases: Sequence[Told],
    records: Records,
    *,
    beyond: float = 0.0,
    reach: float = REACH_M,
    of: int | None = None,
) -> tuple[Codes, Codes]:
    """Pairs near one another of which the earlier was open when the later came: (earlier, later).

    With `of`, those of about so many of the cases with any other. Where more lie near than can be looked at, of fewer.
    """
    one, other = _near(records.places("place").xy, reach, beyond, of)
    day = records.numbers("days").values
    until = np.array([np.inf if c.until is None else c.until for c in cases])
    earlier = np.where(day[one] <= day[other], one, other)
    later = np.where(day[one] <= day[other], other, one)
    kept = (day[later] - day[earlier] <= WINDOW_DAYS) & (until[earlier] > day[later])
    return earlier[kept], later[kept]


def _near(xy: Floats, reach: float, beyond: float, of: int | None) -> tuple[Codes, Codes]:
    step = max(1, len(xy) // of) if of else 1
    while step <= len(xy):
        asking = np.arange(0, len(xy), step) if step > 1 else None
        try:
            return matching.near(xy, reach, beyond=beyond, of=asking)
        except TooLarge:
            step *= 4
    return np.empty(0, dtype=np.intp), np.empty(0, dtype=np.intp)


def learn(cases: Sequence[Told], decided: Iterable[tuple[int, int]] = ()) -> tuple[Model, int]:
    """The matcher's parameters from past cases, and by how many pairs that people merged (0: without any).

    What others are alike in is counted in the ring around the reach. What those that are the same are alike in is counted in pairs
    that people merged, where there are LEAST_DECIDED; else it is found without them (Winkler's EM); of too few cases
    it is presumed.
    """
    if not cases:
        return presumed(), 0
    records = records_of(cases)
    candidates = pairs_of(cases, records)
    table = matching.compare(records, COMPARISONS, *candidates)
    others = matching.compare(
        records, COMPARISONS, *pairs_of(cases, records, beyond=REACH_M, reach=_RING_M, of=_RING_CASES)
    )
    same = np.array(sorted({(min(p), max(p)) for p in decided}), dtype=np.intp).reshape(-1, 2)
    if len(same) >= LEAST_DECIDED and len(table) >= LEAST_PAIRS:
        met = matching.compare(records, COMPARISONS, same[:, 0], same[:, 1])
        return _by_decisions(table, met), len(same)
    if len(table) < LEAST_PAIRS or len(others) < LEAST_PAIRS:
        return presumed(), 0
    return matching.learn_among_candidates(COMPARISONS, table, others, free=("place",)), 0


def _by_decisions(table: Table, met: Table) -> Model:
    """m counted in pairs that are the same, u in all candidates, of which hardly any are."""
    m, u = counted(COMPARISONS, met), counted(COMPARISONS, table)
    share = min(max(len(met) / max(1, len(table)), 1e-4), 0.5)
    u = [np.maximum((b - share * a) / (1 - share), 1e-4) for a, b in zip(m, u, strict=True)]
    levels = tuple(
        Levels(tuple(a.tolist()), tuple((b / b.sum()).tolist())) for a, b in zip(m, u, strict=True)
    )
    return Model(comparisons=COMPARISONS, levels=levels, share=share, universe=max(1, len(table)))


def presumed() -> Model:
    """What is taken to hold before anything was learned: what is not the same lies evenly, and is alike by chance."""
    chance = {
        "place": _even((0.5, 1.0, 2.0, 4.0, REACH_M / (ERROR_M * np.sqrt(2)))),
        "class": (0.1, 0.9),
        "text": (0.01, 0.01, 0.02, 0.06, 0.2, 0.7),
        "days": (0.01, 0.02, 0.07, 0.1, 0.15, 0.25, 0.4),
    }
    same = {
        "place": tuple(expected(COMPARISONS[0]).tolist()),
        "class": (0.9, 0.1),
        "text": (0.1, 0.1, 0.15, 0.2, 0.2, 0.25),
        "days": (0.15, 0.15, 0.15, 0.2, 0.15, 0.1, 0.1),
    }
    levels = tuple(Levels(same[c.name], chance[c.name]) for c in COMPARISONS)
    return Model(comparisons=COMPARISONS, levels=levels, share=_SHARE, universe=1)


def _even(bounds: Sequence[float]) -> tuple[float, ...]:
    area = np.diff(np.square(np.array([0.0, *bounds])))
    return tuple((area / area.sum()).tolist())


def likely(
    model: Model, case: Told, others: Sequence[Told], least: float = 0.0, most: int = MOST
) -> list[Likely]:
    """Which of some candidates may be the same as a case, the likeliest first."""
    if not others:
        return []
    records = records_of([case, *others])
    right = np.arange(1, len(others) + 1)
    left = np.zeros(len(others), dtype=np.intp)
    table = matching.compare(records, COMPARISONS, left, right)
    weights = matching.weigh(records, model, table, left, right)
    chance = matching.probability(matching.total_bits(model, weights))
    xy = records.places("place").xy
    apart = np.hypot(*(xy[1:] - xy[0]).T)
    best = [int(n) for n in np.lexsort((apart, -chance)) if chance[n] >= least][:most]
    return [
        Likely(
            n, None if np.isnan(apart[n]) else float(apart[n]), float(chance[n]),
            matching.explain(model, table[n].tolist(), weights[n].tolist()),
        )
        for n in best
    ]  # fmt: skip
