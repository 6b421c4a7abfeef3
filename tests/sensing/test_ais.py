"""AIS: real sentences read as others read them, streams cut anywhere, and nothing but the documented errors."""

import json
import random
from datetime import UTC, datetime
from functools import reduce
from operator import xor
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yong.kernel.base import clock
from yong.kernel.base.errors import Invalid, Malformed, TooLarge, YongError
from yong.kernel.sensing.contracts import ThingRef
from yong.kernel.sensing.tcp.ais import adapter, ships
from yong.kernel.sensing.tcp.ais.feed import Feed, Thinner
from yong.kernel.sensing.tcp.ais.sentence import OPEN_MESSAGES, Assembler, Said, parse
from yong.kernel.sensing.tcp.ais.session import Receiver, sentence
from yong.kernel.sensing.tcp.contracts import Close, Identify, Report, Send, Skipped, Step

# Sentences of public documentation and tests: gpsd's AIVDM description (BSD) and pyais' tests (MIT).
POSITION = b"!AIVDM,1,1,,B,15M67FC000G?ufbE`FepT@3n00Sa,0*5C"
STATIC = (
    b"!AIVDM,2,1,1,A,55?MbV02;H;s<HtKR20EHE:0@T4@Dn2222222216L961O5Gf0NSQEp6ClRp8,0*1C",
    b"!AIVDM,2,2,1,A,88888888880,2*25",
)
# ORBCOMM's, with tag blocks (github.com/schwehr/libais, Apache-2.0); the other half stands in between there, too.
TAGGED = (
    rb"\g:1-2-1604,s:rORBCOMM008,c:1418169601,T:2014-12-10 00.00.01*37\!AIVDM,2,1,6,A,53@o0E000001Q0CG37U8u<Tp4q@D00000000000018330400000000000000,0*63",
    rb"\s:rORBCOMM104,q:u,c:1418172113,T:2014-12-10 00.41.53*55\!AIVDM,1,1,,B,13F?Vv700<DJuLEtvep`iToV0<00,0*78",
    rb"\g:2-2-1604,s:rORBCOMM008,c:1418169601,T:2014-12-10 00.00.01*34\!AIVDM,2,2,6,A,00000000008,2*2A",
)
NOW = datetime(2026, 11, 24, 4, 0, 30, tzinfo=UTC)
NOW_US = clock.micros(NOW)
RECEIVER = ThingRef(
    id="zhenhai-1", entity_type="AisReceiver", owner=None, district=None, place=None, source="live", units={}
)


def said(*lines: bytes) -> Said:
    assembler = Assembler()
    for line in lines:
        part = parse(line)
        assert part is not None
        whole = assembler.add(part, 0.0)
        if whole:
            return whole
    raise AssertionError("not whole")


def values(*lines: bytes, now: int = NOW_US) -> tuple[str, int, dict[str, object]]:
    entity, at, readings = ships.decode(said(*lines), now)
    return entity, at, {name: value for name, value, _ in readings}


def place(value: object) -> list[float]:
    """The coordinates of a GeoJSON point."""
    assert isinstance(value, dict)
    assert value["type"] == "Point"
    found: list[float] = value["coordinates"]
    return found


def checked(body: bytes) -> bytes:
    return b"!%b*%02X" % (body, reduce(xor, body))


def test_a_position() -> None:
    entity, at, got = values(POSITION)
    assert entity == "vessel:366053209"
    assert at == NOW_US - 31_000_000  # second 59: that of the minute before
    assert got == {
        "location": {"type": "Point", "coordinates": [-122.341618, 37.802118]},
        "speed": 0.0,
        "course": 219.3,
        "heading": 1.0,
        "navigationalStatus": "restricted_manoeuvrability",
    }


def test_static_data_in_two_sentences() -> None:
    entity, at, got = values(*STATIC)
    assert (entity, at) == ("vessel:351759000", NOW_US)
    assert got == {
        "name": "EVER DIADEM",
        "callSign": "3FOF8",
        "imo": "IMO9134270",
        "shipType": "cargo",
        "destination": "NEW YORK",
        "eta": "05-15T14:00Z",
        "draught": 12.2,
        "length": 295.0,
        "beam": 32.0,
    }


def test_tag_blocks_give_the_time() -> None:
    assembler = Assembler()
    found = [whole for line in TAGGED if (p := parse(line)) and (whole := assembler.add(p, 0.0))]
    assert [(s.type, s.mmsi, s.time_us) for s in found] == [
        (1, 224651000, 1418172113_000_000),
        (5, 219005012, 1418169601_000_000),
    ]
    # its second, 51, is that of the tag block's minute: 00:41:51
    assert ships.decode(found[0], NOW_US)[1] == clock.micros(datetime(2014, 12, 10, 0, 41, 51, tzinfo=UTC))
    with pytest.raises(Invalid):
        adapter.decode(TAGGED[1], RECEIVER, NOW_US)  # too old to be kept
    wrong = TAGGED[1].replace(b"*55", b"*56")
    with pytest.raises(Malformed):
        parse(wrong)


@pytest.mark.parametrize(
    ("at", "second", "moment"),
    [
        ("04:00:30.5", 29, "04:00:29"),
        ("04:00:30.5", 34, "04:00:34"),  # a little ahead
        ("04:00:30.5", 50, "03:59:50"),
        ("04:00:00.2", 59, "03:59:59"),
        ("04:00:58.0", 1, "04:01:01"),  # the receiver's clock is behind
        ("04:00:30.5", 60, "04:00:30"),
        ("04:00:30.5", None, "04:00:30"),
    ],
)
def test_moments(at: str, second: int | None, moment: str) -> None:
    def us(text: str) -> int:
        return clock.micros(datetime.fromisoformat(f"2026-11-24T{text}+00:00"))

    assert ships.moment(us(at), second) == us(moment)


def test_imo_numbers() -> None:
    assert all(map(ships.imo_right, (9074729, 9134270, 9383663)))
    assert not any(map(ships.imo_right, (9074728, 1234568, 10_000_000)))
    wrong = values(*STATIC)
    assert "imoClaimed" not in wrong[2]


def test_entities_by_mmsi() -> None:
    assert ships.entity(1, 413000001) == "vessel:413000001"
    assert ships.entity(4, 4132201) == "basestation:004132201"
    assert ships.entity(21, 994136501) == "aidtonavigation:994136501"
    assert ships.entity(9, 111413999) == "saraircraft:111413999"
    assert ships.entity(1, 972413001) == "distressbeacon:972413001"
    assert {ships.entity(t, m).partition(":")[0] + ":" for t in range(28) for m in (1, 970000001)} <= set(
        ships.SPEAKS_OF
    )


def test_the_payload_tells_of_ships_and_of_who_heard_them() -> None:
    payload = b"\r\n".join((POSITION, b"$GPZDA,1*00", *STATIC))
    found = adapter.decode(payload, RECEIVER, NOW_US)
    assert {o.entity for o in found} == {"vessel:366053209", "vessel:351759000"}
    assert [o.value for o in found if o.attribute == "heardBy"] == ["zhenhai-1"] * 2
    assert [(o.unit) for o in found if o.attribute == "speed"] == ["KNT"]


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"hello",
        POSITION.replace(b"*5C", b"*5D"),
        POSITION[:-3],
        STATIC[0],
        STATIC[1],
        checked(b"AIVDM,1,1,,A,,0"),
        checked(b"AIVDM,1,2,,A,15M67FC000G?ufbE`FepT@3n00Sa,0"),
        checked(b"AIVDM,1,1,,A,1000000000000000000000000000,0"),  # MMSI 0
        checked(b"AIVDM,1,1,,A,15M67F0,0"),  # cut short: says nothing
        b"!" * 1000,
        b"\xff\xfe",
    ],
)
def test_what_is_no_reading_is_refused(payload: bytes) -> None:
    with pytest.raises(YongError):
        adapter.decode(payload, RECEIVER, NOW_US)


def test_sentences_that_wait_are_bounded() -> None:
    assembler = Assembler()
    for n in range(OPEN_MESSAGES * 2):
        part = parse(rb"\s:%d*%02X\%b" % (n, reduce(xor, b"s:%d" % n), STATIC[0]))
        assert part
        assembler.add(part, 0.0)
    assert (assembler.waiting, assembler.forgotten) == (OPEN_MESSAGES, OPEN_MESSAGES)
    late = Assembler()
    first, second = map(parse, STATIC)
    assert first
    assert second
    assert late.add(first, 0.0) is None
    assert late.add(second, 11.0) is None, "their number is another message's by now"
    assert late.forgotten == 1


def test_thinning_keeps_a_position_in_ten_seconds_and_what_changed() -> None:
    thinner, static, position = Thinner(10), said(*STATIC), said(POSITION)
    assert [thinner.keep(position, t) for t in (0.0, 5.0, 9.9, 10.0, 12.0)] == [
        True,
        False,
        False,
        True,
        False,
    ]
    assert [thinner.keep(static, t) for t in (0.0, 360.0, 3600.0)] == [True, False, True]
    changed = msgspec.structs.replace(static, payload=static.payload[:-1] + b"1")
    assert [thinner.keep(changed, 3601.0), thinner.keep(changed, 3602.0)] == [True, False]
    assert [Thinner(0).keep(position, t) for t in (0.0, 0.0)] == [True, True]


@given(
    st.lists(st.integers(1, 40), min_size=1, max_size=30),
    st.lists(st.sampled_from((b"\r\n", b"\n")), min_size=3),
)
@settings(max_examples=100, deadline=None)
def test_a_stream_however_it_is_cut(cuts: list[int], ends: list[bytes]) -> None:
    lines = [POSITION, *STATIC, b"$AIALR,x", b"rubbish", b"!AIVDM,1,1,,A,0,0*00"]
    stream = b"".join(line + ends[i % len(ends)] for i, line in enumerate(lines))
    feed, payloads, at, n, skipped = Feed(), [], 0, 0, 0
    while at < len(stream):
        size = cuts[n % len(cuts)]
        heard = feed.take(stream[at : at + size], NOW_US)
        payloads += heard.payloads
        skipped += heard.skipped
        at, n = at + size, n + 1
    assert b"\r\n".join(payloads) == b"\r\n".join((POSITION, *STATIC))
    assert skipped
    assert feed.pending == 0
    with pytest.raises(TooLarge):
        feed.take(b"x" * 1000, NOW_US)


def test_a_receiver_signs_on_and_reports() -> None:
    receiver = Receiver()
    before = receiver.receive(POSITION + b"\r\n", NOW_US)
    assert list(before) == [], "who has not signed on reports nothing"
    [asked, report] = receiver.receive(
        sentence(b"PYNG,zhenhai-1,SeCreT") + STATIC[0] + b"\n" + STATIC[1] + b"\n", NOW_US
    )
    assert asked == Identify("zhenhai-1", "SeCreT")
    assert report == Report("zhenhai-1", b"\r\n".join(STATIC))
    assert receiver.admitted("zhenhai-1") == [Send(sentence(b"PYNG,OK"))]
    assert list(receiver.receive(b"$PYNG,zhenhai-1,x*00\r\n", NOW_US)) == [Skipped(22)]
    assert list(receiver.receive(b"$GPZDA,1\r\nrubbish\r\n", NOW_US)) == [Skipped(9)]
    assert list(receiver.receive(b"!" * 600, NOW_US)) == [Close("frame-too-long")]


def test_nothing_but_documented_errors_comes_of_mutated_sentences() -> None:
    dice = random.Random(1371)
    seeds = [POSITION, *STATIC, *TAGGED, b"!AIVDM,1,1,,B,H5MiOp1:uJ0MDhJ0<P4hhDpLE80,2*33"]
    alphabet = bytes((*range(48, 88), *range(96, 120)))
    read = 0
    for _ in range(6_000):
        fields = dice.choice(seeds).rpartition(b"!")[2].partition(b"*")[0].split(b",")
        payload = bytearray(fields[5])
        payload[0] = dice.choice((payload[0], *b"12345", *b"9BCEHK", alphabet[dice.randrange(64)]))
        for _ in range(dice.randint(0, 5)):
            payload[dice.randrange(1, len(payload))] = dice.choice(alphabet)
        if dice.random() < 0.3:
            del payload[dice.randint(7, len(payload)) :]
        body = b"AIVDM,1,1,,A,%b,%d" % (bytes(payload), dice.randrange(6))
        line = checked(body)
        if dice.random() < 0.2:
            raw = bytearray(line)
            raw[dice.randrange(len(raw))] = dice.randrange(256)
            line = bytes(raw)
        try:
            for o in adapter.decode(line, RECEIVER, NOW_US):
                msgspec.json.encode(o.value)
            read += 1
        except YongError:
            pass
    assert read > 1_000


@given(
    st.lists(
        st.binary(max_size=80) | st.sampled_from([POSITION + b"\n", STATIC[0] + b"\n", b"$PYNG,a,b\n"]),
        max_size=20,
    )
)
@settings(max_examples=200, deadline=None)
def test_a_session_never_raises_for_what_a_stranger_sends(data: list[bytes]) -> None:
    receiver = Receiver()
    for piece in data:
        for step in receiver.receive(piece, NOW_US):
            assert isinstance(step, Step)


# ---------------------------------------------------------------- recorded streams


def test_a_recorded_stream_reads_as_another_decoder_read_it(yong_data: Path) -> None:
    folder = yong_data / "ais_port_edi"
    expected = [json.loads(line) for line in (folder / "libais_typeexamples.json").read_text().splitlines()]
    lines = (folder / "libais_typeexamples.nmea").read_bytes().splitlines()
    compared = 0
    for line, other in zip(lines, expected, strict=True):
        one = said(line)
        assert (one.type, one.mmsi) == (other["type"], other["mmsi"])
        if one.type not in ships.KNOWN:
            continue
        got = {name: value for name, value, _ in ships.decode(one, NOW_US)[2]}
        for ours, theirs in (("speed", "speed"), ("course", "course"), ("draught", "draught")):
            # an aircraft's speed is in whole knots (ITU-R M.1371-5, message 9), which libais divides by ten
            if ours in got and (one.type, ours) != (9, "speed"):
                assert got[ours] == pytest.approx(other[theirs], abs=1e-3)
        if "location" in got:
            assert place(got["location"]) == pytest.approx([other["lon"], other["lat"]], abs=1e-4)
        for ours, theirs in (("destination", "destination"), ("name", "shipname"), ("callSign", "callsign")):
            if ours in got:
                # libais writes two of the six-bit characters otherwise than ITU-R M.1371-5, table 47
                theirs_ = other.get(theirs, other.get("name")).strip().replace("-", "_").replace("`", "'")
                assert str(got[ours]).replace("-", "_") == theirs_
        compared += len(got)
    assert compared > 30


def test_an_hour_of_danish_waters(yong_data: Path) -> None:
    stream = (yong_data / "ais_port_edi/dma_aislib_stream_example.txt").read_bytes()
    heard = Feed(0).take(stream, NOW_US)
    assert heard.skipped == 0
    assert [reason.en for _, reason in heard.aside] == ["The MMSI is not valid"] * 2
    found = [o for p in heard.payloads for o in adapter.decode(p, RECEIVER, NOW_US)]
    assert len({o.entity for o in found}) > 1_700
    places = [place(o.value) for o in found if o.attribute == "location"]
    assert len(places) > 3_000
    thinned = Feed(10).take(stream, NOW_US)
    assert 0 < len(b"".join(thinned.payloads)) < len(b"".join(heard.payloads))
