"""The rules of AIS sentences (NMEA 0183, ITU-R M.1371) over what a receiver passes on."""

import re
from functools import reduce
from operator import xor

from yong.kernel.base.errors import YongError
from yong.kernel.base.text import Text
from yong.kernel.sensing.conformance.findings import (
    About,
    Finding,
    Inspector,
    Rule,
    ahead,
    broken,
    refused,
    times,
)
from yong.kernel.sensing.tcp.ais import ships
from yong.kernel.sensing.tcp.ais.sentence import LINE_BYTES, Assembler, parse

_SIGN_ON = re.compile(rb"\$(PYNG,([^,*]*),([^,*]*))(?:\*([0-9A-Fa-f]{2}))?")
_CHECKED = re.compile(rb"(?:\\[^\\]*\\)?[!$]([^*]*)\*([0-9A-Fa-f]{2})")

SIGN_ON = Rule(
    "ais.sign-on", Text("首行应为 $PYNG,<设备>,<口令>", "The first line should be $PYNG,<thing>,<word>")
)
THING = Rule("ais.thing", Text("设备 {said} 应为 {right}", "The thing {said} should be {right}"))
WORD = Rule("ais.word", Text("口令不是登记的口令", "The word is not the one that was enrolled"))
LONG = Rule("ais.long", Text("一行 {n} 字节，至多 512", "A line of {n} bytes, at most 512"))
CHECK = Rule(
    "ais.checksum", Text("校验和为 {said}，应为 {right}", "The checksum is {said}, should be {right}")
)
FORM = Rule("ais.form", Text("不是 AIS 语句", "Not a sentence of AIS"))
KIND = Rule("ais.type", Text("不处理类型 {said}", "Messages of type {said} are passed over"), False)
PARTS = Rule("ais.parts", Text("多语句消息不完整", "A message of several sentences is not whole"))
REFUSED = Rule("ais.refused", Text("不能读取", "It cannot be read"))
EMPTY = Rule(
    "ais.empty", Text("消息中没有可用的内容", "Everything in the message is marked as not available"), False
)
IMO = Rule("ais.imo", Text("IMO 编号 {said} 校验位不符", "IMO number {said} has a wrong check digit"), False)
CUT = Rule("ais.cut", Text("最后一行没有换行（{n} 字节）", "The last line has no end ({n} bytes)"))
REFUSED_WORD = Rule("ais.away", Text("平台应答 $PYNG,NO", "The platform answered $PYNG,NO"))
CLOCK = times("ais")[1]
_TAGGED = Text("标签块时间", "The tag block's time")


class AisInspector(Inspector):
    """A receiver's connection. `signs_on` is false where it is connected to, or speaks over MQTT."""

    def __init__(self, about: About, *, signs_on: bool = True) -> None:
        super().__init__(about)
        self._rest = b""
        self._signs_on = signs_on
        self._assembler = Assembler()
        self._lost = 0

    def heard(self, data: bytes, now_us: int) -> list[Finding]:
        *lines, self._rest = (self._rest + data).split(b"\n")
        out = [finding for line in lines if line.strip() for finding in self._line(line.strip(), now_us)]
        if len(self._rest) > LINE_BYTES:
            out.append(broken(LONG, self._rest, n=len(self._rest)))
            self._rest = b""
        return out

    def said(self, data: bytes) -> list[Finding]:
        return [broken(REFUSED_WORD)] if b"$PYNG,NO" in data else []

    def ended(self) -> list[Finding]:
        out = [broken(PARTS)] * bool(self._assembler.waiting)
        if self._rest.strip():
            out.append(broken(CUT, self._rest, n=len(self._rest)))
        return out

    def _line(self, line: bytes, now_us: int) -> list[Finding]:
        self.messages += 1
        out: list[Finding] = []
        if self._signs_on:
            self._signs_on = False
            found = _SIGN_ON.fullmatch(line)
            if found is None:
                out.append(broken(SIGN_ON, line))
            else:
                return self._named(line, found)
        if len(line) > LINE_BYTES:
            return [*out, broken(LONG, line, n=len(line))]
        if not line.startswith((b"!", b"\\")):
            return out if line.startswith(b"$") else [*out, broken(FORM, line)]
        if wrong := _checksum(line):
            return out + wrong
        try:
            part = parse(line)
            assert part is not None
        except YongError:
            return [*out, broken(FORM, line)]
        said = self._assembler.add(part, now_us / 1e6)
        if self._assembler.forgotten > self._lost:
            self._lost = self._assembler.forgotten
            out.append(broken(PARTS, line))
        if said is None:
            return out
        if said.type not in ships.KNOWN:
            return [*out, broken(KIND, line, said=said.type)]
        if said.time_us is not None:
            out += ahead(CLOCK, _TAGGED, said.time_us, now_us, line)
        try:
            _, _, readings = ships.decode(said, now_us)
        except YongError as error:
            return [*out, refused(REFUSED, error.detail, line)]
        if not readings:
            out.append(broken(EMPTY, line))
        return out + [broken(IMO, line, said=value) for name, value, _ in readings if name == "imoClaimed"]

    def _named(self, line: bytes, found: "re.Match[bytes]") -> list[Finding]:
        out: list[Finding] = []
        if found[4]:
            out += _checksum(line)
        if found[2].decode("latin-1") != self.about.thing:
            out.append(broken(THING, line, said=found[2].decode("latin-1"), right=self.about.thing))
        if self.about.word is not None and found[3].decode("latin-1") != self.about.word:
            out.append(broken(WORD))
        return out


def _checksum(line: bytes) -> list[Finding]:
    found = _CHECKED.match(line)
    if found is None:
        return [broken(FORM, line)]
    right = f"{reduce(xor, found[1], 0):02X}"
    said = found[2].decode().upper()
    return [broken(CHECK, line, said=said, right=right)] if said != right else []
