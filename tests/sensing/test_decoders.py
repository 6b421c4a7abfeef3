"""Decoders: what they promise, and that nothing else comes out whatever goes in."""

import math
import random
import tracemalloc
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yong.kernel.base.errors import Invalid, Malformed, TooLarge, YongError
from yong.kernel.history.contracts import Observation
from yong.kernel.history.logic import AHEAD_US, LATE_US, value_hash
from yong.kernel.sensing.adapters import json, senml
from yong.kernel.sensing.contracts import PAYLOAD_BYTES, READINGS, TEXT_CHARACTERS, ThingRef

NOW = 1_790_000_000_000_000
THING = ThingRef(
    id="s-1",
    entity_type="Station",
    owner="o",
    district="330203",
    place=None,
    source="live",
    units={"pm25": "GQ"},
)
DECODERS = (json.decode, senml.decode)
Decode = Callable[[bytes, ThingRef, int], list[Observation]]


def values(found: list[Observation]) -> dict[str, object]:
    return {o.attribute: o.value for o in found}


def test_json_as_documented() -> None:
    at = "2026-09-21T22:13:20+08:00"
    [pm, door] = json.decode(b'{"t":"%s","v":{"pm25":12,"door":"open"}}' % at.encode(), THING, NOW)
    assert pm == Observation("s-1", "pm25", NOW, 12.0, "GQ")
    assert type(pm.value) is float
    assert (door.value, door.unit) == ("open", "")
    for t in (b"1790000000", b"1790000000.0", b"1790000000000", b'"2026-09-21T14:13:20Z"'):
        assert json.decode(b'{"t":%s,"v":{"a":1}}' % t, THING, NOW)[0].observed_at == NOW
    assert json.decode(b'{"v":{"a":true}}', THING, NOW)[0] == Observation("s-1", "a", NOW, True)
    batch = json.decode(
        b'[{"t":1790000000,"v":{"a":1,"b":2}},{"v":{"pm25":1},"u":{"pm25":"59"}}]', THING, NOW
    )
    assert [(o.attribute, o.unit) for o in batch] == [("a", ""), ("b", ""), ("pm25", "59")]
    place = {"type": "Point", "coordinates": [121.5, 29.8]}
    assert values(json.decode(msgspec.json.encode({"v": {"location": place}}), THING, NOW)) == {
        "location": place
    }


@pytest.mark.parametrize(
    ("payload", "where"),
    [
        (b'{"v":{"1a":1}}', "/0/v"),
        (b'{"v":{"a b":1}}', "/0/v"),
        (b'{"v":{"a":null}}', "/0/v/a"),
        (b'[{"v":{"a":1}},{"v":{"a":"\\u0000"}}]', "/1/v/a"),
        (b'{"v":{"a":{"b":"\\u0000"}}}', "/0/v/a"),
        (b'{"v":{"a":1},"u":{"a":"\\u0000"}}', "/0/u"),
        (b'{"v":{"a":1},"u":{"a":"micrograms"}}', "/0/u"),
        (b'{"t":"2026-09-21T14:13:20","v":{"a":1}}', "/0/t"),
        (b'{"t":"yesterday","v":{"a":1}}', "/0/t"),
        (b'{"t":0,"v":{"a":1}}', "/0/t"),
        (b'{"t":1e300,"v":{"a":1}}', "/0/t"),
        (b'{"v":{"location":{"type":"Point","coordinates":[200,29]}}}', "/0/v/location"),
        (b'{"v":{"location":"here"}}', "/0/v/location"),
        (b'{"v":{"location":7}}', "/0/v/location"),
        (b'{"v":{"a":' + b"[" * 17 + b"1" + b"]" * 17 + b"}}", "/0/v/a"),
        (b'{"v":{}}', None),
        (b"[]", None),
    ],
)
def test_json_says_what_is_wrong_and_where(payload: bytes, where: str | None) -> None:
    with pytest.raises(Invalid) as raised:
        json.decode(payload, THING, NOW)
    if where:
        assert [p.pointer for p in raised.value.problems] == [where]


@pytest.mark.parametrize(
    "payload", [b"", b"{", b"\xff\xfe", b"nothing", b'{"t":1}', b'{"v":3}', b"[" * 200_000]
)
def test_what_is_no_json_reading_is_malformed(payload: bytes) -> None:
    with pytest.raises(Malformed):
        json.decode(payload, THING, NOW)


def test_moments_are_kept_from_400_days_ago_to_a_day_ahead() -> None:
    for inside, outside in ((-LATE_US, -LATE_US - 1000), (AHEAD_US, AHEAD_US + 1000)):
        for at, fine in ((NOW + inside, True), (NOW + outside, False)):
            payloads = (
                (json.decode, b'{"t":%d.%06d,"v":{"a":1}}' % divmod(at, 1_000_000)),
                (senml.decode, b'[{"n":"a","t":%d.%06d,"v":1}]' % divmod(at, 1_000_000)),
            )
            for decode, payload in payloads:
                if fine:
                    assert decode(payload, THING, NOW)[0].observed_at == at
                else:
                    with pytest.raises(Invalid):
                        decode(payload, THING, NOW)


def test_senml_examples_of_rfc_8428() -> None:
    # §5.1.1 to §5.1.4, with base times that lie near NOW
    [one] = senml.decode(b'[{"n":"urn:dev:ow:10e2073a01080063:temperature","u":"Cel","v":23.1}]', THING, NOW)
    assert one == Observation("s-1", "temperature", NOW, 23.1, "CEL")
    two = senml.decode(
        b'[{"bn":"urn:dev:ow:10e2073a01080063:","n":"voltage","u":"V","v":120.1},'
        b'{"n":"current","u":"A","v":1.2}]',
        THING,
        NOW,
    )
    assert [(o.attribute, o.value, o.unit) for o in two] == [
        ("voltage", 120.1, "VLT"),
        ("current", 1.2, "AMP"),
    ]
    pack = (
        b'[{"bn":"urn:dev:ow:10e2073a0108006:","bt":1790000000.001,"bu":"A","bver":5,"n":"voltage","u":"V","v":120.1},'
        b'{"n":"current","t":-5,"v":1.2},{"n":"current","t":-4,"v":1.3},{"n":"current","v":1.7}]'
    )
    found = senml.decode(pack, THING, NOW)
    assert [o.observed_at - NOW for o in found] == [1000, -4_999_000, -3_999_000, 1000]
    assert [o.unit for o in found] == ["VLT", "AMP", "AMP", "AMP"]
    other = senml.decode(
        b'[{"bn":"urn:dev:ow:10e2073a01080063:"},{"n":"label","vs":"Machine Room"},{"n":"open","vb":false},'
        b'{"n":"nfc","vd":"aGkgCg"}]',
        THING,
        NOW,
    )
    assert values(other) == {"label": "Machine Room", "open": False, "nfc": "aGkgCg"}


def test_senml_bases_sums_and_relative_time() -> None:
    found = senml.decode(
        b'[{"bn":"m/","bv":20,"bs":100,"n":"a","t":-60,"v":1.5,"s":7},{"n":"b","s":1}]', THING, NOW
    )
    assert values(found) == {"a": 21.5, "a_sum": 107.0, "b_sum": 101.0}
    assert [o.observed_at - NOW for o in found] == [-60_000_000, -60_000_000, 0]
    assert senml.decode(b'[{"n":"pm25","v":1}]', THING, NOW)[0].unit == "GQ"  # its type's


@pytest.mark.parametrize(
    "payload",
    [
        b'[{"n":"a","v":1,"vs":"x"}]',
        b'[{"n":"a"}]',
        b'[{"n":"a","v":1,"u":"furlong"}]',
        b'[{"n":"a","v":1,"bver":11}]',
        b'[{"n":"a","v":1,"must_":1}]',
        b'[{"n":"a","v":1,"t":1e305}]',
        b'[{"bv":1e308,"n":"a","v":1e308}]',
        b'[{"bn":"x"}]',
        b'[{"n":"","v":1}]',
        b"[]",
        b'{"n":"a","v":1}',
    ],
)
def test_senml_refuses(payload: bytes) -> None:
    with pytest.raises(Invalid):
        senml.decode(payload, THING, NOW)


def test_limits() -> None:
    many = b"[" + b",".join([b'{"v":{"a":1}}'] * READINGS) + b"]"
    assert len(json.decode(many, THING, NOW)) == READINGS
    wide = msgspec.json.encode([{"v": {f"a{i}": 1 for i in range(300)}} for _ in range(40)])
    with pytest.raises(TooLarge):
        json.decode(wide, THING, NOW)
    for decode in DECODERS:
        with pytest.raises(TooLarge):
            decode(b" " * (PAYLOAD_BYTES + 1), THING, NOW)
    for decode, payload in ((json.decode, b'{"v":{"a":"%s"}}'), (senml.decode, b'[{"n":"a","vs":"%s"}]')):
        assert decode(payload % (b"x" * TEXT_CHARACTERS), THING, NOW)
        with pytest.raises(Invalid):
            decode(payload % (b"x" * (TEXT_CHARACTERS + 1)), THING, NOW)


@pytest.mark.parametrize("decode", DECODERS)
@pytest.mark.parametrize(
    "payload",
    [
        b"[" * PAYLOAD_BYTES,
        b'{"v":{"a":' * 20_000,
        (b"[" + b'{"v":{"a":1}},' * 20_000)[:PAYLOAD_BYTES],
        b"[" + b",".join([b'{"n":"a","v":1}'] * 16_000) + b"]",
        b'{"v":{' + b",".join(b'"a%d":1' % i for i in range(25_000)) + b"}}",
        b'[{"n":"' + b"a/" * 120_000 + b'","v":1}]',
        b'{"v":{"a":"' + b"\\ud83d\\ude00" * 20_000 + b'"}}',
    ],
)
def test_memory_is_bounded(decode: Decode, payload: bytes) -> None:
    tracemalloc.start()
    try:
        decode(payload, THING, NOW)
    except YongError:
        pass
    finally:
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert peak < 32 << 20


# ---------------------------------------------------------------- whatever goes in

_scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=30),
    st.sampled_from(["\0", "\ud800", "x" * 5000, 1 << 70, -0.0, 1e308, "2026-09-21T14:13:20Z", "GQ"]),
)
_anything = st.recursive(
    _scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
)
_names = st.sampled_from(["a", "pm25", "location", "", "1", "a\0", "_", "A" * 65]) | st.text(max_size=10)
_numbers = st.floats(allow_nan=False) | st.integers(-(1 << 80), 1 << 80) | st.floats(1.78e9, 1.8e9)
_reading = st.fixed_dictionaries(
    {"v": st.dictionaries(_names, _anything, max_size=5) | _anything},
    optional={
        "t": _numbers | st.text(max_size=45) | _anything,
        "u": st.dictionaries(_names, st.text(max_size=20)),
    },
)
_record = st.fixed_dictionaries(
    {},
    optional={
        "bn": st.text(max_size=10),
        "bt": _numbers,
        "bu": st.sampled_from(["V", "A", "", "x"]),
        "bv": _numbers,
        "bs": _numbers,
        "bver": st.integers(-3, 12),
        "n": _names,
        "u": st.sampled_from(["V", "%RH", "x", ""]) | st.text(max_size=4),
        "t": _numbers,
        "v": _numbers | _anything,
        "vs": st.text(max_size=40) | _anything,
        "vb": st.booleans() | _anything,
        "vd": st.text(max_size=10),
        "s": _numbers,
        "ut": _numbers,
        "x_": st.integers(),
    },
)


def encoded(value: Any) -> bytes:
    """JSON of more than JSON has: half characters as escapes, integers of any size, NaN and infinities."""
    import json as standard

    return standard.dumps(value).encode()


def mutated(data: bytes, seed: int) -> bytes:
    """Some bytes changed, dropped, doubled or moved."""
    draw = random.Random(seed)
    out = bytearray(data)
    for _ in range(draw.randint(0, 6)):
        if not out:
            break
        at, to = draw.randrange(len(out)), draw.randrange(len(out) + 1)
        match draw.randrange(5):
            case 0:
                out[at] = draw.randrange(256)
            case 1:
                del out[min(at, to) : max(at, to)][: draw.randrange(1, 9)]
            case 2:
                out[at:at] = out[min(at, to) : max(at, to)][:200]
            case 3:
                out[at:at] = draw.choice(
                    [b"\0", b"[", b"{", b'"', b"\\u0000", b"\xff", b"1e999", b"-", b"e9"]
                )
            case 4:
                del out[at:]
    return bytes(out)


def holds(decode: Decode, payload: bytes) -> None:
    """Only errors on purpose come out, or observations that the database takes as they are."""
    try:
        found = decode(payload, THING, NOW)
    except YongError:
        return
    assert 0 < len(found) <= READINGS
    for o in found:
        assert o.entity == THING.id
        assert json.ATTRIBUTE.fullmatch(o.attribute.removesuffix("_sum") or "a")
        assert NOW - LATE_US <= o.observed_at <= NOW + AHEAD_US
        assert len(o.unit) <= 3
        assert o.value is not None
        assert type(o.value) is not int
        if isinstance(o.value, float):
            assert math.isfinite(o.value)
        else:
            kept = msgspec.json.encode(o.value)
            assert len(kept) <= 4 * TEXT_CHARACTERS + 2
            assert b"\0" not in kept
            assert b"\\u0000" not in kept
        assert -(1 << 63) <= value_hash(o.value) < 1 << 63


@settings(max_examples=400, deadline=None)
@given(_reading | st.lists(_reading, max_size=4) | _anything, st.integers(0, 1 << 32))
def test_json_of_any_shape(value: Any, seed: int) -> None:
    holds(json.decode, encoded(value))
    holds(json.decode, mutated(encoded(value), seed))


@settings(max_examples=400, deadline=None)
@given(st.lists(_record, max_size=5) | _anything, st.integers(0, 1 << 32))
def test_senml_of_any_shape(value: Any, seed: int) -> None:
    holds(senml.decode, encoded(value))
    holds(senml.decode, mutated(encoded(value), seed))


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes(payload: bytes) -> None:
    for decode in DECODERS:
        holds(decode, payload)


def test_numbers_go_through_unchanged() -> None:
    draw = random.Random(7)
    for _ in range(500):
        value = draw.uniform(-1, 1) * 10 ** draw.randint(-300, 300)
        for decode, form in ((json.decode, '{"v":{"a":%r}}'), (senml.decode, '[{"n":"a","v":%r}]')):
            assert decode((form % value).encode(), THING, NOW)[0].value == value


# As the RFCs' registers list them, primary and secondary.
SENML_8428 = (
    "m kg g s A K cd mol Hz rad sr N Pa J W C V F Ohm S Wb T H Cel lm lx Bq Gy Sv kat m2 m3 l m/s m/s2 m3/s l/s W/m2 "
    "cd/m2 bit bit/s lat lon pH dB dBW Bspl count / % %RH %EL EL 1/s 1/min beat/min beats S/m"
)
SENML_8798 = (
    "B VA VAs var vars J/m kg/m3 deg NTU ms min h MHz kW kVA kvar Ah Wh kWh varh kvarh kVAh Wh/km KiB GB Mbit/s B/s "
    "MB/s mV mA dBm ug/m3 mm/h m/h ppm /100 /1000 hPa mm cm km km/h"
)


def test_no_registered_senml_unit_is_missing() -> None:
    assert not set(f"{SENML_8428} {SENML_8798}".split()) - senml.UNITS.keys() - senml.SCALED.keys()


@pytest.mark.parametrize(
    ("unit", "code", "value"),
    [*((u, c, 1.0) for u, c in senml.UNITS.items()), *((u, c, f) for u, (c, f) in senml.SCALED.items())],
)
def test_every_registered_senml_unit_becomes_a_code(unit: str, code: str, value: float) -> None:
    [one] = senml.decode(msgspec.json.encode([{"n": "a", "u": unit, "v": 1}]), THING, NOW)
    assert (one.unit, one.value) == (code, value)


def test_a_unit_that_is_not_registered_is_refused_with_its_place() -> None:
    with pytest.raises(Invalid) as caught:
        senml.decode(b'[{"n":"a","u":"V","v":1},{"n":"b","u":"furlong","v":1}]', THING, NOW)
    [problem] = caught.value.problems
    assert problem.pointer == "/1/u"
