"""An address in its parts, and how sure it is that two names are one: pure rules."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from yong.kernel.geo.places.parsing import Name, Names, parse, short
from yong.kernel.geo.places.scoring import alike

AREAS = (
    Name("330205", "江北区"),
    Name("330204", "江东区", 1, date(2016, 9, 14).toordinal()),
    Name("330212", "鄞州区"),
    Name("330282", "慈溪市"),
    Name("330205004", "外滩街道"),
    Name("330205005", "江北街道"),
    Name("330212011", "百丈街道"),
    Name("330282100", "龙山镇"),
    Name("330205004001", "中马社区"),
    Name("330212011003", "江北村"),
)
NAMES = Names(AREAS, ("浙江省", "宁波市"), {"330204": ("330212",)})
CHARACTERS = st.text(st.sampled_from("浙江省宁波市江北东区外滩街道社村百丈鄞州老12号 ,jbq"), max_size=30)


@given(CHARACTERS)
def test_any_text_has_ways_and_areas_lie_in_one_another(text: str) -> None:
    ways = parse(text, NAMES)
    assert ways
    for way in ways:
        for outer, inner in zip(way.areas, way.areas[1:], strict=False):
            assert NAMES.inside(inner.area, outer.area)
            assert len(inner.area.code) > len(outer.area.code)
        assert way.number is None or way.number in way.rest


@given(st.text(max_size=80))
def test_no_text_breaks_it(text: str) -> None:
    assert parse(text, NAMES)


@given(
    st.sampled_from(["", "浙江省", "浙江省宁波市", "宁波市", "宁波"]),
    st.sampled_from([a for a in AREAS if len(a.code) == 9]),
    st.booleans(),
    st.sampled_from(["", " ", "，", "-"]),
    st.sampled_from(["", "某某路", "某某路12号", "某某路12-3号"]),
)
def test_an_address_comes_apart_as_it_was_put_together(
    above: str, street: Name, brief: bool, gap: str, rest: str
) -> None:
    district = next(a for a in AREAS if a.code == street.code[:6])
    called = short(street) if brief else street.name
    ways = parse(above + gap + district.name + gap + called + gap + rest, NAMES)
    assert any(
        [m.area.code for m in w.areas] == [district.code, street.code] and w.rest == rest for w in ways
    )
    number = "12-3" if "12-3" in rest else "12" if "12" in rest else None
    assert {w.number for w in ways} == {number}


def test_the_abolished_holds_what_it_became() -> None:
    way = parse("江东区百丈街道", NAMES)[0]
    assert [m.area.code for m in way.areas] == ["330204", "330212011"]
    assert way.rest == ""


def test_a_name_that_goes_on_is_not_shortened() -> None:
    assert all(m.area.code != "330212011003" for w in parse("江北区", NAMES) for m in w.areas)
    assert {w.areas[-1].area.code for w in parse("江北", NAMES) if w.areas} == {
        "330205",
        "330205005",
        "330212011003",
    }


@given(CHARACTERS, CHARACTERS)
def test_likeness_is_a_share_and_whole_only_for_the_same(a: str, b: str) -> None:
    found = alike(a, [b])
    assert 0 <= found <= 1
    assert alike(a, [a, b]) >= found


def test_likeness_orders_as_people_would() -> None:
    order = [
        alike(asked, ["老外滩"]) for asked in ("老外滩", "laowaitan", "laowait", "lwt", "waitan", "银行")
    ]
    assert order == sorted(order, reverse=True)
    assert order[0] == 1
    assert order[-1] < 0.2
