"""Units: Recommendation 20's codes, and conversions that can be undone."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from yong.app import bootstrap
from yong.kernel.access.policies import Policies
from yong.kernel.base.city import City
from yong.kernel.base.errors import Invalid, Refused
from yong.kernel.base.module import Module, Registry
from yong.kernel.base.relation import Field, Level, Personal, Relation, Type
from yong.kernel.base.settings import Settings
from yong.kernel.base.text import Text
from yong.kernel.base.units import UNITS, convert, unit
from yong.kernel.records.contracts import Table
from yong.kernel.sensing.contracts import ThingType
from yong.kernel.sensing.service import Things

KNOWN = (
    (20.0, "CEL", "KEL", 293.15),
    (-40.0, "CEL", "FAH", -40.0),
    (1013.25, "A97", "PAL", 101_325.0),
    (35.0, "GQ", "GP", 0.035),
    (1.0, "M1", "GP", 1000.0),
    (1.0, "KWH", "JOU", 3.6e6),
    (1.0, "KNT", "KMH", 1.852),
    (3600.0, "MQH", "MQS", 1.0),
    (3.6, "H67", "H81", 0.06),
    (60.0, "KVR", "D44", 60_000.0),
    (180.0, "DD", "C81", 3.141592653589793),
)


@pytest.mark.parametrize(("value", "source", "target", "expected"), KNOWN)
def test_known_values(value: float, source: str, target: str, expected: float) -> None:
    assert convert(value, source, target) == pytest.approx(expected, rel=1e-12)


@given(
    st.sampled_from(sorted(UNITS)),
    st.sampled_from(sorted(UNITS)),
    st.floats(-1e9, 1e9, allow_nan=False),
)
def test_there_and_back_is_the_same_and_other_quantities_are_refused(a: str, b: str, value: float) -> None:
    if unit(a).quantity is unit(b).quantity:
        scale = max(abs(value), 1000.0)  # temperatures have offsets
        assert convert(convert(value, a, b), b, a) == pytest.approx(value, rel=1e-9, abs=scale * 1e-12)
    else:
        with pytest.raises(Invalid):
            convert(value, a, b)


@pytest.mark.parametrize("code", ["", "cel", "XYZ", "µg/m³", "x" * 500])
def test_unknown_codes_are_refused(code: str) -> None:
    with pytest.raises(Invalid):
        unit(code)


def test_every_row_says_its_code_and_both_names() -> None:
    for code, row in UNITS.items():
        assert row.code == code
        assert row.name.zh
        assert row.name.en
        assert row.factor > 0


def test_every_unit_declared_in_the_tree_is_one(settings: Settings) -> None:
    registry = bootstrap.registry(settings)
    fields = [f for _, r in registry.of(Relation) for f in r.fields]
    fields += [f for _, t in registry.of(Table) for f in t.fields]
    codes = {f.unit for f in fields if f.unit}
    codes |= {a.unit for _, t in registry.of(ThingType) for a in t.attributes if a.unit}
    assert codes
    assert codes <= UNITS.keys()


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf"), 1e308])
def test_no_number_that_is_not_finite_comes_in_or_out(value: float) -> None:
    with pytest.raises(Invalid):
        convert(value, "KMT", "MMT")


def test_people_are_not_pieces() -> None:
    with pytest.raises(Invalid):
        convert(1.0, "IE", "H87")


def test_a_module_with_an_unknown_unit_does_not_start(settings: Settings) -> None:
    registry = bootstrap.registry(settings)
    field = Field(
        name="depth",
        type=Type.NUMBER,
        meaning=Text("深", "depth"),
        level=Level.GENERAL,
        personal=Personal.NO,
        unit="FATHOM",
    )
    relation = Relation(
        name="water.depth",
        title=Text("深", "depth"),
        key=("depth",),
        fields=(field,),
        sql="SELECT 1.0 AS depth",
    )
    with pytest.raises(Refused, match=r"water\.depth\.depth has the unit FATHOM"):
        Policies(registry).add(relation)
    river = next(t for _, t in registry.of(ThingType) if t.name == "river")
    wrong = msgspec.structs.replace(
        river, attributes=(msgspec.structs.replace(river.attributes[0], unit="FATHOM"),)
    )
    module = Module(
        name="wells",
        package="yong.kernel.base",
        title=Text("井", "wells"),
        plan=(),
        needs=("sensing",),
        declares=(wrong,),
    )
    city = City(settings, Registry((*registry.modules, module)))
    with pytest.raises(Refused, match="wells: river"):
        Things(city)
