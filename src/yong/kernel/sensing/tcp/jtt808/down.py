"""Bodies of what the platform says to a terminal, and commands by name with their arguments.

    text        {"text": …, "as": ["urgent", "display", "speak", "advertise"], "kind": "notice" | "service"}   0x8300
    control     {"action": "shutdown" | "reset" | "factory_reset" | "close_data" | "close_wireless"}           0x8105
    locate      {}                                                                                            0x8201
    parameters  {"heartbeat_s": 60, "report_interval_s": 30, …} (see PARAMETERS)                              0x8103

A terminal answers with 0x0001, `locate` with 0x0201. Source: JT/T 808-2013 and -2019, clause 8.
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import msgspec

from yong.kernel.base.errors import Invalid, Problem
from yong.kernel.base.text import Text

GENERAL, PARTS_AGAIN, REGISTERED = 0x8001, 0x8003, 0x8100
PARAMETERS_SET, CONTROL, LOCATE, TEXT = 0x8103, 0x8105, 0x8201, 0x8300
DONE, FAILED, WRONG, UNSUPPORTED = 0, 1, 2, 3  # results of 0x8001
TEXT_BYTES = 1000  # the standard's 1,024 do not fit a message that is not in parts

Built = tuple[int, bytes]  # message id, body


def general(serial: int, id_: int, result: int) -> bytes:
    """0x8001: the result of the terminal's message."""
    return serial.to_bytes(2, "big") + id_.to_bytes(2, "big") + bytes((result,))


def parts_again(edition: int, first_serial: int, parts: tuple[int, ...]) -> bytes:
    """0x8003: parts to send again, at most 255; their count is a byte in 2013 and a word in 2019."""
    wanted = parts[:255]
    count = len(wanted).to_bytes(2 if edition == 2019 else 1, "big")
    return first_serial.to_bytes(2, "big") + count + b"".join(p.to_bytes(2, "big") for p in wanted)


def registered(serial: int, result: int, code: str = "") -> bytes:
    """0x8100: 0 with the authentication code; 1 and 3: vehicle, terminal known already; 2 and 4: not known."""
    return serial.to_bytes(2, "big") + bytes((result,)) + (b"" if result else code.encode("gbk"))


class _Text(msgspec.Struct, forbid_unknown_fields=True):
    text: str
    manner: list[str] = msgspec.field(name="as", default_factory=lambda: ["display"])
    kind: str = "notice"


class _Control(msgspec.Struct, forbid_unknown_fields=True):
    action: str


class _Nothing(msgspec.Struct, forbid_unknown_fields=True):
    pass


MANNERS: Mapping[str, int] = {"display": 1 << 2, "speak": 1 << 3}
ACTIONS: Mapping[str, int] = {
    "shutdown": 3,
    "reset": 4,
    "factory_reset": 5,
    "close_data": 6,
    "close_wireless": 7,
}


class Parameter(msgspec.Struct, frozen=True):
    """A terminal's parameter: its number and the values it may take. All of these are DWORDs."""

    id: int
    low: int
    high: int


PARAMETERS: Mapping[str, Parameter] = {
    "heartbeat_s": Parameter(0x0001, 1, 86_400),
    "tcp_answer_timeout_s": Parameter(0x0002, 1, 3_600),
    "tcp_retries": Parameter(0x0003, 0, 255),
    "report_strategy": Parameter(0x0020, 0, 2),  # 0 by time, 1 by distance, 2 by both
    "report_sleeping_s": Parameter(0x0027, 1, 86_400),
    "report_interval_s": Parameter(0x0029, 1, 86_400),
    "report_distance_m": Parameter(0x002C, 1, 100_000),
    "turn_angle_deg": Parameter(0x0030, 0, 179),
    "max_speed_kmh": Parameter(0x0055, 1, 300),
    "overspeed_s": Parameter(0x0056, 0, 3_600),
}


def _text(arguments: Mapping[str, Any], edition: int) -> Built:
    given = _given(arguments, _Text)
    flags = 0
    for manner in given.manner:
        if manner in MANNERS:
            flags |= MANNERS[manner]
        elif manner == "advertise" and edition == 2013:
            flags |= 1 << 4
        elif manner != "urgent":
            raise _wrong("as", _MANNER)
    if given.kind not in ("notice", "service"):
        raise _wrong("kind", _KIND)
    try:
        text = given.text.encode("gbk")
    except UnicodeEncodeError:
        raise _wrong("text", _GBK) from None
    if not 0 < len(text) <= TEXT_BYTES:
        raise _wrong("text", _LENGTH)
    urgent = "urgent" in given.manner
    if edition == 2013:
        return TEXT, bytes((flags | urgent,)) + text
    # 2019: bits 0 and 1 are 01 service, 10 urgent, 11 notice; then a byte, 1 notice or 2 service
    flags |= 2 if urgent else {"service": 1, "notice": 3}[given.kind]
    return TEXT, bytes((flags, {"notice": 1, "service": 2}[given.kind])) + text


def _control(arguments: Mapping[str, Any], edition: int) -> Built:
    action = ACTIONS.get(_given(arguments, _Control).action)
    if action is None:
        raise _wrong("action", _ACTION)
    return CONTROL, bytes((action,))


def _locate(arguments: Mapping[str, Any], edition: int) -> Built:
    _given(arguments, _Nothing)
    return LOCATE, b""


def _parameters(arguments: Mapping[str, Any], edition: int) -> Built:
    if not arguments:
        raise _wrong("", _PARAMETER)
    body = bytes((len(arguments),))
    for name, value in arguments.items():
        known = PARAMETERS.get(name)
        if known is None:
            raise _wrong("", _PARAMETER)
        if type(value) is not int or not known.low <= value <= known.high:
            raise _wrong(name, Text(f"应在 {known.low} 与 {known.high} 之间", f"{known.low} to {known.high}"))
        body += known.id.to_bytes(4, "big") + b"\x04" + value.to_bytes(4, "big")
    return PARAMETERS_SET, body


COMMANDS: Mapping[str, Callable[[Mapping[str, Any], int], Built]] = {
    "text": _text,
    "control": _control,
    "locate": _locate,
    "parameters": _parameters,
}


def command(name: str, arguments: Mapping[str, Any], edition: int) -> Built:
    """The message id and the body of a command. Raises Invalid."""
    build = COMMANDS.get(name)
    if build is None:
        raise Invalid(_COMMAND)
    return build(arguments, edition)


T = TypeVar("T")


def _given(arguments: Mapping[str, Any], shape: type[T]) -> T:
    try:
        return msgspec.convert(dict(arguments), shape)
    except msgspec.ValidationError as error:
        raise Invalid(_SHAPE, why=str(error)[:200]) from None


def _wrong(where: str, text: Text) -> Invalid:
    return Invalid(text, problems=(Problem(f"/arguments/{where}".rstrip("/"), text),))


_COMMAND = Text(
    "JT/T 808 终端的命令有 text、control、locate、parameters",
    "The commands of a JT/T 808 terminal are text, control, locate and parameters",
)
_SHAPE = Text("命令参数不符：{why}", "The arguments do not fit: {why}")
_MANNER = Text(
    "须为 urgent、display、speak 或（2013 版）advertise", "urgent, display, speak or (2013) advertise"
)
_KIND = Text("须为 notice 或 service", "notice or service")
_GBK = Text("含有 GBK 编码以外的字符", "It has characters beyond GBK")
_LENGTH = Text("须为 1 至 1000 字节（GBK）", "1 to 1,000 bytes of GBK")
_ACTION = Text("须为 {}".format("、".join(ACTIONS)), "One of {}".format(", ".join(ACTIONS)))
_PARAMETER = Text("须为 {}".format("、".join(PARAMETERS)), "Any of {}".format(", ".join(PARAMETERS)))
