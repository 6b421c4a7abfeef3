"""Static layers over HTTP: handed in, built, drawn as their readers may see them, in their time; and what is refused."""

import asyncio
import gzip
import json
import os
import random
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import mapbox_vector_tile
import numpy as np
import pytest
import shapely
from pmtiles.tile import deserialize_header
from pyproj import Transformer
from tests.conftest import TestDatabase, key_of
from tests.geo.features.serving import serving

from yong.kernel.access import api as access
from yong.kernel.base.city import City
from yong.kernel.geo import api as geo
from yong.kernel.geo import datums
from yong.kernel.geo.layers import handing
from yong.kernel.geo.static import building
from yong.kernel.geo.tiles.matrix import Tile
from yong.kernel.store.database import Database
from yong.kernel.store.jobs import Jobs

from .pmtiles3 import verify
from .test_files import collection, feature, point

Key = dict[str, str]
PARKS = {
    "name": "parks", "title": "公园", "title_en": "Parks", "kind": "static", "position": 3, "shown": True,
    "min_zoom": 8, "max_zoom": 18, "attribution": "made up", "style": {"colour": "#15803d"},
}  # fmt: skip
EN = {"Accept-Language": "en"}


@pytest.fixture
async def keeper(city: City) -> Key:
    return await key_of(city, "geo.keeper")


@pytest.fixture
async def reader(city: City) -> Key:
    return await key_of(city, "access.operator")


async def keep(client: httpx.AsyncClient, keeper: Key, **change: object) -> None:
    body = {"values": {**PARKS, **change}, "valid_from": "2020-01-01"}
    answer = await client.post("/records/geo.layer", json=body, headers=keeper)
    assert answer.status_code == 201, answer.text


async def hand_in(
    client: httpx.AsyncClient, keeper: Key, payload: bytes, name: str = "parks", **asked: str
) -> httpx.Response:
    return await client.put(
        f"/geo/layers/{name}/file", params=asked, content=payload, headers={**keeper, **EN}
    )


async def built(city: City, client: httpx.AsyncClient, keeper: Key, payload: bytes, **asked: str) -> Any:
    """A file handed in and built."""
    answer = await hand_in(client, keeper, payload, **asked)
    assert answer.status_code == 202, answer.text
    await geo.perform_build(city, access.system_caller("geo"), answer.json()["id"])
    done = await client.get(f"/geo/layers/parks/builds/{answer.json()['id']}", headers={**keeper, **EN})
    return done.json()


def square(west: float, south: float, side: float = 0.01) -> dict[str, Any]:
    ring = [
        [west, south],
        [west + side, south],
        [west + side, south + side],
        [west, south + side],
        [west, south],
    ]
    return {"type": "Polygon", "coordinates": [ring]}


def parks(count: int = 400, seed: int = 1) -> bytes:
    chance = random.Random(seed)
    return collection(
        *(
            feature(
                square(121.4 + chance.random() / 4, 29.8 + chance.random() / 5, 0.002),
                number=n,
                name=f"公园{n}",
            )
            for n in range(count)
        )
    )


def at(lon: float, lat: float, z: int = 14) -> str:
    """The tile that holds a position, as row and column."""
    [(x, y)] = Tile(z, 0, 0).units(np.array([[lon, lat]]))
    return f"{z}/{int(y // 4096)}/{int(x // 4096)}"


async def test_a_file_becomes_tiles(city: City, client: httpx.AsyncClient, keeper: Key, reader: Key) -> None:
    await keep(client, keeper)
    before = (await client.get("/geo/layers/parks", headers=reader)).json()
    assert (before["tiles"], before["archive"]) == (None, None)
    assert (await client.get("/geo/layers/parks/tiles", headers=reader)).status_code == 404
    # Stated in GCJ-02, it comes to lie where it is, half a kilometre away.
    true = [121.5503, 29.8702]
    [stated] = datums.convert_positions([true], datums.CGCS2000, datums.named("GCJ-02"))
    build = await built(city, client, keeper, collection(feature(point(*stated), name="月湖")), datum="gcj02")
    assert (build["state"], build["problem"], build["datum"]) == ("done", None, "GCJ-02")
    layer = (await client.get("/geo/layers/parks", headers={**reader, **EN})).json()
    assert (layer["kind"], layer["title"], layer["archive"]) == (
        "static",
        "Parks",
        build["archive"]["digest"],
    )
    assert layer["tiles"] == "/geo/layers/parks/tiles/{z}/{row}/{col}"
    told = (await client.get("/geo/layers/parks/tiles", headers=reader)).json()
    assert (told["tilejson"], told["minzoom"], told["maxzoom"]) == ("3.0.0", 8, 14)
    assert told["bounds"] == pytest.approx([*true, *true], abs=1e-5)
    assert [v["id"] for v in told["vector_layers"]] == ["parks"]
    assert told["tiles"] == ["http://yong.test/geo/layers/parks/tiles/{z}/{y}/{x}"]
    answer = await client.get(f"/geo/layers/parks/tiles/{at(*true)}", headers=reader)
    assert answer.status_code == 200
    assert answer.headers["content-encoding"] == "gzip"
    [drawn] = mapbox_vector_tile.decode(answer.content)["parks"]["features"]
    assert drawn["properties"] == {"name": "月湖"}
    same = await client.get(
        f"/geo/layers/parks/tiles/{at(*true)}", headers={**reader, "If-None-Match": answer.headers["etag"]}
    )
    assert (same.status_code, same.content) == (304, b"")
    plain = await client.get(
        f"/geo/layers/parks/tiles/{at(*true)}", headers={**reader, "Accept-Encoding": "identity"}
    )
    assert "content-encoding" not in plain.headers
    assert plain.content == answer.content
    empty = await client.get(f"/geo/layers/parks/tiles/{at(121.2, 29.2)}", headers=reader)
    assert (empty.status_code, empty.content) == (204, b"")
    for place in ("7/0/0", "15/0/0", "14/16384/0", "14/0/16384"):
        assert (await client.get(f"/geo/layers/parks/tiles/{place}", headers=reader)).status_code == 404


async def test_an_archive_keeps_every_rule_and_every_feature(
    city: City, client: httpx.AsyncClient, keeper: Key, reader: Key
) -> None:
    await keep(client, keeper, min_zoom=5)
    build = await built(city, client, keeper, parks(3_000))
    assert build["state"] == "done", build
    url = "/geo/layers/parks/archive"
    whole = await client.get(url, headers=reader)
    assert whole.headers["content-type"] == "application/vnd.pmtiles"
    tiles = verify(whole.content)
    assert len(tiles) == build["archive"]["tiles"]
    deepest = [t for (z, _, _), t in tiles.items() if z == build["archive"]["max_zoom"]]
    seen = {f["properties"]["number"] for tile in deepest for f in tile["parks"]["features"]}
    assert seen == set(range(3_000))
    assert str(city.settings.home) not in whole.content.decode("latin-1")
    size = len(whole.content)
    for asked, wanted, status in (
        ("bytes=0-126", whole.content[:127], 206),
        ("bytes=100-", whole.content[100:], 206),
        ("bytes=-50", whole.content[-50:], 206),
        (f"bytes=5-{size + 9}", whole.content[5:], 206),
        (f"bytes={size}-", b"", 416),
        ("bytes=9-3", b"", 416),
        ("bytes=-", whole.content, 200),
        ("bytes=0-1,5-6", whole.content, 200),
        ("lines=1-2", whole.content, 200),
    ):
        part = await client.get(url, headers={**reader, "Range": asked})
        assert (part.status_code, part.content) == (status, wanted), asked
    part = await client.get(url, headers={**reader, "Range": "bytes=0-9", "If-Range": '"old"'})
    assert part.status_code == 200
    part = await client.get(url, headers={**reader, "If-None-Match": whole.headers["etag"]})
    assert part.status_code == 304


async def test_gdal_reads_an_archive(
    city: City, client: httpx.AsyncClient, keeper: Key, reader: Key, tmp_path: Path
) -> None:
    """As QGIS does: GDAL's own reader of PMTiles, which shares no code with the builder nor with our check."""
    gdal = pytest.importorskip("pyogrio", reason="requirements/strangers.lock is not installed")
    await keep(client, keeper, min_zoom=5)
    build = await built(city, client, keeper, parks(3_000))
    archive = tmp_path / "parks.pmtiles"
    archive.write_bytes((await client.get("/geo/layers/parks/archive", headers=reader)).content)
    deepest, lowest = build["archive"]["max_zoom"], build["archive"]["min_zoom"]
    assert [name for name, _ in gdal.list_layers(archive)] == ["parks"]
    told = gdal.read_info(archive, layer="parks", force_total_bounds=True)
    assert (told["driver"], told["crs"]) == ("PMTiles", "EPSG:3857")
    drawn = {f["properties"]["number"]: shapely.from_geojson(json.dumps(f["geometry"])) for f in json.loads(parks(3_000))["features"]}  # fmt: skip
    for zoom in (deepest, lowest):
        _, _, shapes, values = gdal.raw.read(archive, layer="parks", ZOOM_LEVEL=zoom)
        names = list(gdal.read_info(archive, layer="parks", ZOOM_LEVEL=zoom)["fields"])
        numbers = values[names.index("number")]
        if zoom == deepest:  # every feature, with its name, where it was drawn; at a tile's edge in parts
            assert set(numbers) == drawn.keys()
            assert {f"公园{n}" for n in numbers} == set(values[names.index("name")])
            back = Transformer.from_crs(3857, 4490, always_xy=True).transform
            parts: dict[int, list[shapely.Geometry]] = {}
            for n, wkb in zip(numbers, shapes, strict=True):
                parts.setdefault(n, []).append(
                    shapely.transform(shapely.from_wkb(wkb), back, interleaved=False)
                )
            step = 360 / 2**deepest / 4096  # a tile's grid, in degrees
            for n, shape in drawn.items():
                whole = shapely.union_all(parts[n])  # with a hair's breadth between parts
                assert np.abs(np.subtract(whole.bounds, shape.bounds)).max() < 2 * step, n
                assert shapely.symmetric_difference(whole, shape).area < 0.02 * shape.area, n
        else:  # the overview has some of each place
            assert set(numbers) <= drawn.keys()
            assert len(numbers)


_READ = """
import sys, pyogrio, pyproj
place, zoom, *box = sys.argv[1:]
corners = pyproj.Transformer.from_crs(4490, 3857, always_xy=True).transform_bounds(*map(float, box))
print(*pyogrio.raw.read(place, layer="parks", ZOOM_LEVEL=zoom, bbox=corners, columns=["number"])[3][0])
"""


async def test_gdal_reads_an_archive_in_ranges_where_it_lies(
    city: City, client: httpx.AsyncClient, keeper: Key, reader: Key
) -> None:
    """A map elsewhere need not take the archive whole: it asks for the header, for directories and for tiles."""
    pytest.importorskip("pyogrio", reason="requirements/strangers.lock is not installed")
    await keep(client, keeper, min_zoom=5)
    build = await built(city, client, keeper, parks(3_000))
    box = (121.45, 29.85, 121.5, 29.9)
    async with serving(city) as url:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", _READ, f"/vsicurl/{url}/geo/layers/parks/archive"),
            *map(str, (build["archive"]["max_zoom"], *box)),
            env=os.environ | {
                "GDAL_HTTP_HEADERS": f"x-api-key: {reader['x-api-key']}", "CPL_VSIL_CURL_CHUNK_SIZE": "16384",
                "no_proxy": "*",
            },
            stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        told, _ = await process.communicate()
    assert process.returncode == 0
    found = {int(n) for n in told.split()}
    there = {
        f["properties"]["number"]
        for f in json.loads(parks(3_000))["features"]
        if shapely.box(*box).intersects(shapely.from_geojson(json.dumps(f["geometry"])))
    }
    assert len(there) > 100
    assert there <= found, "all that lie there"
    assert len(found) < 3_000 / 4, "and not the whole city"


async def test_a_next_file_is_a_next_time_version(
    city: City, client: httpx.AsyncClient, keeper: Key, reader: Key
) -> None:
    await keep(client, keeper)
    old, new = (121.50, 29.85), (121.60, 29.90)
    for place, day in ((old, "2021-01-01"), (new, "2024-01-01")):
        build = await built(city, client, keeper, collection(feature(point(*place))), valid_from=day)
        assert build["state"] == "done", build

    async def drawn(place: tuple[float, float], day: str | None) -> int:
        params = {} if day is None else {"at": day}
        url = f"/geo/layers/parks/tiles/{at(*place)}"
        return (await client.get(url, params=params, headers=reader)).status_code

    assert [await drawn(old, d) for d in ("2020-06-01", "2023-12-31", "2024-01-01", None)] == [
        404,
        200,
        204,
        204,
    ]
    assert [await drawn(new, d) for d in ("2020-06-01", "2023-12-31", "2024-01-01", None)] == [
        404,
        204,
        200,
        200,
    ]
    then = (await client.get("/geo/layers/parks", params={"at": "2022-02-02"}, headers=reader)).json()
    assert then["tiles"].endswith("?at=2022-02-02")
    told = (await client.get("/geo/layers/parks/tiles", params={"at": "2022-02-02"}, headers=reader)).json()
    assert told["bounds"][:2] == pytest.approx(old, abs=1e-5)


async def test_a_build_that_fails_leaves_the_layer_and_says_why(
    city: City, client: httpx.AsyncClient, keeper: Key, monkeypatch: pytest.MonkeyPatch
) -> None:
    await keep(client, keeper)
    good = await built(city, client, keeper, collection(feature(point(121.5, 29.8))))
    waiting = (await hand_in(client, keeper, collection(feature(point(121.5, 29.8))))).json()
    file = building.incoming(city.settings.home) / f"{waiting['id']}.geojsonl"
    file.write_text("this is no feature\n")
    await geo.perform_build(city, access.system_caller("geo"), waiting["id"])
    url = f"/geo/layers/parks/builds/{waiting['id']}"
    zh = (await client.get(url, headers={**keeper, "Accept-Language": "zh-CN"})).json()
    en = (await client.get(url, headers={**keeper, **EN})).json()
    assert (zh["state"], en["archive"]) == ("failed", None)
    assert "未能生成瓦片" in zh["problem"]
    assert "could not build the tiles" in en["problem"]
    assert str(city.settings.home) not in en["problem"]
    layer = (await client.get("/geo/layers/parks", headers=keeper)).json()
    assert layer["archive"] == good["archive"]["digest"]
    assert not list(building.incoming(city.settings.home).iterdir()), "nothing is left behind"

    monkeypatch.setattr(building, "BUILD_WITHIN_S", 0.0)
    slow = await built(city, client, keeper, parks(50))
    assert (slow["state"], "within" in slow["problem"]) == ("failed", True)
    listed = (await client.get("/geo/layers/parks/builds", headers=keeper)).json()
    assert [b["state"] for b in listed] == ["failed", "failed", "done"]


async def test_a_later_file_replaces_one_that_waits_and_a_lost_one_is_told(
    city: City, client: httpx.AsyncClient, database: TestDatabase, keeper: Key
) -> None:
    await keep(client, keeper)
    first = (await hand_in(client, keeper, collection(feature(point(121.5, 29.8))))).json()
    last = (await hand_in(client, keeper, collection(feature(point(121.6, 29.9))))).json()
    queue = Jobs(city, database.serve_url)
    async with queue.app.open_async():
        await queue.work(wait=False)
    assert not list(building.incoming(city.settings.home).iterdir())
    listed = (await client.get("/geo/layers/parks/builds", headers=keeper)).json()
    assert {b["id"]: b["state"] for b in listed} == {first["id"]: "replaced", last["id"]: "done"}
    lost = (await hand_in(client, keeper, collection(feature(point(121.5, 29.8))))).json()
    shutil.rmtree(building.incoming(city.settings.home))
    await geo.perform_build(city, access.system_caller("geo"), lost["id"])
    told = (await client.get(f"/geo/layers/parks/builds/{lost['id']}", headers={**keeper, **EN})).json()
    assert (told["state"], "no more" in told["problem"]) == ("failed", True)


async def test_who_may_and_what_is_refused(
    city: City, client: httpx.AsyncClient, keeper: Key, reader: Key, monkeypatch: pytest.MonkeyPatch
) -> None:
    await keep(client, keeper)
    good = collection(feature(point(121.5, 29.8)))
    assert (await hand_in(client, {}, good)).status_code == 401
    assert (await hand_in(client, reader, good)).status_code == 403
    assert (await client.get("/geo/layers/parks/builds", headers=reader)).status_code == 403
    assert (await client.get("/geo/layers/parks/archive")).status_code == 401
    assert (await hand_in(client, keeper, good, name="none")).status_code == 404
    assert (await hand_in(client, keeper, good, datum="MARS")).status_code == 422
    late = await hand_in(client, keeper, good, valid_from="2024-01-01", valid_to="2024-01-01")
    assert [e["pointer"] for e in late.json()["errors"]] == ["/valid_to"]
    crossed = {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]}
    wrong = await hand_in(client, keeper, collection(feature(point(1, 1)), feature(crossed)))
    assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (422, "/features/1/geometry")
    assert (await hand_in(client, keeper, b"{")).status_code == 400
    monkeypatch.setattr(handing, "FILE_BYTES", 10)
    assert (await hand_in(client, keeper, good)).status_code == 413
    monkeypatch.undo()
    city.part(handing.Hands).full = True
    busy = await hand_in(client, keeper, good)
    assert (busy.status_code, "retry-after" in busy.headers) == (429, True)
    city.part(handing.Hands).full = False
    await client.post(
        "/records/geo.layer",
        json={"values": {**PARKS, "name": "sky", "kind": "wmts", "url": "https://a.example/{z}/{row}/{col}"}},
        headers=keeper,
    )
    assert (await hand_in(client, keeper, good, name="sky")).status_code == 409
    assert not (await client.get("/geo/layers/parks/builds", headers=keeper)).json()
    assert not list(building.incoming(city.settings.home).iterdir())
    monkeypatch.setattr(building, "find_spec", lambda name: None)
    monkeypatch.setattr(building.shutil, "which", lambda name: None)
    absent = await hand_in(client, keeper, good)
    assert (absent.status_code, "yong[tiles]" in absent.json()["detail"]) == (503, True)


async def test_an_archive_shows_in_its_own_layer_alone(
    city: City, client: httpx.AsyncClient, keeper: Key, reader: Key
) -> None:
    """Whoever keeps another layer and writes a digest by hand reads nothing by it."""
    await keep(client, keeper)
    build = await built(city, client, keeper, collection(feature(point(121.5, 29.8))))
    digest = build["archive"]["digest"]
    for values in ({"archive": digest}, {"archive": "0" * 64}):
        await keep(client, keeper, name=f"l{values['archive'][:6]}", **values)
        name = f"l{values['archive'][:6]}"
        for path in ("tiles", "archive", f"tiles/{at(121.5, 29.8)}"):
            assert (await client.get(f"/geo/layers/{name}/{path}", headers=reader)).status_code == 404
    bad = await client.post(
        "/records/geo.layer",
        json={"values": {**PARKS, "name": "x", "collection": "geo.boundary"}},
        headers=keeper,
    )
    assert [e["pointer"] for e in bad.json()["errors"]] == ["/values/collection"]


async def test_who_hands_in_and_who_takes_all_is_in_the_audit_trail(
    city: City, client: httpx.AsyncClient, keeper: Key, reader: Key
) -> None:
    await keep(client, keeper)
    await built(city, client, keeper, collection(feature(point(121.5, 29.8))))
    await client.get("/geo/layers/parks/archive", headers=reader)
    await client.get("/geo/layers/parks/archive", headers={**reader, "Range": "bytes=0-9"})
    await client.get("/geo/layers/parks/archive", headers={**reader, "Range": "bytes=10-19"})
    rows = await city[Database].fetch(
        "SELECT action FROM access.audit_entry WHERE resource = 'geo.layer/parks' ORDER BY id"
    )
    assert [r["action"] for r in rows] == [
        "records.create", "geo.build", "records.update", "records.export", "records.export",
    ]  # fmt: skip


def damaged(file: Path) -> Iterator[None]:
    """An archive in several states in which it cannot be read; in the end it is gone."""
    whole = file.read_bytes()
    header = deserialize_header(whole)
    said = header["metadata_offset"]
    spoilt = whole[: said + 12] + bytes(b ^ 0xFF for b in whole[said + 12 : said + 60]) + whole[said + 60 :]
    for bad in (b"", b"PMTiles\x04" + whole[8:], whole[:127], gzip.compress(whole), spoilt):
        file.write_bytes(bad)
        yield
    file.unlink()
    yield


async def test_a_missing_or_damaged_archive_is_told(
    city: City, client: httpx.AsyncClient, keeper: Key, reader: Key
) -> None:
    await keep(client, keeper)
    build = await built(city, client, keeper, collection(feature(point(121.5, 29.8))))
    for _ in damaged(building.archive_file(city.settings.home, build["archive"]["digest"])):
        answer = await client.get("/geo/layers/parks/tiles", headers={**reader, **EN})
        assert (answer.status_code, "hand its file in again" in answer.json()["detail"]) == (503, True)
