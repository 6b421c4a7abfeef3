"""ZIP files (APPNOTE 6.3.10) and the formats that are ones: Office (ECMA-376), ODF (ISO/IEC 26300), OFD (GB/T 33190)."""

import io
import re
import stat
import struct
import zipfile
import zlib
from mmap import mmap
from typing import IO

from yong.kernel.base.text import Text
from yong.kernel.documents.sniffing import words
from yong.kernel.documents.sniffing.refusing import Unfit, damaged

MOST_ENTRIES = 10_000
MOST_UNPACKED = 1 << 30
MOST_RATIO, RATIO_FROM = 200, 16 << 20  # unpacked to packed, of what is larger than that
_DEPTH = 3
_PIECE = 256 << 10
_END, _ZIP64 = b"PK\x05\x06", b"PK\x06\x07"
_DIRECTORY = MOST_ENTRIES * 600  # bytes
_OOXML = "application/vnd.openxmlformats-officedocument."
_MAIN = (
    ("word/document.xml", f"{_OOXML}wordprocessingml.document"),
    ("xl/workbook.xml", f"{_OOXML}spreadsheetml.sheet"),
    ("ppt/presentation.xml", f"{_OOXML}presentationml.presentation"),
)
_ODF = frozenset(f"application/vnd.oasis.opendocument.{kind}" for kind in ("text", "spreadsheet"))
_MACROS = re.compile(
    r"(^|/)(vbaProject\.bin|vbaData\.xml)$|^(Basic|Scripts)/|(^|/)activeX\d*\.bin$", re.IGNORECASE
)
_RUNS = re.compile(
    r"\.(exe|dll|com|scr|msi|bat|cmd|ps1|vbs|vbe|js|jse|wsf|hta|lnk|jar|apk|ipa|dmg|sh|html?|svgz?|xhtml|php|py|pl)$",
    re.IGNORECASE,
)
_PACKED = (b"PK\x03\x04", b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"7z\xbc\xaf", b"Rar!")
PROGRAMS = (b"MZ", b"\x7fELF", b"\xca\xfe\xba\xbe", b"\xfe\xed\xfa", b"\xcf\xfa\xed\xfe", b"\xce\xfa\xed\xfe", b"#!", b"\0asm", b"dex\n", b"L\0\0\0\x01\x14\x02\0")  # fmt: skip
_LOCKED = Text("压缩包已加密，请去除密码", "The container is encrypted: take its password off")
_BOMB = Text("解压后过大（压缩炸弹）", "It is too large when unpacked (a zip bomb)")
_MANY = Text("文件数超过 {n}", "It holds more than {n} files")
_NESTED = Text("压缩包内不得再有压缩包：{name}", "An archive in the archive is not taken: {name}")
_PROGRAM = Text("包内有程序或脚本：{name}", "A program or script is in it: {name}")
_MACRO = Text("文档含宏：{name}", "The document holds macros: {name}")
_PATH = Text("包内文件名不安全：{name}", "A name in it is not safe: {name}")


class Budget:
    """How much may still be unpacked of a file, what is nested in it included."""

    def __init__(self, packed: int) -> None:
        self.packed, self.unpacked = packed, 0

    def spend(self, n: int) -> None:
        """Raises Unfit where it is too much."""
        self.unpacked += n
        if self.unpacked > MOST_UNPACKED or (
            self.unpacked > RATIO_FROM and self.unpacked > self.packed * MOST_RATIO
        ):
            raise Unfit(_BOMB)


def ends_as_zip(data: mmap | bytes) -> bool:
    """Whether a file can also be read as a ZIP, which readers find by its end."""
    at = data.rfind(_END, max(0, len(data) - 22 - 65_535))
    while at >= 0:
        if at + 22 <= len(data):
            (comment,) = struct.unpack("<H", data[at + 20 : at + 22])
            if at + 22 + comment <= len(data):
                return True
        at = data.rfind(_END, max(0, len(data) - 22 - 65_535), at)
    return False


def kind(file: IO[bytes], size: int, budget: Budget | None = None, depth: int = 0) -> str:
    """The media type of a ZIP, whose every entry was unpacked and looked at. Raises Unfit."""
    budget = budget or Budget(size)
    try:
        _bounded(file, size)
        with zipfile.ZipFile(file) as archive:
            entries = archive.infolist()
            _laid_out(archive, entries)
            type_ = _type(archive, entries)
            for entry in entries:
                _entry(archive, entry, type_, budget, depth)
    except (zipfile.BadZipFile, zlib.error, EOFError, struct.error, ValueError, OSError) as error:
        raise damaged("压缩包无法读取", str(error)[:100]) from None
    except (NotImplementedError, RuntimeError):  # compressed in a way that is not known, or encrypted
        raise Unfit(_LOCKED) from None
    return type_


def _bounded(file: IO[bytes], size: int) -> None:
    """That its directory is where its end says, and of a size that may be read at once. ZIP64 is for what is larger."""
    start = max(0, size - 22 - 65_535 - 20)
    file.seek(start)
    tail = file.read()
    at = tail.rfind(_END)
    if at < 0 or at + 22 > len(tail):
        raise damaged("压缩包没有结尾", "it has no end")
    directory, _, comment = struct.unpack("<IIH", tail[at + 12 : at + 22])
    if at + 22 + comment != len(tail):
        raise damaged("结尾之后有其他内容", "something follows the end")
    if directory > _DIRECTORY or tail[max(0, at - 20) :].startswith(_ZIP64):
        raise Unfit(_MANY, n=MOST_ENTRIES)


def _laid_out(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo]) -> None:
    """That the entries lie one after the other from the first byte on."""
    if len(entries) > MOST_ENTRIES:
        raise Unfit(_MANY, n=MOST_ENTRIES)
    if not entries:
        raise damaged("是空的", "it is empty")
    ordered = sorted(entries, key=lambda e: e.header_offset)
    if ordered[0].header_offset != 0:
        raise damaged("第一个文件之前有其他内容", "something stands before the first file")
    ends = [e.header_offset for e in ordered[1:]] + [archive.start_dir]
    if any(e.header_offset + 30 + e.compress_size > end for e, end in zip(ordered, ends, strict=True)):
        raise Unfit(_BOMB)  # files that overlap
    if sum(e.file_size for e in entries) > MOST_UNPACKED:
        raise Unfit(_BOMB)


def _type(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo]) -> str:
    names = {e.filename for e in entries}
    if "[Content_Types].xml" in names:
        for main, type_ in _MAIN:
            if main in names:
                return type_
    if entries[0].filename == "mimetype" and entries[0].file_size < 200:
        said = archive.read(entries[0]).decode("ascii", "replace").strip()
        if said in _ODF:
            return said
    return "application/ofd" if "OFD.xml" in names else "application/zip"


def _entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, type_: str, budget: Budget, depth: int) -> None:
    name = entry.filename
    shown = name[-80:]
    parts = name.replace("\\", "/").split("/")
    mode = entry.external_attr >> 16
    if (
        name.startswith(("/", "\\"))
        or ".." in parts
        or ":" in parts[0]
        or not name.isprintable()
        or stat.S_ISLNK(mode)
    ):
        raise Unfit(_PATH, name=shown.encode("ascii", "backslashreplace").decode())
    if entry.flag_bits & 1:
        raise Unfit(_LOCKED)
    if _MACROS.search(name) and type_ != "application/zip":
        raise Unfit(_MACRO, name=shown)
    if type_ == "application/zip" and _RUNS.search(name):
        raise Unfit(_PROGRAM, name=shown)
    if entry.is_dir():
        return
    with archive.open(entry) as content:
        head = content.read(_PIECE)
        budget.spend(len(head))
        if head.startswith(PROGRAMS) and (words.binary(head) or head.startswith(b"#!")):
            raise Unfit(_PROGRAM, name=shown)
        if head.startswith(_PACKED) and words.binary(head):
            _nested(content, head, shown, budget, depth)
            return
        while piece := content.read(_PIECE):
            budget.spend(len(piece))


def _nested(content: IO[bytes], head: bytes, name: str, budget: Budget, depth: int) -> None:
    """A container in a container: office documents are, archives are not taken."""
    if not head.startswith(b"PK\x03\x04") or depth >= _DEPTH:
        raise Unfit(_NESTED, name=name)
    whole = bytearray(head)
    while piece := content.read(_PIECE):
        budget.spend(len(piece))
        whole += piece
        if len(whole) > RATIO_FROM * 4:
            raise Unfit(_BOMB)
    if kind(io.BytesIO(bytes(whole)), len(whole), budget, depth + 1) == "application/zip":
        raise Unfit(_NESTED, name=name)
