"""What a file is, by its bytes, and whether it may be kept. No database, no web; nothing of a file is run or decoded.

A file is taken when its content is of one known format alone, whole, within limits, and of the type it was said to be.
"""

import mmap
from pathlib import Path

import msgspec

from yong.kernel.base.text import Text
from yong.kernel.documents.media import MEDIA
from yong.kernel.documents.sniffing import containers, films, papers, pictures, words
from yong.kernel.documents.sniffing.refusing import BOTH, LONGER, Unfit

__all__ = ["Found", "Unfit", "examine", "kind_of"]

_LEGACY = Text(
    "不接受旧版或加密的 Office 文件，请另存为 DOCX、XLSX 或 PPTX",
    "Office files of the old format, or encrypted ones, are not taken: save it as DOCX, XLSX or PPTX",
)
_PROGRAM = Text("不接受程序和脚本", "Programs and scripts are not taken")
_PICTURE = Text(
    "不接受此种图片，请存为 JPEG、PNG 或 WebP",
    "This kind of picture is not taken: save it as JPEG, PNG or WebP",
)
_ARCHIVE = Text("不接受此种压缩包，请用 ZIP", "This kind of archive is not taken: use ZIP")
_OTHER = Text(
    "内容是 {found}，与声明的 {said} 不符",
    "The content is {found}, which is not what it was said to be ({said})",
)
_HIDDEN = Text("文件开头含脚本或标记", "Markup or a script stands at the beginning of the file")
_REFUSED: tuple[tuple[tuple[bytes, ...], Text], ...] = (
    (containers.PROGRAMS, _PROGRAM),
    ((b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",), _LEGACY),
    ((b"GIF87a", b"GIF89a", b"BM", b"II*\0", b"MM\0*", b"\0\0\1\0", b"8BPS", b"\xff\x0a", b"\0\0\0\x0cJXL "), _PICTURE),
    ((b"7z\xbc\xaf\x27\x1c", b"Rar!", b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd", b"PK\x05\x06", b"PK\x07\x08"), _ARCHIVE),
)  # fmt: skip
_BEGINS = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"%PDF-", "application/pdf"),
)
_ACTIVE = (b"<script", b"<html", b"<svg", b"<!doctype", b"<?php", b"<iframe")


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """What a file is. `end` is where the picture ends, which may be before the file does."""

    media_type: str
    charset: str | None = None
    width: int | None = None
    height: int | None = None
    end: int | None = None


def examine(file: Path, said: str, *, strip: bool = False) -> Found:
    """Look at a file that was said to be of a type. Raises Unfit for one that is not kept.

    With `strip` a picture may be followed by something else, which is left out of what is kept.
    """
    size = file.stat().st_size
    with file.open("rb") as opened, mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as data:
        type_ = kind_of(data)
        if type_ == "application/zip":
            type_ = containers.kind(opened, size)
        elif containers.ends_as_zip(data):
            raise Unfit(BOTH, what="ZIP")
        if type_ == "text/plain" and MEDIA[said].text:
            return Found(media_type=said, charset=words.charset(data))
        if type_ != said:
            raise Unfit(_OTHER, found=type_, said=said)
        if type_ == "application/pdf":
            papers.check(data)
        elif type_ == "video/mp4":
            films.check(data)
        elif MEDIA[type_].picture:
            return _picture(type_, data, strip)
        return Found(media_type=type_)


def kind_of(data: mmap.mmap | bytes) -> str:
    """The media type by the first bytes; `application/zip` for all that is a ZIP, `text/plain` for all text.

    Raises Unfit for what is known and not taken, for what is unknown, and for what passes for two things.
    """
    head = data[:4096]
    if head.startswith(b"#!"):
        raise Unfit(_PROGRAM)
    if words.binary(head):  # a text may begin with MZ or BM as well
        for beginnings, why in _REFUSED:
            if head.startswith(beginnings):
                raise Unfit(why)
    if head.startswith(b"PK\x03\x04"):
        return "application/zip"
    type_ = next((t for start, t in _BEGINS if head.startswith(start)), None)
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        type_ = "image/webp"
    elif head[4:8] == b"ftyp":
        type_ = films.kind(data)
    if type_ is None:
        words.charset(data)
        if b"%PDF-" in head[:1024]:
            raise Unfit(BOTH, what="PDF")
        return "text/plain"
    if type_ != "application/pdf":
        if b"%PDF-" in head[:1024]:
            raise Unfit(BOTH, what="PDF")
        if any(word in head.lower() for word in _ACTIVE):
            raise Unfit(_HIDDEN)
    return type_


def _picture(type_: str, data: mmap.mmap, strip: bool) -> Found:
    found = pictures.picture(type_, data)
    rest = len(data) - found.end
    if rest and not strip:
        raise Unfit(LONGER, n=rest)
    return Found(media_type=type_, width=found.width, height=found.height, end=found.end)
