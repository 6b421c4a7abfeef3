"""A vehicle terminal's connection: sign-on, heartbeats, reports acknowledged once committed, commands and answers.

A terminal says its authentication code (0x0102) and is a thing from then on; the thing's id is the terminal's
number without leading zeros. The code is the word that was enrolled for the thing at this listener. Registration
(0x0100) gives no code away: everybody who knows a terminal's number could ask for it. It is answered with result 4
(terminal not known), and the code is set in the terminal.

Every message of a signed-on terminal is answered with 0x8001: 0 once what it reports is committed, 2 when it was
laid aside, 3 when we do not know its kind. A message in parts is answered part by part when it is whole; parts
that do not come are asked for again with 0x8003 (JT/T 808-2013, 7.12).
"""

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence

from yong.kernel.base.errors import Malformed, TooLarge, YongError
from yong.kernel.base.text import Text
from yong.kernel.sensing.tcp.contracts import (
    Answered,
    Close,
    Identify,
    LayAside,
    Listener,
    Order,
    Report,
    Send,
    Session,
    Step,
    Word,
)
from yong.kernel.sensing.tcp.jtt808 import adapter, down
from yong.kernel.sensing.tcp.jtt808.frame import (
    BODY_BYTES,
    FLAG,
    FRAME_BYTES,
    Assembly,
    Complete,
    Frames,
    Message,
    built,
    parse,
)

ANSWER, HEARTBEAT, LOGOUT, REGISTER, SIGN_ON = 0x0001, 0x0002, 0x0003, 0x0100, 0x0102
WAITING = 256  # commands without an answer that are remembered
CODE_BYTES = 255

_NOT_KNOWN = 4  # result of 0x8100


class Terminal(Session):
    """A connection. It speaks the edition that the terminal spoke last."""

    def __init__(self) -> None:
        self._frames = Frames()
        self._assembly = Assembly()
        self._thing = ""
        self._edition = 2013
        self._phone = "0"
        self._serial = 0
        self._sign_on: Message | None = None
        self._waiting: OrderedDict[int, tuple[str, int]] = OrderedDict()  # serial: command, message id
        self._asked = self._good = ("", "")  # number and code that were said, and that were right

    def receive(self, data: bytes, now_us: int) -> Sequence[Step]:
        steps: list[Step] = []
        try:
            frames = self._frames.feed(data)
        except TooLarge as error:
            return [LayAside(self._thing or None, data[:FRAME_BYTES], error.detail), Close("frame-too-long")]
        now = now_us / 1e6
        for frame in frames:
            steps += self._frame(frame, now)
        for missing in self._assembly.overdue(now):
            body = down.parts_again(missing.of.edition, missing.of.first_serial, missing.parts)
            steps.append(Send(self._say(down.PARTS_AGAIN, body)))
        return steps

    def admitted(self, thing: str) -> Sequence[Step]:
        self._good = self._asked
        return self._signed_on(down.DONE)

    def refused(self, thing: str) -> Sequence[Step]:
        self._thing = ""
        return self._signed_on(down.FAILED)

    def command(self, order: Order, now_us: int) -> bytes | None:
        if order.name not in down.COMMANDS:
            return None
        id_, body = down.command(order.name, order.arguments, self._edition)
        self._waiting[self._serial] = order.id, id_
        while len(self._waiting) > WAITING:
            self._waiting.popitem(last=False)
        return self._say(id_, body)

    def pending(self) -> int:
        return self._frames.pending

    def _frame(self, raw: bytes, now: float) -> Sequence[Step]:
        whole = FLAG + raw + FLAG
        try:
            message = parse(raw)
        except YongError as error:
            # its header cannot be trusted, so there is no telling what to answer: the terminal sends it again
            return [LayAside(self._thing or None, whole, error.detail)]
        if not self._thing:
            self._edition, self._phone = message.edition, message.phone
        if message.phone != self._phone:
            return [LayAside(self._thing or None, whole, _ANOTHER)]
        self._edition = message.edition
        if message.id == REGISTER:
            return [Send(self._say(down.REGISTERED, down.registered(message.serial, _NOT_KNOWN)))]
        if message.id == SIGN_ON:
            return self._identify(message)
        if not self._thing:
            return [Send(self._result(message, down.FAILED))]
        try:
            complete = self._assembly.add(message, raw, now)
        except YongError as error:
            return [LayAside(self._thing, whole, error.detail, self._result(message, down.WRONG))]
        return self._said(complete) if complete else ()

    def _said(self, complete: Complete) -> Sequence[Step]:
        message = complete.message
        meaning = _MEANINGS.get(message.id)
        if meaning is None:
            return [Send(self._results(complete, down.UNSUPPORTED))]
        try:
            return meaning(self, complete)
        except YongError as error:
            payload = b"".join(complete.frames)
            return [LayAside(self._thing, payload, error.detail, self._results(complete, down.WRONG))]

    # ------------------------------------------------------------ what terminals say

    def _identify(self, message: Message) -> Sequence[Step]:
        body = message.body
        if message.edition == 2019 and body:  # length, code, IMEI[15], software version[20]
            body = body[1 : 1 + body[0]]
        code = body.rstrip(b"\0").decode("ascii", "replace")[:CODE_BYTES]
        if self._good == (message.phone, code):
            return [Send(self._result(message, down.DONE))]
        self._thing, self._sign_on, self._asked = message.phone, message, (message.phone, code)
        return [Identify(message.phone, code)]

    def _heartbeat(self, complete: Complete) -> Sequence[Step]:
        return [Send(self._results(complete, down.DONE))]

    def _logout(self, complete: Complete) -> Sequence[Step]:
        return [Send(self._results(complete, down.DONE)), Close("done")]

    def _location(self, complete: Complete) -> Sequence[Step]:
        return [
            Report(
                self._thing,
                b"".join(complete.frames),
                self._results(complete, down.DONE),
                self._results(complete, down.WRONG),
            )
        ]

    def _locations(self, complete: Complete) -> Sequence[Step]:
        # Each report on its own, so that one with a wrong time takes none of the others with it. They are committed
        # in order: the last one's answer says that all are.
        message = complete.message
        bodies = adapter.reports(message)
        if max(map(len, bodies)) > BODY_BYTES:
            raise TooLarge(_LONG)
        done = self._results(complete, down.DONE)
        return [
            Report(
                self._thing,
                built(
                    Message(
                        id=adapter.LOCATION,
                        edition=message.edition,
                        phone=message.phone,
                        serial=message.serial,
                        body=body,
                    )
                ),
                *((done, done) if number == len(bodies) else ()),
            )
            for number, body in enumerate(bodies, 1)
        ]

    def _located(self, complete: Complete) -> Sequence[Step]:
        body = complete.message.body
        if len(body) < 2:
            raise Malformed(_SHORT)
        serial = int.from_bytes(body[:2], "big")
        steps: list[Step] = [Report(self._thing, b"".join(complete.frames))]
        command, id_ = self._waiting.get(serial, ("", 0))
        if id_ == down.LOCATE:
            del self._waiting[serial]
            steps.append(Answered(self._thing, command, True))
        return steps

    def _answer(self, complete: Complete) -> Sequence[Step]:
        body = complete.message.body
        if len(body) < 5:
            raise Malformed(_SHORT)
        serial, of, result = int.from_bytes(body[:2], "big"), int.from_bytes(body[2:4], "big"), body[4]
        command, id_ = self._waiting.get(serial, ("", 0))
        if not command or id_ != of:
            return ()
        if of == down.LOCATE and result == down.DONE:
            return ()  # the location is still to come
        del self._waiting[serial]
        return [Answered(self._thing, command, result == down.DONE, {"result": result})]

    # ------------------------------------------------------------ what we say

    def _say(self, id_: int, body: bytes) -> bytes:
        serial, self._serial = self._serial, (self._serial + 1) & 0xFFFF
        return built(Message(id=id_, edition=self._edition, phone=self._phone, serial=serial, body=body))

    def _result(self, message: Message, result: int) -> bytes:
        return self._say(down.GENERAL, down.general(message.serial, message.id, result))

    def _results(self, complete: Complete, result: int) -> bytes:
        first, id_ = complete.message.serial, complete.message.id
        return b"".join(
            self._say(down.GENERAL, down.general((first + n) & 0xFFFF, id_, result))
            for n in range(len(complete.frames))
        )

    def _signed_on(self, result: int) -> Sequence[Step]:
        message, self._sign_on = self._sign_on, None
        return [Send(self._result(message, result))] if message else ()


_MEANINGS: Mapping[int, Callable[[Terminal, Complete], Sequence[Step]]] = {
    ANSWER: Terminal._answer,
    HEARTBEAT: Terminal._heartbeat,
    LOGOUT: Terminal._logout,
    adapter.LOCATION: Terminal._location,
    adapter.LOCATION_ANSWER: Terminal._located,
    adapter.LOCATIONS: Terminal._locations,
}

LISTENER = Listener(
    name="jtt808",
    title=Text("JT/T 808 车载终端", "JT/T 808 vehicle terminals"),
    session=Terminal,
    word=Word(alphabet="ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789", length=20),
    frame_bytes=FRAME_BYTES,
)

_ANOTHER = Text("消息出自另一终端号", "The message is of another terminal's number")
_SHORT = Text("应答过短", "The answer is too short")
_LONG = Text("位置信息超过 1023 字节", "A location report is over 1,023 bytes")
