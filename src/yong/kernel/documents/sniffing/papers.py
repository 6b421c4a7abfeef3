"""PDF (ISO 32000): whole, not encrypted, and without what acts by itself. Read as text; nothing of it is run."""

import re
import zlib
from mmap import mmap

from yong.kernel.base.text import Text
from yong.kernel.documents.sniffing.refusing import Unfit, damaged

_HEAD = re.compile(rb"%PDF-[12]\.\d[\s\r\n%]")
_STREAM = re.compile(rb"stream\r?\n")
_PACKED = re.compile(rb"/(?:ObjStm|#4fbjStm)\b", re.IGNORECASE)
_ESCAPED = re.compile(rb"#([0-9A-Fa-f]{2})")
_ACTS = re.compile(rb"/(?:JavaScript|JS|Launch|RichMedia|XFA)(?=[\s/<(\[\]>)%]|$)")
_ENCRYPTED = re.compile(rb"/Encrypt(?=[\s/<(\[\]>)%]|$)")
_UNPACKED = 64 << 20  # bytes of packed objects that are looked at, of a whole file
_LOCKED = Text("PDF 已加密，请去除密码后再上传", "The PDF is encrypted: take its password off first")
_ACTIVE = Text("PDF 含脚本或会启动程序（{what}）", "The PDF holds a script or starts something ({what})")
_PACKED_BOMB = Text("PDF 解压后过大", "The PDF is too large when unpacked")


def check(data: mmap | bytes) -> None:
    """Raises Unfit for a PDF that is damaged, encrypted or acts by itself."""
    if not _HEAD.match(data):
        raise damaged("首行不是 PDF", "its first line is not that of a PDF")
    if data.rfind(b"%%EOF", max(0, len(data) - 2048)) < 0:
        raise damaged("内容提前结束", "it ends too early")
    left = _UNPACKED
    at, said = 0, []
    while (found := _STREAM.search(data, at)) is not None:
        before = data[at : found.start()]
        said.append(before)
        end = data.find(b"endstream", found.end())
        if end < 0:
            break  # the rest is read as it is
        if _PACKED.search(before[-2048:]):
            unpacked = _unpacked(data[found.end() : end], left)
            left -= len(unpacked)
            said.append(unpacked)
        at = end + len(b"endstream")
    said.append(data[at:])
    for text in said:
        _judge(text)


def _judge(text: bytes) -> None:
    if b"#" in text:
        text = _ESCAPED.sub(lambda m: bytes((int(m[1], 16),)), text)
    if _ENCRYPTED.search(text):
        raise Unfit(_LOCKED)
    if found := _ACTS.search(text):
        raise Unfit(_ACTIVE, what=found[0].decode("ascii"))


def _unpacked(packed: bytes, most: int) -> bytes:
    """What a stream of objects holds; nothing where it is compressed in another way, which no writer uses for it."""
    inflate = zlib.decompressobj()
    try:
        out = inflate.decompress(packed, most)
    except zlib.error:
        return b""
    if inflate.unconsumed_tail:
        raise Unfit(_PACKED_BOMB)
    return out
