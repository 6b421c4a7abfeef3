"""A data logger's connection: uploads answered when they are kept, commands down and what it says of them."""

from collections.abc import Callable, Mapping, Sequence

import msgspec

from yong.kernel.base.errors import Invalid, Problem, TooLarge
from yong.kernel.base.text import Text
from yong.kernel.sensing.tcp.china import digits_of, micros_of_digits
from yong.kernel.sensing.tcp.contracts import Answered, Identify, Order, Report, Send, Session, Skipped, Step
from yong.kernel.sensing.tcp.hj212 import wire
from yong.kernel.sensing.tcp.hj212.decode import fields
from yong.kernel.sensing.tcp.hj212.wire import Frame

_TALK = "91"  # the system code of what is said about messages
_REQUEST_ANSWER, _RESULT, _NOTICE_ANSWER, _DATA_ANSWER = "9011", "9012", "9013", "9014"
_CLOCK_WANTED = "1013"
_FACTS = frozenset({"1011", "1061", "1063"})  # answers that bring what was asked for
_WAITING = 100  # commands without a result
_SERIES = 16  # split uploads whose time is remembered

_QN_RETURN = {
    "2": "refused", "3": "wrong PW", "4": "wrong MN", "5": "wrong ST", "6": "wrong Flag", "7": "wrong QN",
    "8": "wrong CN", "9": "wrong CRC", "100": "unknown error",
}  # fmt: skip
_EXE_RETURN = {
    "2": "failed", "3": "wrong conditions", "4": "timed out", "5": "busy", "6": "broken", "100": "no data",
}  # fmt: skip


class Command(msgspec.Struct, frozen=True):
    """A command that can be given: its code, and its data area from the arguments (which raises Invalid)."""

    code: str
    area: Callable[[Mapping[str, object], int], str]


def _nothing(arguments: Mapping[str, object], now_us: int) -> str:
    return ""


def _interval(
    field: str, fits: Callable[[int], bool], zh: str, en: str
) -> Callable[[Mapping[str, object], int], str]:
    def area(arguments: Mapping[str, object], now_us: int) -> str:
        value = arguments.get("interval")
        if not isinstance(value, int) or isinstance(value, bool) or not fits(value):
            text = Text(zh, en)
            raise Invalid(text, problems=(Problem("/arguments/interval", text),))
        return f"{field}={value}"

    return area


def _clock(arguments: Mapping[str, object], now_us: int) -> str:
    return f"SystemTime={digits_of(now_us)[:14]}"


def _between(arguments: Mapping[str, object], now_us: int) -> str:
    begin, end = arguments.get("begin"), arguments.get("end")
    if not (isinstance(begin, str) and isinstance(end, str) and len(begin) == len(end) == 14) or (
        (micros_of_digits(begin) or 0) > (micros_of_digits(end) or -1)
    ):
        text = Text("begin 与 end 应为 YYYYMMDDhhmmss", "begin and end must be YYYYMMDDhhmmss")
        raise Invalid(text, problems=(Problem("/arguments", text),))
    return f"BeginTime={begin};EndTime={end}"


MINUTES = (1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30)  # over which a monitor may average
COMMANDS = {
    "get_clock": Command("1011", _nothing),
    "set_clock": Command("1012", _clock),
    "get_interval": Command("1061", _nothing),
    "set_interval": Command(
        "1062",
        _interval("RtdInterval", lambda n: 30 <= n <= 3600, "interval 应为 30 至 3600 秒", "interval: 30 to 3600 s"),
    ),
    "get_minute_interval": Command("1063", _nothing),
    "set_minute_interval": Command(
        "1064",
        _interval(
            "MinInterval",
            MINUTES.__contains__,
            "interval 应为 1、2、3、4、5、6、10、12、15、20 或 30 分钟",
            "interval: 1, 2, 3, 4, 5, 6, 10, 12, 15, 20 or 30 minutes",
        ),
    ),
    "start": Command("2011", _nothing),
    "stop": Command("2012", _nothing),
    "resend_minutes": Command("2051", _between),
    "resend_hours": Command("2061", _between),
    "resend_days": Command("2031", _between),
}  # fmt: skip
"""Commands by name: table 9 and the examples of annex C of HJ 212-2017."""


class Told(msgspec.Struct):
    """A command without a result yet, and what was said about it."""

    id: str
    thing: str
    code: str
    facts: dict[str, object]


class Hj212(Session):
    """One connection of a data logger; several monitors (MN) may speak through it."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._said: dict[str, Mapping[str, str]] = {}  # thing → the head it last spoke with, good
        self._heads: dict[str, Mapping[str, str]] = {}  # the same, not yet admitted
        self._told: dict[str, Told] = {}  # QN → command
        self._times: dict[tuple[str, str], str] = {}  # MN, CN → DataTime of a split upload
        self._last_qn = 0

    def pending(self) -> int:
        return len(self._buffer)

    def receive(self, data: bytes, now_us: int) -> Sequence[Step]:
        self._buffer += data
        out: list[Step] = []
        while self._buffer:
            found = wire.find(self._buffer)
            if found is None:
                break
            del self._buffer[: found.taken]
            if found.frame is not None:
                out += self._steps(found.frame, now_us)
            elif found.rubbish:
                out.append(Skipped(found.rubbish))
        return out

    def admitted(self, thing: str) -> Sequence[Step]:
        head = self._heads.pop(thing, None)
        if head is not None:
            self._said[thing] = head
        return ()

    def command(self, order: Order, now_us: int) -> bytes | None:
        known, head = COMMANDS.get(order.name), self._said.get(order.thing)
        if known is None or head is None:
            return None
        area = known.area(order.arguments, now_us)
        while len(self._told) >= _WAITING:
            del self._told[next(iter(self._told))]
        qn = self._qn(now_us)
        self._told[qn] = Told(order.id, order.thing, known.code, {})
        return self._request(qn, known.code, head, area)

    def _steps(self, frame: Frame, now_us: int) -> list[Step]:
        head = frame.head
        thing, code = head.get("MN", ""), head.get("CN", "")
        if not thing:
            return [Skipped(len(frame.raw))]
        steps: list[Step] = [Identify(thing, head.get("PW", ""))]
        (self._said if thing in self._said else self._heads)[thing] = head
        if len(self._heads) > _SERIES:
            del self._heads[next(iter(self._heads))]
        if code == _CLOCK_WANTED:
            steps.append(Send(_answer(frame, _NOTICE_ANSWER)))
            steps.append(Send(self._request(self._qn(now_us), "1012", head, _clock({}, now_us))))
        elif code in (_REQUEST_ANSWER, _RESULT, _NOTICE_ANSWER) or code in _FACTS:
            steps += self._heard(frame, code)
        elif code != _DATA_ANSWER:
            frame = self._dated(frame, thing, code)
            answer = _answer(frame, _DATA_ANSWER) if frame.wants_answer else b""
            steps.append(Report(thing, frame.raw, answer, answer))
        return steps

    def _heard(self, frame: Frame, code: str) -> list[Step]:
        """What a logger says about a command: ready, what was asked for, done."""
        told = self._told.get(frame.head.get("QN", ""))
        if told is None or told.thing != frame.head.get("MN"):
            return []
        try:
            said = fields(frame.cp)
        except TooLarge:
            return []
        if code in _FACTS:
            told.facts |= {name: text[:64] for name, text in list(said.items())[:32]}
            return []
        if code == _NOTICE_ANSWER:
            ok, facts = True, told.facts
        else:
            field, good = ("QnRtn", _QN_RETURN) if code == _REQUEST_ANSWER else ("ExeRtn", _EXE_RETURN)
            value = said.get(field, "")
            ok = value == "1"
            if code == _REQUEST_ANSWER and ok:
                return []  # it is ready; the result follows
            facts = told.facts if ok else {**told.facts, "reason": good.get(value, f"{field}={value[:8]}")}
        del self._told[frame.head["QN"]]
        return [Answered(told.thing, told.id, ok, facts)]

    def _dated(self, frame: Frame, thing: str, code: str) -> Frame:
        """A later part of a split upload without a time of its own gets that of the part before."""
        if not frame.split:
            return frame
        begin = frame.cp.find(b"DataTime=")
        key = (thing, code)
        if begin >= 0:
            self._times.pop(key, None)
            self._times[key] = (
                frame.cp[begin + 9 : begin + 26].split(b";")[0].split(b",")[0].decode("latin-1")
            )
            while len(self._times) > _SERIES:
                del self._times[next(iter(self._times))]
            return frame
        time = self._times.get(key)
        if time is None or len(frame.raw) + 30 > wire.FRAME_BYTES:
            return frame
        dated = wire.one(wire.build(frame.head, f"DataTime={time};".encode("latin-1") + frame.cp))
        return dated or frame

    def _qn(self, now_us: int) -> str:
        """A request's own time in milliseconds, never given twice."""
        self._last_qn = max(self._last_qn + 1, now_us // 1000)
        return digits_of(self._last_qn * 1000)

    def _request(self, qn: str, code: str, head: Mapping[str, str], area: str) -> bytes:
        version = int(head["Flag"]) >> 2 if head.get("Flag", "").isdigit() and len(head["Flag"]) < 4 else 0
        return wire.build(
            {
                "QN": qn, "ST": head.get("ST", ""), "CN": code, "PW": head.get("PW", ""), "MN": head["MN"],
                "Flag": str((version << 2 | 1) & 255),
            },
            area,
        )  # fmt: skip


def _answer(frame: Frame, code: str) -> bytes:
    head = frame.head
    return wire.build(
        {
            "QN": head.get("QN", ""), "ST": _TALK, "CN": code, "PW": head.get("PW", ""),
            "MN": head.get("MN", ""), "Flag": str(frame.flag & ~3),
        }
    )  # fmt: skip
