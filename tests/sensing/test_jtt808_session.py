"""A JT/T 808 terminal's connection: who may speak, what is acknowledged and when, parts, commands."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yong.kernel.base import clock
from yong.kernel.base.errors import Invalid
from yong.kernel.sensing.contracts import ThingRef
from yong.kernel.sensing.tcp.contracts import Answered, Close, Identify, LayAside, Order, Report, Send, Step
from yong.kernel.sensing.tcp.jtt808 import adapter, location
from yong.kernel.sensing.tcp.jtt808.frame import Frames, Message, built, parse
from yong.kernel.sensing.tcp.jtt808.session import Terminal

PHONE = "13912344329"
NOW = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)
NOW_US = clock.micros(NOW)


def said(
    id_: int, body: bytes = b"", serial: int = 1, edition: int = 2013, phone: str = PHONE, **more: int
) -> bytes:
    return built(Message(id=id_, edition=edition, phone=phone, serial=serial, body=body, **more))


def report(at: datetime = NOW) -> bytes:
    return bytes.fromhex("0000000000000002 01C83F4C 073DF2E0 000A 01F4 005A") + location.bcd_time(at)


def code(word: str, edition: int = 2013) -> bytes:
    if edition == 2013:
        return word.encode()
    return bytes((len(word),)) + word.encode() + b"862345678901234" + b"V1.0".ljust(20, b"\0")


def heard(data: bytes) -> list[Message]:
    return [parse(f) for f in Frames().feed(data)]


def results(data: bytes) -> list[tuple[int, int, int]]:
    """Serial, message id and result of the general answers in `data`."""
    out = []
    for m in heard(data):
        assert m.id == 0x8001
        out.append((int.from_bytes(m.body[:2], "big"), int.from_bytes(m.body[2:4], "big"), m.body[4]))
    return out


def signed_on(edition: int = 2013) -> Terminal:
    terminal = Terminal()
    [asked] = terminal.receive(said(0x0102, code("secret", edition), edition=edition), NOW_US)
    assert asked == Identify(PHONE, "secret")
    [answer] = terminal.admitted(PHONE)
    assert isinstance(answer, Send)
    assert results(answer.data) == [(1, 0x0102, 0)]
    return terminal


def one(steps: Sequence[Step]) -> Step:
    [step] = steps
    return step


@pytest.mark.parametrize("edition", [2013, 2019])
def test_sign_on_then_reports_answered_once_committed(edition: int) -> None:
    terminal = signed_on(edition)
    raw = said(0x0200, report(), 9, edition)
    step = one(terminal.receive(raw, NOW_US))
    assert isinstance(step, Report)
    assert (step.thing, step.payload) == (PHONE, raw)
    assert results(step.answer) == [(9, 0x0200, 0)]
    assert results(step.refused) == [(9, 0x0200, 2)]
    assert heard(step.answer)[0].edition == edition
    beat = one(terminal.receive(said(0x0002, b"", 10, edition), NOW_US))
    assert isinstance(beat, Send)
    assert results(beat.data) == [(10, 0x0002, 0)]


def test_wrong_codes_and_saying_nothing_before_the_code() -> None:
    terminal = Terminal()
    early = one(terminal.receive(said(0x0200, report()), NOW_US))
    assert isinstance(early, Send)
    assert results(early.data) == [(1, 0x0200, 1)]
    terminal.receive(said(0x0102, b"guess", 2), NOW_US)
    no = one(terminal.refused(PHONE))
    assert isinstance(no, Send)
    assert results(no.data) == [(2, 0x0102, 1)]
    after = one(terminal.receive(said(0x0200, report(), 3), NOW_US))
    assert isinstance(after, Send), "a refused terminal reports nothing"


def test_registration_gives_no_code_away() -> None:
    answer = one(Terminal().receive(said(0x0100, bytes(30), 5), NOW_US))
    assert isinstance(answer, Send)
    [message] = heard(answer.data)
    assert (message.id, message.body) == (0x8100, b"\x00\x05\x04")


def test_signing_on_again_is_answered_and_with_another_code_is_asked_again() -> None:
    terminal = signed_on()
    again = one(terminal.receive(said(0x0102, b"secret", 7), NOW_US))
    assert isinstance(again, Send)
    assert results(again.data) == [(7, 0x0102, 0)]
    assert one(terminal.receive(said(0x0102, b"other", 8), NOW_US)) == Identify(PHONE, "other")


def test_a_terminal_speaks_for_itself_only() -> None:
    terminal = signed_on()
    step = one(terminal.receive(said(0x0200, report(), phone="13900000000"), NOW_US))
    assert isinstance(step, LayAside)
    assert step.answer == b""


def test_a_batch_becomes_reports_and_its_answer_comes_with_the_last() -> None:
    terminal = signed_on()
    items = [report(NOW - timedelta(seconds=s)) for s in (20, 10, 0)]
    body = b"\x00\x03\x01" + b"".join(len(i).to_bytes(2, "big") + i for i in items)
    steps = terminal.receive(said(0x0704, body, 4), NOW_US)
    assert [isinstance(s, Report) for s in steps] == [True] * 3
    reports = [s for s in steps if isinstance(s, Report)]
    assert [s.answer for s in reports[:2]] == [b"", b""]
    assert results(reports[2].answer) == results(reports[2].refused) == [(4, 0x0704, 0)]
    thing = ThingRef(id="T", entity_type="V", owner=None, district=None, place=None, source="live", units={})
    moments = [adapter.decode(s.payload, thing, NOW_US)[0].observed_at for s in reports]
    assert moments == [NOW_US - 20_000_000, NOW_US - 10_000_000, NOW_US]


def test_parts_are_answered_when_the_message_is_whole_and_asked_for_again() -> None:
    terminal = signed_on()
    body = b"\x00\x01\x00" + len(report()).to_bytes(2, "big") + report()
    parts = [
        said(0x0704, body[n * 15 : (n + 1) * 15], 0xFFFF + n & 0xFFFF, total=3, part=n + 1) for n in range(3)
    ]
    assert list(terminal.receive(parts[0] + parts[2], NOW_US)) == []
    assert list(terminal.receive(b"", NOW_US + 9_000_000)) == []
    again = one(terminal.receive(b"", NOW_US + 11_000_000))
    assert isinstance(again, Send)
    [ask] = heard(again.data)
    assert (ask.id, ask.body) == (0x8003, bytes.fromhex("FFFF 01 0002"))
    step = one(terminal.receive(parts[1], NOW_US + 12_000_000))
    assert isinstance(step, Report)
    assert results(step.answer) == [(0xFFFF, 0x0704, 0), (0, 0x0704, 0), (1, 0x0704, 0)]


def test_what_cannot_be_read_is_laid_aside_and_answered_where_it_can_be() -> None:
    terminal = signed_on()
    raw = bytearray(said(0x0200, report()))
    raw[-2] ^= 1
    step = one(terminal.receive(bytes(raw), NOW_US))
    assert isinstance(step, LayAside)
    assert (step.thing, step.payload) == (PHONE, bytes(raw))
    wrong = one(terminal.receive(said(0x0704, b"\x00\x09\x00", 6), NOW_US))
    assert isinstance(wrong, LayAside)
    assert results(wrong.answer) == [(6, 0x0704, 2)]
    unknown = one(terminal.receive(said(0x0800, b"", 7), NOW_US))
    assert isinstance(unknown, Send)
    assert results(unknown.data) == [(7, 0x0800, 3)]
    *_, end = terminal.receive(b"\x7e" + bytes(4000), NOW_US)
    assert end == Close("frame-too-long")


def test_logout_ends_the_connection() -> None:
    answer, end = signed_on().receive(said(0x0003, b"", 3), NOW_US)
    assert isinstance(answer, Send)
    assert results(answer.data) == [(3, 0x0003, 0)]
    assert end == Close("done")


def test_commands_and_their_answers() -> None:
    terminal = signed_on()

    def send(name: str, **arguments: object) -> Message:
        data = terminal.command(Order(f"c-{name}", PHONE, name, arguments), NOW_US)
        assert data is not None
        [message] = heard(data)
        return message

    def answer(to: Message, result: int, id_: int | None = None) -> list[Step]:
        body = to.serial.to_bytes(2, "big") + (id_ or to.id).to_bytes(2, "big") + bytes((result,))
        return list(terminal.receive(said(0x0001, body), NOW_US))

    text, reset = send("text", text="停车"), send("control", action="reset")
    assert text.body == b"\x04" + "停车".encode("gbk")
    assert answer(reset, 3) == [Answered(PHONE, "c-control", False, {"result": 3})]
    assert answer(text, 0, 0x8105) == [], "an answer to another kind of message is none"
    assert answer(text, 0) == [Answered(PHONE, "c-text", True, {"result": 0})]
    assert answer(text, 0) == [], "answered once"

    locate = send("locate")
    assert answer(locate, 0) == [], "the location is still to come"
    came, done = terminal.receive(said(0x0201, locate.serial.to_bytes(2, "big") + report()), NOW_US)
    assert isinstance(came, Report)
    assert done == Answered(PHONE, "c-locate", True)

    assert terminal.command(Order("x", PHONE, "explode", {}), NOW_US) is None
    with pytest.raises(Invalid):
        terminal.command(Order("x", PHONE, "control", {"action": "burn"}), NOW_US)


def test_commands_that_nobody_answers_are_bounded() -> None:
    terminal = signed_on()
    for n in range(1000):
        terminal.command(Order(f"c{n}", PHONE, "locate", {}), NOW_US)
    assert len(terminal._waiting) == 256


@given(st.lists(st.one_of(
    st.binary(max_size=60),
    st.binary(max_size=40).map(lambda b: said(0x0200, report() + b)),
    st.builds(lambda i, b: said(i, b), st.sampled_from((1, 2, 3, 0x100, 0x102, 0x201, 0x704)), st.binary(max_size=30)),
    st.builds(lambda t, p, b: said(0x0704, b, total=t, part=p), st.integers(2, 5), st.integers(1, 5), st.binary(max_size=30)),
), max_size=12), st.booleans())  # fmt: skip
@settings(max_examples=300, deadline=None)
def test_a_session_never_raises_for_what_a_stranger_sends(said_: list[bytes], signed: bool) -> None:
    terminal = signed_on() if signed else Terminal()
    for data in said_:
        for step in terminal.receive(data, NOW_US):
            assert isinstance(step, Step)
            if isinstance(step, Identify):
                terminal.refused(step.thing)
        assert terminal.pending() <= 2200
