"""pygeoapi 0.21, beside which features are measured: in an environment of its own, over the same features on the same cores.

It is installed once, from requirements/pygeoapi.lock, into the cache folder of the user, and serves a GeoJSON file of the
features through gunicorn with one process, as Yong has one.
"""

import asyncio
import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import venv
from collections.abc import AsyncIterator
from pathlib import Path

import httpx

VERSION = "0.21.0"
LOCK = Path(__file__).resolve().parents[1] / "requirements" / "pygeoapi.lock"
_STARTS_WITHIN_S, _INSTALLS_WITHIN_S = 60.0, 900
_CONFIGURATION = """
server: {{bind: {{host: 127.0.0.1, port: {port}}}, url: 'http://127.0.0.1:{port}', mimetype: application/json; charset=UTF-8,
  encoding: utf-8, gzip: false, languages: [en-US], limits: {{default_items: 10, max_items: 100}}, pretty_print: false,
  map: {{url: 'http://127.0.0.1/', attribution: none}}}}
logging: {{level: ERROR}}
metadata:
  identification: {{title: bench, description: bench, keywords: [bench], keywords_type: theme, terms_of_service: none,
    url: 'http://127.0.0.1'}}
  license: {{name: none, url: 'http://127.0.0.1'}}
  provider: {{name: bench, url: 'http://127.0.0.1'}}
  contact: {{name: bench}}
resources:
  areas:
    type: collection
    title: areas
    description: areas
    keywords: [areas]
    extents: {{spatial: {{bbox: [121, 29, 123, 31], crs: 'http://www.opengis.net/def/crs/OGC/1.3/CRS84'}}}}
    providers: [{{type: feature, name: GeoJSON, data: '{data}', id_field: id}}]
"""


class Absent(Exception):
    """It cannot be installed or does not start."""


def installed() -> Path:
    """Its environment, made where it is not there. Raises Absent."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = cache / "yong-bench" / f"pygeoapi-{VERSION}"
    done = folder / "installed"
    if not done.exists() or done.read_text("utf-8") != LOCK.read_text("utf-8"):
        print(f"pygeoapi {VERSION} …", file=sys.stderr, flush=True)
        try:
            venv.create(folder, with_pip=True, clear=True)
            subprocess.run(
                [folder / "bin" / "python", "-m", "pip", "install", "-q", "-r", LOCK],
                check=True, timeout=_INSTALLS_WITHIN_S, capture_output=True,
            )  # fmt: skip
        except (OSError, subprocess.SubprocessError) as error:
            raise Absent(str(error)) from None
        done.write_text(LOCK.read_text("utf-8"), "utf-8")
    return folder


@contextlib.asynccontextmanager
async def serving(features: bytes) -> AsyncIterator[str]:
    """It serves a GeoJSON FeatureCollection: the address of its collection. Raises Absent."""
    home = await asyncio.to_thread(installed)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory(prefix="yong-bench-") as name:
        folder = Path(name)
        environment = await asyncio.to_thread(_configured, home, folder, features, port)
        process = await asyncio.create_subprocess_exec(
            home / "bin" / "gunicorn", "-w", "1", "-k", "gthread", "--threads", "4", "--keep-alive", "60",
            "-b", f"127.0.0.1:{port}", "pygeoapi.flask_app:APP",
            env=environment, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            url = f"http://127.0.0.1:{port}/collections/areas"
            await _ready(url, process)
            yield url
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
            await process.wait()


def _configured(home: Path, folder: Path, features: bytes, port: int) -> dict[str, str]:
    """Its files in a folder, and the environment that names them."""
    data, chosen, described = folder / "areas.geojson", folder / "config.yml", folder / "openapi.yml"
    data.write_bytes(features)
    chosen.write_text(_CONFIGURATION.format(port=port, data=data), "utf-8")
    environment = {**os.environ, "PYGEOAPI_CONFIG": str(chosen), "PYGEOAPI_OPENAPI": str(described)}
    environment.pop("PYTHONPATH", None)
    command = [
        str(home / "bin" / "pygeoapi"),
        "openapi",
        "generate",
        str(chosen),
        "--output-file",
        str(described),
    ]
    made = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if made.returncode:
        raise Absent(made.stderr[-500:])
    return environment


async def _ready(url: str, process: asyncio.subprocess.Process) -> None:
    async with httpx.AsyncClient() as client:
        for _ in range(int(_STARTS_WITHIN_S / 0.2)):
            if process.returncode is not None:
                break
            with contextlib.suppress(httpx.TransportError):
                answer = await client.get(f"{url}/items", params={"limit": 10, "f": "json"})
                if answer.status_code == 200 and len(answer.json()["features"]) == 10:
                    return
            await asyncio.sleep(0.2)
    raise Absent("it does not start")
