"""SL 651: frames with their checks, elements with their meaning, packets, answers, and rubbish of every kind.

The frames come from a published walk through the protocol (SL651-2014全协议解析(HEX编码格式), toymoban.com,
article 686475); their checks are recomputed here.
"""

import contextlib
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yong.kernel.base import clock
from yong.kernel.base.errors import Invalid, Malformed, TooLarge
from yong.kernel.sensing.contracts import ThingRef
from yong.kernel.sensing.tcp.china import bcd_of, micros_of_digits
from yong.kernel.sensing.tcp.contracts import (
    Answered,
    Close,
    Identify,
    LayAside,
    Order,
    Report,
    Send,
    Skipped,
    Step,
)
from yong.kernel.sensing.tcp.sl651 import wire
from yong.kernel.sensing.tcp.sl651.decode import bcd, decode, elements
from yong.kernel.sensing.tcp.sl651.elements import ELEMENTS
from yong.kernel.sensing.tcp.sl651.session import Sl651

LINK = bytes.fromhex("7E7E01001234567812342F0008020003591011155111036BCA")
LINK_TOO = bytes.fromhex("7E7E00987654321012342F0008027E0822101110074703C3AE")
TEST = bytes.fromhex(
    "7E7E010012345678123430002B020003591011154947F1F1001234567848F0F05910111549"
    "20190000052619000005392300000127381211150320FA"
)
TEST_ANSWER = bytes.fromhex("7E7E00123456780112343080080200035910111549471B75D4")
TIMED = bytes.fromhex(
    "7E7E05001122334403E832002B020034170718110016F1F1001122334448F0F01707181100"
    "201900004026190000403923000104903812109903A421"
)
TIMED_ANSWER = bytes.fromhex("7E7E00112233440503E83280080200341707181100161BE5D4")

STATION = "0011223344"
NOW = micros_of_digits("20170718110016") or 0
THING = ThingRef(
    id=STATION, entity_type="Gauge", owner=None, district=None, place=None, source="live", units={}
)


def body(*groups: str, serial: int = 1, at: str = "170718110000") -> bytes:
    return serial.to_bytes(2, "big") + bytes.fromhex(at + "".join(groups))


def station(minute: str = "1707181100") -> str:
    return "F1F1" + STATION + "48F0F0" + minute


def report(function: int, *groups: str) -> bytes:
    return wire.up(STATION, 5, "03E8", function, body(*groups))


def values(payload: bytes) -> dict[str, list[tuple[str, object]]]:
    out: dict[str, list[tuple[str, object]]] = {}
    for o in decode(payload, THING, NOW):
        moment = clock.from_micros(o.observed_at).astimezone(clock.CHINA)
        out.setdefault(o.attribute, []).append((f"{moment:%H:%M}", o.value))
    return out


def sort(steps: "list[Step]", kind: type) -> list[Step]:
    return [s for s in steps if isinstance(s, kind)]


# ---------------------------------------------------------------- frames


@pytest.mark.parametrize("frame", [LINK, LINK_TOO, TEST, TEST_ANSWER, TIMED, TIMED_ANSWER])
def test_the_checks_of_published_frames(frame: bytes) -> None:
    assert wire.crc(frame[:-2]) == int.from_bytes(frame[-2:], "big")


def test_a_published_test_report_is_read_as_its_author_reads_it() -> None:
    found = wire.find(TEST)
    assert found is not None
    frame = found.frame
    assert frame is not None
    assert (frame.centre, frame.station, frame.password, frame.function) == (1, "0012345678", "1234", 0x30)
    read, unreadable = elements(frame, frame.body)
    assert [(e.attribute, e.value, e.unit) for e in read] == [
        ("rainfall", 0.5, "MMT"),
        ("totalRainfall", 0.5, "MMT"),
        ("waterLevel", 0.127, "MTR"),
        ("supplyVoltage", 11.15, "VLT"),
    ]
    assert not unreadable


def test_a_published_report_and_its_answer() -> None:
    assert values(TIMED)["waterLevel"] == [("11:00", 10.49)]
    identify, reported = Sl651().receive(TIMED, NOW)
    assert identify == Identify(STATION, "03E8")
    assert isinstance(reported, Report)
    assert reported.answer == TIMED_ANSWER == reported.refused
    assert Sl651().receive(TEST_ANSWER, NOW) != [reported]  # what comes down is nothing that comes up


def test_a_link_is_kept_up_without_an_answer() -> None:
    assert Sl651().receive(LINK + LINK_TOO, NOW) == [
        Identify("0012345678", "1234"),
        Identify("9876543210", "1234"),
    ]


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_frames_are_found_however_they_are_cut_and_whatever_lies_between(data: st.DataObject) -> None:
    bodies = data.draw(st.lists(st.binary(min_size=8, max_size=60), min_size=1, max_size=4))
    frames = [wire.up(STATION, 1, "03E8", 0x32, b) for b in bodies]
    stream = b""
    for frame in frames:
        stream += data.draw(st.binary(max_size=10)).replace(b"\x7e", b"?") + frame
    session, steps, at = Sl651(), list[Step](), 0
    while at < len(stream):
        size = data.draw(st.integers(1, 30))
        steps += session.receive(stream[at : at + size], NOW)
        at += size
    assert [s.payload for s in steps if isinstance(s, Report)] == frames


def test_a_frame_with_a_wrong_check_costs_only_itself() -> None:
    wrong = TIMED.replace(b"\x39\x23", b"\x39\x24")
    for broken in (wrong, b"\x7e", b"\x7e\x7e\x7e", TIMED[:20], TIMED[:2]):
        steps = Sl651().receive(broken + TIMED * 3, NOW)
        assert len(sort(list(steps), Report)) >= 2, broken


@settings(deadline=None, max_examples=200)
@given(st.binary(max_size=300))
def test_no_bytes_upset_a_session_or_the_decoder(data: bytes) -> None:
    session = Sl651()
    session.receive(data, NOW)
    assert session.pending() <= wire.FRAME_BYTES
    for payload in (data, wire.up(STATION, 1, "03E8", 0x31, data), report(0x34, station()) + data):
        with contextlib.suppress(Malformed, Invalid, TooLarge):
            decode(payload, THING, NOW)


def test_mutated_messages_are_read_or_refused_and_never_upset() -> None:
    """Every byte of bodies of each kind changed, dropped and doubled, the check made anew."""
    chance = random.Random(651)
    bodies = [
        TIMED[14:-3],
        body(station(), "0418000010", "3923", "00010490", "FFFFFFFF", "00010500"),
        body(station(), "F460" + "05" * 12, "F5C0" + "1019" * 12, "4520" + "00000001"),
    ]
    for function in (0x31, 0x32, 0x34, 0x35):
        for inner in bodies:
            for at in range(len(inner)):
                byte = bytes([chance.randrange(256)])
                for changed in (
                    inner[:at] + byte + inner[at + 1 :],
                    inner[:at] + inner[at + 1 :],
                    inner[:at] + byte + inner[at:],
                ):
                    with contextlib.suppress(Malformed, Invalid, TooLarge):
                        decode(wire.up(STATION, 1, "03E8", function, changed), THING, NOW)


# ---------------------------------------------------------------- elements


@given(st.integers(0, 99_999_999), st.integers(0, 7), st.booleans())
def test_numbers_go_there_and_back(number: int, decimals: int, negative: bool) -> None:
    data = bytes.fromhex(f"{'FF' if negative else ''}{number:08}")
    assert bcd(data, decimals) == (-number if negative else number) / 10**decimals


def test_numbers_that_are_none() -> None:
    assert bcd(b"\xff\xff\xff", 1) is None
    assert bcd(b"\xff", 0) is None
    assert bcd(bytes.fromhex("FF0015"), 1) == -1.5
    for wrong in (b"", b"\xaa", b"\xff\xaa"):
        with pytest.raises(ValueError):
            bcd(wrong, 0)


def test_what_is_missing_or_unreadable_is_kept_as_quality() -> None:
    found = values(report(0x32, station(), "3923FFFFFFFF", "2019AAAAAA", "38121115", "C6100012", "FF010807"))
    assert found["quality"] == [("11:00", {"waterLevel": "missing", "rainfall": "unreadable"})]
    assert found["supplyVoltage"] == [("11:00", 11.15)]
    assert found["sl651_C6"] == [("11:00", 12.0)]
    assert found["sl651_FF01"] == [("11:00", 7.0)]


def test_even_intervals() -> None:
    found = values(
        report(0x31, station("1707181000"), "0418000010", "3923", "00010490", "FFFFFFFF", "00010510")
    )
    assert found["waterLevel"] == [("10:00", 10.49), ("10:20", 10.51)]
    assert found["quality"][0][1] == {"waterLevel": "missing"}


def test_an_hour_in_five_minutes() -> None:
    rain, levels = "05" + "00" * 10 + "FF", "0419" * 12
    found = values(
        report(0x34, station("1707181000"), "F460" + rain, "2619000123", "F5C0" + levels, "38121210")
    )
    assert found["rainfall5min"][0] == ("10:00", 0.5)
    assert len(found["rainfall5min"]) == 11
    assert found["relativeLevel"][11] == ("10:55", 10.49)
    assert found["totalRainfall"] == [("10:00", 12.3)]


def test_several_times_in_a_message_alarms_and_a_word_by_hand() -> None:
    found = values(
        report(0x33, station("1707181000"), "2019000005", "F0F01707181005", "2019000010", "452000000002")
    )
    assert found["rainfall"] == [("10:00", 0.5), ("10:05", 1.0)]
    assert found["stationStatus"] == [("10:05", 2.0)]
    text = b"PJ 12.5".hex()
    assert values(report(0x35, "F2F2" + text))["manualReport"] == [("11:00", "PJ 12.5")]


@pytest.mark.parametrize(
    ("function", "groups"),
    [
        (0x32, ("F1F1009999999948",)),  # another station
        (0x32, (station("1713181100"),)),  # a month that is none
        (0x32, (station("1507181100"), "2019000005")),  # too old
        (0x32, (station("1707201100"), "2019000005")),  # ahead of now by two days
        (0x32, (station(),)),  # nothing in it
        (0x32, (station(), "2019")),  # cut off
        (0x32, (station(), "20")),
        (0x36, (station(), "F3F3FFD8")),  # a picture
    ],
)
def test_what_cannot_be_kept_is_refused(function: int, groups: tuple[str, ...]) -> None:
    with pytest.raises((Invalid, Malformed)):
        values(report(function, *groups))


def test_every_element_has_a_name_of_its_own() -> None:
    assert len({e.attribute for e in ELEMENTS}) == len({e.identifier for e in ELEMENTS}) == len(ELEMENTS)


# ---------------------------------------------------------------- packets


def packets(count: int = 3) -> list[bytes]:
    whole = body(station("1707181000"), "0418000005", "3923", *("00010490",) * 12)
    size = -(-len(whole) // count)
    parts = [whole[n : n + size] for n in range(0, len(whole), size)]
    return [
        wire.up(STATION, 5, "03E8", 0x31, part, last=n == count, packet=(count, n))
        for n, part in enumerate(parts, 1)
    ]


def test_packets_become_one_message_with_one_answer() -> None:
    session = Sl651()
    steps = [s for packet in packets() for s in session.receive(packet, NOW)]
    [whole] = sort(steps, Report)
    assert isinstance(whole, Report)
    assert len(values(whole.payload)["waterLevel"]) == 12
    assert not sort(steps, Send)
    assert whole.answer[13] == wire.SYN
    assert whole.answer[14:17] == bytes.fromhex("003003")
    assert whole.answer[-3] == wire.ESC


def test_a_missing_packet_is_asked_for_again() -> None:
    session = Sl651()
    one, two, three = packets()
    steps = list(session.receive(one + three, NOW))
    [again] = sort(steps, Send)
    assert isinstance(again, Send)
    assert again.data[14:17] == bytes.fromhex("003002")
    assert again.data[-3] == wire.NAK
    resent = wire.up(STATION, 5, "03E8", 0x31, wire.find(two).frame.body, packet=(3, 2))  # type: ignore[union-attr]  # it is a frame
    [whole] = sort(list(session.receive(resent, NOW)), Report)
    assert isinstance(whole, Report)
    assert len(values(whole.payload)["waterLevel"]) == 12


def test_packets_beyond_what_a_message_may_have_end_the_connection() -> None:
    session, steps = Sl651(), list[Step]()
    for number in range(1, 100):
        steps += session.receive(
            wire.up(STATION, 5, "03E8", 0x31, bytes(4000), last=False, packet=(4095, number)), NOW
        )
    assert Close("message-too-long") in steps


# ---------------------------------------------------------------- a conversation


def test_a_function_that_is_not_known_is_laid_aside_and_answered() -> None:
    steps = Sl651().receive(report(0x41, "01" * 4), NOW)
    [aside] = sort(list(steps), LayAside)
    assert isinstance(aside, LayAside)
    assert aside.answer[-3] == wire.ESC


def test_more_to_follow_is_answered_with_go_on() -> None:
    frame = wire.up(STATION, 5, "03E8", 0x32, TIMED[14:-3], last=False)
    [reported] = sort(list(Sl651().receive(frame, NOW)), Report)
    assert isinstance(reported, Report)
    assert reported.answer[-3] == wire.ACK


def test_a_station_is_asked_and_its_clock_is_set() -> None:
    session = Sl651()
    assert session.command(Order("c1", STATION, "query", {}), NOW) is None  # it has not spoken yet
    session.receive(TIMED, NOW)
    asked = session.command(Order("c1", STATION, "query", {}), NOW)
    assert asked is not None
    assert asked[:14].hex().upper() == "7E7E00112233440503E837800802"
    assert asked[-3] == wire.ENQ
    steps = session.receive(wire.up(STATION, 5, "03E8", 0x37, TIMED[14:-3]), NOW)
    assert sort(list(steps), Answered) == [Answered(STATION, "c1", True)]
    assert [s.answer for s in steps if isinstance(s, Report)] == [b""]
    clock_set = session.command(Order("c2", STATION, "set_clock", {}), NOW)
    assert clock_set is not None
    assert bcd_of(NOW) in clock_set
    steps = session.receive(wire.up(STATION, 5, "03E8", 0x4A, body("F1F1" + STATION)), NOW)
    assert sort(list(steps), Answered) == [Answered(STATION, "c2", True)]
    assert session.command(Order("c3", STATION, "dance", {}), NOW) is None
    assert not sort(list(steps), Skipped)
