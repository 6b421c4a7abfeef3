"""Whether a source is where it says: its median offset from the others, and whether another datum would fit.

The offset is the median over pairs of points that match well, its chance error from the median absolute deviation
(1.2533 σ/√n of a median). A source in the wrong datum lies hundreds of metres off, where it matches nothing: for each
datum that its numbers could be in, the points of the same class within reach of it in other sources are counted.
"""

from collections.abc import Sequence

import numpy as np

from yong.kernel.geo import datums
from yong.kernel.geo.datums.contracts import System, Unit
from yong.kernel.geo.merging.contracts import Shift
from yong.kernel.geo.merging.plane import Project
from yong.kernel.geo.merging.points import Points
from yong.kernel.records.matching.blocking import near
from yong.kernel.records.matching.similarity import Codes, Floats

LEAST = 20  # pairs or points; of fewer nothing is said
_SAMPLE = 3000


def offsets(sources: Sequence[Points], source: Codes, xy: Floats, left: Codes, right: Codes) -> list[Shift]:
    """Each source's median offset from the others, over pairs (left, right) that match well."""
    found = []
    for n, points in enumerate(sources):
        ours, theirs = source[left] == n, source[right] == n
        across = ours ^ theirs
        step = np.where(ours[:, None], xy[left] - xy[right], xy[right] - xy[left])[across]
        found.append(_shift(points, step))
    return found


def _shift(points: Points, step: Floats) -> Shift:
    if not len(step):
        return Shift(
            source=points.plan.name, stated=points.system.name, pairs=0, east_m=0.0, north_m=0.0, spread_m=0.0
        )
    middle = np.median(step, axis=0)
    spread = float(1.4826 * np.median(np.abs(step - middle)))
    chance = 1.2533 * spread / np.sqrt(len(step))
    off = float(np.hypot(*middle))
    told = len(step) >= LEAST and off > 4 * chance and off > points.plan.accuracy_m / 2
    return Shift(
        source=points.plan.name,
        stated=points.system.name,
        pairs=len(step),
        east_m=round(float(middle[0]), 3),
        north_m=round(float(middle[1]), 3),
        spread_m=round(spread, 3),
        finding="offset" if told else "",
    )


def misread(
    sources: Sequence[Points], source: Codes, kind: Codes, xy: Floats, forth: Project, found: Sequence[Shift]
) -> list[Shift]:
    """The same shifts, with those sources told whose numbers fit the others in another datum than the stated one.

    Another datum must bring at least twice as many points, and a tenth of all more, beside one of their class.
    """
    out = []
    for n, (points, shift) in enumerate(zip(sources, found, strict=True)):
        others = np.flatnonzero(source != n)
        chosen = _sample(np.flatnonzero(source == n))
        if len(chosen) < LEAST or len(others) < LEAST or points.system.unit is not Unit.DEGREE:
            out.append(shift)
            continue
        raw = points.raw[chosen - int(np.flatnonzero(source == n)[0])]
        reach = 2 * float(np.hypot(points.plan.accuracy_m, max(p.plan.accuracy_m for p in sources)))
        shares = {
            name: _agreeing(forth(_read(raw, name)), kind[chosen], xy[others], kind[others], reach)
            for name in _readings(points.system)
        }
        stated = shares[points.system.name]
        best = max(sorted(shares), key=lambda name: shares[name])
        if shares[best] > 2 * stated and shares[best] > stated + 0.1:
            moved = forth(_read(raw, points.system.name)) - forth(_read(raw, best))
            east, north = np.median(moved, axis=0)
            shift = Shift(
                source=shift.source, stated=shift.stated, pairs=shift.pairs, spread_m=shift.spread_m,
                east_m=round(float(east), 3), north_m=round(float(north), 3), finding="datum",
                instead=best, agree_stated=round(stated, 4), agree_instead=round(shares[best], 4),
            )  # fmt: skip
        out.append(shift)
    return out


def _readings(stated: System) -> set[str]:
    """The stated system and those that the numbers could be in instead; WGS 84 and CGCS2000 are one here."""
    plain = {"CGCS2000", "WGS84"}
    return {stated.name, "GCJ-02", "BD-09"} | (set() if stated.name in plain else {"CGCS2000"})


def _read(raw: Floats, name: str) -> Floats:
    return datums.convert(raw, datums.named(name), datums.CGCS2000)


def _sample(rows: Codes) -> Codes:
    return rows if len(rows) <= _SAMPLE else rows[np.linspace(0, len(rows) - 1, _SAMPLE).astype(np.intp)]


def _agreeing(xy: Floats, kind: Codes, others: Floats, kinds: Codes, reach: float) -> float:
    """The share of points that have one of others with their class, or where none is stated any, within reach."""
    both = np.concatenate([xy, others])
    mine, theirs = near(both, reach, of=np.arange(len(xy)))
    kept = (mine < len(xy)) ^ (theirs < len(xy))
    mine, theirs = np.minimum(mine, theirs)[kept], np.maximum(mine, theirs)[kept] - len(xy)
    same = (kind[mine] == kinds[theirs]) | (kind[mine] < 0) | (kinds[theirs] < 0)
    return len(np.unique(mine[same])) / max(1, len(xy))
