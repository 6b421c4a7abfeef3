"""From the points of several sources to one set of components: matched, grouped, placed, named. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from yong.kernel.base.ids import new_id
from yong.kernel.base.text import Text
from yong.kernel.geo import datums
from yong.kernel.geo.merging.contracts import Plan, RecordRef, Shift
from yong.kernel.geo.merging.plane import Project, plane_of
from yong.kernel.geo.merging.points import Points
from yong.kernel.geo.merging.shifts import misread, offsets
from yong.kernel.records import matching
from yong.kernel.records.matching import Places, Records, Texts
from yong.kernel.records.matching.comparing import Levels
from yong.kernel.records.matching.contracts import Comparison, Kind, Model, Part, Reason, Thresholds
from yong.kernel.records.matching.similarity import Codes, Floats

COMPARISONS: tuple[Comparison, ...] = (
    Comparison(
        name="distance",
        column="place",
        kind=Kind.NEAR,
        levels=(0.5, 1.0, 1.5, 2.0, 3.0),
        title=Text("距离", "Distance"),
    ),
    Comparison(name="class", column="class", kind=Kind.EXACT, frequencies=True, title=Text("类别", "Class")),
    Comparison(
        name="name",
        column="name",
        kind=Kind.DICE,
        levels=(0.8, 0.6, 0.4),
        frequencies=True,
        title=Text("名称", "Name"),
    ),
    Comparison(
        name="code",
        column="code",
        kind=Kind.LEVENSHTEIN,
        levels=(1.0,),
        frequencies=True,
        title=Text("编号", "Code"),
    ),
)
_REACH = 3.0  # times the combined error: e⁻⁹ of true pairs lie further apart
_RING = 2.5  # the ring around it, where what is near and not the same is counted
_RING_POINTS = 20_000
_FEW = 50  # pairs; of fewer nothing is learned
_SHARE = 0.3  # of candidates that are matches, where nothing is learned

Ref = tuple[str, str]
"""A source's name and a record's id."""


class Component(NamedTuple):
    """A component of the merged set; lon, lat in degrees of CGCS2000."""

    id: str
    kind: str | None
    name: str | None
    lon: float
    lat: float
    accuracy_m: float
    confidence: float
    records: int
    district: str | None


class Link(NamedTuple):
    """A source record in its component, with what it said; `offset_m` is how far it lies from the merged position."""

    source: str
    record: str
    component: str
    lon: float
    lat: float
    accuracy_m: float
    offset_m: float
    name: str | None
    kind: str | None
    district: str | None


class Doubted(NamedTuple):
    """A pair for a person: two links' records, how far apart, how likely, why asked, and the evidence."""

    a: Ref
    b: Ref
    distance_m: float
    probability: float
    reason: Reason
    prior_bits: float
    evidence: tuple[Part, ...]


class Merged(NamedTuple):
    """Everything that a run found."""

    components: list[Component]
    links: list[Link]
    doubts: list[Doubted]
    shifts: list[Shift]
    model: Model
    learned: bool
    pairs: int


class _All:
    """The points of all sources, one after the other."""

    def __init__(self, sources: Sequence[Points], plan: Plan) -> None:
        self.sources = sources
        rows = [r for p in sources for r in p.rows]
        self.rows = rows
        self.source = np.repeat(np.arange(len(sources)), [len(p) for p in sources])
        self.lonlat: Floats = np.concatenate([p.lonlat for p in sources]).reshape(-1, 2)
        self.forth: Project
        self.back: Project
        self.forth, self.back = plane_of(self.lonlat)
        self.xy = self.forth(self.lonlat)
        each = [np.hypot(p.plan.accuracy_m, datums.accuracy_m(p.system, datums.CGCS2000)) for p in sources]
        self.error_m: Floats = np.repeat(np.array(each, dtype=np.float64), [len(p) for p in sources])
        said = {matching.plain(word): code for word, code in plan.classes.items()}
        self.kinds = [None if r.kind is None else said.get(matching.plain(r.kind), r.kind) for r in rows]
        self.refs: list[Ref] = [(p.plan.name, r.record) for p in sources for r in p.rows]
        single = frozenset(n for n, p in enumerate(sources) if not p.plan.duplicates)
        self.records = Records(
            self.source,
            {
                "place": Places(self.xy, self.error_m),
                "class": Texts(self.kinds),
                "name": Texts([r.name for r in rows]),
                "code": Texts([r.code for r in rows]),
            },
            single=single,
        )

    @property
    def reach_m(self) -> float:
        """How far two points of one thing may be apart: of the two sources that are least exact."""
        worst = sorted((float(e) for e in np.unique(self.error_m)), reverse=True)
        return _REACH * float(np.hypot(worst[0], worst[min(1, len(worst) - 1)]))


def conflate(
    sources: Sequence[Points],
    plan: Plan,
    *,
    model: Model | None = None,
    standing: Mapping[Ref, str] | None = None,
    decided: Iterable[tuple[RecordRef, RecordRef, bool]] = (),
) -> Merged:
    """Merge sources. With a `model` nothing is learned; `standing` says in which component each record is now.

    `decided` are pairs that a person decided (True: the same). Ids of components go on: each group takes the id of the
    component that most of its records are in. Raises TooLarge where too many points lie within reach.
    """
    everything = _All(sources, plan)
    records, reach = everything.records, everything.reach_m
    left, right = matching.near(everything.xy, reach)
    allowed = records.allowed(left, right)
    left, right = left[allowed], right[allowed]
    levels = matching.compare(records, COMPARISONS, left, right)
    learned = model is None and len(levels) >= _FEW
    model = model or _learn(everything, levels, reach)
    weights = matching.weigh(records, model, levels, left, right)
    evidence = weights.sum(axis=1)
    bits = matching.settle(records, left, right, evidence, among_candidates=True, share=model.share)
    number = {ref: n for n, ref in enumerate(everything.refs)}
    same, different = _decided(number, decided)
    now = _numbered(everything.refs, standing or {})
    found = matching.resolve(
        records, left, right, bits, Thresholds(match=plan.match, doubtful=plan.doubtful),
        same=same, different=different, kept=(now[left] >= 0) & (now[left] == now[right]),
    )  # fmt: skip
    settled = {*_pairs(same), *_pairs(different)}
    likely = matching.probability(bits)
    doubts = [
        Doubted(
            everything.refs[left[d.pair]], everything.refs[right[d.pair]],
            float(np.hypot(*(everything.xy[left[d.pair]] - everything.xy[right[d.pair]]))),
            float(likely[d.pair]), d.reason, round(float(bits[d.pair] - evidence[d.pair]), 2),
            matching.explain(model, levels[d.pair].tolist(), weights[d.pair].tolist()),
        )
        for d in found.doubts
        if (int(min(left[d.pair], right[d.pair])), int(max(left[d.pair], right[d.pair]))) not in settled
    ]  # fmt: skip
    joined = found.group[left] == found.group[right]
    shifts = offsets(sources, everything.source, everything.xy, left[joined], right[joined])
    kinds = records.texts("class").codes
    shifts = misread(sources, everything.source, kinds, everything.xy, everything.forth, shifts)
    ids = _ids(found.group, everything.refs, standing or {})
    components, links = _components(everything, found.group, found.chance, ids)
    return Merged(components, links, doubts, shifts, model, learned, len(left))


def _learn(everything: _All, levels: Levels, reach: float) -> Model:
    """From the candidates, u from the ring around them; too few pairs teach nothing but what is expected."""
    n = len(everything.records)
    step = max(1, n // _RING_POINTS)
    ring = matching.near(everything.xy, _RING * reach, beyond=reach, of=np.arange(0, n, step))
    if len(ring[0]) < _FEW:
        ring = matching.random_pairs(everything.records, 20_000)
    allowed = everything.records.allowed(*ring)
    others = matching.compare(everything.records, COMPARISONS, ring[0][allowed], ring[1][allowed])
    if len(levels) < _FEW:
        return matching.presumed(COMPARISONS, others, share=_SHARE)
    return matching.learn_among_candidates(COMPARISONS, levels, others, free=("distance",))


def _decided(
    number: Mapping[Ref, int], decided: Iterable[tuple[RecordRef, RecordRef, bool]]
) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """Decisions on records that are still there: those that are the same, and those that differ."""
    found: tuple[list[tuple[int, int]], list[tuple[int, int]]] = ([], [])
    for a, b, same in decided:
        one, other = number.get((a.source, a.record)), number.get((b.source, b.record))
        if one is not None and other is not None:
            found[0 if same else 1].append((one, other))
    return found


def _pairs(pairs: Iterable[tuple[int, int]]) -> Iterable[tuple[int, int]]:
    return ((min(a, b), max(a, b)) for a, b in pairs)


def _numbered(refs: Sequence[Ref], standing: Mapping[Ref, str]) -> Codes:
    known: dict[str, int] = {}
    return np.fromiter(
        (known.setdefault(standing[r], len(known)) if r in standing else -1 for r in refs), np.intp, len(refs)
    )


def _ids(group: Codes, refs: Sequence[Ref], standing: Mapping[Ref, str]) -> list[str]:
    """An id for every group: of the component that most of its records are in now, or a new one."""
    count = int(group.max()) + 1 if len(group) else 0
    ids: list[str | None] = [None] * count
    shared = Counter((standing[r], g) for r, g in zip(refs, group.tolist(), strict=True) if r in standing)
    taken: set[str] = set()
    for (component, g), _ in sorted(shared.items(), key=lambda x: (-x[1], x[0])):
        if ids[g] is None and component not in taken:
            ids[g] = component
            taken.add(component)
    return [i or new_id() for i in ids]


def _components(
    everything: _All, group: Codes, chance: Floats, ids: Sequence[str]
) -> tuple[list[Component], list[Link]]:
    """Every group placed at the mean of its points, weighted by the inverse squares of their errors, and named."""
    count = len(ids)
    weight = 1 / np.square(everything.error_m)
    total = np.bincount(group, weight, minlength=count)
    xy = np.column_stack([np.bincount(group, weight * x, minlength=count) / total for x in everything.xy.T])
    order = np.argsort(group, kind="stable")
    size = np.bincount(group, minlength=count)
    first = order[np.cumsum(size) - size]
    # A point alone stays exactly where its source has it.
    lonlat = np.where((size == 1)[:, None], everything.lonlat[first], everything.back(xy))
    offset = np.hypot(*(everything.xy - xy[group]).T)
    rows, kinds = everything.rows, everything.kinds
    components = []
    start = 0
    for id_, (lon, lat), accuracy, sure, many in zip(
        ids, np.round(lonlat, 9).tolist(), np.round(np.sqrt(1 / total), 4).tolist(),
        np.round(chance, 6).tolist(), size.tolist(), strict=True,
    ):  # fmt: skip
        members = order[start : start + many].tolist()
        start += many
        if many == 1:
            kind, row = kinds[members[0]], rows[members[0]]
            name, district = row.name, row.district
        else:
            kind = _most([kinds[m] for m in members])
            name, district = (
                _most([rows[m].name for m in members]),
                _most([rows[m].district for m in members]),
            )
        components.append(Component(id_, kind, name, lon, lat, accuracy, sure, many, district))
    error, off = _rounded(everything.error_m, 4), _rounded(offset, 4)
    lons, lats = _rounded(everything.lonlat[:, 0], 9), _rounded(everything.lonlat[:, 1], 9)
    links = [
        Link(
            ref[0],
            ref[1],
            ids[g],
            lons[n],
            lats[n],
            error[n],
            off[n],
            rows[n].name,
            kinds[n],
            rows[n].district,
        )
        for n, (ref, g) in enumerate(zip(everything.refs, group.tolist(), strict=True))
    ]
    return components, links


def _rounded(values: Floats, decimals: int) -> list[float]:
    found: list[float] = np.asarray(np.round(values, decimals)).tolist()
    return found


def _most(values: Sequence[str | None]) -> str | None:
    """The value that is there most often, the first of those; members stand in the order of their sources."""
    said = [v for v in values if v is not None]
    if len(said) < 3:  # of two that differ the first
        return said[0] if said else None
    return Counter(said).most_common(1)[0][0]
