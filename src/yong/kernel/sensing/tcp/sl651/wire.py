"""The frame in HEX/BCD coding (SL 651, tables 20 to 23).

Up:   7E7E | centre 1 | station 5 | password 2 | function 1 | direction and length 2 | STX … ETX/ETB | CRC 2
Down: 7E7E | station 5 | centre 1 | password 2 | function 1 | 8 and length 2 | STX … ENQ/EOT/ESC … | CRC 2

The check is CRC-16 of Modbus over everything before it, high byte first. A body that is too long for one frame
comes in packets: SYN instead of STX, then 12 bits of how many and 12 bits of which, and a length of 16 bits.
"""

from typing import NamedTuple

HEAD = b"\x7e\x7e"
STX, SYN, ETX, ETB = 0x02, 0x16, 0x03, 0x17
ENQ, EOT, ACK, NAK, ESC = 0x05, 0x04, 0x06, 0x15, 0x1B
PREFIX = 14  # bytes up to and with STX or SYN
FRAME_BYTES = PREFIX + 0xFFFF + 3


class Frame(NamedTuple):
    """A frame from a station, its check good. `total` and `number` are 1 where it is the only one."""

    raw: bytes
    centre: int
    station: str  # ten hexadecimal digits
    password: str  # four hexadecimal digits
    function: int
    total: int
    number: int
    body: bytes
    last: bool  # ended by ETX: nothing follows


class Found(NamedTuple):
    """What a look at a buffer gave: a frame or not, bytes done with, and how many of them were rubbish."""

    frame: Frame | None
    taken: int
    rubbish: int


def crc(data: bytes) -> int:
    """CRC-16 of Modbus: x¹⁶+x¹⁵+x²+1 reflected, from FFFF."""
    register = 0xFFFF
    for byte in data:
        register = register >> 8 ^ _TABLE[(register ^ byte) & 0xFF]
    return register


def _entry(register: int) -> int:
    for _ in range(8):
        register = register >> 1 ^ (0xA001 if register & 1 else 0)
    return register


_TABLE = tuple(_entry(byte) for byte in range(256))


def find(buffer: bytes | bytearray) -> Found | None:
    """The first frame, or the rubbish before something that may become one; None: wait for more."""
    at = buffer.find(HEAD)
    if at < 0:
        done = len(buffer) - (1 if buffer.endswith(b"\x7e") else 0)
        return Found(None, done, done) if done else None
    if at:
        return Found(None, at, at)
    if len(buffer) < PREFIX:
        return None
    start, length = buffer[13], buffer[11] << 8 | buffer[12]
    if start not in (STX, SYN) or (start == STX and length > 0x0FFF) or (start == SYN and length < 3):
        return Found(None, 1, 1)
    end = PREFIX + length
    if len(buffer) < end + 3:
        return None
    raw = bytes(buffer[: end + 3])
    if raw[end] not in (ETX, ETB) or crc(raw[:-2]) != raw[-2] << 8 | raw[-1]:
        return Found(None, 1, 1)
    body, total, number = raw[PREFIX:end], 1, 1
    if start == SYN:
        total, number = body[0] << 4 | body[1] >> 4, (body[1] & 15) << 8 | body[2]
        body = body[3:]
        if not 1 <= number <= total:
            return Found(None, 1, 1)
    frame = Frame(
        raw,
        raw[2],
        raw[3:8].hex().upper(),
        raw[8:10].hex().upper(),
        raw[10],
        total,
        number,
        body,
        raw[end] == ETX,
    )
    return Found(frame, len(raw), 0)


def frames(payload: bytes) -> list[Frame] | None:
    """The frames that a payload consists of; None when there is anything else in it."""
    out: list[Frame] = []
    at = 0
    while at < len(payload):
        found = find(payload[at : at + FRAME_BYTES])
        if found is None or found.frame is None:
            return None
        out.append(found.frame)
        at += found.taken
    return out or None


def down(
    station: str,
    centre: int,
    password: str,
    function: int,
    body: bytes,
    end: int,
    packet: tuple[int, int] | None = None,
) -> bytes:
    """A frame to a station; `packet` is (how many, which) in the conversation of packets."""
    start = STX
    if packet:
        total, number = packet
        body = (total << 12 | number).to_bytes(3, "big") + body
        start = SYN
    head = bytes.fromhex(station) + bytes([centre]) + bytes.fromhex(password) + bytes([function])
    data = HEAD + head + (0x8000 | len(body)).to_bytes(2, "big") + bytes([start]) + body + bytes([end])
    return data + crc(data).to_bytes(2, "big")


def up(
    station: str,
    centre: int,
    password: str,
    function: int,
    body: bytes,
    *,
    last: bool = True,
    packet: tuple[int, int] | None = None,
) -> bytes:
    """A frame as a station sends it, for simulators and tests."""
    start = STX
    if packet:
        total, number = packet
        body = (total << 12 | number).to_bytes(3, "big") + body
        start = SYN
    head = bytes([centre]) + bytes.fromhex(station) + bytes.fromhex(password) + bytes([function])
    data = HEAD + head + len(body).to_bytes(2, "big") + bytes([start]) + body + bytes([ETX if last else ETB])
    return data + crc(data).to_bytes(2, "big")
