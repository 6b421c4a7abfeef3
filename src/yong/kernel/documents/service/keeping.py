"""Files taken in: checked, put under their digest, written down."""

import asyncio
import re
import unicodedata
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import msgspec

from yong.kernel.access import api as access
from yong.kernel.access.contracts import Caller
from yong.kernel.base.city import City
from yong.kernel.base.errors import Invalid, NotFound, Problem, Refused
from yong.kernel.base.ids import new_id
from yong.kernel.base.relation import Level
from yong.kernel.base.text import Text
from yong.kernel.documents import blobs, photos, sniffing, store
from yong.kernel.documents.blobs import Taken
from yong.kernel.documents.contracts import DOCUMENT, About, Document
from yong.kernel.documents.media import MEDIA, Media, media_of
from yong.kernel.documents.service import rights
from yong.kernel.documents.sniffing import Found
from yong.kernel.store import outbox
from yong.kernel.store.contracts import Event
from yong.kernel.store.database import Connection, Database

LOOKED_AT_ONCE = 2  # in a process: a look may read hundreds of megabytes
_NAME = re.compile(r'[\\/:*?"<>|]')
_FIT = Text("应为 1 至 {n} 个可见字符", "Use 1 to {n} visible characters")
_EXTENSION = Text("扩展名应为 {known}", "The extension must be one of {known}")
_CLASS = Text("没有保管期限类别 {code}", "There is no retention class {code}")
_CORE = Text("本系统不得保存核心数据", "Core data may not be held here")
_PHOTO = Text("只有图片可以去除元数据", "Only pictures can be stripped")
_NOT_THAT = Text("内容的 SHA-256 与声明的不符", "The content does not have the SHA-256 it was said to have")
_DIGEST = Text("应为 64 位十六进制", "Must be 64 hexadecimal digits")


class Looks:
    """How many files are examined at once in a process. A City part."""

    def __init__(self) -> None:
        self.turn = asyncio.Semaphore(LOOKED_AT_ONCE)


async def prepared(city: City, caller: Caller, about: About) -> tuple[About, Media, str]:
    """What is said of a file, completed and checked, before a byte of it is read: with its media type and file name.

    Raises Invalid with every problem, Unauthenticated, Forbidden.
    """
    rights.some(city, caller, "documents.keep")
    if about.owner is None:
        about = msgspec.structs.replace(about, owner=caller.party)
    media = media_of(city.settings, about.media_type)
    filename = checked(about, media)
    await rights.may_keep(city, caller, about)
    if about.retention is not None and about.retention not in await store.retention_codes(city[Database]):
        raise Invalid(None, problems=(Problem("/retention", _CLASS.filled(code=about.retention[:40])),))
    return about, media, filename


def checked(about: About, media: Media) -> str:
    """The name of a file of which that is said. Raises Invalid with every problem of what is said."""
    problems: list[Problem] = []
    for name, most in (("title", 200), ("filename", 150), ("owner", 128), ("district", 20), ("subject", 128)):
        value = getattr(about, name)
        if value is not None and not (value.strip() and len(value) <= most and _visible(value)):
            problems.append(Problem(f"/{name}", _FIT.filled(n=most)))
    if about.belongs and not (0 < len(about.belongs.id) <= 400 and _visible(about.belongs.id)):
        problems.append(Problem("/belongs/id", _FIT.filled(n=400)))
    if about.sha256 is not None and not re.fullmatch("[0-9a-f]{64}", about.sha256):
        problems.append(Problem("/sha256", _DIGEST))
    if about.level is Level.CORE:
        problems.append(Problem("/level", _CORE))
    if about.strip and not media.picture:
        problems.append(Problem("/strip", _PHOTO))
    filename = about.filename or f"{_NAME.sub('_', about.title)[:140]}.{media.extensions[0]}"
    if filename.rpartition(".")[2].lower() not in media.extensions or _NAME.search(filename):
        known = ", ".join(f".{e}" for e in media.extensions)
        problems.append(Problem("/filename", _EXTENSION.filled(known=known)))
    if problems:
        raise Invalid(None, problems=tuple(problems))
    return filename


def _visible(text: str) -> bool:
    """Without controls, and without marks that turn the direction of writing: they make a name read otherwise."""
    return not any(unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp") for c in text)


async def keep(
    city: City, caller: Caller, content: bytes | AsyncIterator[bytes], about: About, *, connection: "Connection | None"
) -> Document:  # fmt: skip
    """Take a file and write it down, in the transaction of `connection` where one is given."""
    about, media, filename = await prepared(city, caller, about)
    taken = await blobs.take(city.settings.home, content, media.most_bytes(city.settings))
    return await written(city, caller, new_id(), about, filename, taken, connection=connection)


async def examined(city: City, caller: Caller, content: bytes, media_type: str, strip: bool) -> bytes:
    """What would be kept of a file; nothing of it stays."""
    rights.some(city, caller, "documents.keep")
    media = media_of(city.settings, media_type)
    if strip and not media.picture:
        raise Invalid(_PHOTO)
    taken = await blobs.take(city.settings.home, content, media.most_bytes(city.settings))
    try:
        about = About(title="", media_type=media_type, strip=strip)
        async with city.part(Looks).turn:
            _, taken = await asyncio.to_thread(_looked_at, about, taken)
        return await asyncio.to_thread(taken.path.read_bytes)
    finally:
        taken.path.unlink(missing_ok=True)


async def written(
    city: City, caller: Caller, id: str, about: About, filename: str, taken: Taken, *,
    connection: "Connection | None" = None, then: "Callable[[Connection, str], Awaitable[None]] | None" = None,
    redacted_from: str | None = None,
) -> Document:  # fmt: skip
    """Examine a file that was taken and write it down under an id; nothing of it stays where it is refused.

    `then` is done in the same transaction. `redacted_from` is the photo of which it is a covered copy.
    """
    home = city.settings.home
    try:
        if about.sha256 not in (None, taken.sha256):
            raise Invalid(None, problems=(Problem("/sha256", _NOT_THAT),))
        async with city.part(Looks).turn:
            found, taken = await asyncio.to_thread(_looked_at, about, taken)
        if connection is not None:
            await _commit(connection, home, caller, id, about, filename, found, taken, redacted_from)
            row = await store.one(connection, id)
        else:
            async with city[Database].transaction() as own:
                await _commit(own, home, caller, id, about, filename, found, taken, redacted_from)
                if then is not None:
                    await then(own, id)
            row = await store.one(city[Database], id)
    finally:
        taken.path.unlink(missing_ok=True)
    if row is None:
        raise NotFound
    return store.shown(row)


def _looked_at(about: About, taken: Taken) -> tuple[Found, Taken]:
    type_ = about.media_type.partition(";")[0].strip().lower()
    try:
        found = sniffing.examine(taken.path, type_, strip=about.strip)
    except sniffing.Unfit as unfit:
        raise Invalid(None, problems=(Problem("/content", unfit.why),)) from None
    if not about.strip:
        return found, taken
    bare = taken.path.with_suffix(".bare")
    size = photos.strip(taken.path, bare, found.media_type)
    bare.replace(taken.path)
    return found, Taken(path=taken.path, bytes=size, sha256=blobs.digest_of(taken.path))


async def _commit(
    connection: Connection, home: Path, caller: Caller, id: str, about: About, filename: str, found: Found, taken: Taken,
    redacted_from: str | None,
) -> None:  # fmt: skip
    await blobs.claim(connection, taken.sha256)
    await asyncio.to_thread(blobs.settle, home, taken)
    new = await store.insert(
        connection, id, caller.account, about, filename, found, taken.sha256, taken.bytes, redacted_from
    )
    if not new:
        return
    facts: dict[str, object] = {
        "sha256": taken.sha256, "media_type": found.media_type, "bytes": taken.bytes, "stripped": about.strip,
        "personal": about.personal.value, "purpose": caller.purpose,
    }  # fmt: skip
    if about.belongs is not None:
        facts |= {"belongs_to": about.belongs.relation, "belongs_id": about.belongs.id}
    await access.audit(connection, caller, "documents.keep", f"{DOCUMENT}/{id}", facts)
    await outbox.emit(connection, Event(type="documents.DocumentKept", subject=id, data=facts))


def fitting(city: City) -> None:
    """Raises Refused where `document_limits` names what is no media type here."""
    for type_ in city.settings.document_most:
        if type_ not in MEDIA:
            raise Refused(
                Text(
                    "设置 document_limits 中没有这种类型：{type}",
                    "The setting document_limits names {type}, which is not taken here",
                ),
                type=type_,
            )
