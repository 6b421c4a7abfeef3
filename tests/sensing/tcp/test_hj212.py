"""HJ 212: frames however cut, values with their meaning, answers, commands, and rubbish of every kind."""

import contextlib
import itertools
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yong.kernel.base import clock
from yong.kernel.base.errors import Invalid, Malformed, TooLarge, YongError
from yong.kernel.history.contracts import Observation
from yong.kernel.sensing.contracts import ThingRef
from yong.kernel.sensing.tcp.china import micros_of_digits
from yong.kernel.sensing.tcp.contracts import Answered, Identify, Order, Report, Send, Skipped, Step
from yong.kernel.sensing.tcp.hj212 import wire
from yong.kernel.sensing.tcp.hj212.codes import FACTORS, FLAGS
from yong.kernel.sensing.tcp.hj212.decode import decode
from yong.kernel.sensing.tcp.hj212.session import Hj212

MN = "010000A8900016F000169DC0"  # the one of the standard's examples
NOW = micros_of_digits("20160801090000") or 0
THING = ThingRef(
    id=MN, entity_type="Monitor", owner=None, district=None, place=None, source="live", units={"pm25": "GQ"}
)


def head(cn: str, *, flag: int = 5, qn: str = "20160801085857223", **more: str) -> dict[str, str]:
    return {"QN": qn, "ST": "32", "CN": cn, "PW": "123456", "MN": MN, "Flag": str(flag), **more}


def read(cn: str, cp: str, thing: ThingRef = THING, flag: int = 5) -> dict[tuple[str, str], Observation]:
    return {(o.attribute, o.dataset): o for o in decode(wire.build(head(cn, flag=flag), cp), thing, NOW)}


def sort(steps: "list[Step]", kind: type) -> list[Step]:
    return [s for s in steps if isinstance(s, kind)]


# ---------------------------------------------------------------- frames


def test_the_check_of_the_standards_example() -> None:
    data = (
        b"QN=20160801085857223;ST=32;CN=1062;PW=100000;MN=010000A8900016F000169DC0;Flag=5;"
        b"CP=&&RtdInterval=30&&"
    )
    assert len(data) == 101
    assert wire.crc(data) == 0x1C80
    frame = wire.one(b"##0101" + data + b"1C80\r\n")
    assert frame is not None
    assert (frame.head["MN"], frame.cp, frame.wants_answer, frame.split) == (
        MN,
        b"RtdInterval=30",
        True,
        False,
    )
    assert frame.edition.year == 2017


def test_the_check_of_another_implementation() -> None:
    """A device's data with the check that another public implementation expects of it."""
    data = (
        b"QN=20180427125809000;ST=22;CN=2011;PW=123456;MN=LXHB0CS0306310;Flag=5;CP=&&DataTime=20180427125809;"
        b"a34004-Rtd=75600.000,a34004-Flag=N;a34002-Rtd=140600.000,a34002-Flag=N;a34001-Rtd=178000.000,"
        b"a34001-Flag=N;a01001-Rtd=24.8,a01001-Flag=N;a01002-Rtd=46.8,a01002-Flag=N;a01006-Rtd=101.380,"
        b"a01006-Flag=N;a01007-Rtd=0.0,a01007-Flag=N;a01008-Rtd=25,a01008-Flag=N;LA-Rtd=57.9,LA-Flag=N&&"
    )
    assert wire.crc(data) == 0x5440


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_frames_are_found_however_they_are_cut_and_whatever_lies_between(data: st.DataObject) -> None:
    cps = data.draw(st.lists(st.text("abcXYZ0123=;,-.#&", max_size=60), min_size=1, max_size=4))
    rubbish = data.draw(st.lists(st.binary(max_size=12), min_size=len(cps) + 1, max_size=len(cps) + 1))
    rubbish = [r.replace(b"#", b"?") for r in rubbish]
    stream = rubbish[0]
    for cp, more in zip(cps, rubbish[1:], strict=True):
        stream += wire.build(head("2011"), cp) + more
    session, steps, at = Hj212(), list[Step](), 0
    while at < len(stream):
        size = data.draw(st.integers(1, 40))
        steps += session.receive(stream[at : at + size], NOW)
        at += size
    assert [s.payload for s in steps if isinstance(s, Report)] == [wire.build(head("2011"), cp) for cp in cps]
    assert sum(s.count for s in steps if isinstance(s, Skipped)) <= sum(map(len, rubbish))


def test_a_frame_with_a_wrong_check_or_length_costs_only_itself() -> None:
    good = wire.build(head("2011"), "DataTime=20160801085857;w01001-Rtd=7.1")
    wrong = good.replace(b"7.1", b"7.2")
    longer = b"##0999" + good[6:]
    for broken in (wrong, longer, b"##", b"##01", b"##00ab", b"###", good[:-9]):
        steps = list(Hj212().receive(broken + good * 9, NOW))
        assert len(sort(steps, Report)) >= 8, broken


@settings(deadline=None, max_examples=200)
@given(st.binary(max_size=400))
def test_no_bytes_upset_a_session_or_the_decoder(data: bytes) -> None:
    session = Hj212()
    session.receive(data, NOW)
    assert session.pending() <= wire.FRAME_BYTES
    for payload in (data, wire.build(head("2011"), data)):
        with contextlib.suppress(Malformed, Invalid, TooLarge):
            decode(payload, THING, NOW)


def test_mutated_frames_are_read_or_refused_and_never_upset() -> None:
    """Every byte of a frame changed, dropped and doubled; and, with the check made anew, of its data."""
    good = wire.build(
        head("2061"), "DataTime=20160801080000;w01018-Cou=63.0,w01018-Min=40.1,w01018-Avg=40.1,w01018-Flag=N"
    )
    chance = random.Random(212)
    inner = good[6:-6]
    variants = []
    for at in range(len(good)):
        byte = bytes([chance.randrange(256)])
        variants += [
            good[:at] + byte + good[at + 1 :],
            good[:at] + good[at + 1 :],
            good[:at] + byte + good[at:],
        ]
    for at in range(len(inner)):
        byte = bytes([chance.choice(b";,=-&#0N\x00\xff")])
        data = inner[:at] + byte + inner[at + 1 :]
        variants.append(b"##%04d" % len(data) + data + b"%04X\r\n" % wire.crc(data))
    for variant in variants:
        steps = Hj212().receive(variant, NOW)
        for report in sort(list(steps), Report):
            assert isinstance(report, Report)
            with contextlib.suppress(Malformed, Invalid, TooLarge):
                decode(report.payload, THING, NOW)


# ---------------------------------------------------------------- values


def test_real_time_values_of_the_standards_example() -> None:
    found = read(
        "2011",
        "DataTime=20160801085857;w01001-Rtd=7.1,w01001-Flag=N;w01018-SampleTime=20160801070000,"
        "w01018-Rtd=2.2,w01018-Flag=N,w01018-EFlag=A01;",
    )
    assert found["pH", ""].value == 7.1
    assert found["pH", ""].unit == "Q30"
    assert clock.from_micros(found["pH", ""].observed_at).isoformat() == "2016-08-01T00:58:57+00:00"
    assert clock.from_micros(found["cod", ""].observed_at).isoformat() == "2016-07-31T23:00:00+00:00"
    assert found["quality", ""].value == {"cod": "A01"}


def test_periods_are_data_sets_of_their_own() -> None:
    found = read(
        "2051",
        "DataTime=20160801084000;w00000-Cou=10.5,w00000-Min=16.4,w00000-Avg=17.5,w00000-Max=20.1,w00000-Flag=N",
    )
    assert {
        dataset: (o.value, o.unit) for (name, dataset), o in found.items() if name == "wastewaterFlow"
    } == {
        "urn:yong:minute:cou": (10.5, "MTQ"),
        "urn:yong:minute:min": (16.4, "G51"),
        "urn:yong:minute:avg": (17.5, "G51"),
        "urn:yong:minute:max": (20.1, "G51"),
    }
    hour = read("2061", "DataTime=20160801080000;a21026-ZsAvg=35.5,a21026-Flag=N")
    assert hour["so2", "urn:yong:hour:converted-avg"].value == 35.5


@pytest.mark.parametrize("flag", [f for f in FLAGS if f != "N"])
def test_what_is_not_normal_is_kept_as_quality(flag: str) -> None:
    found = read("2011", f"DataTime=20160801085857;a34004-Rtd=35,a34004-Flag={flag};LA-Rtd=57.9,LA-Flag=N")
    assert found["quality", ""].value == {"pm25": flag}
    assert (
        found["pm25", ""].unit == "GQ"
    )  # of the thing's type: the standard's ng/m³ is not what monitors send


def test_unknown_codes_former_codes_states_and_texts() -> None:
    found = read("2011", "DataTime=20160801085857;a05024-Rtd=88;99-Rtd=1,a34004-Rtd=35,zzz-Rtd=--")
    assert found["a05024", ""].value == 88
    assert found["code_99", ""].value == 1
    assert found["pm25", ""].value == 35  # parted by a comma, as some devices do
    assert found["quality", ""].value == {"zzz": "unreadable"}
    former = read("2011", "DataTime=20160801085857;011-Rtd=40.1,011-Flag=N", flag=1)
    assert former["cod", ""].unit == "M1"
    assert read("2021", "DataTime=20160801085857;SB1-RS=1;SB2-RS=0")["SB1", ""].value == 1


@pytest.mark.parametrize(
    ("cn", "cp"),
    [
        ("2011", "DataTime=20160801085857"),
        ("2011", "DataTime=20161301085857;w01001-Rtd=7"),
        ("2011", "DataTime=19990101000000;w01001-Rtd=7"),
        ("2011", "DataTime=20160803085857;w01001-Rtd=7"),
        ("3020", "DataTime=20160801085857;i11001-Info=1"),
        ("", ""),
    ],
)
def test_what_is_no_upload_of_data_is_refused(cn: str, cp: str) -> None:
    with pytest.raises(Invalid):
        read(cn, cp)


def test_a_frame_without_a_time_has_the_requests_own() -> None:
    found = read("2011", "w01001-Rtd=7")
    assert found["pH", ""].observed_at == micros_of_digits("20160801085857223")


def test_every_factor_has_a_name_of_its_own() -> None:
    assert len({f.attribute for f in FACTORS}) == len({f.code for f in FACTORS}) == len(FACTORS)


def test_too_many_items_are_refused() -> None:
    with pytest.raises((TooLarge, Malformed)):
        read("2011", ";" * 5000)


# ---------------------------------------------------------------- a conversation


def test_uploads_are_answered_as_the_standard_has_it_and_only_when_asked() -> None:
    session = Hj212()
    upload = wire.build(head("2011"), "DataTime=20160801085857;w01001-Rtd=7.1,w01001-Flag=N")
    identify, report = session.receive(upload, NOW)
    assert identify == Identify(MN, "123456")
    assert isinstance(report, Report)
    answer = wire.one(report.answer)
    assert answer is not None
    assert report.refused == report.answer
    assert (answer.head["QN"], answer.head["ST"], answer.head["CN"], answer.head["Flag"], answer.cp) == (
        "20160801085857223", "91", "9014", "4", b"",
    )  # fmt: skip
    _, silent = session.receive(wire.build(head("2011", flag=4), "w01001-Rtd=7.1"), NOW)
    assert isinstance(silent, Report)
    assert not silent.answer


def test_parts_of_a_split_upload_are_messages_of_their_own() -> None:
    session = Hj212()
    one = wire.build(head("2061", flag=7, PNUM="2", PNO="1"), "DataTime=20160801080000;w01001-Avg=7.5")
    two = wire.build(head("2061", flag=7, qn="20160801085857535", PNUM="2", PNO="2"), "w01018-Avg=40.1")
    reports = [s for s in session.receive(one + two, NOW) if isinstance(s, Report)]
    assert len(reports) == 2
    later = {o.attribute: o for o in decode(reports[1].payload, THING, NOW)}
    assert later["cod"].observed_at == micros_of_digits("20160801080000")
    assert b"QN=20160801085857535;ST=91;CN=9014" in reports[1].answer


def test_a_wanted_clock_is_answered_and_set() -> None:
    sent = [s.data for s in Hj212().receive(wire.build(head("1013")), NOW) if isinstance(s, Send)]
    first, second = (wire.one(data) for data in sent)
    assert first is not None
    assert second is not None
    assert first.head["CN"] == "9013"
    assert (second.head["CN"], second.cp) == ("1012", b"SystemTime=20160801090000")


def order(name: str, **arguments: object) -> Order:
    return Order("c1", MN, name, arguments)


def talking() -> Hj212:
    session = Hj212()
    session.receive(wire.build(head("2011"), "w01001-Rtd=7.1"), NOW)
    session.admitted(MN)
    return session


def test_an_interval_is_set_and_read() -> None:
    session = talking()
    asked = wire.one(session.command(order("set_interval", interval=30), NOW) or b"")
    assert asked is not None
    assert (asked.head["CN"], asked.head["ST"], asked.head["PW"], asked.head["Flag"], asked.cp) == (
        "1062", "32", "123456", "5", b"RtdInterval=30",
    )  # fmt: skip
    qn = asked.head["QN"]
    said = [wire.build(head("9011", qn=qn), "QnRtn=1"), wire.build(head("9012", qn=qn), "ExeRtn=1")]
    steps = [s for data in said for s in session.receive(data, NOW)]
    assert sort(steps, Answered) == [Answered(MN, "c1", True, {})]
    asked = wire.one(session.command(order("get_interval"), NOW) or b"")
    assert asked is not None
    assert asked.head["QN"] != qn
    qn = asked.head["QN"]
    steps = [
        s
        for cn, cp in (("9011", "QnRtn=1"), ("1061", "RtdInterval=30"), ("9012", "ExeRtn=1"))
        for s in session.receive(wire.build(head(cn, qn=qn), cp), NOW)
    ]
    assert sort(steps, Answered) == [Answered(MN, "c1", True, {"RtdInterval": "30"})]


def test_a_refused_command_says_why_and_another_things_word_does_not_count() -> None:
    session = talking()
    asked = wire.one(session.command(order("get_clock"), NOW) or b"")
    assert asked is not None
    qn = asked.head["QN"]
    other = {**head("9011", qn=qn), "MN": "OTHER"}
    assert not sort(list(session.receive(wire.build(other, "QnRtn=2"), NOW)), Answered)
    steps = session.receive(wire.build(head("9011", qn=qn), "QnRtn=3"), NOW)
    assert sort(list(steps), Answered) == [Answered(MN, "c1", False, {"reason": "wrong PW"})]


def test_commands_that_cannot_be_given() -> None:
    session = talking()
    assert session.command(order("dance"), NOW) is None
    assert Hj212().command(order("get_clock"), NOW) is None  # nobody spoke yet
    for name, arguments in itertools.product(
        ("set_interval", "set_minute_interval", "resend_hours"),
        ({}, {"interval": 7}, {"interval": True}, {"begin": "x", "end": "y"}),
    ):
        with pytest.raises(YongError):
            session.command(order(name, **arguments), NOW)
    assert session.command(order("resend_hours", begin="20160801000000", end="20160801080000"), NOW)
