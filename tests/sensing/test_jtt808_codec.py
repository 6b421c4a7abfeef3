"""JT/T 808: real frames read as their sources say, and nothing but the documented errors whatever comes."""

import random
from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yong.kernel.base import clock
from yong.kernel.base.errors import Invalid, Malformed, TooLarge, YongError
from yong.kernel.history.logic import LATE_US
from yong.kernel.sensing.contracts import PAYLOAD_BYTES, ThingRef
from yong.kernel.sensing.tcp.jtt808 import adapter, down, frame, location, tables
from yong.kernel.sensing.tcp.jtt808.frame import Assembly, Frames, Message, built, parse

# A container lock's report, published with its meaning field by field (huabaotelematics.com, blog, 10 February 2022,
# "JT808 common message parsing of GPS electronic lock"); the two below it are from the same page.
LOCK = bytes.fromhex(
    "7E0200005200200260432300A400020000000C00020158B91B06CB706100460000005921092216375801040000000103020000"
    "250400000001300111310110E30100D51B022002604323279593786160001220000012342795937861580012867E"
)
LOCK_SIGN_ON = bytes.fromhex("7E0102000D002002604325000138333030323030323630343332137E")
LOCK_ANSWER = bytes.fromhex("7E80010005002002604323000900EE020000437E")
# Test vectors of public implementations: two reports in one message (github.com/SmallChi/JT808, MIT), the same of
# edition 2019 (github.com/hylexus/xtream-codec, Apache-2.0), an answer to a query and a registration (SmallChi).
BATCH_2013 = bytes.fromhex(
    "7E0704005311223344556622B80002000026000000010000000200BA7F0E07E4F11C0028003C000018071510101001040000006402"
    "0200370026000000020000000100CB735507E6A32300290036007818071510103001040000006002020042D47E"
)
BATCH_2019 = bytes.fromhex(
    "7e0704403f01000000000139123443290000000200001c000000010000000101d907f2073d336c029a00210059241029213903001c"
    "000000010000000101d907f3073d336d03090043005a241029213903f87e"
)
QUERY_ANSWER = bytes.fromhex(
    "7E0201002811223344556622B83039000000010000000200BA7F0E07E4F11C0028003C000018071510101001040000006402020037517E"
)
TEXT_2013 = bytes.fromhex("7E8300000D012345678900000105736D616C6C63686920353138027E")
REGISTRATION_ANSWER = bytes.fromhex("7E81000009012345678900000A006400313233343536687E")

PHONE = "13912344329"


def thing(id_: str = "T1") -> ThingRef:
    return ThingRef(
        id=id_, entity_type="Vehicle", owner=None, district=None, place=None, source="live", units={}
    )


def us(year: int, month: int, day: int, hour: int, minute: int, second: int = 0) -> int:
    return clock.micros(datetime(year, month, day, hour, minute, second, tzinfo=UTC))


def message(body: bytes, id_: int = 0x0200, edition: int = 2013, **more: int) -> Message:
    return Message(id=id_, edition=edition, phone=PHONE, serial=more.pop("serial", 7), body=body, **more)


def report(
    at: datetime,
    *,
    status: int = 3,
    alarms: int = 0,
    place: tuple[float, float] = (121.5, 29.9),
    items: str = "",
) -> bytes:
    return (
        alarms.to_bytes(4, "big")
        + status.to_bytes(4, "big")
        + round(place[1] * 1e6).to_bytes(4, "big")
        + round(place[0] * 1e6).to_bytes(4, "big")
        + bytes.fromhex("000A01F4005A")
        + location.bcd_time(at)
        + bytes.fromhex(items)
    )


NOW = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)
NOW_US = clock.micros(NOW)


def test_a_real_report_of_a_container_lock() -> None:
    found = adapter.decode(LOCK, thing(), us(2021, 9, 22, 8, 38))
    assert {o.observed_at for o in found} == {us(2021, 9, 22, 8, 37, 58)}  # 16:37:58 in UTC+8
    assert {o.attribute: (o.value, o.unit) for o in found} == {
        "alarms": (["bit17"], ""),  # edition 2013 does not define it
        "states": (["positioned", "gps", "beidou"], ""),
        "load": ("empty", ""),
        "location": ({"type": "Point", "coordinates": [113.995873, 22.591771]}, ""),
        "altitude": (70.0, "MTR"),
        "speed": (0.0, "KMH"),
        "heading": (89.0, "DD"),
        "odometer": (0.1, "KMT"),
        "recorderSpeed": (0.0, "KMH"),
        "signals": (["low_beam"], ""),
        "signalStrength": (17.0, ""),
        "satellites": (16.0, ""),
        "extras": (
            {"E3": "00", "D5": "022002604323279593786160001220000012342795937861580012"},
            "",
        ),
    }


def test_real_frames_are_taken_apart_and_put_together_again() -> None:
    sign_on, answer = parse(LOCK_SIGN_ON[1:-1]), parse(LOCK_ANSWER[1:-1])
    assert (sign_on.id, sign_on.edition, sign_on.phone, sign_on.serial) == (0x0102, 2013, "2002604325", 1)
    assert sign_on.body == b"8300200260432"
    assert answer.body == down.general(0x00EE, 0x0200, down.DONE)
    for raw in (LOCK, LOCK_SIGN_ON, LOCK_ANSWER, BATCH_2013, BATCH_2019, QUERY_ANSWER, TEXT_2013):
        assert built(parse(raw[1:-1])) == raw
    assert down.registered(100, 0, "123456") == parse(REGISTRATION_ANSWER[1:-1]).body


def test_batches_of_both_editions() -> None:
    old = adapter.decode(BATCH_2013, thing(), us(2018, 7, 15, 3, 0))
    assert [(o.observed_at, o.value) for o in old if o.attribute == "odometer"] == [
        (us(2018, 7, 15, 2, 10, 10), 10.0),
        (us(2018, 7, 15, 2, 10, 30), 9.6),
    ]
    assert [o.value for o in old if o.attribute == "fuel"] == [5.5, 6.6]
    # the second report says that it is not positioned (status 1): its coordinates do not count
    assert [o.value for o in old if o.attribute == "location"] == [
        {"type": "Point", "coordinates": [132.444444, 12.222222]}
    ]
    new = parse(BATCH_2019[1:-1])
    assert (new.edition, new.phone) == (2019, PHONE)
    kind, bodies = location.batch(new.body)
    assert (kind, len(bodies)) == (0, 2)
    answer = adapter.decode(QUERY_ANSWER, thing(), us(2018, 7, 15, 3, 0))
    assert {o.attribute for o in answer} >= {"location", "odometer", "fuel"}


def test_every_additional_item() -> None:
    items = (
        "0104000003E8 02020064 030201F4 04020009 110500000000FF 1206010000000200 1307000000030E1001"
        "250400004118 2A020003 2B0400020001 30011F 310109 110100 0502FFFF"
    )
    # two of them are not as the standard has them: 11 comes twice, and 05 is not known to us
    found = location.decode(report(NOW, items=items), 2013)
    assert found.observed_at == NOW_US
    got = [(a, v) for a, v, _ in found.readings]
    assert got[-15:] == [
        ("odometer", 100.0),
        ("fuel", 10.0),
        ("recorderSpeed", 50.0),
        ("alarmEvent", 9.0),
        ("speeding", {"place": "none", "id": 255}),
        ("areaCrossing", {"place": "circle", "id": 2, "direction": "in"}),
        ("sectionTime", {"id": 3, "duration_s": 3600, "result": "too_long"}),
        ("signals", ["left_turn", "brake", "horn", "clutch"]),
        ("io", ["deep_sleep", "sleep"]),
        ("analog0", 1.0),
        ("analog1", 2.0),
        ("signalStrength", 31.0),
        ("satellites", 9.0),
        ("speeding", {"place": "none"}),
        ("extras", {"05": "ffff"}),
    ]


def test_what_an_item_should_not_be_is_kept_as_digits() -> None:
    for items, extras in (
        ("0102000A", {"01": "000a"}),
        ("E10101E10102", {"E1": "01,02"}),
        ("0104000000", {"tail": "0104000000"}),
        ("01", {"tail": "01"}),
    ):
        readings = {a: v for a, v, _ in location.decode(report(NOW, items=items), 2013).readings}
        assert readings["extras"] == extras
        assert readings["speed"] == 50.0


def test_alarms_and_states_by_edition() -> None:
    def alarms(edition: int) -> object:
        found = location.decode(report(NOW, alarms=0xA003_0009), edition)
        return found.readings[0][1]

    assert alarms(2013) == [
        "emergency",
        "danger_warning",
        "bit16",
        "bit17",
        "collision_warning",
        "illegal_door_opening",
    ]
    assert alarms(2019) == [
        "emergency",
        "dangerous_driving",
        "tyre_pressure_warning",
        "right_blind_spot",
        "collision_rollover",
        "bit31",
    ]
    for bits in (tables.ALARMS, tables.STATES, tables.SIGNALS, tables.IO):
        for edition in (2013, 2019):
            numbers = [b.number for b in bits if edition in b.editions]
            assert len(numbers) == len(set(numbers))
        assert all(b.meaning.zh and b.meaning.en for b in bits)


def test_hemispheres_and_coordinates_that_do_not_count() -> None:
    def place(status: int) -> object:
        found = location.decode(report(NOW, status=status), 2013)
        return next((v for a, v, _ in found.readings if a == "location"), None)

    assert place(0b0010) == {"type": "Point", "coordinates": [121.5, 29.9]}
    assert place(0b1110) == {"type": "Point", "coordinates": [-121.5, -29.9]}
    assert place(0b0000) is None  # not positioned
    assert place(0b100010) is None  # encrypted
    with pytest.raises(Invalid):
        location.decode(report(NOW, place=(181, 0)), 2013)
    with pytest.raises(Invalid):
        location.decode(report(NOW, place=(0, 91)), 2013)


@pytest.mark.parametrize(
    "time", ["261301000000", "26AB01000000", "000000000000", "260101240000", "FFFFFFFFFFFF"]
)
def test_a_time_that_is_none(time: str) -> None:
    with pytest.raises(Invalid) as raised:
        location.moment(bytes.fromhex(time))
    assert raised.value.problems[0].pointer == "/time"


def test_reports_too_old_to_keep_are_refused_whole() -> None:
    old = datetime.fromtimestamp((NOW_US - LATE_US) / 1e6 - 60, UTC)
    with pytest.raises(Invalid):
        adapter.decode(built(message(report(old))), thing(), NOW_US)
    assert adapter.decode(built(message(report(NOW))), thing(), NOW_US)


@pytest.mark.parametrize(
    ("raw", "error"),
    [
        (b"", Malformed),
        (b"\x7e\x7e", Malformed),
        (b"\x7e\x01\x7e", Malformed),
        (LOCK[:-2] + b"\x87\x7e", Malformed),  # check byte
        (LOCK[1:], Malformed),
        (
            LOCK.replace(b"\x7e\x02\x00\x00\x52", b"\x7e\x02\x00\x00\x53").replace(b"\x86\x7e", b"\x87\x7e"),
            Malformed,
        ),
        (built(message(b"", 0x0002)), Invalid),  # no location in it
        (b"\x7e" + bytes(PAYLOAD_BYTES), TooLarge),
        (b"\x7e\x7d\x03" + bytes(20) + b"\x7e", Malformed),
        (built(message(b"\x00\x02\x00\x00", 0x0704)), Malformed),
        (built(message(b"\x00\x00\x00", 0x0704)), Malformed),
        (built(message(b"x", total=2, part=1)), Malformed),
    ],
)
def test_what_is_no_report_is_refused(raw: bytes, error: type[YongError]) -> None:
    with pytest.raises(error):
        adapter.decode(raw, thing(), NOW_US)


def test_encrypted_bodies_and_numbers_that_are_not_decimal() -> None:
    data = bytearray(parse_bytes := LOCK_ANSWER[1:-2])
    data[2] |= 0x04
    with pytest.raises(Invalid, match="ncrypted"):
        parse(checked(bytes(data)))
    data = bytearray(parse_bytes)
    data[4] = 0xAB
    with pytest.raises(Malformed):
        parse(checked(bytes(data)))


def checked(data: bytes) -> bytes:
    check = 0
    for byte in data:
        check ^= byte
    return frame.escaped(data + bytes((check,)))


messages = st.builds(
    Message,
    id=st.integers(0, 0xFFFF),
    edition=st.sampled_from((2013, 2019)),
    phone=st.from_regex(r"[1-9][0-9]{0,11}", fullmatch=True),
    serial=st.integers(0, 0xFFFF),
    body=st.binary(max_size=200)
    | st.binary(max_size=1023).map(lambda b: b.replace(b"a", b"\x7e\x7d")[:1023]),
)


@given(
    st.lists(messages, max_size=4),
    st.lists(st.integers(1, 50), min_size=1, max_size=20),
    st.binary(max_size=9),
)
@settings(max_examples=150, deadline=None)
def test_frames_come_out_of_a_stream_however_it_is_cut(
    said: list[Message], cuts: list[int], before: bytes
) -> None:
    stream = before.replace(b"\x7e", b"") + b"".join(built(m) for m in said)
    frames, found, at, n = Frames(), [], 0, 0
    while at < len(stream):
        size = cuts[n % len(cuts)]
        found += frames.feed(stream[at : at + size])
        at, n = at + size, n + 1
    assert [parse(f) for f in found] == said


def test_two_frames_may_share_a_flag_and_a_frame_has_an_end() -> None:
    one, two = built(message(b"a")), built(message(b"b"))
    assert len(Frames().feed(one[:-1] + two)) == 2
    frames = Frames()
    frames.feed(b"\x7e" + bytes(2000))
    with pytest.raises(TooLarge):
        frames.feed(bytes(200))
    with pytest.raises(TooLarge):
        Frames().feed(bytes(3000))


def parts_of(body: bytes, size: int, serial: int = 0xFFFE) -> list[tuple[Message, bytes]]:
    total = -(-len(body) // size)
    out = []
    for n in range(total):
        one = message(
            body[n * size : (n + 1) * size], 0x0704, serial=(serial + n) & 0xFFFF, total=total, part=n + 1
        )
        out.append((one, built(one)[1:-1]))
    return out


@given(st.binary(min_size=30, max_size=500), st.integers(10, 40), st.randoms(use_true_random=False))
@settings(max_examples=80, deadline=None)
def test_parts_in_any_order_and_repeated_make_the_message(
    body: bytes, size: int, dice: random.Random
) -> None:
    parts = parts_of(body, size)
    order = [*parts, *dice.choices(parts, k=3)]
    dice.shuffle(order)
    assembly, found = Assembly(), []
    for one, raw in order:
        assert parse(raw) == one
        complete = assembly.add(one, raw, 0.0)
        if complete:
            found.append(complete)
            break
    assert [c.message.body for c in found] == [body]
    assert found[0].message.serial == 0xFFFE
    assert [parse(f[1:-1]).part for f in found[0].frames] == list(range(1, len(parts) + 1))


def test_missing_parts_are_asked_for_twice_and_then_forgotten() -> None:
    parts = parts_of(bytes(100), 20)
    assembly = Assembly(wait_s=10, asks=2)
    for one, raw in (parts[0], parts[3]):
        assert assembly.add(one, raw, 0.0) is None
    assert assembly.overdue(9.9) == []
    [missing] = assembly.overdue(10.0)
    assert (missing.of.first_serial, missing.parts) == (0xFFFE, (2, 3, 5))
    assert assembly.overdue(15.0) == []
    assert [m.parts for m in assembly.overdue(20.0)] == [(2, 3, 5)]
    assert assembly.overdue(30.0) == []
    assert (assembly.waiting, assembly.forgotten) == (0, 1)


def test_parts_are_bounded() -> None:
    assembly = Assembly()
    for n in range(20):
        one, raw = parts_of(bytes(100), 20, serial=n * 100)[0]
        assembly.add(one, raw, float(n))
    assert (assembly.waiting, assembly.forgotten) == (frame.OPEN_WHOLES, 16)
    big = Assembly()
    many = parts_of(bytes(200_000), 1000)
    fitting = frame.WHOLE_BYTES // len(many[0][1])
    for one, raw in many[:fitting]:
        big.add(one, raw, 0.0)
    with pytest.raises(TooLarge):
        big.add(*many[fitting], 0.0)
    assert big.waiting == 0
    with pytest.raises(Malformed):
        parse(built(message(b"", total=frame.PARTS + 1, part=1))[1:-1])


def test_commands() -> None:
    assert down.command("locate", {}, 2013) == (0x8201, b"")
    assert down.command("control", {"action": "reset"}, 2013) == (0x8105, b"\x04")
    text = {"text": "smallchi 518", "as": ["urgent", "display"]}
    assert down.command("text", text, 2013) == (0x8300, parse(TEXT_2013[1:-1]).body)
    assert down.command("text", {"text": "前方拥堵", "as": ["speak"]}, 2019) == (
        0x8300,
        b"\x0b\x01" + "前方拥堵".encode("gbk"),
    )
    assert down.command("parameters", {"heartbeat_s": 60, "report_interval_s": 30}, 2019) == (
        0x8103,
        bytes.fromhex("02 00000001 04 0000003C 00000029 04 0000001E"),
    )
    # 8003 as SmallChi's tests have it, and with the wider count of 2019 (emqx's data exchange guide)
    assert down.parts_again(2013, 1234, (0x0102, 0x0203)) == bytes.fromhex("04D20201020203")
    assert down.parts_again(2019, 1234, (1,)) == bytes.fromhex("04D200010001")


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("explode", {}),
        ("locate", {"now": True}),
        ("control", {"action": "burn"}),
        ("control", {}),
        ("text", {"text": ""}),
        ("text", {"text": "文" * 501}),
        ("text", {"text": "🚚"}),
        ("text", {"text": "a", "as": ["sing"]}),
        ("text", {"text": "a", "kind": "joke"}),
        ("text", {"text": 3}),
        ("parameters", {}),
        ("parameters", {"heartbeat_s": 0}),
        ("parameters", {"heartbeat_s": True}),
        ("parameters", {"apn": "x"}),
    ],
)
def test_commands_that_are_none(name: str, arguments: dict[str, object]) -> None:
    with pytest.raises(Invalid):
        down.command(name, arguments, 2019)


def mutated(dice: random.Random, seed: bytes) -> bytes:
    raw = bytearray(seed)
    for _ in range(dice.randint(1, 4)):
        match dice.randrange(4):
            case 0:
                raw[dice.randrange(len(raw))] = dice.randrange(256)
            case 1:
                raw.insert(dice.randrange(len(raw) + 1), dice.choice((0x7E, 0x7D, dice.randrange(256))))
            case 2 if len(raw) > 1:
                del raw[dice.randrange(len(raw))]
            case _:
                at = dice.randrange(len(raw))
                raw[at:at] = raw[at : at + dice.randrange(40)]
    return bytes(raw)


def test_nothing_but_documented_errors_comes_of_mutated_bytes() -> None:
    dice = random.Random(808)
    seeds = [LOCK, BATCH_2013, BATCH_2019, QUERY_ANSWER, *(built(m) for m, _ in parts_of(report(NOW), 10))]
    read = 0
    for _ in range(6_000):
        seed = dice.choice(seeds)
        if dice.random() < 0.4:
            payload = mutated(dice, seed)
        else:  # with a header and a check byte that fit, so that what lies behind is reached too
            one = parse(seed[1:-1])
            payload = built(msgspec.structs.replace(one, body=mutated(dice, one.body)[:1023]))
        try:
            for o in adapter.decode(payload, thing(), us(2021, 9, 22, 8, 38)):
                msgspec.json.encode(o.value)
            read += 1
        except YongError:
            pass
    assert read > 200
