"""What a file is follows from its bytes; what is hostile, broken or another thing under a wrong name is refused."""

import io
import struct
import tempfile
import time
import zipfile
import zlib
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from tests.documents import files

from yong.kernel.documents import photos
from yong.kernel.documents.media import MEDIA
from yong.kernel.documents.sniffing import Found, Unfit, examine, kind_of, words
from yong.kernel.documents.sniffing.pictures import picture

GOOD = files.every()


def looked_at(tmp_path: Path, content: bytes, said: str, *, strip: bool = False) -> Found:
    file = tmp_path / "file"
    file.write_bytes(content)
    return examine(file, said, strip=strip)


def test_every_media_type_has_a_good_file() -> None:
    assert GOOD.keys() == MEDIA.keys()


@pytest.mark.parametrize("type_", sorted(MEDIA))
def test_a_file_is_what_it_is_and_nothing_else(tmp_path: Path, type_: str) -> None:
    found = looked_at(tmp_path, GOOD[type_], type_)
    assert found.media_type == type_
    for other in MEDIA:
        if other != type_ and not (MEDIA[other].text and MEDIA[type_].text):
            with pytest.raises(Unfit):
                looked_at(tmp_path, GOOD[type_], other)


def test_pictures_tell_their_size_and_texts_their_encoding(tmp_path: Path) -> None:
    assert (looked_at(tmp_path, GOOD["image/jpeg"], "image/jpeg").width, 64) == (64, 64)
    assert looked_at(tmp_path, GOOD["image/png"], "image/png").height == 20
    assert looked_at(tmp_path, GOOD["image/webp"], "image/webp").width == 40
    assert looked_at(tmp_path, GOOD["text/plain"], "text/plain").charset == "utf-8"
    assert looked_at(tmp_path, GOOD["text/csv"], "text/csv").charset == "gb18030"


def _encrypted_zip() -> bytes:
    content = bytearray(files.zipped({"a.txt": b"hello"}))
    content[6] |= 1  # the flag of the entry, and of the directory
    content[content.find(b"PK\1\2") + 8] |= 1
    return bytes(content)


def _overlapping() -> bytes:
    """Two names of one file's bytes, as a bomb has thousands."""
    content = files.zipped({"a.txt": b"x" * 100, "b.txt": b"x" * 100})
    at = content.find(b"PK\1\2", content.find(b"PK\1\2") + 4)
    return content[: at + 42] + struct.pack("<I", 0) + content[at + 46 :]


def _directory() -> bytes:
    """A ZIP that says its directory has 3 GB, which a reader would read at once."""
    content = files.zipped({"a.txt": b"x"})
    at = content.rfind(b"PK\5\6")
    return content[: at + 12] + struct.pack("<I", 3 << 30) + content[at + 16 :]


def _chunks() -> bytes:
    body = b"WEBP" + b"JUNK\0\0\0\0" * 200_000
    return b"RIFF" + struct.pack("<I", len(body)) + body


def _link() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        info = zipfile.ZipInfo("link")
        info.external_attr = 0o120777 << 16
        archive.writestr(info, "/etc/passwd")
    return out.getvalue()


HOSTILE: dict[str, tuple[str, bytes]] = {
    "a program": ("application/zip", b"MZ\x90\0" + b"\0" * 200),
    "an ELF as a picture": ("image/png", b"\x7fELF" + b"\0" * 200),
    "a shell script as text": ("text/plain", b"#!/bin/sh\nrm -rf /\n"),
    "HTML as text": ("text/plain", b"\xef\xbb\xbf  <!-- x -->\n<HTML><script>alert(1)</script>"),
    "SVG as text": ("text/plain", b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'),
    "XML as text": ("text/csv", b'<?xml version="1.0"?><!DOCTYPE x><x/>'),
    "HTML in UTF-16": ("text/plain", "<html><script>".encode("utf-16")),
    "HTML behind comments": ("text/plain", b"<!---->" * 1100 + b"<html>"),
    "a comment without an end": ("text/plain", b"<!-- " * 3000),
    "binary as text": ("text/plain", b"hello\0world"),
    "HEIC": ("image/jpeg", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"\0" * 50),
    "GIF": ("image/png", b"GIF89a\1\0\1\0\0\0\0;"),
    "old Office": ("application/zip", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600),
    "7z": ("application/zip", b"7z\xbc\xaf\x27\x1c" + b"\0" * 100),
    "a JPEG with a ZIP behind it": ("image/jpeg", files.jpeg() + files.zipped({"a.txt": b"x"})),
    "a PDF with a ZIP behind it": ("application/pdf", files.pdf() + files.zipped({"a.txt": b"x"})),
    "a JPEG with a PDF in its head": ("image/jpeg", files.jpeg()[:2] + b"\xff\xfe\0\x12%PDF-1.4 hidden" + files.jpeg()[2:]),
    "a JPEG with a script in its head": ("image/jpeg", files.jpeg()[:2] + b"\xff\xfe\0\x1a<script>alert(1)</script"[:28] + files.jpeg()[2:]),
    "something after a picture": ("image/png", files.png() + b"more"),
    "half a JPEG": ("image/jpeg", files.jpeg()[:-300]),
    "a PNG with a wrong checksum": ("image/png", files.png()[:-20] + b"\0\0" + files.png()[-18:]),
    "a picture of absurd size": ("image/png", files.png_of(30_000, 30_000)),
    "a picture of a line": ("image/png", files.png_of(1, 2_000_000)),
    "a picture of nothing": ("image/png", files.png_of(0, 10)),
    "an encrypted PDF": ("application/pdf", files.pdf(b"5 0 obj\n<< /Encrypt 6 0 R >>\nendobj\n")),
    "a PDF with a script": ("application/pdf", files.pdf(b"", b"/OpenAction << /S /JavaScript /JS (app.alert(1)) >> ")),
    "a PDF with a hidden script": ("application/pdf", files.pdf(b"", b"/OpenAction << /S /J#61vaScript >> ")),
    "a PDF that starts a program": ("application/pdf", files.pdf(b"", b"/OpenAction << /S /Launch >> ")),
    "a PDF without an end": ("application/pdf", files.pdf()[:200]),
    "a macro": (f"{files.OOXML}wordprocessingml.document", files.docx(**{"word/vbaProject.bin": b"x"})),
    "an encrypted ZIP": ("application/zip", _encrypted_zip()),
    "a ZIP in a ZIP": ("application/zip", files.zipped({"inner.zip": files.zipped({"a": b"x"})})),
    "a program in a ZIP": ("application/zip", files.zipped({"tool.exe": b"harmless"})),
    "a program under another name": ("application/zip", files.zipped({"photo.jpg": b"MZ\x90\0\0\0"})),
    "a page in a ZIP": ("application/zip", files.zipped({"index.html": b"<html>"})),
    "a name that climbs": ("application/zip", files.zipped({"../../etc/passwd": b"x"})),
    "a name from the root": ("application/zip", files.zipped({"/etc/passwd": b"x"})),
    "a link": ("application/zip", _link()),
    "files that overlap": ("application/zip", _overlapping()),
    "a bomb": ("application/zip", files.zipped({"big.txt": b"\0" * (80 << 20)})),
    "a bomb in a document": (
        f"{files.OOXML}wordprocessingml.document",
        files.docx(**{"word/embeddings/x.docx": files.docx(**{"big.xml": b"\0" * (60 << 20)})}),
    ),
    "something after a ZIP": ("application/zip", files.zipped({"a.txt": b"x"}) + b"more"),
    "a directory of gigabytes": ("application/zip", _directory()),
    "a picture of fill bytes": ("image/jpeg", b"\xff\xd8" + b"\xff" * (8 << 20)),
    "a picture of empty chunks": ("image/webp", _chunks()),
    "too many files": ("application/zip", files.zipped({f"{n}.txt": b"" for n in range(10_001)})),
    "an empty ZIP": ("application/zip", files.zipped({})),
    "something before a ZIP": ("application/zip", b"PK\3\4" + b"\0" * 60 + files.zipped({"a.txt": b"x"})),
    "a video cut off": ("video/mp4", files.mp4()[:-10]),
    "a video of nothing": ("video/mp4", files.mp4()[:24]),
    "QuickTime": ("video/mp4", b"\0\0\0\x14ftypqt  \0\0\0\0qt  " + b"\0\0\0\x08moov"),
}  # fmt: skip


REASONS = {
    "a program": "Programs",
    "an ELF as a picture": "Programs",
    "a shell script as text": "scripts",
    "HTML as text": "HTML",
    "SVG as text": "SVG",
    "XML as text": "XML",
    "HTML in UTF-16": "HTML",
    "HTML behind comments": "HTML",
    "a comment without an end": "HTML",
    "binary as text": "cannot be told",
    "HEIC": "HEIC",
    "GIF": "kind of picture",
    "old Office": "old format",
    "7z": "kind of archive",
    "a JPEG with a ZIP behind it": "(ZIP)",
    "a PDF with a ZIP behind it": "(ZIP)",
    "a JPEG with a PDF in its head": "(PDF)",
    "a JPEG with a script in its head": "Markup",
    "something after a picture": "strip",
    "half a JPEG": "no end",
    "a PNG with a wrong checksum": "checksum",
    "a picture of absurd size": "30000 by 30000",
    "a picture of a line": "1 by 2000000",
    "a picture of nothing": "0 by 10",
    "an encrypted PDF": "encrypted",
    "a PDF with a script": "JavaScript",
    "a PDF with a hidden script": "JavaScript",
    "a PDF that starts a program": "Launch",
    "a PDF without an end": "too early",
    "a macro": "macros",
    "an encrypted ZIP": "encrypted",
    "a ZIP in a ZIP": "archive in the archive",
    "a program in a ZIP": "tool.exe",
    "a program under another name": "photo.jpg",
    "a page in a ZIP": "index.html",
    "a name that climbs": "not safe",
    "a name from the root": "not safe",
    "a link": "not safe",
    "files that overlap": "bomb",
    "a bomb": "bomb",
    "a bomb in a document": "bomb",
    "something after a ZIP": "follows the end",
    "a directory of gigabytes": "more than 10000",
    "a picture of fill bytes": "too early",
    "a picture of empty chunks": "too many chunks",
    "too many files": "more than 10000",
    "an empty ZIP": "kind of archive",
    "something before a ZIP": "before the first file",
    "a video cut off": "beyond the end",
    "a video of nothing": "beyond the end",
    "QuickTime": "(qt)",
}


@pytest.mark.parametrize("what", sorted(HOSTILE))
def test_what_is_hostile_is_refused_in_both_languages(tmp_path: Path, what: str) -> None:
    said, content = HOSTILE[what]
    began = time.perf_counter()
    with pytest.raises(Unfit) as refused:
        looked_at(tmp_path, content, said)
    assert time.perf_counter() - began < 12, "whoever sends it holds the server up"
    assert refused.value.why.en.isascii()
    assert REASONS[what] in refused.value.why.en
    assert any("一" <= c <= "鿿" for c in refused.value.why.zh)


def test_a_script_in_packed_objects_of_a_pdf_is_found(tmp_path: Path) -> None:
    packed = zlib.compress(b"7 0 << /S /JavaScript /JS (x) >>")
    stream = b"7 0 obj\n<< /Type /ObjStm /N 1 /First 4 /Filter /FlateDecode /Length %d >>\nstream\n%s\nendstream\nendobj\n"
    with pytest.raises(Unfit):
        looked_at(tmp_path, files.pdf(stream % (len(packed), packed)), "application/pdf")
    harmless = b"8 0 obj\n<< /Length 20 >>\nstream\n /JS /Launch in data \nendstream\nendobj\n"
    looked_at(tmp_path, files.pdf(harmless), "application/pdf")


def test_texts_that_begin_as_programs_do_are_texts() -> None:
    for text in (b"MZ,1\n", b"BMI,weight\n", b"BZh is a prefix\n", b"Rar! said the cat\n"):
        assert kind_of(text) == "text/plain"


@given(st.binary(max_size=400))
def test_any_bytes_are_known_or_refused_and_nothing_else(data: bytes) -> None:
    with suppress(Unfit):
        assert kind_of(data) in {*MEDIA, "application/zip"}


@given(st.sampled_from(sorted(MEDIA)), st.data())
def test_a_file_with_changed_bytes_is_known_or_refused_and_nothing_else(
    type_: str, data: st.DataObject
) -> None:
    content = bytearray(GOOD[type_])
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(1, len(content)))
    with tempfile.TemporaryDirectory() as folder, suppress(Unfit):
        assert looked_at(Path(folder), bytes(content[:cut]), type_).media_type == type_


@given(st.text(alphabet=st.characters(exclude_categories=("Cc", "Cs", "Cn")), min_size=1))
def test_every_text_is_text_unless_it_is_markup(text: str) -> None:
    raw = text.encode()
    if not words.markup(raw) and not raw.startswith(b"#!") and b"%PDF-" not in raw and raw[4:8] != b"ftyp":
        assert words.charset(raw) == "utf-8"


@pytest.mark.parametrize(("type_", "content"), [
    ("image/jpeg", files.jpeg(exif=True, turn=6, extra=b"a video behind the photo")),
    ("image/webp", files.webp(exif=True)),
])  # fmt: skip
def test_a_stripped_photo_is_the_same_picture_and_tells_nothing_else(
    tmp_path: Path, type_: str, content: bytes
) -> None:
    source, target = tmp_path / "a", tmp_path / "b"
    source.write_bytes(content)
    examine(source, type_, strip=True)
    photos.strip(source, target, type_)
    bare = target.read_bytes()
    for told in (b"Secret", b"a comment", b"a video"):
        assert told not in bare
    examine(target, type_)
    before, after = Image.open(source), Image.open(target)
    assert before.tobytes() == after.tobytes()
    assert not after.getexif().get_ifd(0x8825)
    assert after.getexif().get(0x0112) == before.getexif().get(0x0112)


def test_the_size_of_a_picture_is_that_which_its_reader_finds() -> None:
    for type_ in ("image/jpeg", "image/png", "image/webp"):
        found = picture(type_, GOOD[type_])
        assert (found.width, found.height) == Image.open(io.BytesIO(GOOD[type_])).size
        assert found.end == len(GOOD[type_])
