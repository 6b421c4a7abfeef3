"""The rules that devices are held against: right messages pass, and each wrong one is told by its rule, in words."""

import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from types import ModuleType

import pyais
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yong.kernel.base import clock
from yong.kernel.base.text import Text
from yong.kernel.sensing.conformance import ais, findings, hj212, jtt808, mqtt, payload, sl651, wires
from yong.kernel.sensing.conformance.findings import About, Finding, Rule
from yong.kernel.sensing.tcp.ais.session import sentence
from yong.kernel.sensing.tcp.china import bcd_of, digits_of
from yong.kernel.sensing.tcp.hj212 import wire as hj
from yong.kernel.sensing.tcp.jtt808.frame import FLAG, Message, built, escaped
from yong.kernel.sensing.tcp.sl651 import wire as sl

NOW = clock.micros(datetime(2026, 11, 25, 2, 0, tzinfo=UTC))
HOUR = 3_600_000_000
ABOUT = {
    "hj212": About(thing="010000A8900016F000169DC0", word="a1B2c3"),
    "sl651": About(thing="0033020001", word="03E8"),
    "jtt808": About(thing="14400012345", word="LETMEIN"),
    "ais": About(thing="zhenhai-1", word="open"),
    "mqtt": About(thing="lamp-1", word="token", units={"power": "WTT"}),
}


def heard(door: str, *pieces: bytes) -> list[Finding]:
    """What is found in what a device says, to its end."""
    inspector = wires.INSPECTORS[door](ABOUT[door])
    found = [f for piece in pieces for f in inspector.heard(piece, NOW)]
    return found + inspector.ended()


# ---------------------------------------------------------------- HJ 212

MN, PW = ABOUT["hj212"].thing, "a1B2c3"


def upload(
    area: str | None = None,
    *,
    at: int = NOW,
    cn: str = "2011",
    data_time: str | None = None,
    **head: str | None,
) -> bytes:
    area = area if area is not None else "w01018-Rtd=12.5,w01018-Flag=N"
    fields = {"QN": digits_of(at), "ST": "32", "CN": cn, "PW": PW, "MN": MN, "Flag": "5"} | head
    data_time = digits_of(at)[:14] if data_time is None else data_time
    area = f"DataTime={data_time};{area}" if data_time else area
    return hj.build({k: v for k, v in fields.items() if v is not None}, area)


def patched(frame: bytes, old: bytes, new: bytes) -> bytes:
    """With other bytes and a right length and check."""
    data = frame[6:-6].replace(old, new)
    return b"##%04d" % len(data) + data + b"%04X\r\n" % hj.crc(data)


GOOD_HJ = upload()
VECTOR = (
    b"QN=20160801085857223;ST=32;CN=1062;PW=100000;MN=010000A8900016F000169DC0;Flag=5;CP=&&RtdInterval=30&&"
)
HJ_MUTANTS = [
    ("hj212.rubbish", b"AT+OK" + GOOD_HJ, "5 bytes"),
    ("hj212.length-digits", b"##01x1" + GOOD_HJ[6:], "01x1"),
    ("hj212.length", b"##0100" + GOOD_HJ[6:], f"says 100; the data has {len(GOOD_HJ) - 12}"),
    ("hj212.crc", GOOD_HJ[:-6] + b"0000\r\n", f"CRC is 0000, should be {GOOD_HJ[-6:-2].decode()}"),
    ("hj212.crc-modbus", GOOD_HJ[:-6] + b"%04X\r\n" % sl.crc(GOOD_HJ[6:-6]), "Modbus"),
    ("hj212.long", upload(";".join(f"w01018-Rtd={n},w01018-Flag=N" for n in range(60))), "1,024"),
    ("hj212.end", GOOD_HJ[:-2] + GOOD_HJ, "CR LF"),
    ("hj212.end", GOOD_HJ[:-2], "CR LF"),
    ("hj212.cut", GOOD_HJ[:60], "60 bytes"),
    ("hj212.missing", upload(QN=None), "QN is missing"),
    ("hj212.missing", upload(ST=None), "ST is missing"),
    ("hj212.qn", upload(QN="20261125"), "20261125"),
    ("hj212.cn", upload(cn="3020"), "3020"),
    ("hj212.mn", upload(MN="0" * 24), f"should be {MN}"),
    ("hj212.pw", upload(PW="123456"), "PW"),
    ("hj212.flag", upload(Flag="x"), "Flag x"),
    ("hj212.edition", upload(Flag="9"), "unknown version 2"),
    ("hj212.packets", upload(Flag="7"), "PNUM"),
    ("hj212.cp", patched(GOOD_HJ, b"CP=&&", b"CP="), "CP=&&"),
    ("hj212.datatime", upload(data_time=""), "DataTime is missing"),
    ("hj212.time", upload(data_time="20261332250000"), "20261332250000"),
    ("hj212.clock", upload(at=NOW + 3 * HOUR), "3 h 0 min ahead"),
    ("hj212.clock", upload(at=NOW + 8 * HOUR), "the zone added twice?"),
    ("hj212.zone", upload(at=NOW - 8 * HOUR), "not UTC"),
    ("hj212.factor", upload("w99999-Rtd=1,w99999-Flag=N"), "w99999"),
    ("hj212.number", upload("w01018-Rtd=abc,w01018-Flag=N"), "abc"),
    ("hj212.mark", upload("w01018-Rtd=1,w01018-Flag=Q"), "table 8"),
    ("hj212.separator", upload("w01018-Rtd=1,w01001-Rtd=7"), "semicolon"),
    ("hj212.refused", upload(""), "no reading"),
]  # fmt: skip

# ---------------------------------------------------------------- SL 651


def body(rest: str = "3923 00001234", *, at: int = NOW, head: str | None = None) -> bytes:
    """Serial number, time of sending, station, time of observation, elements."""
    head = f"F1F1{ABOUT['sl651'].thing}48F0F0{bcd_of(at).hex()[:10]}" if head is None else head
    return bytes.fromhex("0001" + bcd_of(at).hex() + head + rest.replace(" ", ""))


def gauge(inner: bytes, *, station: str = "0033020001", word: str = "03E8", function: int = 0x32) -> bytes:
    return sl.up(station, 1, word, function, inner)


def remade(frame: bytes, at: int, *new: int) -> bytes:
    """With other bytes at a place, and the check made anew."""
    data = bytearray(frame[:-2])
    data[at : at + len(new)] = bytes(new)
    return bytes(data) + sl.crc(bytes(data)).to_bytes(2, "big")


GOOD_SL = gauge(body())
SL_MUTANTS = [
    ("sl651.rubbish", b"\x00\x01" + GOOD_SL, "2 bytes"),
    ("sl651.start", remade(GOOD_SL, 13, 0x01), "begins with 01"),
    ("sl651.direction", remade(GOOD_SL, 11, 0x80), "downwards"),
    ("sl651.length", remade(GOOD_SL, 12, GOOD_SL[12] - 1), "the body has"),
    ("sl651.length", remade(GOOD_SL, 12, GOOD_SL[12] + 9), "the body has"),
    ("sl651.end", remade(GOOD_SL, len(GOOD_SL) - 3, 0x05) + GOOD_SL, "ends with 05"),
    ("sl651.crc", GOOD_SL[:-1] + bytes([GOOD_SL[-1] ^ 1]), f"should be {GOOD_SL[-2:].hex().upper()}"),
    ("sl651.crc-order", GOOD_SL[:-2] + GOOD_SL[-1:] + GOOD_SL[-2:-1], "low byte first"),
    ("sl651.cut", GOOD_SL[:30], "30 bytes"),
    ("sl651.station", gauge(body(head="F1F1003302000248"), station="0033020002"), "should be 0033020001"),
    ("sl651.password", gauge(body(), word="0000"), "password"),
    ("sl651.function", gauge(body(), function=0x36), "36"),
    ("sl651.time", gauge(b"\x00\x01" + bytes.fromhex("261399999999") + body()[8:]), "261399999999"),
    ("sl651.clock", gauge(body(at=NOW + 3 * HOUR)), "3 h 0 min ahead"),
    ("sl651.zone", gauge(body(at=NOW - 8 * HOUR)), "not UTC"),
    ("sl651.observed", gauge(body(head="F1F1003302000148")), "F0F0"),
    ("sl651.address", gauge(body(head="F0F0" + bcd_of(NOW).hex()[:10])), "F1F1"),
    ("sl651.class", gauge(body(head=f"F1F10033020001FFF0F0{bcd_of(NOW).hex()[:10]}")), "FF"),
    ("sl651.element", gauge(body("E910 1234")), "E9"),
    ("sl651.bcd", gauge(body("3923 0000AB34")), "waterLevel"),
    ("sl651.refused", gauge(body("3923 0000")), "cut off"),
]  # fmt: skip

# ---------------------------------------------------------------- JT/T 808


def place(
    *,
    at: int = NOW,
    status: int = 3,
    latitude: int = 29_875_000,
    longitude: int = 121_550_000,
    items: str = "",
) -> bytes:
    return (
        bytes(4) + status.to_bytes(4, "big") + latitude.to_bytes(4, "big") + longitude.to_bytes(4, "big")
        + bytes.fromhex("001201A9005A") + bcd_of(at) + bytes.fromhex(items)
    )  # fmt: skip


def said(
    id_: int, inner: bytes, *, serial: int = 1, edition: int = 2013, phone: str = "14400012345"
) -> bytes:
    return built(Message(id=id_, edition=edition, phone=phone, serial=serial, body=inner))


def raw(data: bytes) -> bytes:
    """A message of these bytes with its check."""
    check = 0
    for byte in data:
        check ^= byte
    return FLAG + escaped(data + bytes([check])) + FLAG


SIGN = said(0x0102, b"LETMEIN", serial=0)
GOOD_JT = SIGN + said(0x0200, place())
PHONE6, PHONE10 = bytes.fromhex("014400012345"), bytes.fromhex("00000000014400012345")
JT_MUTANTS = [
    ("jtt808.rubbish", b"abc" + GOOD_JT, "3 bytes"),
    ("jtt808.long", SIGN + b"\x01" * 5000, "two flags"),
    ("jtt808.cut", GOOD_JT[:-1], "not whole"),
    ("jtt808.escape", FLAG + b"\x7d\x05" + bytes(20) + FLAG, "7D"),
    ("jtt808.short", FLAG + bytes(5) + FLAG, "5 bytes"),
    ("jtt808.check", SIGN[:-2] + bytes([SIGN[-2] ^ 1]) + FLAG, f"should be {SIGN[-2]:02X}"),
    ("jtt808.length", raw(b"\x00\x02\x00\x05" + PHONE6 + b"\x00\x00"), "says 5 bytes of body; it has 0"),
    ("jtt808.header-2013", raw(b"\x02\x00\x40\x1c" + PHONE6 + b"\x00\x00" + place()), "2019 edition, but the phone has 6 bytes"),
    ("jtt808.header-2019", raw(b"\x02\x00\x00\x1c\x01" + PHONE10 + b"\x00\x00" + place()), "bit 14"),
    ("jtt808.phone", raw(b"\x00\x02\x00\x00" + b"\xab" * 6 + b"\x00\x00"), "ABABABABABAB"),
    ("jtt808.thing", SIGN + said(0x0002, b"", phone="13900000000"), "should be 14400012345"),
    ("jtt808.encrypted", raw(b"\x00\x02\x04\x00" + PHONE6 + b"\x00\x00"), "encrypted"),
    ("jtt808.parts", raw(b"\x00\x02\x20\x00" + PHONE6 + b"\x00\x00\x00\x01\x00\x05"), "Part 5 of 1"),
    ("jtt808.serial", SIGN + said(0x0002, b"", serial=7), "should be 1"),
    ("jtt808.sign-on", said(0x0200, place()), "before the sign-on"),
    ("jtt808.code", said(0x0102, b"WRONG"), "authentication code"),
    ("jtt808.code-length", said(0x0102, b"\x30LETMEIN", edition=2019), "48"),
    ("jtt808.kind", SIGN + said(0x0900, b"\x01"), "0900"),
    ("jtt808.location-short", SIGN + said(0x0200, bytes(20)), "20 bytes"),
    ("jtt808.place", SIGN + said(0x0200, place(latitude=121_550_000, longitude=29_875_000)), "the two swapped?"),
    ("jtt808.time", SIGN + said(0x0200, place()[:22] + b"\x26\x13\x45\x00\x00\x00"), "261345000000"),
    ("jtt808.clock", SIGN + said(0x0200, place(at=NOW + 3 * HOUR)), "3 h 0 min ahead"),
    ("jtt808.zone", SIGN + said(0x0200, place(at=NOW - 8 * HOUR)), "not UTC"),
    ("jtt808.unpositioned", SIGN + said(0x0200, place(status=1)), "not positioned"),
    ("jtt808.item-length", SIGN + said(0x0200, place(items="0103000001")), "Item 01 has 3 bytes, should be 4"),
    ("jtt808.tail", SIGN + said(0x0200, place(items="010400")), "middle"),
    ("jtt808.batch", SIGN + said(0x0704, b"\x00\x05\x00" + (28).to_bytes(2, "big") + place()), "count"),
]  # fmt: skip

# ---------------------------------------------------------------- AIS

OPEN = b"$PYNG,zhenhai-1,open\r\n"
SHIP = b"!AIVDM,1,1,,B,15M67FC000G?ufbE`FepT@3n00Sa,0*5C\r\n"


def vdm(inner: bytes) -> bytes:
    return b"!" + sentence(inner)[1:]


def tagged(line: bytes, seconds: int) -> bytes:
    tags = b"c:%d" % seconds
    check = 0
    for byte in tags:
        check ^= byte
    return b"\\%b*%02X\\%b" % (tags, check, line)


def static(imo: int) -> bytes:
    """A ship's static data, in two sentences."""
    lines = pyais.encode_dict(
        {"type": 5, "mmsi": 413000001, "imo": imo, "shipname": "YONG"}, sentence_type="VDM", seq_id=1
    )
    return "".join(f"{line}\r\n" for line in lines).encode()


GOOD_AIS = OPEN + SHIP + static(9074729)
AIS_MUTANTS = [
    ("ais.sign-on", SHIP, "$PYNG"),
    ("ais.thing", b"$PYNG,other,open\r\n" + SHIP, "should be zhenhai-1"),
    ("ais.word", b"$PYNG,zhenhai-1,wrong\r\n" + SHIP, "enrolled"),
    ("ais.long", OPEN + b"!AIVDM," + b"a" * 600 + b"*00\r\n", "at most 512"),
    ("ais.checksum", OPEN + SHIP.replace(b"*5C", b"*5D"), "is 5D, should be 5C"),
    ("ais.form", OPEN + b"hello\r\n", "Not a sentence"),
    ("ais.form", OPEN + vdm(b"AIVDM,1,1,,B,{}~,0"), "Not a sentence"),
    ("ais.type", OPEN + vdm(b"AIVDM,1,1,,A,85M67F@0000000000000,0"), "type 8"),
    ("ais.parts", OPEN + vdm(b"AIVDM,2,1,1,B,55M67FC000G?ufbE,0"), "not whole"),
    ("ais.refused", OPEN + vdm(b"AIVDM,1,1,,B,15M67FC000,0"), "less than 168 bits"),
    ("ais.empty", OPEN + vdm(b"AIVDM,1,1,,B,15M67FwP?w<tSF0l4Q@>4?wp00Sa,0"), "not available"),
    ("ais.cut", OPEN + SHIP[:-1], "no end"),
    ("ais.clock", OPEN + tagged(SHIP, NOW // 1_000_000 + 10_800), "3 h 0 min ahead"),
    ("ais.imo", OPEN + static(1234568), "1234568"),
]  # fmt: skip


# ---------------------------------------------------------------- MQTT and its payloads


def packet(first: int, inner: bytes) -> bytes:
    length, size = len(inner), b""
    while length > 127:
        size += bytes([length & 127 | 128])
        length >>= 7
    return bytes([first]) + size + bytes([length]) + inner


def words(text: str) -> bytes:
    return len(text.encode()).to_bytes(2, "big") + text.encode()


def connect(
    user: str = "lamp-1",
    password: str | None = "token",  # noqa: S107  # a word of the test
    client: str = "lamp-1",
    level: int = 4,
    alive: int = 60,
) -> bytes:
    flags = 0x82 | (0x40 if password is not None else 0)
    inner = words("MQTT") + bytes([level, flags]) + alive.to_bytes(2, "big") + words(client) + words(user)
    return packet(0x10, inner + (words(password) if password is not None else b""))


def publish(topic: str, message: bytes | str, *, first: int = 0x32) -> bytes:
    message = message.encode() if isinstance(message, str) else message
    return packet(first, words(topic) + (b"\x00\x01" if first & 6 else b"") + message)


def lamp(message: str, topic: str = "obs/json/lamp-1", first: int = 0x32) -> bytes:
    return connect() + publish(topic, message, first=first)


READING = '{"v": {"power": 60}}'
GOOD_MQTT = (
    connect() + packet(0x82, b"\x00\x01" + words("cmd/lamp-1") + b"\x01") + lamp(READING)[len(connect()) :]
)
MQTT_MUTANTS = [
    ("mqtt.packet", b"\xf0\x00", "no such packet"),
    ("mqtt.packet", connect() + b"\x30\xff\xff\xff\xff\xff", "length"),
    ("mqtt.packet", connect()[:-3], "not whole"),
    ("mqtt.packet", connect() + packet(0x32, b"\x00\x50ab"), "cut off"),
    ("mqtt.first", publish("obs/json/lamp-1", READING), "CONNECT"),
    ("mqtt.version", connect(level=5), "MQTT 5"),
    ("mqtt.user", connect(user="lamp-2"), "should be the thing lamp-1"),
    ("mqtt.password", connect(password=None), "missing"),
    ("mqtt.credential", connect(password="wrong"), "credential"),
    ("mqtt.client", connect(client="lamp.1"), "dot"),
    ("mqtt.keepalive", connect(alive=0), "Keep-alive"),
    ("mqtt.topic", lamp(READING, "sensors/lamp-1"), "sensors/lamp-1"),
    ("mqtt.topic-thing", lamp(READING, "obs/json/lamp-2"), "another thing's, should be obs/json/lamp-1"),
    ("mqtt.qos0", lamp(READING, first=0x30), "QoS 0"),
    ("mqtt.qos2", lamp(READING, first=0x34), "QoS 2"),
    ("mqtt.retain", lamp(READING, first=0x33), "retained"),
    ("mqtt.state", lamp("away", "state/lamp-1"), "online or offline"),
    ("mqtt.ack", lamp('{"done": 1}', "ack/lamp-1"), "id and ok"),
    ("mqtt.subscription", connect() + packet(0x82, b"\x00\x01" + words("#") + b"\x01"), "cmd/lamp-1"),
    ("payload.refused", lamp("not JSON"), "Not a JSON reading"),
    ("payload.member", lamp('{"v": {"power": null}}'), "/v/power"),
    ("payload.time", lamp('{"t": "yesterday", "v": {"power": 1}}'), "yesterday"),
    ("payload.zone", lamp('{"t": "2026-11-25T10:00:00", "v": {"power": 1}}'), "no offset"),
    ("payload.clock", lamp('{"t": "2026-11-25T13:00:00+08:00", "v": {"power": 1}}'), "3 h 0 min ahead"),
    ("payload.unit", lamp('{"v": {"x": 1}, "u": {"x": "QQ"}}'), "unknown unit QQ"),
    ("payload.no-unit", lamp('{"v": {"x": 1}}'), "no unit"),
    ("payload.unit-declared", lamp('{"v": {"power": 1}, "u": {"power": "KWT"}}'), "its type says WTT"),
    ("payload.unknown-member", lamp('{"v": {"power": 1}, "time": 5}'), "time"),
    ("payload.format", lamp("x", "obs/xml/lamp-1"), "xml"),
    ("payload.member", lamp('[{"n": "x", "u": "furlong", "v": 1}]', "obs/senml/lamp-1"), "Unknown SenML unit"),
]  # fmt: skip

GOOD = {"hj212": GOOD_HJ, "sl651": GOOD_SL, "jtt808": GOOD_JT, "ais": GOOD_AIS, "mqtt": GOOD_MQTT}
MUTANTS = {
    "hj212": HJ_MUTANTS,
    "sl651": SL_MUTANTS,
    "jtt808": JT_MUTANTS,
    "ais": AIS_MUTANTS,
    "mqtt": MQTT_MUTANTS,
}
CASES = [(door, *mutant) for door, mutants in MUTANTS.items() for mutant in mutants]


@pytest.mark.parametrize("door", GOOD)
def test_what_is_right_passes_however_it_is_cut(door: str) -> None:
    good = GOOD[door]
    assert heard(door, good) == []
    assert heard(door, *(good[n : n + 1] for n in range(len(good)))) == []


@pytest.mark.parametrize(
    ("door", "rule", "data", "words"), CASES, ids=[f"{c[1]}-{n}" for n, c in enumerate(CASES)]
)
def test_what_is_wrong_is_told_by_its_rule_in_both_languages(
    door: str, rule: str, data: bytes, words: str
) -> None:
    found = heard(door, data)
    told = [f for f in found if f.rule == rule]
    assert told, found
    assert any(words in f.text.en for f in told), told
    for f in found:
        assert f.text.zh != f.text.en
        assert "{" not in f.text.zh.replace("{v", "")
        assert any("\u4e00" <= c <= "\u9fff" for c in f.text.zh), f
    # Nothing else is wrong: what follows from a wrong thing is not told as another.
    assert {f.rule for f in found if f.grave} <= {rule}, found


def rules(module: ModuleType) -> Iterator[Rule]:
    return (value for value in vars(module).values() if isinstance(value, Rule))


def test_every_rule_is_broken_by_some_mutant() -> None:
    told = {rule for _, rule, _, _ in CASES} | {rule for rule, _ in ANSWERS} | _ELSEWHERE
    for module in (hj212, sl651, jtt808, ais, mqtt, payload):
        for rule in rules(module):
            assert rule.name in told, rule.name


_ELSEWHERE = {"mqtt.size", "hj212.mn-length"}


def test_a_payload_over_the_limit_and_an_mn_that_is_short() -> None:
    found = heard("mqtt", lamp(" " * (256 * 1024 + 1)))
    assert [f.rule for f in found] == ["mqtt.size"]
    one = hj212.Hj212Inspector(About(thing="SHORT", word=PW))
    assert [f.rule for f in one.heard(upload(MN="SHORT"), NOW)] == ["hj212.mn-length"]


ANSWERS: list[tuple[str, Callable[[], list[Finding]]]] = [
    ("jtt808.answered", lambda: jtt808.Jtt808Inspector(ABOUT["jtt808"]).said(said(0x8001, b"\x00\x01\x02\x00\x02"))),
    ("mqtt.connack", lambda: mqtt.MqttInspector(ABOUT["mqtt"]).said(b"\x20\x02\x00\x05")),
    ("ais.away", lambda: ais.AisInspector(ABOUT["ais"]).said(sentence(b"PYNG,NO"))),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "answer"), ANSWERS, ids=[a[0] for a in ANSWERS])
def test_a_door_that_refuses_is_told(rule: str, answer: Callable[[], list[Finding]]) -> None:
    assert [f.rule for f in answer()] == [rule]


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(sorted(GOOD)), st.data())
def test_inspectors_read_whatever_comes(door: str, data: st.DataObject) -> None:
    """Right messages with bytes changed, cut out and put in: no error of ours, and findings have words."""
    good = bytearray(GOOD[door] * 2)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(good) - 1))
        good[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=4))
    cut = data.draw(st.integers(0, len(good)))
    for f in heard(door, bytes(good[:cut]), bytes(good[cut:])):
        assert f.text.zh
        assert f.rule
        assert len(f.shown) < 200


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(sorted(GOOD)), st.binary(max_size=400), st.integers(0, 400))
def test_inspectors_read_rubbish_and_do_not_keep_it(door: str, data: bytes, cut: int) -> None:
    inspector = wires.INSPECTORS[door](ABOUT[door])
    inspector.heard(data[:cut], NOW)
    inspector.heard(data[cut:], NOW)
    inspector.ended()


def test_real_frames_of_the_standards_have_right_checks() -> None:
    about_the_frame = {"hj212.crc", "hj212.crc-modbus", "hj212.length"}
    assert not {f.rule for f in heard("hj212", b"##0101" + VECTOR + b"1C80\r\n")} & about_the_frame
    [wrong] = [f for f in heard("hj212", b"##0101" + VECTOR + b"1C81\r\n") if f.rule in about_the_frame]
    assert wrong.text == Text("CRC 为 1C81，应为 1C80", "CRC is 1C81, should be 1C80")


def test_findings_show_the_message_shortened() -> None:
    assert findings.shown(b"\x00\xff") == "00FF"
    assert findings.shown(b"text\r\n") == "text"
    assert len(findings.shown(random.Random(1).randbytes(5000))) == 161
