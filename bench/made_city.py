"""A made-up city of components with known truth: the same numbers give the same city.

Streets cross in a grid; along them stand components in clusters as at corners: lids of several kinds a few metres
apart, lamps in rows, bins, signs. Each department surveys some of them: in its own coordinate system, with its own words
for kinds, its own style of names, its own error, gaps, misread kinds, and, where it is careless, twice.
"""

from collections.abc import Sequence

import msgspec
import numpy as np

from yong.kernel.geo import datums
from yong.kernel.geo.merging.contracts import Columns, SourcePlan
from yong.kernel.geo.merging.points import Row

LON, LAT = 121.5, 29.85
KINDS = (
    "上水井盖",
    "污水井盖",
    "雨水井盖",
    "雨水箅子",
    "电力井盖",
    "通信井盖",
    "路灯",
    "垃圾箱",
    "交通标志牌",
    "行道树",
)
_SHARES = np.array([0.12, 0.12, 0.16, 0.1, 0.06, 0.08, 0.14, 0.06, 0.06, 0.1])
_STREETS = (
    "中山",
    "解放",
    "开明",
    "药行",
    "柳汀",
    "百丈",
    "大闸",
    "环城",
    "江厦",
    "灵桥",
    "兴宁",
    "彩虹",
    "中兴",
    "福明",
)
_SIDES = ("东路", "西路", "南路", "北路", "街", "巷")


class Department(msgspec.Struct, frozen=True, kw_only=True):
    """How a department surveys: shares are of its points, `error_m` is the root mean square of the planar error."""

    name: str
    datum: str = "CGCS2000"
    stated: str | None = None  # where it says another datum than its numbers are in
    error_m: float = 1.0
    covers: float = 0.8
    unnamed: float = 0.3
    misread: float = 0.02
    twice: float = 0.0
    words: tuple[tuple[str, str], ...] = ()  # its own words for kinds
    style: str = "{street}{number}号{kind}"


WATER = Department(
    name="water", error_m=0.5, covers=0.85, words=(("雨水井盖", "雨水井"), ("污水井盖", "污水井"), ("雨水箅子", "雨篦")),
    style="{street}{number}号{kind}",
)  # fmt: skip
URBAN = Department(
    name="urban",
    datum="GCJ-02",
    error_m=2.0,
    covers=0.85,
    unnamed=0.4,
    style="{kind}（{street}{number}）",
    misread=0.03,
)
SAFETY = Department(
    name="safety",
    datum="EPSG:4549",
    error_m=1.0,
    covers=0.6,
    twice=0.02,
    unnamed=0.5,
    style="{street}{number}-{kind}",
)
CLASSES = {"雨水井": "雨水井盖", "污水井": "污水井盖", "雨篦": "雨水箅子"}


class City(msgspec.Struct, frozen=True):
    """The truth: where things are (degrees of CGCS2000), what they are and where they stand."""

    lonlat: np.ndarray
    kind: list[str]
    street: list[str]
    number: list[int]


class Survey(msgspec.Struct, frozen=True):
    """What a department has: its plan, its rows, and for each the thing that it is."""

    plan: SourcePlan
    rows: list[Row]
    truth: list[int]


def city(things: int, seed: int = 1) -> City:
    """So many things, in clusters along streets, about 1,500 to the square kilometre."""
    chance = np.random.default_rng(seed)
    side = 1000 * np.sqrt(things / 1500)
    spots = max(1, things // 4)
    along = chance.uniform(0, side, spots)
    across = np.round(chance.uniform(0, side, spots) / 150) * 150 + chance.choice([-6.0, 6.0], spots)
    turned = chance.random(spots) < 0.5
    centre = np.where(turned[:, None], np.column_stack([across, along]), np.column_stack([along, across]))
    spot = np.sort(chance.integers(0, spots, things))
    xy = centre[spot] + chance.normal(0, 5.0, (things, 2))
    kinds = chance.choice(len(KINDS), things, p=_SHARES)
    xy, keep = _apart(xy, kinds)
    spot, kinds = spot[keep], kinds[keep]
    streets = [f"{_STREETS[i % len(_STREETS)]}{_SIDES[i // len(_STREETS) % len(_SIDES)]}" for i in range(84)]
    row = (np.round(across[spot] / 150).astype(int) * 2 + turned[spot]) % len(streets)
    return City(
        np.column_stack([LON + xy[:, 0] / (111_320 * np.cos(np.radians(LAT))), LAT + xy[:, 1] / 110_850]),
        [KINDS[k] for k in kinds.tolist()],
        [streets[r] for r in row.tolist()],
        (along[spot] / 8).astype(int).tolist(),
    )


def _apart(xy: np.ndarray, kinds: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Things of one kind do not stand within 2.5 m of each other."""
    from yong.kernel.records.matching import near

    left, right = near(xy, 2.5)
    drop = np.unique(right[kinds[left] == kinds[right]])
    keep = np.setdiff1d(np.arange(len(xy)), drop)
    return xy[keep], keep


def survey(made: City, department: Department, seed: int) -> Survey:
    """What a department has of a city."""
    chance = np.random.default_rng([seed, *department.name.encode()])
    seen = np.flatnonzero(chance.random(len(made.kind)) < department.covers)
    again = seen[chance.random(len(seen)) < department.twice]
    things = np.concatenate([seen, again])
    error = chance.normal(0, department.error_m / np.sqrt(2), (len(things), 2))
    moved = made.lonlat[things] + error / [111_320 * np.cos(np.radians(LAT)), 110_850]
    xy = datums.convert(moved, datums.CGCS2000, datums.named(department.datum))
    words = dict(department.words)
    rows = []
    for n, (thing, (x, y)) in enumerate(zip(things.tolist(), xy.tolist(), strict=True)):
        kind = made.kind[thing]
        if chance.random() < department.misread:
            kind = KINDS[int(chance.integers(len(KINDS)))]
        kind = words.get(kind, kind)
        name = None
        if chance.random() >= department.unnamed:
            number = made.number[thing] + (int(chance.integers(-1, 2)) if chance.random() < 0.15 else 0)
            name = department.style.format(street=made.street[thing], number=number, kind=kind)
        rows.append(Row(f"{department.name[0].upper()}{n:06d}", x, y, name, kind))
    plan = SourcePlan(
        name=department.name,
        datum=department.stated or department.datum,
        accuracy_m=department.error_m,
        duplicates=department.twice > 0,
        columns=Columns(record="id", lon="x", lat="y", name="name", kind="class"),
    )
    return Survey(plan, rows, things.tolist())


def score(links: Sequence[tuple[str, str, str]], surveys: Sequence[Survey]) -> tuple[float, float]:
    """Precision and recall over pairs of records, of links (source, record, component)."""
    truth = {(s.plan.name, r.record): t for s in surveys for r, t in zip(s.rows, s.truth, strict=True)}
    found: dict[str, list[int]] = {}
    for source, record, component in links:
        found.setdefault(component, []).append(truth[source, record])
    things: dict[int, int] = {}
    for t in truth.values():
        things[t] = things.get(t, 0) + 1
    real = sum(n * (n - 1) // 2 for n in things.values())
    said = sum(len(g) * (len(g) - 1) // 2 for g in found.values())
    right = sum(a == b for g in found.values() for i, a in enumerate(g) for b in g[:i])
    return right / max(1, said), right / max(1, real)
