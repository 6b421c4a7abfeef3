"""What a script says as the bytes of its door, and what the door answers as fields. Without I/O."""

from collections.abc import Callable, Mapping

import msgspec

from yong.kernel.base.errors import Invalid, YongError
from yong.kernel.base.text import Text
from yong.kernel.sensing.conformance.ais import AisInspector
from yong.kernel.sensing.conformance.findings import About, Inspector
from yong.kernel.sensing.conformance.hj212 import Hj212Inspector
from yong.kernel.sensing.conformance.jtt808 import Jtt808Inspector
from yong.kernel.sensing.conformance.mqtt import MqttInspector
from yong.kernel.sensing.conformance.script import Send
from yong.kernel.sensing.conformance.sl651 import Sl651Inspector
from yong.kernel.sensing.tcp.hj212 import wire as hj212
from yong.kernel.sensing.tcp.jtt808.frame import Frames, Message, built, parse
from yong.kernel.sensing.tcp.sl651 import wire as sl651

Fields = dict[str, str]
Fill = Callable[[str], str]

INSPECTORS: Mapping[str, Callable[[About], Inspector]] = {
    "mqtt": MqttInspector,
    "hj212": Hj212Inspector,
    "sl651": Sl651Inspector,
    "jtt808": Jtt808Inspector,
    "ais": AisInspector,
}
"""By door; HTTP has requests instead of a stream (`payload.check`)."""


class Wire:
    """One connection's half that a script speaks: what is counted, and what has not been heard to its end."""

    def __init__(self, about: About) -> None:
        self._about = about
        self._serial = 0
        self._packet = 0
        self._buffer = b""
        self._frames = Frames()

    def opening(self, door: str) -> bytes:
        """What a connection begins with by itself: the sign-on and the subscription of MQTT."""
        if door != "mqtt":
            return b""
        thing, word = self._about.thing, self._about.word or ""
        client = thing.replace(".", "-")
        connect = _text("MQTT") + b"\x04\xc2\x00\x3c" + _text(client) + _text(thing) + _text(word)
        subscribe = b"\x00\x01" + _text(f"cmd/{thing}") + b"\x01"
        self._packet = 1
        return _packet(0x10, connect) + _packet(0x82, subscribe)

    def bytes_of(self, send: Send, fill: Fill) -> bytes:
        """What a step says. Raises Invalid for digits that are none, or a word that the protocol cannot carry."""
        if send.text is not None:
            return fill(send.text).encode("latin-1", "replace")
        if send.hex is not None:
            return _hex(fill(send.hex))
        if send.hj212 is not None:
            data = fill(send.hj212).strip().encode("latin-1", "replace")
            return hj212.HEAD + b"%04d" % len(data) + data + b"%04X\r\n" % hj212.crc(data)
        if send.sl651 is not None:
            of, word = send.sl651, self._about.word or "0000"
            _hex(self._about.thing), _hex(word)
            return sl651.up(self._about.thing, of.centre, word, _hex(of.function)[0], _hex(fill(of.body)))
        if send.jtt808 is not None:
            return self._jtt808(_hex(send.jtt808.id), _hex(fill(send.jtt808.body)), send.jtt808.edition)
        if send.mqtt is not None:
            return self._mqtt(send, fill)
        raise Invalid(_NOT_HERE)

    def _jtt808(self, id_: bytes, body: bytes, edition: int) -> bytes:
        serial, self._serial = self._serial, (self._serial + 1) & 0xFFFF
        phone = self._about.thing
        if not phone.isdigit() or len(phone) > 20 or len(body) > 0x3FF:
            raise Invalid(_TERMINAL)
        return built(
            Message(id=int.from_bytes(id_, "big"), edition=edition, phone=phone, serial=serial, body=body)
        )

    def _mqtt(self, send: Send, fill: Fill) -> bytes:
        assert send.mqtt is not None
        of, number = send.mqtt, b""
        if of.qos:
            self._packet = self._packet % 0xFFFF + 1
            number = self._packet.to_bytes(2, "big")
        return _packet(
            0x30 | of.qos << 1 | of.retain, _text(fill(of.topic)) + number + fill(of.payload).encode()
        )

    def heard(self, door: str, data: bytes) -> tuple[list[Fields], bytes]:
        """The messages that these bytes of the door complete, and what is to be said at once on that."""
        if door == "jtt808":
            return [f for frame in self._frames.feed(data) for f in _terminal(frame)], b""
        self._buffer += data
        found: list[Fields] = []
        reply = b""
        while self._buffer:
            one = _READERS[door](self._buffer)
            if one is None:
                break
            fields, taken, more = one
            self._buffer = self._buffer[taken:]
            reply += more
            if fields:
                found.append(fields)
        return found, reply


def _terminal(frame: bytes) -> list[Fields]:
    try:
        message = parse(frame)
    except YongError:
        return []  # a platform that says what cannot be read: the step that waits says that nothing came
    fields = {
        "id": f"{message.id:04X}",
        "serial": f"{message.serial:04X}",
        "phone": message.phone,
        "edition": str(message.edition),
        "body": message.body.hex().upper(),
    }
    if message.id == 0x8001 and len(message.body) == 5:
        fields |= {"to": fields["body"][:4], "of": fields["body"][4:8], "result": str(message.body[4])}
    return [fields]


_One = tuple[Fields, int, bytes] | None


def _hj212(buffer: bytes) -> _One:
    found = hj212.find(buffer)
    if found is None:
        return None
    frame = found.frame
    return ({**frame.head, "CP": frame.cp.decode("latin-1")} if frame else {}), found.taken, b""


def _sl651(buffer: bytes) -> _One:
    """A frame to a station: 7E7E | station 5 | centre 1 | password 2 | function 1 | 8 and length 2 | STX … | CRC 2."""
    if len(buffer) < sl651.PREFIX:
        return None
    end = sl651.PREFIX + ((buffer[11] & 0x0F) << 8 | buffer[12]) + 3
    if len(buffer) < end:
        return None
    fields = {
        "station": buffer[2:7].hex().upper(),
        "centre": f"{buffer[7]:02X}",
        "function": f"{buffer[10]:02X}",
        "body": buffer[sl651.PREFIX : end - 3].hex().upper(),
        "serial": buffer[sl651.PREFIX : sl651.PREFIX + 2].hex().upper(),
        "end": f"{buffer[end - 3]:02X}",
    }
    return fields, end, b""


def _line(buffer: bytes) -> _One:
    line, end, _ = buffer.partition(b"\n")
    return ({"line": line.strip().decode("latin-1")}, len(line) + 1, b"") if end else None


_KINDS = {2: "CONNACK", 3: "PUBLISH", 4: "PUBACK", 9: "SUBACK", 13: "PINGRESP"}


def _of_broker(buffer: bytes) -> _One:
    length = at = 0
    while True:
        if at + 1 >= len(buffer):
            return None
        length |= (buffer[at + 1] & 127) << 7 * at
        at += 1
        if buffer[at] < 128 or at == 4:
            break
    size = at + 1 + length
    if len(buffer) < size:
        return None
    kind, body = buffer[0] >> 4, buffer[at + 1 : size]
    fields = {"kind": _KINDS.get(kind, str(kind))}
    reply = b""
    if kind == 2 and len(body) == 2:
        fields["code"] = str(body[1])
    elif kind == 4:
        fields["id"] = body.hex().upper()
    elif kind == 3:
        start = 2 + (body[0] << 8 | body[1])
        fields["topic"] = body[2:start].decode("utf-8", "replace")
        if buffer[0] & 6:
            reply = _packet(0x40, body[start : start + 2])
            start += 2
        fields["payload"] = body[start:].decode("utf-8", "replace")
        fields |= _members(body[start:])
    return fields, size, reply


def _members(payload: bytes) -> Fields:
    """A JSON object's members that are text or numbers."""
    try:
        said = msgspec.json.decode(payload)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return {}
    members = said.items() if isinstance(said, dict) else ()
    return {f"payload.{name}": str(value) for name, value in members if isinstance(value, str | int | float)}


_READERS: Mapping[str, Callable[[bytes], _One]] = {
    "hj212": _hj212,
    "sl651": _sl651,
    "ais": _line,
    "mqtt": _of_broker,
}


def _hex(text: str) -> bytes:
    try:
        return bytes.fromhex("".join(text.split()))
    except ValueError:
        raise Invalid(_DIGITS, said=text[:80]) from None


def _text(value: str) -> bytes:
    raw = value.encode()
    return len(raw).to_bytes(2, "big") + raw


def _packet(first: int, body: bytes) -> bytes:
    length, size = len(body), b""
    while True:
        size += bytes((length & 127 | (128 if length > 127 else 0),))
        length >>= 7
        if not length:
            return bytes((first,)) + size + body


_DIGITS = Text("{said} 不是成对的十六进制数字", "{said} is not pairs of hexadecimal digits")
_TERMINAL = Text(
    "终端号应为至多 20 位数字，消息体至多 1023 字节",
    "A terminal's number is at most 20 digits, a body 1,023 bytes",
)
_NOT_HERE = Text("此内容不属于这一入口", "This is not said at this door")
