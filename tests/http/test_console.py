"""How the console's files are served: kept by browsers where they may, under a strict policy, and honest when absent."""

import gzip
from pathlib import Path

import httpx
import pytest

from yong.app.http.console import Files
from yong.kernel.base.city import City

PAGE = b"<!doctype html><title>Yong</title><script type=module src=/console/assets/index-1a2b.js></script>"
SCRIPT = b"console.log(1);" * 100


@pytest.fixture
def built(city: City, tmp_path: Path) -> None:
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_bytes(PAGE)
    (tmp_path / "assets" / "index-1a2b.js").write_bytes(SCRIPT)
    (tmp_path / "assets" / "index-1a2b.js.gz").write_bytes(gzip.compress(SCRIPT))
    city.put(Files, Files(tmp_path))


@pytest.mark.usefixtures("built")
async def test_the_page_answers_every_address_of_the_consoles_own(client: httpx.AsyncClient) -> None:
    for path in ("/console", "/console/", "/console/things/a-1?x=1", "/console/records/sensing.thing"):
        answer = await client.get(path)
        assert (answer.status_code, answer.content) == (200, PAGE), path
        assert answer.headers["cache-control"] == "no-cache"
        assert answer.headers["content-type"].startswith("text/html")
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "http" not in policy  # nobody else's
        assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.usefixtures("built")
async def test_hashed_files_last_and_travel_compressed(client: httpx.AsyncClient) -> None:
    url = "/console/assets/index-1a2b.js"
    packed = await client.get(url, headers={"accept-encoding": "gzip, br"})
    assert packed.headers["content-encoding"] == "gzip"
    assert int(packed.headers["content-length"]) < len(SCRIPT) / 4
    assert packed.content == SCRIPT
    plain = await client.get(url, headers={"accept-encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert plain.content == SCRIPT
    for answer in (packed, plain):
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert answer.headers["content-type"].startswith("text/javascript")
        assert answer.headers["vary"] == "accept-encoding"


@pytest.mark.usefixtures("built")
async def test_a_file_that_is_not_there_is_not_the_page(client: httpx.AsyncClient) -> None:
    for path in (
        "assets/index-9z9z.js",
        "assets/../../console.py",
        "assets/index-1a2b.js.gz",
        "assets/%2e%2e/index.html",
    ):
        answer = await client.get(f"/console/{path}")
        assert answer.content != SCRIPT
        assert answer.status_code == 404 or answer.content == PAGE, path
    assert (await client.get("/console/assets/index-9z9z.js")).status_code == 404
    assert (await client.post("/console/things")).status_code == 405


async def test_without_a_build_it_says_how_to_get_one(
    city: City, client: httpx.AsyncClient, tmp_path: Path
) -> None:
    city.put(Files, Files(tmp_path / "nowhere"))
    english = await client.get("/console/")
    assert english.status_code == 503
    assert "make console" in english.text
    chinese = await client.get("/console/things", headers={"accept-language": "zh-CN"})
    assert "尚未构建" in chinese.text
