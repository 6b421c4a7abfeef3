"""The payload format `jtt808`: one or more frames of a terminal as they went over the wire, flags included.

The listener hands frames over like this, and so may a gateway that has its own way to us (MQTT, HTTP). The parts
of a message in parts stand in one payload.
"""

from yong.kernel.base.errors import Invalid, Malformed, TooLarge
from yong.kernel.base.text import Text
from yong.kernel.history.contracts import Observation
from yong.kernel.history.logic import NOT_KEPT, keepable
from yong.kernel.sensing.contracts import PAYLOAD_BYTES, READINGS, ThingRef
from yong.kernel.sensing.tcp.jtt808 import location
from yong.kernel.sensing.tcp.jtt808.frame import FLAG, Assembly, Message, parse

LOCATION, LOCATION_ANSWER, LOCATIONS = 0x0200, 0x0201, 0x0704


def reports(message: Message) -> list[bytes]:
    """The location reports in a message, none when it is of another kind. Raises Malformed."""
    if message.id == LOCATION:
        return [message.body]
    if message.id == LOCATION_ANSWER:
        return [message.body[2:]]
    if message.id == LOCATIONS:
        return location.batch(message.body)[1]
    return []


def decode(payload: bytes, thing: ThingRef, received_at: int) -> list[Observation]:
    """Observations of a payload. Raises Malformed, Invalid or TooLarge."""
    if len(payload) > PAYLOAD_BYTES:
        raise TooLarge(Text("消息超过 256 KiB", "The message is over 256 KiB"))
    if not payload.startswith(FLAG) or not payload.endswith(FLAG):
        raise Malformed(_FLAGS)
    out: list[Observation] = []
    assembly = Assembly()
    for frame in filter(None, payload.split(FLAG)):
        part = parse(frame)
        complete = assembly.add(part, frame, 0.0)
        if complete is None:
            continue
        bodies = reports(complete.message)
        if not bodies:
            raise Invalid(_OTHER, id=f"{part.id:04X}")
        for body in bodies:
            found = location.decode(body, part.edition)
            if not keepable(found.observed_at, received_at):
                raise Invalid(NOT_KEPT)
            out += [Observation(thing.id, a, found.observed_at, v, unit) for a, v, unit in found.readings]
            if len(out) > READINGS:
                raise TooLarge(Text("一条消息至多 10000 个读数", "At most 10,000 readings in a message"))
    if assembly.waiting or assembly.forgotten:
        raise Malformed(_PARTS)
    if not out:
        raise Malformed(_FLAGS)
    return out


_FLAGS = Text("消息应以 7E 开始并以 7E 结束", "A message begins and ends with 7E")
_OTHER = Text("消息 {id} 不含位置", "Message {id} brings no location")
_PARTS = Text("缺少分包", "Parts are missing")
