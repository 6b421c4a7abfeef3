"""Layers: what a style may be, what a legend reads, who sees which, since when; outside tiles; topology over HTTP."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import msgspec
import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st
from tests.conftest import key_of

from yong.app import bootstrap
from yong.kernel.access import api as access
from yong.kernel.access.api import system_caller
from yong.kernel.base.city import City
from yong.kernel.base.errors import NotFound, Unavailable
from yong.kernel.base.settings import load
from yong.kernel.geo import api as geo
from yong.kernel.geo.layers import outside, styles
from yong.kernel.geo.layers.contracts import Class, StandardLayer, Step, Style
from yong.kernel.records import api as records

from .sample import box

FEATURES = {
    "name": "districts",
    "title": "区县",
    "title_en": "Districts",
    "kind": "features",
    "collection": "geo.boundary",
    "style": {"colour": "#334455", "by": "level", "classes": [{"value": "district", "colour": "#ff0000"}]},
    "position": 1,
    "shown": True,
    "min_zoom": 0,
    "max_zoom": 22,
}
WMTS = {
    "name": "sky",
    "title": "影像",
    "title_en": "Imagery",
    "kind": "wmts",
    "url": "https://tiles.example/img/{z}/{row}/{col}?tk={key}",
    "position": 0,
    "shown": False,
    "min_zoom": 1,
    "max_zoom": 18,
    "approval_number": "GS(2026)0000号",
}


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"collection": None}, "/collection"),
        ({"url": "https://a.example/{z}/{row}/{col}"}, "/url"),
        ({"min_zoom": 9, "max_zoom": 8}, "/max_zoom"),
        ({"style": {"colour": "red"}}, "/style"),
        ({"style": {"paint": {}}}, "/style"),
        ({"style": {"by": "level"}}, "/style"),
        ({"style": {"steps": [{"at": 1, "colour": "#000000"}]}}, "/style"),
        ({"style": {"by": "a", "steps": [{"at": 2, "colour": "#000000"}, {"at": 2, "colour": "#111111"}]}}, "/style"),
        ({"style": {"by": "a", "classes": [{"value": 1, "colour": "#000000"}] * 2}}, "/style"),
        (
            {"style": {"by": "a", "classes": [{"value": 1, "colour": "#000000"}],
                       "steps": [{"at": 2, "colour": "#000000"}]}},
            "/style",
        ),
    ],
)  # fmt: skip
def test_what_the_fields_of_a_layer_break_together(change: dict[str, object], pointer: str) -> None:
    assert not styles.faults(FEATURES)
    assert [p.pointer for p in styles.faults({**FEATURES, **change})] == [pointer]


@pytest.mark.parametrize(
    "url",
    [
        "http://a.example/{z}/{row}/{col}",
        "https://{z}.example/{row}/{col}",
        "https://u:p@a.example/{z}/{row}/{col}",
        "https://a.example:8443/{z}/{row}/{col}",
        "https://a.example:x/{z}/{row}/{col}",
        "https://a.example/{z}/{row}",
        "https://a.example/{z}/{row}/{col}/{s}",
        "file:///etc/{z}{row}{col}",
    ],
)
def test_an_address_of_tiles_is_https_with_the_places_of_a_tile(url: str) -> None:
    assert not styles.faults(WMTS)
    assert {p.pointer for p in styles.faults({**WMTS, "url": url})} == {"/url"}


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=20, unique=True), st.sampled_from(["zh", "en"]))
def test_a_legend_leaves_no_value_between_its_steps(bounds: list[float], language: Any) -> None:
    steps = [Step(at=b, colour="#000000") for b in sorted(bounds)]
    marks = styles.legend(Style(by="a", steps=steps), language)
    assert [m.least for m in marks] == sorted(bounds)
    assert [m.most for m in marks] == [*sorted(bounds)[1:], None]


def test_a_legend_reads_in_the_readers_language() -> None:
    classes = [Class(value=True, colour="#00ff00"), Class(value="x", colour="#ff0000", zh="坏", en="bad")]
    style = Style(by="a", classes=classes)
    assert [m.text for m in styles.legend(style, "zh")] == ["是", "坏"]
    assert [m.text for m in styles.legend(style, "en")] == ["yes", "bad"]


# Over HTTP


async def keep(client: httpx.AsyncClient, key: dict[str, str], values: dict[str, object]) -> httpx.Response:
    return await client.post("/records/geo.layer", json={"values": values}, headers=key)


async def test_layers_are_kept_as_records_and_read_to_be_drawn(city: City, client: httpx.AsyncClient) -> None:
    keeper, reader = await key_of(city, "geo.keeper"), await key_of(city, "access.operator")
    for values in (FEATURES, WMTS):
        answer = await keep(client, keeper, values)
        assert answer.status_code == 201, answer.text
    bad = await keep(client, keeper, {**FEATURES, "name": "bad", "style": {"colour": "javascript:"}})
    assert bad.status_code == 422
    assert bad.json()["errors"][0]["pointer"] == "/values/style"
    assert (await keep(client, reader, {**FEATURES, "name": "mine"})).status_code == 403
    assert (await client.get("/geo/layers")).status_code == 401
    listed = (await client.get("/geo/layers", headers={**reader, "Accept-Language": "en"})).json()["layers"]
    assert [(one["name"], one["title"]) for one in listed] == [("sky", "Imagery"), ("districts", "Districts")]
    sky, districts = listed
    assert sky["tiles"] == "/geo/layers/sky/tiles/{z}/{row}/{col}"
    assert "tk" not in str(sky)
    assert sky["approval_number"] == "GS(2026)0000号"
    assert (districts["features"], districts["legend"]) == (
        "geo.boundary",
        [{"colour": "#ff0000", "text": "district", "least": None, "most": None}],
    )
    answer = await client.patch(
        "/records/geo.layer/districts",
        json={"values": {"max_zoom": 3, "min_zoom": 5}, "version": 1},
        headers=keeper,
    )
    assert answer.status_code == 422, "a change is held against the whole record"
    assert answer.json()["errors"][0]["pointer"] == "/values/max_zoom"


async def test_a_layer_has_its_time(city: City, client: httpx.AsyncClient) -> None:
    keeper = await key_of(city, "geo.keeper")
    body = {"values": FEATURES, "valid_from": "2020-01-01"}
    made = await client.post("/records/geo.layer", json=body, headers=keeper)
    assert made.status_code == 201, made.text
    change = {"values": {"style": {"colour": "#aaaaaa"}}, "version": 1, "valid_from": "2024-01-01"}
    assert (await client.patch("/records/geo.layer/districts", json=change, headers=keeper)).status_code < 300

    async def colour(day: str) -> str:
        answer = await client.get("/geo/layers/districts", params={"at": day}, headers=keeper)
        return str(answer.json()["style"]["colour"]) if answer.status_code == 200 else str(answer.status_code)

    assert [await colour(d) for d in ("2019-12-31", "2023-12-31", "2024-01-01")] == [
        "404",
        "#334455",
        "#aaaaaa",
    ]


async def test_tiles_are_fetched_from_hosts_alone_that_are_named(
    city: City, client: httpx.AsyncClient
) -> None:
    keeper = await key_of(city, "geo.keeper")
    await keep(client, keeper, WMTS)
    answer = await client.get("/geo/layers/sky/tiles/3/1/2", headers=keeper)
    assert answer.status_code == 409
    assert "tiles.example" in answer.json()["detail"]
    for place in ("0/0/0", "3/8/0", "3/0/8", "19/0/0"):
        assert (await client.get(f"/geo/layers/sky/tiles/{place}", headers=keeper)).status_code == 404


@pytest.fixture
async def service() -> AsyncIterator[tuple[str, list[str]]]:
    """An outside service on this machine, and what it was asked."""
    asked: list[str] = []

    async def answer(request: web.Request) -> web.StreamResponse:
        asked.append(request.path_qs)
        await asyncio.sleep(0.02)
        match request.match_info["z"]:
            case "1":
                return web.Response(body=b"\x89PNG" + b"x" * 100, content_type="image/png")
            case "2":
                return web.Response(text="<script>", content_type="text/html")
            case "3":
                return web.Response(body=b"x" * (3 << 20), content_type="image/png")
            case "4":
                return web.Response(status=302, headers={"Location": "http://127.0.0.1:1/"})
        return web.Response(status=404)

    application = web.Application()
    application.router.add_get("/{z}/{row}/{col}", answer)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    yield f"http://127.0.0.1:{port}/{{z}}/{{row}}/{{col}}?k={{key}}", asked
    await runner.cleanup()


async def test_a_tile_is_fetched_once_and_only_pictures_are(
    service: tuple[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    url, asked = service
    tiles = outside.Outside("secret")
    one, other = await asyncio.gather(tiles.tile(url, 1, 0, 1), tiles.tile(url, 1, 0, 1))
    assert one == other == await tiles.tile(url, 1, 0, 1)
    assert asked == ["/1/0/1?k=secret"]
    for z in (2, 3, 4):
        with pytest.raises(Unavailable) as error:
            await tiles.tile(url, z, 0, 0)
        assert "secret" not in str(error.value)
    with pytest.raises(NotFound):
        await tiles.tile(url, 5, 0, 0)
    with pytest.raises(Unavailable):
        await tiles.tile("http://127.0.0.1:9/{z}/{row}/{col}", 1, 0, 0)
    await tiles.close()
    monkeypatch.setattr(outside, "TILES_KEPT_BYTES", 250)
    tiles = outside.Outside("secret")
    for col in range(6):
        await tiles.tile(url, 1, 1, col)
    assert len(asked) == 1 + 4 + 6
    await tiles.tile(url, 1, 1, 5)
    await tiles.tile(url, 1, 1, 0)
    assert len(asked) == 12, "the newest are kept, the oldest went"
    await tiles.close()


async def test_many_tiles_of_a_slow_service_all_come_over_few_connections(
    service: tuple[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The service answers after 20 ms; what waits for its turn, longer than an answer may take, is not given up."""
    url, asked = service
    monkeypatch.setattr(outside, "TILES_AT_ONCE", 2)
    monkeypatch.setattr(outside, "FETCH_WITHIN_S", 0.25)
    tiles = outside.Outside("secret")
    found = await asyncio.gather(*(tiles.tile(url, 1, 1, col) for col in range(40)))
    assert len(found) == len(asked) == 40
    await tiles.close()


# Topology


async def boundary(client: httpx.AsyncClient, key: dict[str, str], code: str, level: str, *rings: Any) -> str:
    values = {
        "code": code,
        "level": level,
        "datum": "cgcs2000",
        "geometry": {"type": "Polygon", "coordinates": [*rings]},
    }
    answer = await client.post(
        "/records/geo.boundary", json={"values": values, "district": "330203"}, headers=key
    )
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def test_polygons_of_any_relation_are_checked_against_each_other(
    city: City, client: httpx.AsyncClient
) -> None:
    keeper = await key_of(city, "geo.keeper")
    whole = await boundary(client, keeper, "330203001", "street", *box(121, 29, 121.04, 29.01))
    west = await boundary(client, keeper, "330203001001", "community", *box(121, 29, 121.011, 29.01))
    east = await boundary(client, keeper, "330203001002", "community", *box(121.01, 29, 121.03, 29.01))
    asked = {"relation": "geo.boundary", "conditions": [{"field": "level", "value": "community"}]}
    answer = await client.post("/geo/topology-checks", json=asked, headers=keeper)
    assert answer.status_code == 200, answer.text
    report = answer.json()
    assert (report["checked"], report["passed_over"]) == (2, 0)
    assert [(f["kind"], sorted(f["records"])) for f in report["flaws"]] == [("overlap", sorted([west, east]))]
    report = (
        await client.post("/geo/topology-checks", json={**asked, "within": whole}, headers=keeper)
    ).json()
    assert [f["kind"] for f in report["flaws"]] == ["overlap", "gap"]
    for wrong, pointer in (
        ({"relation": "geo.layer"}, "/relation"),
        ({**asked, "within": "nothing"}, "/within"),
        ({**asked, "within": whole, "within_relation": "geo.layer"}, "/within_relation"),
    ):
        answer = await client.post("/geo/topology-checks", json=wrong, headers=keeper)
        assert (answer.status_code, answer.json().get("errors", [{}])[0].get("pointer")) == (422, pointer), (
            answer.text
        )
    assert (await client.post("/geo/topology-checks", json=asked)).status_code == 401


async def test_what_lies_in_a_ring_of_polygons_is_a_gap(city: City, client: httpx.AsyncClient) -> None:
    keeper = await key_of(city, "geo.keeper")
    for n, (x, y) in enumerate((x, y) for x in range(3) for y in range(3) if (x, y) != (1, 1)):
        west, south = 121 + x / 100, 29 + y / 100
        await boundary(
            client, keeper, f"33020300100{n}", "community", *box(west, south, west + 0.01, south + 0.01)
        )
    report = (
        await client.post("/geo/topology-checks", json={"relation": "geo.boundary"}, headers=keeper)
    ).json()
    (flaw,) = report["flaws"]
    assert flaw["kind"] == "gap"
    assert 121.01 < flaw["lon"] < 121.02


async def test_a_boundary_has_the_digits_of_its_level(city: City, client: httpx.AsyncClient) -> None:
    keeper = await key_of(city, "geo.keeper")
    values = {"code": "330203001", "level": "district", "datum": "cgcs2000",
              "geometry": {"type": "Polygon", "coordinates": box(121, 29, 121.01, 29.01)},
              "starts_on": "2020-01-01", "ends_on": "2020-01-01"}  # fmt: skip
    answer = await client.post("/records/geo.boundary", json={"values": values}, headers=keeper)
    assert [e["pointer"] for e in answer.json()["errors"]] == ["/values/code", "/values/ends_on"]
    feature = {"type": "Feature", "geometry": values.pop("geometry"), "properties": values}
    answer = await client.post(
        "/records/geo.boundary/import",
        params={"format": "geojson"},
        json={"type": "FeatureCollection", "features": [feature]},
        headers=keeper,
    )
    assert [b["column"] for b in answer.json()["bad"]] == ["code", "ends_on"], answer.text


# ---------------------------------------------------------------- layers that modules bring along


async def test_standard_layers_are_sound(city: City) -> None:
    declared = [layer for _, layer in city.registry.of(StandardLayer)]
    assert {"air-quality", "places", "reports", "unit-grids"} <= {layer.name for layer in declared}
    for layer in declared:
        relation = records.relation(city, layer.collection)
        assert relation.geometry, layer.name
        assert layer.style.by is None or relation.field(layer.style.by), layer.name
        values = {
            "kind": "features", "collection": layer.collection, "style": msgspec.to_builtins(layer.style),
            "min_zoom": layer.min_zoom, "max_zoom": layer.max_zoom,
        }  # fmt: skip
        assert styles.faults(values) == [], layer.name


def test_air_quality_is_drawn_in_the_colours_of_hj_633() -> None:
    registry = bootstrap.registry(load({"YONG_HOME": "/nonexistent"}))
    [layer] = [one for _, one in registry.of(StandardLayer) if one.name == "air-quality"]
    assert [(step.at, step.colour, step.en) for step in layer.style.steps[:3]] == [
        (0, "#00e400", "Excellent"),
        (51, "#ffff00", "Good"),
        (101, "#ff7e00", "Lightly polluted"),
    ]


async def test_standard_layers_are_made_once_and_stay_as_somebody_left_them(city: City) -> None:
    installer = system_caller("ningbo")
    await access.create_party(city, installer, id="nb", kind="city", zh="宁波", en="Ningbo")
    made = await geo.make_standard_layers(city, installer, owner="nb")
    assert made >= 4
    before = await records.read(city, installer, "geo.layer", "air-quality")
    assert before.valid_from is not None
    assert before.valid_from < "2001"
    account = await key_of(city, "geo.keeper")
    caller = await access.caller_of(city, account, "test")
    await records.update(city, caller, "geo.layer", "air-quality", {"title_en": "Air"}, before.version or 1)
    grids = await records.read(city, caller, "geo.layer", "unit-grids")
    await records.end(city, caller, "geo.layer", "unit-grids", grids.version or 1)
    assert await geo.make_standard_layers(city, installer, owner="nb") == 0
    names = {layer.name: layer.title for layer in (await geo.layers(city, caller)).layers}
    assert "unit-grids" not in names
    english = access.speaking(caller, "en")
    assert (await geo.layer(city, english, "air-quality")).title == "Air"
