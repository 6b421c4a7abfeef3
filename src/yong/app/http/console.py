"""The console's files, as `scripts/console.py` built them: hashed ones for good, the page itself asked for each time."""

import mimetypes
from pathlib import Path
from typing import Any

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from yong.kernel.base.city import City
from yong.kernel.base.text import Text, preferred

HERE = Path(__file__).parents[1] / "console"
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
    "connect-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
_ABSENT = Text(
    "控制台尚未构建：请在源码目录运行 make console（需要 Node.js，或让脚本自行取得）。其余一切照常。",
    "The console has not been built: run `make console` in the source folder (it needs Node.js, or fetches it). "
    "Everything else works.",
)
_TYPES = {".js": "text/javascript", ".css": "text/css", ".html": "text/html", ".svg": "image/svg+xml"}


class Files:
    """The files by path, each read once, with its compressed form where the browser takes it. A City part."""

    def __init__(self, folder: Path = HERE) -> None:
        self.plain: dict[str, tuple[bytes, bytes | None, str]] = {}
        for file in sorted(folder.rglob("*")) if folder.is_dir() else []:
            if not file.is_file() or file.suffix == ".gz":
                continue
            packed = file.with_name(file.name + ".gz")
            media = (
                _TYPES.get(file.suffix) or mimetypes.guess_type(file.name)[0] or "application/octet-stream"
            )
            name = file.relative_to(folder).as_posix()
            self.plain[name] = (file.read_bytes(), packed.read_bytes() if packed.is_file() else None, media)


@get(["/console", "/console/{path:path}"], include_in_schema=False, opt={"any_query": True})
async def console(
    request: "Request[Any, Any, Any]", city: NamedDependency[City], path: FromPath[str] = ""
) -> Response[bytes]:
    """A file of the console; its page for every address that is one of its own."""
    files = city.part(Files)
    name = path.lstrip("/")
    if name.startswith(("assets/", "editor/")) and name not in files.plain:
        raise NotFoundException  # the editor is an extra: the console asks whether it is there
    found = files.plain.get(name) or files.plain.get("index.html")
    if found is None:
        words = _ABSENT.in_(preferred(request.headers.get("accept-language"), city.settings.language))
        return Response(words.encode(), status_code=503, media_type="text/plain; charset=utf-8")
    body, packed, media = found
    lasts = "public, max-age=31536000, immutable" if name.startswith("assets/") else "no-cache"
    headers = {"cache-control": lasts, "content-security-policy": _POLICY, "vary": "accept-encoding"}
    if packed is not None and "gzip" in request.headers.get("accept-encoding", ""):
        return Response(packed, media_type=media, headers={**headers, "content-encoding": "gzip"})
    return Response(body, media_type=media, headers=headers)


routes = (console,)
