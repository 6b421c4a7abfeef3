"""What is written in forms, whatever it is: read without failing, kept as it was meant, told what is wrong."""

import math

import shapely
from hypothesis import given
from hypothesis import strategies as st

from yong.kernel.base.text import Text
from yong.portal import logic
from yong.portal.contracts import Box, Choice, Place

LABEL = Text("标签", "Label")
BOXES = [
    Box(name="kind", kind="radios", label=LABEL, hint=None, required=True, choices=(Choice("a", LABEL), Choice("b", LABEL))),
    Box(name="district", kind="select", label=LABEL, hint=None, required=False, choices=(Choice("330203", LABEL),)),
    Box(name="text", kind="lines", label=LABEL, hint=None, required=True, most=100),
    Box(name="line", kind="line", label=LABEL, hint=None, required=False, most=50),
    Box(name="at", kind="position", label=LABEL, hint=None, required=False),
]  # fmt: skip
KEYS = [key for box in BOXES for key in box.keys]
FORMS = st.dictionaries(st.sampled_from([*KEYS, "other"]), st.text(max_size=200))


@given(FORMS)
def test_every_form_is_read_and_every_fault_has_its_line(form: dict[str, str]) -> None:
    written = logic.lines_of(BOXES, form)
    assert set(written) == set(KEYS)
    assert written == logic.lines_of(BOXES, written)  # read again it is the same
    values, district, faults = logic.values_of(BOXES, written)
    assert {f.key for f in faults} <= set(KEYS)
    assert len({f.key for f in faults}) == len(faults)
    assert values.keys() <= {"kind", "text", "line", "at"}
    assert values.get("kind") in (None, "a", "b")
    assert district in (None, "330203")
    point = values.get("at")
    if isinstance(point, dict):
        lon, lat = point["coordinates"]
        assert abs(lon) <= 180
        assert abs(lat) <= 90
    for box in BOXES:
        logic.shown(box, written)


@given(st.floats(-180, 180), st.floats(-90, 90))
def test_a_position_is_read_as_it_was_written(lon: float, lat: float) -> None:
    form = {"at_lon": f" {lon!r} ", "at_lat": f"{lat!r}"}
    values, _, faults = logic.values_of(BOXES[-1:], logic.lines_of(BOXES[-1:], form))
    assert faults == []
    assert values == {"at": {"type": "Point", "coordinates": [lon, lat]}}


@given(st.text(min_size=40, max_size=60), st.text(min_size=40, max_size=60))
def test_a_token_tells_visits_apart(one: str, two: str) -> None:
    assert (logic.csrf_of(one) == logic.csrf_of(two)) is (one == two)
    assert one not in logic.csrf_of(one)


def place(lon: float, lat: float) -> Place:
    return Place(id="x", kind=LABEL, name=LABEL, lon=lon, lat=lat, district=None)


@given(st.lists(st.tuples(st.floats(120, 123), st.floats(28, 31)), min_size=1, max_size=30))
def test_every_dot_of_a_sketch_lies_in_it(points: list[tuple[float, float]]) -> None:
    square = shapely.box(120.5, 28.5, 121.5, 29.5)
    found = logic.sketch([("区", square)], [place(*p) for p in points])
    assert found is not None
    x, y, wide, high = (float(v) for v in found.box.split())
    assert len(found.dots) == len(points)
    for dot in found.dots:
        assert x <= dot.x <= x + wide
        assert y <= dot.y <= y + high
    [outline] = found.outlines
    assert outline.path.startswith("M")
    assert outline.path.endswith("Z")


def test_north_is_up_east_is_right_and_nothing_gives_no_sketch() -> None:
    found = logic.sketch([], [place(121.0, 29.0), place(122.0, 30.0)])
    assert found is not None
    one, two = found.dots
    assert two.x > one.x
    assert two.y < one.y
    assert math.isclose(two.x - one.x, math.cos(math.radians(29.5)), abs_tol=1e-3)
    assert logic.sketch([], []) is None
