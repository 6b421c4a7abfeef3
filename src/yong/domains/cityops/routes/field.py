"""An inspector's phone page, which works without a network."""

import gzip
import hashlib
import json
from pathlib import Path
from typing import Any

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from yong.kernel.base.city import City

FOLDER = Path(__file__).parents[1] / "field"
_WORKER = "sw.js"
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; worker-src 'self'; "
    "manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
}


class FieldFiles:
    """The page's files by name, each as it is and compressed. A City part.

    The service worker is told which files there are and of which version: a change of any makes a new one.
    """

    def __init__(self, folder: Path = FOLDER) -> None:
        found = {file.name: file.read_bytes() for file in sorted(folder.iterdir())}
        version = hashlib.sha256()
        for name, content in found.items():
            version.update(name.encode() + b"\0" + content)
        urls = ["/field/", *(f"/field/{name}" for name in found if name not in (_WORKER, "index.html"))]
        head = f'const VERSION = "{version.hexdigest()[:16]}";\nconst FILES = {json.dumps(urls)};\n'
        found[_WORKER] = head.encode() + found[_WORKER]
        self.files = {
            name: (content, gzip.compress(content, mtime=0), _TYPES[Path(name).suffix])
            for name, content in found.items()
        }


@get(["/field", "/field/{name:str}"], include_in_schema=False)
async def field(
    request: "Request[Any, Any, Any]", city: NamedDependency[City], name: FromPath[str] = ""
) -> Response[bytes]:
    """A file of the page. It holds nothing of anybody: what it shows it asks the city's doors for."""
    found = city.part(FieldFiles).files.get(name or "index.html")
    if found is None:
        raise NotFoundException
    content, packed, media = found
    headers = {"cache-control": "no-cache", "content-security-policy": _POLICY, "vary": "accept-encoding"}
    if name == _WORKER:
        headers["service-worker-allowed"] = "/field"  # the page answers at `/field` as at `/field/`
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(packed, media_type=media, headers={**headers, "content-encoding": "gzip"})
    return Response(content, media_type=media, headers=headers)


routes = (field,)
