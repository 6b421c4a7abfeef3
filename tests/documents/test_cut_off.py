"""A real install is killed in the middle of an upload: what it had said to have is there, and the rest follows."""

import asyncio
import base64
import hashlib
import io
import os
import signal
import socket
import time
from pathlib import Path

import httpx
import psutil
import pytest
from tests.app.instance import Instance
from tests.conftest import key_of
from tusclient.client import TusClient

from yong.app import bootstrap
from yong.kernel.base.settings import load
from yong.kernel.store import place


async def _key(home: Path) -> dict[str, str]:
    settings = load({"YONG_HOME": str(home)})
    async with bootstrap.running(settings, place.serve_url(settings), name="yong test") as city:
        return await key_of(city, "access.department_officer", district="3302")


def _kill_web(instance: Instance) -> None:
    web = psutil.Process(instance.state().parts["web"].pid)
    for one in (*web.children(recursive=True), web):
        os.kill(one.pid, signal.SIGKILL)


def _stranger(instance: Instance, key: dict[str, str]) -> None:
    """A client of tus that nobody here wrote brings a file, in parts, with checksums."""
    client = TusClient(f"http://127.0.0.1:{instance.http_port}/documents/uploads", headers=key)
    said = {
        "filename": "b.csv",
        "filetype": "text/csv",
        "district": "330203",
        "personal": "no",
        "title": "乙",
    }
    uploader = client.uploader(
        file_stream=io.BytesIO(b"a,b\n" * 50_000), chunk_size=64 << 10, metadata=said, upload_checksum=True
    )
    uploader.upload()
    assert uploader.offset == 200_000
    id_ = str(uploader.url).rpartition("/")[2]
    found = httpx.get(f"http://127.0.0.1:{instance.http_port}/documents/{id_}", headers=key).json()
    assert (found["title"], found["bytes"]) == ("乙", 200_000)


@pytest.mark.timeout(240)
def test_an_upload_outlives_the_server(tmp_path_factory: pytest.TempPathFactory) -> None:
    instance = Instance(tmp_path_factory.mktemp("documents"))
    text = b"\n".join(b"%d" % n for n in range(2_000_000))  # some 15 MB
    try:
        instance.up()
        key = asyncio.run(_key(instance.home))
        base = f"http://127.0.0.1:{instance.http_port}"
        said = ",".join(
            f"{k} {base64.b64encode(v.encode()).decode()}"
            for k, v in {
                "filename": "a.csv",
                "filetype": "text/csv",
                "district": "330203",
                "personal": "no",
            }.items()
        )
        with httpx.Client(base_url=base, headers={**key, "tus-resumable": "1.0.0"}, timeout=30) as client:
            made = client.post(
                "/documents/uploads", headers={"upload-length": str(len(text)), "upload-metadata": said}
            )
            url = made.headers["location"]
            # Half of it goes out on a connection that stays open; then the process is killed with it.
            with socket.create_connection(("127.0.0.1", instance.http_port)) as line:
                head = [f"PATCH {url} HTTP/1.1", "host: x", f"content-length: {len(text)}", "upload-offset: 0",
                        "content-type: application/offset+octet-stream", *(f"{k}: {v}" for k, v in key.items()), "", ""]  # fmt: skip
                line.sendall("\r\n".join(head).encode() + text[: len(text) // 2])
                for _ in range(100):
                    if int(client.head(url).headers["upload-offset"]) >= 4 << 20:
                        break
                    time.sleep(0.1)
                _kill_web(instance)
            offset = -1
            for _ in range(100):
                try:
                    offset = int(client.head(url).headers["upload-offset"])
                    break
                except httpx.HTTPError:
                    time.sleep(0.2)
            assert 4 << 20 <= offset <= len(text) // 2
            last = client.patch(
                url,
                headers={"upload-offset": str(offset), "content-type": "application/offset+octet-stream"},
                content=text[offset:],
            )
            assert last.status_code == 204, last.text
            document = client.get(url).json()["document"]
            assert (
                hashlib.sha256(client.get(f"/documents/{document}/content").content).digest()
                == hashlib.sha256(text).digest()
            )
        _stranger(instance, key)
        assert "2 documents, 2 contents" in instance.run("documents", "verify").stdout
        blob = next((instance.home / "documents" / "blobs").glob("*/*"))
        blob.write_bytes(b"changed")
        broken = instance.run("documents", "verify")
        assert (broken.returncode, "has changed" in broken.stdout) == (1, True)
    finally:
        instance.gone()
