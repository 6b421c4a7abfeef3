"""Pictures as they are built: JPEG (ISO/IEC 10918-1), PNG (W3C, third edition), WebP (RFC 9649). Nothing is decoded."""

import re
import struct
import zlib
from collections.abc import Iterator
from mmap import mmap
from typing import NamedTuple

from yong.kernel.base.text import Text
from yong.kernel.documents.sniffing.refusing import Unfit, damaged

MOST_SIDE = 32_000
MOST_PIXELS = {"image/jpeg": 200_000_000, "image/png": 64_000_000, "image/webp": 64_000_000}
SOI, EOI, SOS = b"\xff\xd8", b"\xff\xd9", 0xDA
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_SCAN_ENDS = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_FILL = re.compile(rb"\xff{2,}")
_MOST_PIECES = 100_000
_HUGE = Text(
    "图片尺寸 {w}×{h} 超出限制（边长 {side}，合计 {n} 百万像素）",
    "The picture has {w} by {h} pixels; the limits are {side} a side and {n} million",
)


class Piece(NamedTuple):
    """A segment or chunk: its kind, and where it is in the file."""

    kind: int | bytes
    start: int
    end: int


class Picture(NamedTuple):
    """Its size in pixels, and where it ends in the file."""

    width: int
    height: int
    end: int


def picture(type: str, data: mmap | bytes) -> Picture:
    """A picture's size and end. Raises Unfit where it is broken, or larger than anybody needs."""
    try:
        found = {"image/jpeg": _jpeg, "image/png": _png, "image/webp": _webp}[type](data)
    except (struct.error, IndexError):
        raise damaged("内容提前结束", "it ends too early") from None
    most = MOST_PIXELS[type]
    w, h = found.width, found.height
    if not (0 < w <= MOST_SIDE and 0 < h <= MOST_SIDE and w * h <= most):
        raise Unfit(_HUGE, w=w, h=h, side=MOST_SIDE, n=most // 1_000_000)
    return found


def jpeg_pieces(data: mmap | bytes) -> Iterator[Piece]:
    """The segments of a JPEG between its first and its last marker; a scan goes with its entropy-coded data."""
    at, size = 2, len(data)
    for _ in range(_MOST_PIECES):
        if data[at] != 0xFF:
            raise damaged(f"第 {at} 字节处没有标记", f"no marker at byte {at}")
        if (fill := _FILL.match(data, at)) is not None:
            at = fill.end() - 1
        kind = data[at + 1]
        if kind == 0xD9:
            yield Piece(kind, at, at + 2)
            return
        if kind in (0x00, 0xD8) or 0xD0 <= kind <= 0xD7:
            raise damaged(f"第 {at} 字节处有意外的标记", f"an unexpected marker at byte {at}")
        (length,) = struct.unpack(">H", data[at + 2 : at + 4])
        end = at + 2 + length
        if length < 2 or end > size:
            raise damaged(f"第 {at} 字节处的段超出文件", f"a segment beyond the end at byte {at}")
        if kind == SOS:
            found = _SCAN_ENDS.search(data, end)
            if found is None:
                raise damaged("图像数据没有结尾", "its data has no end")
            end = found.start()
        yield Piece(kind, at, end)
        at = end
    raise damaged("段过多", "too many segments")


def png_pieces(data: mmap | bytes) -> Iterator[Piece]:
    """The chunks of a PNG, each with a checksum that is right."""
    at = len(_SIGNATURE)
    for _ in range(_MOST_PIECES):
        length, kind = struct.unpack(">I4s", data[at : at + 8])
        end = at + 12 + length
        if end > len(data):
            raise damaged(f"第 {at} 字节处的块超出文件", f"a chunk beyond the end at byte {at}")
        (crc,) = struct.unpack(">I", data[end - 4 : end])
        if zlib.crc32(data[at + 4 : end - 4]) != crc:
            raise damaged(f"第 {at} 字节处的块校验和不符", f"a wrong checksum at byte {at}")
        yield Piece(kind, at, end)
        if kind == b"IEND":
            return
        at = end
    raise damaged("块过多", "too many chunks")


def webp_pieces(data: mmap | bytes) -> Iterator[Piece]:
    """The chunks of a WebP, each with its padding."""
    (size,) = struct.unpack("<I", data[4:8])
    end_of_all = 8 + size
    if end_of_all > len(data):
        raise damaged("内容提前结束", "it ends too early")
    at = 12
    for _ in range(_MOST_PIECES):
        if at >= end_of_all:
            return
        kind, length = struct.unpack("<4sI", data[at : at + 8])
        end = at + 8 + length + (length & 1)
        if end > end_of_all:
            raise damaged(f"第 {at} 字节处的块超出文件", f"a chunk beyond the end at byte {at}")
        yield Piece(kind, at, end)
        at = end
    raise damaged("块过多", "too many chunks")


def _jpeg(data: mmap | bytes) -> Picture:
    width = height = 0
    pieces = list(jpeg_pieces(data))
    for kind, start, _ in pieces:
        if kind in _FRAMES and not width:
            height, width = struct.unpack(">HH", data[start + 5 : start + 9])
    if not (width and any(p.kind == SOS for p in pieces)):
        raise damaged("没有图像", "it holds no picture")
    return Picture(width, height, pieces[-1].end)


def _png(data: mmap | bytes) -> Picture:
    pieces = list(png_pieces(data))
    kinds = [p.kind for p in pieces]
    if kinds[0] != b"IHDR" or b"IDAT" not in kinds:
        raise damaged("没有图像", "it holds no picture")
    width, height = struct.unpack(">II", data[16:24])
    return Picture(width, height, pieces[-1].end)


def _webp(data: mmap | bytes) -> Picture:
    pieces = list(webp_pieces(data))
    if not pieces:
        raise damaged("没有图像", "it holds no picture")
    kind, start, _ = pieces[0]
    body = data[start + 8 : start + 18]
    if kind == b"VP8X":
        width = int.from_bytes(body[4:7], "little") + 1
        height = int.from_bytes(body[7:10], "little") + 1
    elif kind == b"VP8L" and body[0] == 0x2F:
        bits = int.from_bytes(body[1:5], "little")
        width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    elif kind == b"VP8 " and body[3:6] == b"\x9d\x01\x2a":
        width, height = (n & 0x3FFF for n in struct.unpack("<HH", body[6:10]))
    else:
        raise damaged("没有图像", "it holds no picture")
    if not any(p.kind in (b"VP8 ", b"VP8L", b"ANMF") for p in pieces):
        raise damaged("没有图像", "it holds no picture")
    return Picture(width, height, pieces[-1].end)
