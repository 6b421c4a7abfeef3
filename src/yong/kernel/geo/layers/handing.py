"""Files handed in for static layers: taken, checked, built in the background, and given to the layer as its tiles."""

import asyncio
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import msgspec

from yong.kernel.access import api as access
from yong.kernel.access.contracts import Caller
from yong.kernel.base import clock
from yong.kernel.base.city import City
from yong.kernel.base.errors import (
    Conflict,
    Forbidden,
    Invalid,
    Malformed,
    NotFound,
    Problem,
    Stale,
    TooLarge,
    TooMany,
    YongError,
)
from yong.kernel.base.ids import new_id
from yong.kernel.base.text import Language, Text
from yong.kernel.geo import datums
from yong.kernel.geo.layers import kept
from yong.kernel.geo.static import building, files, store
from yong.kernel.geo.static.contracts import ARRIVES_WITHIN_S, FILE_BYTES, Archive, Build, FileFormat
from yong.kernel.records import api as records
from yong.kernel.records.contracts import Record
from yong.kernel.store import jobs
from yong.kernel.store.database import Database, Row

_BUILD, _LAYER = "geo.build", "geo.layer"
_TRIES = 3
_KIND = Text(
    "图层 {name} 不是静态图层（kind 应为 static）",
    "The layer {name} is no static one (its kind must be static)",
)
_BUSY = Text("正在接收另一个文件，请稍后再试", "Another file is being taken; try again soon")
_LARGE = Text("文件超过 {n} MiB", "The file is over {n} MiB")
_SLOW = Text("文件未能及时送达", "The file did not arrive in time")
_LATE = Text("须晚于 valid_from", "Must be after valid_from")
_LOST = Text("待处理的文件已不在，请重新提交", "The file that waited is no more; hand it in again")
_DISK = Text("无法写入瓦片文件：{why}", "The archive could not be written: {why}")


class Hands:
    """One file at a time in a process: checking it holds all of it in memory. A City part."""

    def __init__(self) -> None:
        self.full = False


async def hand_in(
    city: City, caller: Caller, name: str, chunks: AsyncIterator[bytes], format: FileFormat, datum: str, *,
    valid_from: date | None = None, valid_to: date | None = None,
) -> Build:  # fmt: skip
    """Take a file of features whose positions are in `datum`, for the tiles of a static layer from a day on (today).

    A background job builds the tiles; until it is done, and where it fails, the layer stays as it is. A file that still
    waits for the layer is replaced. Nothing of `chunks` is read before the caller may. Raises Invalid with what is wrong
    with which feature, Malformed, TooLarge, Conflict for a layer of another kind, TooMany, Unavailable without builder.
    """
    record = await _to_build(city, caller, name)
    system = datums.named(datum)
    start = valid_from or clock.now().astimezone(clock.CHINA).date()
    if valid_to is not None and valid_to <= start:
        raise Invalid(None, problems=(Problem("/valid_to", _LATE),))
    building.program()
    hands = city.part(Hands)
    if hands.full:
        raise TooMany(_BUSY, retry_after_s=10)
    hands.full = True
    id_ = new_id()
    raw = building.incoming(city.settings.home) / f"{id_}.part"
    lines = _lines(city, id_)
    try:
        size = await _take(chunks, raw)
        prepared = await asyncio.to_thread(files.prepare, raw, lines, format, system)
        async with city[Database].transaction() as connection:
            row = await store.order(
                connection, id_, record.id, caller, format=format, datum=system.name, bytes=size,
                prepared=prepared, valid_from=start, valid_to=valid_to,
            )  # fmt: skip
            facts = {"build": id_, "features": prepared.features, "valid_from": start.isoformat()}
            await access.audit(connection, caller, _BUILD, f"{_LAYER}/{record.id}", facts)
            await jobs.defer(connection, _BUILD, build=id_)
    except BaseException:
        lines.unlink(missing_ok=True)
        raise
    finally:
        hands.full = False
        raw.unlink(missing_ok=True)
    return _shown(row, caller.language)


async def _take(chunks: AsyncIterator[bytes], target: Path) -> int:
    """Write what comes to a file; how many bytes it was. Raises TooLarge, Malformed."""
    size = 0
    try:
        with target.open("wb") as file:
            async with asyncio.timeout(ARRIVES_WITHIN_S):
                async for chunk in chunks:
                    size += len(chunk)
                    if size > FILE_BYTES:
                        raise TooLarge(_LARGE, n=FILE_BYTES >> 20)
                    file.write(chunk)
    except TimeoutError:
        raise Malformed(_SLOW) from None
    return size


async def builds(city: City, caller: Caller, name: str) -> list[Build]:
    """The last hundred files handed in for a static layer, newest first. Raises NotFound, Conflict."""
    record = await _to_build(city, caller, name)
    return [_shown(row, caller.language) for row in await store.builds(city[Database], record.id)]


async def build(city: City, caller: Caller, name: str, id: str) -> Build:
    """A file handed in, and what became of it. Raises NotFound, Conflict."""
    record = await _to_build(city, caller, name)
    row = await store.build(city[Database], id[:100].replace("\0", ""))
    if row is None or row["layer"] != record.id:
        raise NotFound
    return _shown(row, caller.language)


async def perform_build(city: City, caller: Caller, id: str) -> None:
    """Build what was handed in and give it to its layer, under the authority of whoever handed it in as it stands now.

    What fails is kept with the build in both languages, and the layer stays as it is; anything else is raised.
    """
    access.authorize(city, caller, _BUILD, "geo")
    row = await store.build(city[Database], id)
    if row is None:
        return
    try:
        if row["state"] == "waiting":
            await _perform(city, row)
    except YongError as error:
        problems = [error.detail, *(p.detail for p in error.problems[:1])]
        why = Text("：".join(p.zh for p in problems), ": ".join(p.en for p in problems))
        await store.finish(city[Database], id, "failed", msgspec.to_builtins(why))
    except OSError as error:
        why = _DISK.filled(why=error.strerror or type(error).__name__)
        await store.finish(city[Database], id, "failed", msgspec.to_builtins(why))
    # Whoever was cut off builds it again; what came to an end needs its lines no more.
    _lines(city, id).unlink(missing_ok=True)


async def _perform(city: City, row: Row) -> None:
    by = await _orderer(city, row)
    record = await _to_build(city, by, row["layer"])
    lines = _lines(city, row["id"])
    if not lines.is_file():
        raise Conflict(_LOST)
    zooms = (kept.number(record, "min_zoom"), kept.number(record, "max_zoom"))
    async with city.part(building.Builder).turn:
        archive = await building.build(
            city.settings.home, lines, record.id, str(record.values["title_en"]), zooms
        )
    await store.built(city[Database], row["id"], archive)
    for attempt in range(_TRIES):
        now = await store.build(city[Database], row["id"])
        if now is None or now["state"] != "waiting":
            return  # a later file replaced it meanwhile
        record = await records.read(city, by, _LAYER, row["layer"])
        try:
            await records.update(
                city, by, _LAYER, record.id, {"archive": archive.digest}, record.version or 1,
                valid_from=row["valid_from"], valid_to=row["valid_to"],
            )  # fmt: skip
            break
        except Stale:
            if attempt + 1 == _TRIES:
                raise
    await store.finish(city[Database], row["id"], "done")


async def _orderer(city: City, row: Row) -> Caller:
    if row["account"] == "module:geo":
        return access.system_caller("geo")
    by = await access.standing(city, row["account"], tuple(row["roles"]), purpose=row["purpose"])
    if by is None:
        raise Forbidden(Text("提交文件的账户已停用", "The account that handed the file in is no more"))
    return by


async def _to_build(city: City, caller: Caller, name: str) -> Record:
    """A static layer that the caller may build. Raises NotFound, Forbidden, Conflict."""
    access.authorize(city, caller, _BUILD, _LAYER)
    record = await kept.of(city, caller, name, None)
    if record.values["kind"] != "static":
        raise Conflict(_KIND, name=record.id)
    await access.may_touch(
        city,
        caller,
        "records.update",
        records.relation(city, _LAYER),
        owner=record.owner,
        district=record.district,
    )
    return record


def _lines(city: City, id: str) -> Path:
    """The features of a build in WGS 84, one a line."""
    return building.incoming(city.settings.home) / f"{id}.geojsonl"


def _shown(row: Row, language: Language) -> Build:
    problem = msgspec.convert(row["problem"], Text).in_(language) if row["problem"] else None
    archive = None
    if row["archive"]:
        archive = Archive(
            digest=row["archive"], bytes=row["archive_bytes"], tiles=row["tiles"],
            min_zoom=row["min_zoom"], max_zoom=row["max_zoom"],
        )  # fmt: skip
    names = (
        "id", "layer", "state", "format", "datum", "bytes", "features", "unplaced", "positions", "valid_from",
        "valid_to", "ordered_at", "finished_at",
    )  # fmt: skip
    return Build(**{name: row[name] for name in names}, problem=problem, archive=archive)
