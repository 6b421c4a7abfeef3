"""Merging without a database: quality on a city with known truth, positions, shifts, and what rows may be."""

import json
from collections.abc import Mapping, Sequence
from typing import TypedDict, Unpack

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.made_city import CLASSES, SAFETY, URBAN, WATER, City, Department, Survey, city, score, survey
from yong.kernel.base.errors import YongError
from yong.kernel.geo.merging.conflation import Merged, Ref, conflate
from yong.kernel.geo.merging.contracts import Columns, Plan, RecordRef, SourcePlan
from yong.kernel.geo.merging.plane import plane_of
from yong.kernel.geo.merging.points import Points, Row, rows_of
from yong.kernel.records.contracts import Format
from yong.kernel.records.matching.contracts import Model

TOWN = city(3000)


class Known(TypedDict, total=False):
    model: Model
    standing: Mapping[Ref, str]
    decided: Sequence[tuple[RecordRef, RecordRef, bool]]


def merged(surveys: list[Survey], **more: Unpack[Known]) -> Merged:
    plan = Plan(sources=[s.plan for s in surveys], classes=CLASSES)
    return conflate([Points(s.plan, s.rows) for s in surveys], plan, **more)


def quality(found: Merged, surveys: list[Survey]) -> tuple[float, float]:
    return score([(x.source, x.record, x.component) for x in found.links], surveys)


def surveyed(made: City, *departments: Department) -> list[Survey]:
    return [survey(made, d, 7) for d in departments]


# What docs/reference/matching.md reports, at small size.
@pytest.mark.parametrize(
    ("departments", "precision", "recall"),
    [((WATER, URBAN), 0.98, 0.87), ((WATER, URBAN, SAFETY), 0.975, 0.85)],
)
def test_precision_and_recall_on_a_city_with_known_truth(
    departments: tuple[Department, ...], precision: float, recall: float
) -> None:
    surveys = surveyed(TOWN, *departments)
    found = merged(surveys)
    got = quality(found, surveys)
    assert got[0] > precision, got
    assert got[1] > recall, got
    truth = {(s.plan.name, r.record): t for s in surveys for r, t in zip(s.rows, s.truth, strict=True)}
    # What is doubtful is worth asking: of the pairs asked, neither nearly all nor nearly none are the same.
    right = sum(truth[d.a] == truth[d.b] for d in found.doubts) / len(found.doubts)
    assert 0.3 < right < 0.85
    assert len(found.doubts) < 0.12 * len(found.components)
    # Nor does the probability lie: a pair at p is right about p of the time.
    mean = sum(d.probability for d in found.doubts) / len(found.doubts)
    assert right == pytest.approx(mean, abs=0.2)
    assert [s.finding for s in found.shifts] == [""] * len(departments)


def test_the_merged_position_is_nearer_to_the_truth_than_any_source() -> None:
    surveys = surveyed(
        TOWN, Department(name="one", error_m=1.0, misread=0), Department(name="two", error_m=1.0, misread=0)
    )
    found = merged(surveys)
    truth = {(s.plan.name, r.record): t for s in surveys for r, t in zip(s.rows, s.truth, strict=True)}
    forth, _ = plane_of(TOWN.lonlat)
    real = forth(TOWN.lonlat)
    components = {c.id: c for c in found.components}
    both = [x for x in found.links if components[x.component].records == 2]
    thing = [truth[x.source, x.record] for x in both]
    source = forth(np.array([(x.lon, x.lat) for x in both])) - real[thing]
    whole = (
        forth(np.array([(components[x.component].lon, components[x.component].lat) for x in both]))
        - real[thing]
    )
    rms = [float(np.sqrt(np.mean(np.sum(e**2, axis=1)))) for e in (source, whole)]
    assert rms[1] == pytest.approx(rms[0] / np.sqrt(2), rel=0.05)
    assert {components[x.component].accuracy_m for x in both} == {round(1 / np.sqrt(2), 4)}
    alone = next(c for c in found.components if c.records == 1)
    link = next(x for x in found.links if x.component == alone.id)
    assert (alone.lon, alone.lat, link.offset_m) == (link.lon, link.lat, 0.0)


@pytest.mark.parametrize(
    ("numbers", "stated", "instead"),
    [("GCJ-02", "CGCS2000", "GCJ-02"), ("BD-09", "GCJ-02", "BD-09"), ("CGCS2000", "BD-09", "CGCS2000"), ("BD-09", "WGS84", "BD-09")],
)  # fmt: skip
def test_numbers_in_another_datum_than_stated_are_told(numbers: str, stated: str, instead: str) -> None:
    wrong = Department(name="wrong", datum=numbers, stated=stated, error_m=2.0)
    found = merged(surveyed(TOWN, WATER, wrong)).shifts
    assert (found[1].finding, found[1].instead) == ("datum", instead)
    # Of two sources that disagree either may be the wrong one: both are told where both could be read otherwise.
    assert found[0].finding == ("datum" if (numbers, stated) == ("CGCS2000", "BD-09") else "")
    assert 300 < np.hypot(found[1].east_m, found[1].north_m) < 2000


def test_a_small_offset_is_told_with_its_size() -> None:
    surveys = surveyed(TOWN, WATER, Department(name="off", error_m=2.0))
    moved = [
        Row(r.record, r.x + 2.5 / 96_500, r.y - 1 / 110_850, r.name, r.kind)
        for r in surveys[1].rows
        if r.x is not None and r.y is not None
    ]
    assert len(moved) == len(surveys[1].rows)
    found = merged([surveys[0], Survey(surveys[1].plan, moved, surveys[1].truth)]).shifts
    assert [s.finding for s in found][1] == "offset"
    assert (found[1].east_m, found[1].north_m) == (pytest.approx(2.5, abs=0.3), pytest.approx(-1, abs=0.3))


def test_ids_go_on_and_persons_are_obeyed() -> None:
    surveys = surveyed(city(600), WATER, URBAN)
    first = merged(surveys)
    standing = {(x.source, x.record): x.component for x in first.links}
    again = merged(surveys, model=first.model, standing=standing)
    assert {(x.source, x.record): x.component for x in again.links} == standing
    assert not again.learned
    doubt = first.doubts[0]
    a, b = RecordRef(*doubt.a), RecordRef(*doubt.b)
    for same in (True, False):
        told = merged(surveys, model=first.model, standing=standing, decided=[(a, b, same)])
        where = {(x.source, x.record): x.component for x in told.links}
        assert (where[doubt.a] == where[doubt.b]) == same
        assert where[doubt.a] in standing.values() or where[doubt.b] in standing.values()
        assert doubt[:2] not in [d[:2] for d in told.doubts]


def test_a_source_alone_and_one_point_are_merged_too() -> None:
    plan = SourcePlan(name="one", accuracy_m=1)
    for rows in ([Row("1", 121.5, 29.8, "a", "b")], [Row(str(n), 121.5, 29.8) for n in range(3)]):
        found = conflate([Points(plan, rows)], Plan(sources=[plan]))
        assert len(found.components) == len(rows)  # it holds nothing twice
        assert not found.learned
    twice = SourcePlan(name="one", accuracy_m=1, duplicates=True)
    found = conflate(
        [Points(twice, [Row("1", 121.5, 29.8, "井", "井"), Row("2", 121.5, 29.8, "井", "井")])],
        Plan(sources=[twice]),
    )
    assert len(found.doubts) + (len(found.components) == 1) == 1  # joined, or asked


COLUMNS = Columns(record="id", lon="x", lat="y", name="n", kind="k")
SOURCE = SourcePlan(name="one", accuracy_m=1, columns=COLUMNS)


@given(st.binary(max_size=300), st.sampled_from([Format.CSV, Format.GEOJSON]))
def test_any_bytes_are_read_or_refused(payload: bytes, format_: Format) -> None:
    try:
        rows = rows_of(payload, format_, SOURCE)
    except YongError:
        return
    Points(SOURCE, rows)


_values = st.one_of(st.none(), st.floats(), st.text(max_size=5), st.integers(), st.just([1]))


@given(
    st.lists(st.fixed_dictionaries({"id": _values, "n": _values, "k": _values}), max_size=5), _values, _values
)
def test_any_geojson_is_read_or_refused(properties: list[dict[str, object]], x: object, y: object) -> None:
    features = [{"properties": p, "geometry": {"type": "Point", "coordinates": [x, y]}} for p in properties]
    try:
        rows = rows_of(json.dumps({"features": features}).encode(), Format.GEOJSON, SOURCE)
    except YongError:
        return
    assert len({r.record for r in rows}) == len(rows)
    Points(SOURCE, rows)


def test_plane_systems_are_read_and_what_is_out_of_them_takes_no_part() -> None:
    plan = SourcePlan(name="one", accuracy_m=1, datum="EPSG:4549")
    points = Points(plan, [Row("in", 645_000, 3_303_000), Row("out", -300_000, 1), Row("far", 9e9, 1)])
    assert [r.record for r in points.rows] == ["in"]
    assert points.lonlat[0] == pytest.approx([121.5, 29.85], abs=0.02)
    assert [b[0] for b in points.bad] == ["out", "far"]


@given(st.lists(st.tuples(st.floats(-0.3, 0.3), st.floats(-0.3, 0.3)), min_size=1, max_size=10))
def test_the_plane_keeps_lengths_and_comes_back(steps: list[tuple[float, float]]) -> None:
    lonlat = np.array(steps) + np.array([121.5, 29.85])
    forth, back = plane_of(lonlat)
    assert back(forth(lonlat)) == pytest.approx(lonlat, abs=1e-10)
