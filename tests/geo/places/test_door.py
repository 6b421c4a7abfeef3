"""HTTP of places: answers, files in two encodings, rubbish."""

import csv
import io
import json

import httpx
import pytest
from tests.conftest import key_of

from yong.kernel.geo.places import batch


@pytest.fixture
async def operator(places, client: httpx.AsyncClient) -> httpx.AsyncClient:
    client.headers.update(await key_of(places, "access.operator"))
    return client


async def test_the_door_answers(operator) -> None:
    found = (await operator.get("/geo/geocode", params={"q": "江北 老外滩12号"})).json()[0]
    assert found == found | {"name": "老外滩12号", "kind": "address", "precision": "house", "lon": 121.5587}
    near = (
        await operator.get("/geo/reverse", params={"lon": 121.5629, "lat": 29.8834, "datum": "GCJ-02"})
    ).json()
    assert near["places"][0]["distance_m"] < 100
    assert (await operator.get("/geo/suggest", params={"q": "lwt"})).json()


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
async def test_a_file_comes_back_with_positions(operator, encoding: str) -> None:
    text = "号,区,地址\r\n1,江北区,老外滩12号\r\n2,,没有此地qq\r\n3,江东区,彩虹北路7号\r\n4,江北区,老外滩12号\r\n"
    answer = await operator.post(
        "/geo/geocode", params={"address": ["区", "地址"], "encoding": encoding}, content=text.encode(encoding),
        headers={"content-type": "text/csv"},
    )  # fmt: skip
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == f"text/csv; charset={encoding}"
    rows = list(csv.DictReader(io.StringIO(answer.content.decode(encoding))))
    assert [r["号"] for r in rows] == ["1", "2", "3", "4"]
    assert rows[0]["geo_name"] == rows[3]["geo_name"] == "老外滩12号"
    assert float(rows[0]["geo_lon"]) == 121.5587
    assert float(rows[0]["geo_confidence"]) > 0.95
    assert rows[1]["geo_lon"] == rows[1]["geo_name"] == ""
    assert "鄞州区" in rows[2]["geo_note"]


@pytest.mark.parametrize(
    ("content", "params", "status"),
    [
        (b"", {"address": "a"}, 400),
        (b"a,b\n1,2\n", {"address": "c"}, 422),
        (b"a,b\n1\n", {"address": "a"}, 400),
        ("地址\n老外滩\n".encode("gb18030"), {"address": "地址"}, 400),
        (b'a\n"x\n', {"address": "a"}, 400),
        (b"a,geo_lon\n1,2\n", {"address": "a"}, 422),
        (b"a\n1\n", {"address": "a", "encoding": "latin-1"}, 400),
        (b"a\n" + b"x\n" * 5001, {"address": "a"}, 413),
        (b"a\n" + b"x" * (4 << 20), {"address": "a"}, 413),
        (b"\xff\x00\n", {"address": "a"}, 400),
    ],
)
async def test_a_bad_file_is_refused_whole(
    operator, content: bytes, params: dict[str, str], status: int
) -> None:
    answer = await operator.post(
        "/geo/geocode", params=params, content=content, headers={"content-type": "text/csv"}
    )
    assert answer.status_code == status, answer.text[:300]
    assert answer.headers["content-type"] == "application/problem+json"


def test_what_a_spreadsheet_takes_for_a_formula_is_shielded() -> None:
    one = batch.Geocoded(name="=1+1", kind="park", precision="place", confidence=1, matched=[], note="@x")
    assert "'=1+1" in batch._found(one)
    assert "'@x" in batch._found(one)


async def test_places_of_another_datum_are_carried_over(city, client) -> None:
    client.headers.update(await key_of(city, "geo.keeper"))
    lines = b"name,kind,lon,lat\n\xe9\xbc\x93\xe6\xa5\xbc,station,121.548741,29.873032\n"
    answer = await client.post("/geo/places/import", params={"datum": "GCJ-02"}, content=lines)
    assert answer.json()["imported"] == 1, answer.text
    row = (await client.get("/records/geo.place")).json()["items"][0]["values"]
    assert row["datum"] == "gcj02"
    assert row["geometry"]["coordinates"] == [
        pytest.approx(121.54457, abs=1e-5),
        pytest.approx(29.87560, abs=1e-5),
    ]
    shape = {"type": "Polygon", "coordinates": [[[121.5, 29.8], [121.6, 29.8], [121.6, 29.9], [121.5, 29.8]]]}
    feature = {"type": "Feature", "geometry": shape, "properties": {"name": "公园", "kind": "park"}}
    body = json.dumps({"type": "FeatureCollection", "features": [feature]}).encode()
    params = {"datum": "BD-09", "format": "geojson"}
    assert (await client.post("/geo/places/import", params=params, content=body)).json()["imported"] == 1


@pytest.mark.parametrize(
    ("content", "params"),
    [
        (b"name,kind\nx,park\n", {"datum": "GCJ-02"}),
        (b"name,kind,lon,lat\nx,park,1,abc\n", {"datum": "GCJ-02"}),
        (b"name,kind,lon,lat\nx,park,999,1\n", {"datum": "GCJ-02"}),
        (b"name,kind,lon,lat\nx,park,121,29\n", {"datum": "Mars"}),
        (b"{", {"datum": "GCJ-02", "format": "geojson"}),
        (
            b'{"features":[{"geometry":{"type":"Point"},"properties":{}}]}',
            {"datum": "WGS 84", "format": "geojson"},
        ),
        (
            b'{"features":[{"geometry":{"type":"Point","coordinates":"x"}}]}',
            {"datum": "WGS 84", "format": "geojson"},
        ),
        (b"x", {"datum": "WGS 84", "format": "parquet"}),
        (b"\xff\xfe", {"datum": "WGS 84"}),
    ],
)
async def test_a_bad_file_of_places_changes_nothing(
    city, client, content: bytes, params: dict[str, str]
) -> None:
    client.headers.update(await key_of(city, "geo.keeper"))
    answer = await client.post("/geo/places/import", params=params, content=content)
    assert answer.status_code in (400, 422), answer.text[:300]
    assert (await client.get("/records/geo.place")).json()["items"] == []


async def test_a_row_that_breaks_a_rule_is_reported(city, client) -> None:
    client.headers.update(await key_of(city, "geo.keeper"))
    lines = b"name,kind,lon,lat\nx,nonsense,121,29\n"
    report = (await client.post("/geo/places/import", params={"datum": "WGS 84"}, content=lines)).json()
    assert (report["imported"], report["bad_total"]) == (0, 1)


async def test_hostile_addresses_are_only_not_found(operator) -> None:
    for q in (
        '"',
        "号" * 100,
        "1" * 200,
        "江北" * 100,
        "\x00",
        "a" * 200,
        "😀",
        "'; DROP TABLE geo.place",
        "%",
        "区",
        "12号",
    ):
        answer = await operator.get("/geo/geocode", params={"q": q})
        assert answer.status_code in (200, 400, 422), (q, answer.text)
