"""Clients that nobody here wrote: OWSLib, and GDAL's driver of OGC API Features, which QGIS uses too."""

import asyncio
import json
import os
import shutil
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.conftest import key_of
from tests.geo.sample import box

from yong.kernel.base.city import City

from .serving import serving
from .test_items import keep, point, tell

COUNT = 25


@pytest.fixture
async def furnished(city: City, client: httpx.AsyncClient) -> dict[str, str]:
    keeper, provider = await key_of(city, "geo.keeper"), await key_of(city, "context.provider")
    for n in range(COUNT):
        await keep(client, keeper, f"区{n}", box(121 + n / 100, 29, 121 + (n + 1) / 100, 29.5))
        await tell(client, provider, f"urn:l:{n:02d}", "Lamp", point(121 + n / 100, 29.5), level={"type": "Property", "value": n})  # fmt: skip
    return await key_of(city, "access.operator")


async def test_owslib_finds_its_way(city: City, furnished: dict[str, str]) -> None:
    features = pytest.importorskip(
        "owslib.ogcapi.features", reason="requirements/strangers.lock is not installed"
    )

    def talk(url: str) -> dict[str, Any]:
        api = features.Features(f"{url}/ogc", headers=furnished)
        lamps = "context.Lamp"
        page = api.collection_items(lamps, limit=10)
        return {
            "conformance": api.conformance()["conformsTo"],
            "features": api.feature_collections(),
            "title": api.collection("geo.boundary")["title"],
            "queryables": api.collection_queryables(lamps)["properties"],
            "first": page["features"][0]["id"],
            "box": len(api.collection_items(lamps, bbox=[121.0, 29.0, 121.045, 30.0])["features"]),
            "filtered": [f["id"] for f in api.collection_items(lamps, filter="level >= 23")["features"]],
            "one": api.collection_item(lamps, "urn:l:07")["properties"]["level"],
        }

    async with serving(city) as url:
        told = await asyncio.to_thread(talk, url)
    assert "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core" in told["conformance"]
    assert {"geo.boundary", "context.Lamp"} <= set(told["features"])
    assert told["title"]
    assert {"level", "location"} <= set(told["queryables"])
    assert (told["first"], told["box"], told["one"]) == ("urn:l:00", 5, 7)
    assert told["filtered"] == ["urn:l:23", "urn:l:24"]


@pytest.mark.skipif(shutil.which("ogr2ogr") is None, reason="GDAL is absent (Debian: gdal-bin)")
async def test_gdal_reads_a_layer(city: City, furnished: dict[str, str], tmp_path: Path) -> None:
    async with serving(city) as url:
        listed = await gdal(furnished, "ogrinfo", "-ro", "-so", f"OAPIF:{url}/ogc")
        assert "geo.boundary" in listed
        assert "context.Lamp" in listed
        told = await gdal(furnished, "ogrinfo", "-ro", "-so", f"OAPIF:{url}/ogc", "geo.boundary")
        assert f"Feature Count: {COUNT}" in told
        assert "name: String" in told
        out = tmp_path / "out.geojson"
        options = ["--config", "OGR_OAPIF_PAGE_SIZE", "7", "-oo", "PAGE_SIZE=7"]
        await gdal(
            furnished, "ogr2ogr", "-f", "GeoJSON", str(out), f"OAPIF:{url}/ogc", "context.Lamp", *options
        )
        found = json.loads(out.read_text("utf-8"))["features"]
        assert sorted(f["properties"]["level"] for f in found) == list(range(COUNT))
        assert found[0]["geometry"]["coordinates"] == [121.0, 29.5]
        box = ["-spat", "121.0", "29.4", "121.045", "29.6"]
        out2 = tmp_path / "out2.geojson"
        await gdal(furnished, "ogr2ogr", "-f", "GeoJSON", str(out2), f"OAPIF:{url}/ogc", "context.Lamp", *box)
        assert len(json.loads(out2.read_text("utf-8"))["features"]) == 5


async def gdal(key: dict[str, str], *command: str) -> str:
    """What a program of GDAL's prints, sent with the key."""
    headers = "\r\n".join(f"{name}: {value}" for name, value in key.items())
    process = await asyncio.create_subprocess_exec(
        *command,
        env=os.environ | {"GDAL_HTTP_HEADERS": headers, "no_proxy": "*"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    out = (await process.communicate())[0].decode("utf-8", "replace")
    assert process.returncode == 0, out
    return out
