"""The rules of the MQTT door over what a device sends: MQTT 3.1.1, its own topics, QoS 1, readings that can be read."""

from collections.abc import Callable, Mapping

import msgspec

from yong.kernel.base.text import Text
from yong.kernel.sensing.conformance import payload
from yong.kernel.sensing.conformance.findings import About, Finding, Inspector, Rule, broken
from yong.kernel.sensing.contracts import PAYLOAD_BYTES

CONNECT, CONNACK, PUBLISH, SUBSCRIBE = 1, 2, 3, 8
_OF_CLIENTS = frozenset({1, 3, 4, 5, 6, 7, 8, 10, 12, 14})
_LENGTHS = 4  # bytes that the length of a packet takes at most
_OFFLINE = (b"online", b"offline")
_REASONS = {
    1: Text("不支持此协议版本", "this version of the protocol is not supported"),
    2: Text("客户端标识被拒绝", "the client id is refused"),
    3: Text("服务暂不可用", "the server is not available"),
    4: Text("用户名或口令格式有误", "user or password are malformed"),
    5: Text("设备未登记或凭据无效", "the thing is not registered or its credential is not valid"),
}

PACKET = Rule("mqtt.packet", Text("不是 MQTT 报文：{why}", "Not an MQTT packet: {why}"))
FIRST = Rule("mqtt.first", Text("第一个报文应为 CONNECT", "The first packet should be CONNECT"))
VERSION = Rule(
    "mqtt.version",
    Text("协议 {said}，应为 MQTT 3.1.1（级别 4）", "Protocol {said}, should be MQTT 3.1.1 (level 4)"),
)
USER = Rule(
    "mqtt.user", Text("用户名 {said} 应为设备编号 {right}", "The user {said} should be the thing {right}")
)
PASSWORD = Rule(
    "mqtt.password", Text("缺少口令（设备凭据）", "The password (the thing's credential) is missing")
)
WORD = Rule(
    "mqtt.credential", Text("口令不是签发的凭据", "The password is not the credential that was issued")
)
CLIENT = Rule(
    "mqtt.client", Text("客户端标识含句点，服务器会拒绝", "The client id has a dot; the server refuses it")
)
KEEPALIVE = Rule(
    "mqtt.keepalive",
    Text("心跳为 0：断线不能及时发现", "Keep-alive is 0: a lost connection is found late"),
    False,
)
TOPIC = Rule("mqtt.topic", Text("主题 {said} 不是设备的主题", "{said} is no topic of a thing"))
FOREIGN = Rule(
    "mqtt.topic-thing",
    Text("主题 {said} 属于另一设备，应为 {right}", "The topic {said} is another thing's, should be {right}"),
)
QOS0 = Rule(
    "mqtt.qos0", Text("QoS 0 的读数可能丢失，应用 QoS 1", "A reading of QoS 0 may be lost; use QoS 1"), False
)
QOS2 = Rule("mqtt.qos2", Text("QoS 2 没有必要，请用 QoS 1", "There is no need of QoS 2; use QoS 1"), False)
RETAINED = Rule("mqtt.retain", Text("读数不应保留（retain）", "A reading should not be retained"), False)
LARGE = Rule("mqtt.size", Text("载荷 {n} 字节，至多 262144", "A payload of {n} bytes, at most 262,144"))
STATE = Rule("mqtt.state", Text("state 的内容应为 online 或 offline", "A state is online or offline"))
ANSWER = Rule(
    "mqtt.ack", Text("应答应为含 id 与 ok 的 JSON 对象", "An answer is a JSON object with id and ok")
)
FILTER = Rule(
    "mqtt.subscription",
    Text(
        "订阅 {said} 不是设备的命令主题 {right}",
        "The subscription {said} is not the thing's commands, {right}",
    ),
)
REFUSED = Rule(
    "mqtt.connack",
    Text("平台拒绝连接（{code}）：{why}", "The platform refused the connection ({code}): {why}"),
)


class MqttInspector(Inspector):
    """A device's connection."""

    def __init__(self, about: About) -> None:
        super().__init__(about)
        self._buffer, self._answers = b"", b""
        self._connected = False
        self._lost = False  # where a packet begins

    def heard(self, data: bytes, now_us: int) -> list[Finding]:
        out: list[Finding] = []
        if self._lost:
            return out
        self._buffer += data
        while self._buffer:
            size = _size(self._buffer)
            if size is None:
                break
            kind = self._buffer[0] >> 4
            if size < 0 or kind not in _OF_CLIENTS:
                self._lost = True
                why = _LENGTH if size < 0 else _KIND
                return [*out, broken(PACKET, self._buffer, why=why)]
            packet, self._buffer = self._buffer[:size], self._buffer[size:]
            self.messages += kind in (CONNECT, PUBLISH, SUBSCRIBE)
            if not self._connected and kind != CONNECT:
                out.append(broken(FIRST, packet))
            self._connected = True
            try:
                out += self._packet(kind, packet, now_us)
            except (IndexError, UnicodeDecodeError, ValueError):
                out.append(broken(PACKET, packet, why=_CONTENT))
        return out

    def said(self, data: bytes) -> list[Finding]:
        if len(self._answers) > 4:
            return []
        self._answers += data
        if len(self._answers) >= 4 and self._answers[0] >> 4 == CONNACK and self._answers[3]:
            code = self._answers[3]
            return [broken(REFUSED, code=code, why=_REASONS.get(code, Text("未知", "unknown")))]
        return []

    def ended(self) -> list[Finding]:
        return [broken(PACKET, self._buffer, why=_CUT)] if self._buffer and not self._lost else []

    def _packet(self, kind: int, packet: bytes, now_us: int) -> list[Finding]:
        body = packet[_head(packet) :]
        if kind == CONNECT:
            return self._connect(body, packet)
        if kind == PUBLISH:
            return self._publish(packet[0], body, now_us)
        if kind == SUBSCRIBE:
            return self._subscribe(body, packet)
        return []

    def _connect(self, body: bytes, packet: bytes) -> list[Finding]:
        out: list[Finding] = []
        name, at = _text(body, 0)
        level, flags = body[at], body[at + 1]
        if (name, level) != ("MQTT", 4):
            return [broken(VERSION, said=f"{name} {level}")]
        if not body[at + 2] << 8 | body[at + 3]:
            out.append(broken(KEEPALIVE))
        client, at = _text(body, at + 4)
        if "." in client:
            out.append(broken(CLIENT))
        if flags & 4:  # a last will: its topic and message
            _, at = _text(body, at)
            _, at = _bytes(body, at)
        user, at = _text(body, at) if flags & 0x80 else ("", at)
        if user != self.about.thing:
            out.append(broken(USER, said=user or "–", right=self.about.thing))
        if not flags & 0x40:
            return [*out, broken(PASSWORD)]
        password, _ = _text(body, at)
        if self.about.word is not None and password != self.about.word:
            out.append(broken(WORD))
        return out

    def _publish(self, first: int, body: bytes, now_us: int) -> list[Finding]:
        topic, at = _text(body, 0)
        qos = first >> 1 & 3
        message = body[at + (2 if qos else 0) :]
        family, _, rest = topic.partition("/")
        known = _TOPICS.get(family)
        if known is None or (family == "obs" and "/" not in rest):
            return [broken(TOPIC, message, said=topic[:128])]
        out: list[Finding] = []
        form, _, of = rest.rpartition("/") if family == "obs" else ("", "", rest)
        if of != self.about.thing:
            right = f"{topic.removesuffix(of)}{self.about.thing}"
            out.append(broken(FOREIGN, message, said=topic[:128], right=right))
        return out + known(form, message, first, self.about, now_us)

    def _subscribe(self, body: bytes, packet: bytes) -> list[Finding]:
        out: list[Finding] = []
        at, right = 2, f"cmd/{self.about.thing}"
        while at < len(body):
            topic, at = _text(body, at)
            at += 1
            if topic != right:
                out.append(broken(FILTER, said=topic[:128], right=right))
        return out


def _readings(format: str, message: bytes, first: int, about: About, now_us: int) -> list[Finding]:
    qos, out = first >> 1 & 3, []
    if qos != 1:
        out.append(broken(QOS2 if qos else QOS0, message))
    if first & 1:
        out.append(broken(RETAINED, message))
    if len(message) > PAYLOAD_BYTES:
        return [*out, broken(LARGE, message, n=len(message))]
    return out + payload.check(format, message, about, now_us)


def _state(format: str, message: bytes, first: int, about: About, now_us: int) -> list[Finding]:
    return [] if message in _OFFLINE else [broken(STATE, message)]


def _answer(format: str, message: bytes, first: int, about: About, now_us: int) -> list[Finding]:
    try:
        said = msgspec.json.decode(message)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        said = None
    good = isinstance(said, dict) and isinstance(said.get("id"), str) and isinstance(said.get("ok"), bool)
    return [] if good else [broken(ANSWER, message)]


_TOPICS: Mapping[str, Callable[[str, bytes, int, About, int], list[Finding]]] = {
    "obs": _readings,
    "state": _state,
    "ack": _answer,
}


def _head(packet: bytes) -> int:
    """How many bytes stand before a packet's body."""
    at = 1
    while packet[at] & 128:
        at += 1
    return at + 1


def _size(buffer: bytes) -> int | None:
    """How many bytes the first packet has; None: wait for more; less than none: its length is none."""
    length = 0
    for n in range(_LENGTHS):
        if n + 1 >= len(buffer):
            return None
        byte = buffer[n + 1]
        length |= (byte & 127) << 7 * n
        if byte < 128:
            size = n + 2 + length
            return size if len(buffer) >= size else None
    return -1


def _bytes(body: bytes, at: int) -> tuple[bytes, int]:
    end = at + 2 + (body[at] << 8 | body[at + 1])
    if end > len(body):
        raise ValueError("cut")
    return body[at + 2 : end], end


def _text(body: bytes, at: int) -> tuple[str, int]:
    data, end = _bytes(body, at)
    return data.decode(), end


_LENGTH = Text("长度无效", "its length is not valid")
_KIND = Text("没有这种报文", "there is no such packet from a client")
_CONTENT = Text("内容不完整或不是 UTF-8", "its content is cut off or not UTF-8")
_CUT = Text("最后一个报文不完整", "the last one is not whole")
