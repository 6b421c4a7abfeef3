"""What was learned from the past cases of a procedure, and how it is kept: counts, in a file of arrays. Pure."""

import hashlib
import io
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import msgspec
import numpy as np

from yong.kernel.cases.suggesting import duplicates
from yong.kernel.cases.suggesting.contracts import LEAST_CASES
from yong.kernel.cases.suggesting.duplicates import Told
from yong.kernel.cases.suggesting.features import Facts, Family, Feature, features_of
from yong.kernel.cases.suggesting.neighbours import Neighbours
from yong.kernel.cases.suggesting.ranking import Measured, Ranker, learn
from yong.kernel.records.matching.contracts import Model as Matching

FORMAT = 1
MOST_CASES = 100_000
"""How many past cases are learned from: the newest."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ARRAYS = ("start", "of", "count", "sizes", "said", "weights")


class Past(msgspec.Struct, frozen=True, kw_only=True):
    """A past case as it is learned from; `facts` are those of its opening, without its class. One that is not closed is
    there for what was merged into it alone."""

    id: str
    facts: Facts
    class_: str | None
    unit: str | None
    opened_at: datetime
    closed_at: datetime | None
    merged_into: str | None = None


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """What is kept of a model beside its counts."""

    format: int
    cases: int
    first_at: datetime
    last_at: datetime
    inputs: str
    classes: Measured | None
    units: Measured | None
    units_by_class: Measured | None
    by_merges: int
    matching: Matching


class Learned(msgspec.Struct, frozen=True):
    """Everything that suggestions of a procedure need. `ids` are the past cases, `class_of` and `unit_of` what became of
    them, by number in the rankers' labels (-1: none)."""

    head: Head
    classes: Ranker
    units: Ranker
    units_by_class: Ranker
    neighbours: Neighbours
    ids: list[str]
    class_of: list[str | None]
    unit_of: list[str | None]


def learned(past: Sequence[Past]) -> Learned | None:
    """Learn from past cases, in any order; none where there are fewer than LEAST_CASES with a class or a unit."""
    cases = sorted(past, key=lambda p: (p.opened_at, p.id))
    ended = [p for p in cases if p.closed_at and p.merged_into is None and (p.class_ or p.unit)]
    if len(ended) < LEAST_CASES:
        return None
    plain = [features_of(p.facts) for p in ended]
    classes, classes_measured = _ranked(plain, [p.class_ for p in ended])
    units, units_measured = _ranked(plain, [p.unit for p in ended])
    classed = [[*f, (Family.CLASS, p.class_)] if p.class_ else f for f, p in zip(plain, ended, strict=True)]
    by_class, by_class_measured = _ranked(classed, [p.unit for p in ended])
    recent = cases[-duplicates.MOST_LEARNED :]
    number = {p.id: n for n, p in enumerate(recent)}
    merged = [
        (number[p.id], number[p.merged_into]) for p in recent if p.merged_into and p.merged_into in number
    ]
    matching, by_merges = duplicates.learn([told(p) for p in recent], merged)
    head = Head(
        format=FORMAT, cases=len(ended), first_at=ended[0].opened_at, last_at=ended[-1].opened_at,
        inputs=inputs_of(cases), classes=classes_measured, units=units_measured,
        units_by_class=by_class_measured, by_merges=by_merges, matching=matching,
    )  # fmt: skip
    return Learned(
        head, classes, units, by_class, Neighbours.over(plain), [p.id for p in ended],
        [p.class_ for p in ended], [p.unit for p in ended],
    )  # fmt: skip


def inputs_of(cases: Sequence[Past]) -> str:
    """The version of what was learned from: a digest of which cases, and what became of them."""
    digest = hashlib.sha256(str(FORMAT).encode())
    for p in cases:
        digest.update(msgspec.json.encode((p.id, p.class_, p.unit, p.merged_into, p.facts)))
    return digest.hexdigest()


def told(past: Past) -> Told:
    """A past case as duplicates are learned from. A merged one is open until it is merged."""
    closed = past.closed_at
    return Told(
        past.facts.text,
        past.facts.place,
        past.class_,
        day_of(past.opened_at),
        day_of(closed) if closed else None,
    )


def day_of(moment: datetime) -> float:
    return (moment - _EPOCH) / timedelta(days=1)


def _ranked(
    cases: Sequence[Sequence[Feature]], labels: Sequence[str | None]
) -> tuple[Ranker, Measured | None]:
    known = [(case, label) for case, label in zip(cases, labels, strict=True) if label]
    if len(known) < LEAST_CASES:
        return Ranker.counted([], []), None
    return learn([c for c, _ in known], [label for _, label in known])


# ---------------------------------------------------------------- kept


def packed(model: Learned) -> bytes:
    """A model as bytes: arrays and JSON, nothing that runs."""
    arrays: dict[str, np.ndarray] = {}
    names: dict[str, object] = {"head": model.head, "ids": model.ids}
    for name in ("classes", "units", "units_by_class"):
        ranker: Ranker = getattr(model, name)
        names[name] = {"labels": ranker.labels, "features": ranker.features}
        arrays |= {f"{name}.{a}": getattr(ranker, a) for a in _ARRAYS}
    for name in ("class_of", "unit_of"):
        values: list[str | None] = getattr(model, name)
        known = list(dict.fromkeys(v for v in values if v))
        place = {v: n for n, v in enumerate(known)}
        names[name] = known
        arrays[name] = np.array([place[v] if v else -1 for v in values], np.int32)
    names["neighbours"] = model.neighbours.features
    arrays["neighbours.start"] = model.neighbours.start
    arrays["neighbours.of"] = model.neighbours.of.astype(np.int32)
    arrays["names"] = np.frombuffer(msgspec.json.encode(names), np.uint8)
    out = io.BytesIO()
    np.savez_compressed(out, allow_pickle=False, **arrays)
    return out.getvalue()


class _Ranked(msgspec.Struct):
    labels: list[str]
    features: list[tuple[int, str]]


class _Names(msgspec.Struct):
    head: Head
    ids: list[str]
    classes: _Ranked
    units: _Ranked
    units_by_class: _Ranked
    class_of: list[str]
    unit_of: list[str]
    neighbours: list[tuple[int, str]]


def unpacked(body: bytes) -> Learned:
    """The inverse of :func:`packed`. Raises ValueError for another format."""
    with np.load(io.BytesIO(body), allow_pickle=False) as arrays:
        names = msgspec.json.decode(arrays["names"].tobytes(), type=_Names)
        if names.head.format != FORMAT:
            raise ValueError("a model of another format")
        classes, units, units_by_class = (
            Ranker(kept.labels, _features(kept.features), *(arrays[f"{name}.{a}"] for a in _ARRAYS))
            for name, kept in (
                ("classes", names.classes),
                ("units", names.units),
                ("units_by_class", names.units_by_class),
            )
        )
        neighbours = Neighbours(
            _features(names.neighbours), arrays["neighbours.start"], arrays["neighbours.of"].astype(np.int64),
            len(names.ids),
        )  # fmt: skip
        class_of, unit_of = (
            [known[n] if n >= 0 else None for n in arrays[name].tolist()]
            for name, known in (("class_of", names.class_of), ("unit_of", names.unit_of))
        )
    return Learned(names.head, classes, units, units_by_class, neighbours, names.ids, class_of, unit_of)


def _features(kept: list[tuple[int, str]]) -> list[Feature]:
    return [(Family(family), value) for family, value in kept]
