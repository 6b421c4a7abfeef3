"""Hand-over packages: a BagIt bag (RFC 8493) in a ZIP, which anybody can verify with any tool for bags, or with ours.

bagit.txt, bag-info.txt, manifest-sha256.txt, tagmanifest-sha256.txt     as the RFC has them
documents.json                                                          what is kept of every document
data/<id>/<file name>                                                   the content
handover.pdf                                                            the list for people, where one was set
"""

import hashlib
import re
import zipfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import IO

import msgspec

from yong.kernel.base.errors import Invalid
from yong.kernel.base.text import Text
from yong.kernel.documents.contracts import Document, PackageFault, PackageReport

_PIECE = 1 << 20
_FIXED = (1980, 1, 1, 0, 0, 0)  # of every entry, so that the same documents give the same bytes
_BAGIT = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
_PAYLOAD, _TAGS, _ABOUT = "manifest-sha256.txt", "tagmanifest-sha256.txt", "documents.json"
_LINE = re.compile(r"([0-9a-f]{64})[ \t]+\*?(\S.*)")
_MOST_LISTED = 10_000
_MOST_BYTES, _TAG_BYTES = 64 << 30, 64 << 20
_NO_BAG = Text("不是移交包（BagIt）", "This is no hand-over package (BagIt)")
_MISSING = Text("清单中有、包内没有", "It is on the list and not in the package")
_CHANGED = Text("内容已改变", "It has been changed")
_EXTRA = Text("清单中没有此文件", "It is not on the list")
_TWICE = Text("包内有两个同名文件", "It is in the package twice")
_UNREAD = Text("无法读取：{why}", "It cannot be read: {why}")
_OXUM = Text("字节数或文件数与 Payload-Oxum 不符", "Bytes or files are not those of Payload-Oxum")


def write(
    target: Path, documents: Sequence[tuple[Document, Path]], source: str, at: datetime, papers: Mapping[str, bytes]
) -> None:  # fmt: skip
    """Write a package of documents, each with the file of its content, which is checked on the way.

    Raises Invalid where a content is not what it was.
    """
    total = sum(d.bytes for d, _ in documents)
    with zipfile.ZipFile(target, "x", zipfile.ZIP_STORED, allowZip64=True) as archive:
        manifest = []
        for document, file in documents:
            # Readers differ in how they take a percent sign (section 2.1.3): none is there, `documents.json` has it.
            name = f"data/{document.id}/{document.filename.replace('%', '_')}"
            digest = _copied(archive, name, file)
            if digest != document.sha256:
                raise Invalid(_CHANGED)
            manifest.append(f"{digest}  {name}\n")
        info = {
            "Source-Organization": source,
            "Bagging-Date": f"{at:%Y-%m-%d}",
            "Bagging-Software": "Yong",
            "Payload-Oxum": f"{total}.{len(documents)}",
        }
        tags = {
            "bagit.txt": _BAGIT,
            "bag-info.txt": "".join(f"{k}: {v}\n" for k, v in info.items()).encode(),
            _PAYLOAD: "".join(manifest).encode(),
            _ABOUT: msgspec.json.format(msgspec.json.encode([d for d, _ in documents]), indent=1),
            **papers,
        }
        tags[_TAGS] = "".join(f"{hashlib.sha256(b).hexdigest()}  {n}\n" for n, b in tags.items()).encode()
        for name, content in tags.items():
            archive.writestr(_entry(name), content)


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _FIXED)
    entry.external_attr = 0o644 << 16
    return entry


def _copied(archive: zipfile.ZipFile, name: str, file: Path) -> str:
    digest = hashlib.sha256()
    with file.open("rb") as source, archive.open(_entry(name), "w", force_zip64=True) as target:
        while piece := source.read(_PIECE):
            digest.update(piece)
            target.write(piece)
    return digest.hexdigest()


def check(file: Path | IO[bytes]) -> PackageReport:
    """Read every byte of a package and say what is missing, changed or not on its lists.

    Raises Invalid for what is no package, or would be more than 64 GiB.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            return _checked(archive)
    except (zipfile.BadZipFile, UnicodeDecodeError, NotImplementedError, RuntimeError, OSError, EOFError):
        raise Invalid(_NO_BAG) from None


def _checked(archive: zipfile.ZipFile) -> PackageReport:
    entries = [e for e in archive.infolist() if not e.is_dir()]
    names = Counter(e.filename for e in entries)
    if not {"bagit.txt", _PAYLOAD, _TAGS} <= names.keys() or _text(archive, "bagit.txt").encode() != _BAGIT:
        raise Invalid(_NO_BAG)
    if sum(e.file_size for e in entries) > _MOST_BYTES:
        raise Invalid(_NO_BAG)
    faults = [PackageFault(name=name, detail=_TWICE) for name, n in names.items() if n > 1]
    payload, tags = (dict(_lines(_text(archive, name))) for name in (_PAYLOAD, _TAGS))
    sizes: dict[str, int] = {}
    for entry in entries:
        name = entry.filename
        if name == _TAGS:
            continue
        wanted = payload.get(name) if name.startswith("data/") else tags.get(name)
        if wanted is None:
            faults.append(PackageFault(name=name, detail=_EXTRA))
            continue
        digest, sizes[name], why = _read(archive, entry)
        if why is None and digest != wanted:
            why = _CHANGED
        if why is not None:
            faults.append(PackageFault(name=name, detail=why))
    faults += [PackageFault(name=n, detail=_MISSING) for n in (*payload, *tags) if n not in sizes]
    held = [size for name, size in sizes.items() if name.startswith("data/")]
    if f"\nPayload-Oxum: {sum(held)}.{len(held)}\n" not in "\n" + _text(archive, "bag-info.txt"):
        faults.append(PackageFault(name="bag-info.txt", detail=_OXUM))
    return PackageReport(documents=len(payload), bytes=sum(held), faults=faults[:_MOST_LISTED])


def _text(archive: zipfile.ZipFile, name: str) -> str:
    """A file of lists; nothing where there is none. Raises BadZipFile for one that is too large."""
    if name not in archive.namelist():
        return ""
    if archive.getinfo(name).file_size > _TAG_BYTES:
        raise zipfile.BadZipFile
    return archive.read(name).decode()


def _read(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> tuple[str, int, Text | None]:
    digest, size = hashlib.sha256(), 0
    try:
        with archive.open(entry) as content:
            while piece := content.read(_PIECE):
                digest.update(piece)
                size += len(piece)
    except zipfile.BadZipFile as error:
        return "", size, _UNREAD.filled(why=str(error)[:100])
    return digest.hexdigest(), size, None


def _lines(text: str) -> Iterator[tuple[str, str]]:
    for line in text.splitlines():
        if found := _LINE.fullmatch(line):
            yield found[2].replace("%0A", "\n").replace("%0D", "\r").replace("%25", "%"), found[1]
