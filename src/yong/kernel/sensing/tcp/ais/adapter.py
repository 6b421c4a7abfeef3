"""The payload format `ais`: sentences of NMEA 0183 with AIS in them, one a line, as a receiver passes them on.

The thing that reports is the receiver; the readings are of the ships it heard (`ships`). Messages of types that
are not read are passed over; one that cannot be read refuses the payload.
"""

from yong.kernel.base.errors import Invalid, Malformed, TooLarge
from yong.kernel.base.text import Text
from yong.kernel.history.contracts import Observation
from yong.kernel.history.logic import NOT_KEPT, keepable
from yong.kernel.sensing.contracts import PAYLOAD_BYTES, READINGS, ThingRef
from yong.kernel.sensing.tcp.ais import ships
from yong.kernel.sensing.tcp.ais.sentence import LINE_BYTES, Assembler, parse


def decode(payload: bytes, thing: ThingRef, received_at: int) -> list[Observation]:
    """Observations of a payload. Raises Malformed, Invalid or TooLarge."""
    if len(payload) > PAYLOAD_BYTES:
        raise TooLarge(Text("消息超过 256 KiB", "The message is over 256 KiB"))
    assembler = Assembler()
    out: list[Observation] = []
    for line in payload.split(b"\n"):
        if len(line) > LINE_BYTES:
            raise Malformed(_LONG)
        part = parse(line)
        said = assembler.add(part, 0.0) if part else None
        if said is None or said.type not in ships.KNOWN:
            continue
        entity, at, readings = ships.decode(said, received_at)
        if not keepable(at, received_at):
            raise Invalid(NOT_KEPT)
        if readings:
            out += [Observation(entity, name, at, value, unit) for name, value, unit in readings]
            out.append(Observation(entity, "heardBy", at, thing.id))
        if len(out) > READINGS:
            raise TooLarge(Text("一条消息至多 10000 个读数", "At most 10,000 readings in a message"))
    if assembler.waiting or assembler.forgotten:
        raise Malformed(_PARTS)
    if not out:
        raise Invalid(Text("没有读数", "There is no reading in it"))
    return out


_LONG = Text("一行超过 512 字节", "A line is over 512 bytes")
_PARTS = Text("缺少多语句消息的一部分", "A sentence of a message of several is missing")
