"""Vector tiles over HTTP: what a caller sees, changes at once, counts where there is too much, known clients."""

import asyncio
import json
import shutil
import time
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.conftest import key_of
from tests.geo.features.test_items import keep, point, tell
from tests.geo.sample import box

from yong.kernel.base.city import City
from yong.kernel.geo.tiles import cache, reading
from yong.kernel.geo.tiles.cache import Tiles
from yong.kernel.geo.tiles.matrix import Tile
from yong.kernel.store.database import Database

oracle = pytest.importorskip("mapbox_vector_tile", reason="requirements/strangers.lock is not installed")
Key = dict[str, str]
LAMPS = "/ogc/collections/context.Lamp/tiles/WebMercatorQuad"
AREAS = "/ogc/collections/geo.boundary/tiles/WebMercatorQuad"
TILE = "12/1698/3431"
WEST, SOUTH, EAST, NORTH = Tile(12, 1698, 3431).box()
MIDDLE = ((WEST + EAST) / 2, (SOUTH + NORTH) / 2)


@pytest.fixture
async def reader(city: City) -> Key:
    return await key_of(city, "access.operator")


async def tile(client: httpx.AsyncClient, key: Key, path: str) -> list[Any]:
    """The features of a tile."""
    answer = await client.get(path, headers=key)
    if answer.status_code == 204:
        assert answer.content == b""
        return []
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/vnd.mapbox-vector-tile"
    [layer] = oracle.decode(answer.content, default_options={"y_coord_down": True}).values()
    found: list[Any] = layer["features"]
    return found


async def test_from_the_collection_to_a_tile(city: City, client: httpx.AsyncClient, reader: Key) -> None:
    provider = await key_of(city, "context.provider")
    await tell(client, provider, "urn:l:1", "Lamp", point(*MIDDLE), level={"type": "Property", "value": 3},
               on={"type": "Property", "value": True}, tags={"type": "Property", "value": ["a", "b"]})  # fmt: skip
    collection = (await client.get("/ogc/collections/context.Lamp", headers=reader)).json()
    href = next(link["href"] for link in collection["links"] if link["rel"].endswith("/tilesets-vector"))
    [one] = (await client.get(href, headers=reader)).json()["tilesets"]
    links = {link["rel"].rsplit("/", 1)[-1]: link["href"] for link in one["links"]}
    scheme = (await client.get(links["tiling-scheme"], headers=reader)).json()
    assert scheme["uri"] == one["tileMatrixSetURI"]
    sets = (await client.get("/ogc/tileMatrixSets", headers=reader)).json()["tileMatrixSets"]
    assert [s["id"] for s in sets] == ["WebMercatorQuad"]
    whole = (await client.get(links["self"], headers=reader)).json()
    assert whole["layers"][0]["id"] == "context.Lamp"
    assert "point_count" in whole["layers"][0]["propertiesSchema"]["properties"]
    assert "10000" in whole["description"]
    tilejson = (await client.get(links["describedby"], headers=reader)).json()
    assert tilejson["bounds"] == [*MIDDLE, *MIDDLE]
    assert tilejson["vector_layers"][0]["fields"]["level"] == "String"
    address = tilejson["tiles"][0].format(z=12, y=1698, x=3431)
    [lamp] = await tile(client, reader, address)
    assert lamp["geometry"] == {"type": "Point", "coordinates": [2048, pytest.approx(2048, abs=1)]}
    assert (lamp["properties"]["id"], lamp["properties"]["level"], lamp["properties"]["on"]) == (
        "urn:l:1",
        3,
        True,
    )
    assert json.loads(lamp["properties"]["tags"]) == ["a", "b"]
    [lamp] = await tile(client, reader, f"{LAMPS}/{TILE}?properties=level")
    assert lamp["properties"] == {"id": "urn:l:1", "level": 3}
    assert await tile(client, reader, f"{LAMPS}/12/1698/3432") == []
    assert len(await tile(client, reader, f"{LAMPS}/0/0/0")) == 1


async def test_areas_are_drawn_in_every_tile_they_reach(
    city: City, client: httpx.AsyncClient, reader: Key
) -> None:
    keeper = await key_of(city, "geo.keeper")
    await keep(client, keeper, "海曙", box(WEST - 0.01, SOUTH - 0.01, MIDDLE[0], NORTH + 0.01))
    for name in (TILE, "12/1698/3430", "12/1697/3431"):
        [area] = await tile(client, reader, f"{AREAS}/{name}?properties=name")
        assert area["geometry"]["type"] == "Polygon"
        assert area["properties"]["name"] == "海曙"
    assert await tile(client, reader, f"{AREAS}/12/1698/3435") == []


async def test_a_change_is_in_the_next_answer(city: City, client: httpx.AsyncClient, reader: Key) -> None:
    provider, keeper = await key_of(city, "context.provider"), await key_of(city, "geo.keeper")
    path = f"{LAMPS}/{TILE}?properties=level"
    await tell(client, provider, "urn:l:1", "Lamp", point(*MIDDLE), level={"type": "Property", "value": 0})
    first = await client.get(path, headers=reader)
    same = await client.get(path, headers={**reader, "if-none-match": first.headers["etag"]})
    assert (same.status_code, same.content) == (304, b"")
    for level in (1, 2, 3):
        answer = await client.patch(
            "/ngsi-ld/v1/entities/urn:l:1/attrs/level",
            json={"type": "Property", "value": level},
            headers=provider,
        )
        assert answer.status_code == 204, answer.text
        changed = await client.get(path, headers={**reader, "if-none-match": first.headers["etag"]})
        assert changed.status_code == 200
        assert [f["properties"]["level"] for f in await tile(client, reader, path)] == [level]
    await client.delete("/ngsi-ld/v1/entities/urn:l:1", headers=provider)
    assert (await client.get(path, headers=reader)).status_code in (204, 404)  # the type may be gone with it
    id_ = await keep(client, keeper, "一", box(WEST, SOUTH, EAST, NORTH))
    assert len(await tile(client, reader, f"{AREAS}/{TILE}")) == 1
    assert (await client.delete(f"/records/geo.boundary/{id_}?version=1", headers=keeper)).status_code == 200
    assert await tile(client, reader, f"{AREAS}/{TILE}") == []


async def test_a_tile_shows_what_its_caller_sees(city: City, client: httpx.AsyncClient, reader: Key) -> None:
    provider = await key_of(city, "context.provider")
    for n, district in enumerate(("330203", "330282")):
        body = {
            "id": f"urn:l:{n}",
            "type": "Lamp",
            "location": {"type": "GeoProperty", "value": point(*MIDDLE)},
        }
        answer = await client.post(
            "/ngsi-ld/v1/entities", json=body, headers={**provider, "x-district": district}
        )
        assert answer.status_code == 201, answer.text
    here = await key_of(city, "access.department_officer", district="330203")
    for _ in range(2):
        assert len(await tile(client, reader, f"{LAMPS}/{TILE}")) == 2
        assert [f["properties"]["id"] for f in await tile(client, here, f"{LAMPS}/{TILE}")] == ["urn:l:0"]
    elsewhere = await key_of(city, "access.department_officer", district="330299")
    assert (await client.get(f"{LAMPS}/{TILE}", headers=elsewhere)).status_code == 404
    assert (await client.get(f"{AREAS}/{TILE}")).status_code == 401


async def fill(city: City, count: int, kind: str = "Lamp") -> None:
    """Entities in a square of the tile, in a regular grid of a hundred columns."""
    await city[Database].execute(
        """INSERT INTO context.entity (id, type, location, doc)
           SELECT format('urn:%s:%s', $2::text, n), $2::text, point(x, y), jsonb_build_object('location',
             jsonb_build_object('type', 'GeoProperty', 'value',
               jsonb_build_object('type', 'Point', 'coordinates', jsonb_build_array(x, y))))
           FROM generate_series(0, $1::int - 1) AS n,
                LATERAL (SELECT $3::float8 + $5::float8 * (0.5 + n % 100) / 100 AS x,
                                $4::float8 + $6::float8 * (0.5 + n / 100 % 100) / 100 AS y) AS p""",
        count, kind, WEST, SOUTH, EAST - WEST, NORTH - SOUTH,
    )  # fmt: skip


async def test_too_many_features_are_counted_by_cell(
    city: City, client: httpx.AsyncClient, reader: Key
) -> None:
    await fill(city, 10_000)
    shown = await tile(client, reader, f"{LAMPS}/{TILE}?properties=")
    assert len(shown) == 10_000
    assert "point_count" not in shown[0]["properties"]
    await fill(city, 300, "Pole")
    await city[Database].execute("UPDATE context.entity SET type = 'Lamp' WHERE type = 'Pole'")
    city.put(Tiles, Tiles())
    cells = await tile(client, reader, f"{LAMPS}/{TILE}")
    assert sum(c["properties"]["point_count"] for c in cells) == 10_300
    assert all(c["properties"]["cluster"] is True for c in cells)
    assert 900 < len(cells) <= 1024
    for cell in cells:
        assert all(-1 <= c <= 4097 for c in cell["geometry"]["coordinates"])
    [one] = await tile(client, reader, f"{LAMPS}/0/0/0")
    assert one["properties"]["point_count"] == 10_300


async def test_a_dear_tile_is_given_out_while_it_is_read_again(
    city: City, client: httpx.AsyncClient, reader: Key, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "MOST", 50)
    monkeypatch.setattr(cache, "MOST", 50)
    monkeypatch.setattr(cache, "REST", 0)
    await fill(city, 60)
    path = f"{LAMPS}/{TILE}"

    async def total() -> int:
        return sum(f["properties"].get("point_count", 1) for f in await tile(client, reader, path))

    assert await total() == 60
    await city[Database].execute("DELETE FROM context.entity WHERE id IN ('urn:Lamp:3', 'urn:Lamp:4')")
    assert await total() == 60  # as it was, and read again beside
    deadline = time.monotonic() + 10
    while (found := await total()) != 58:
        assert time.monotonic() < deadline, found
        await asyncio.sleep(0.01)
    monkeypatch.setattr(cache, "OLDEST_S", 0.0)
    await city[Database].execute("DELETE FROM context.entity WHERE id = 'urn:Lamp:5'")
    assert await total() == 57  # too old to be given out: read first
    await city[Database].execute("DELETE FROM context.entity WHERE id > 'urn:Lamp:20'")
    left = await tile(client, reader, path)
    assert left
    assert all("point_count" not in f["properties"] for f in left)  # few again: shown as they are


async def test_the_same_tile_asked_for_at_once_is_read_once(
    city: City, client: httpx.AsyncClient, reader: Key, monkeypatch: pytest.MonkeyPatch
) -> None:
    await fill(city, 300)
    reads = 0
    real = reading.features

    async def counted(*args: Any) -> bytes:
        nonlocal reads
        reads += 1
        return await real(*args)

    monkeypatch.setattr(reading, "features", counted)
    await asyncio.gather(*(tile(client, reader, f"{LAMPS}/{TILE}") for _ in range(12)))
    assert reads == 1


async def test_what_is_kept_is_bounded(
    city: City, client: httpx.AsyncClient, reader: Key, monkeypatch: pytest.MonkeyPatch
) -> None:
    await fill(city, 200)
    monkeypatch.setattr(cache, "KEPT", 4)
    city.put(Tiles, Tiles())
    for col in range(3425, 3435):
        await tile(client, reader, f"{LAMPS}/12/1698/{col}")
    assert 0 < len(city[Tiles].kept) <= 4
    monkeypatch.setattr(cache, "KEPT_BYTES", 10)
    city.put(Tiles, Tiles())
    assert await tile(client, reader, f"{LAMPS}/{TILE}")
    assert city[Tiles].kept.bytes <= 10


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (f"{AREAS}/23/0/0", 404),
        (f"{AREAS}/1/2/0", 404),
        (f"{AREAS}/1/0/99999999999999999999", 400),
        (f"{AREAS}/x/0/0", 404),
        (f"{AREAS}/1/-1/0", 400),
        ("/ogc/collections/geo.boundary/tiles/Other/0/0/0", 404),
        ("/ogc/collections/geo.boundary/tiles/Other", 404),
        ("/ogc/tileMatrixSets/Other", 404),
        ("/ogc/collections/no.such/tiles", 404),
        (f"{AREAS}/0/0/0?f=png", 400),
        (f"{AREAS}?f=xml", 400),
        (f"{AREAS}/0/0/0?properties=nix", 400),
        (f"{AREAS}/0/0/0?colour=red", 400),
    ],
)
async def test_what_is_wrong_is_said(client: httpx.AsyncClient, reader: Key, path: str, status: int) -> None:
    answer = await client.get(path, headers=reader)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.skipif(shutil.which("ogr2ogr") is None, reason="GDAL is absent (Debian: gdal-bin)")
async def test_gdal_reads_a_tile(city: City, client: httpx.AsyncClient, reader: Key, tmp_path: Path) -> None:
    keeper = await key_of(city, "geo.keeper")
    await keep(client, keeper, "海曙", box(WEST + 0.01, SOUTH + 0.01, EAST - 0.01, NORTH - 0.01))
    place = tmp_path / "12" / "3431" / "1698.mvt"  # GDAL knows by a path of z, x and y where a tile lies
    place.parent.mkdir(parents=True)
    place.write_bytes((await client.get(f"{AREAS}/{TILE}", headers=reader)).content)
    out = tmp_path / "out.geojson"
    process = await asyncio.create_subprocess_exec(
        "ogr2ogr", "-f", "GeoJSON", "-t_srs", "EPSG:4326", str(out), f"MVT:{place}", "-oo", "CLIP=NO",
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    said = (await process.communicate())[0].decode("utf-8", "replace")
    assert process.returncode == 0, said
    [feature] = json.loads(out.read_text("utf-8"))["features"]
    assert feature["properties"]["name"] == "海曙"
    [ring] = feature["geometry"]["coordinates"][0] if feature["geometry"]["type"] == "MultiPolygon" else feature["geometry"]["coordinates"]  # fmt: skip
    assert min(x for x, _ in ring) == pytest.approx(WEST + 0.01, abs=1e-4)
    assert max(y for _, y in ring) == pytest.approx(NORTH - 0.01, abs=1e-4)
