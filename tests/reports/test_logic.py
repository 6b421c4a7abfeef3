"""Numbers, codes and nearness of reports: properties that hold whatever comes in."""

import math

from hypothesis import given
from hypothesis import strategies as st

from yong.domains.reports.logic import (
    CODE,
    DIGITS,
    NEAR_M,
    code_of,
    grouped,
    metres,
    near_box,
    read_reference,
    reference_of,
    right_code,
)

WORDS = st.text(min_size=1, max_size=60)
LON, LAT = st.floats(-179, 179), st.floats(-80, 80)


@given(WORDS, WORDS)
def test_a_number_is_the_same_for_the_same_key_and_reads_back_however_it_is_written(
    secret: str, key: str
) -> None:
    number = reference_of(secret, key)
    assert number == reference_of(secret, key)
    assert len(number) == DIGITS
    assert number != reference_of(secret, key, 1)
    wide = "".join(chr(0xFF10 + int(c)) for c in number)
    for written in (number, grouped(number, 4), f" {number[:6]}-{number[6:]} ", wide):
        assert read_reference(written) == number


@given(st.text(max_size=200))
def test_nothing_else_reads_as_a_number(written: str) -> None:
    found = read_reference(written)
    assert found == "" or (len(found) == DIGITS and found.isascii() and found.isdigit())


@given(WORDS, st.text("0123456789", min_size=DIGITS, max_size=DIGITS), st.integers(0, CODE - 1))
def test_a_code_opens_its_own_number_only(secret: str, number: str, place: int) -> None:
    code = code_of(secret, number)
    assert len(code) == CODE
    assert not set(code) & set("ILOU")
    assert right_code(secret, number, f" {code[:5].lower()}-{code[5:]}\n")
    assert right_code(secret, number, code.replace("0", "O").replace("1", "l"))
    other = code[:place] + ("Z" if code[place] != "Z" else "Y") + code[place + 1 :]
    assert not right_code(secret, number, other)
    assert not right_code(secret, number, "")
    assert not right_code(secret, number[::-1] + "1", code)


@given(LON, LAT, st.floats(0, 2 * math.pi), st.floats(0, NEAR_M))
def test_what_is_near_lies_in_the_box(lon: float, lat: float, angle: float, away_m: float) -> None:
    reach = away_m * 0.999 / 6_371_008.8
    there = (
        lon + math.degrees(reach * math.cos(angle) / math.cos(math.radians(lat))),
        lat + math.degrees(reach * math.sin(angle)),
    )
    west, south, east, north = (float(v) for v in near_box(lon, lat).split(","))
    if metres((lon, lat), there) <= NEAR_M:
        assert west - 1e-6 <= there[0] <= east + 1e-6
        assert south - 1e-6 <= there[1] <= north + 1e-6


def test_a_degree_of_latitude_is_what_it_is() -> None:
    assert math.isclose(metres((121.5, 29.0), (121.5, 30.0)), 111_195, rel_tol=1e-4)
    assert metres((121.5, 29.0), (121.5, 29.0)) == 0
