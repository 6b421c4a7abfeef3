"""Sets of classes come in as a whole, edition after edition; components are where they are and a case finds its own."""

import csv
import io
import math
from typing import Any

import httpx
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.cases.conftest import Desks, desks  # noqa: F401  # the fixture
from tests.cityops.open311 import COMPONENTS, HERE, Open311, furnished
from tests.cityops.test_reports import followed
from tests.conftest import key_of

from yong.domains.cityops.contracts import ClassSet
from yong.domains.cityops.logic.classes import away, box, component_faults, faults_of, values_of
from yong.domains.cityops.logic.open311 import category_of
from yong.domains.reports.contracts import CATEGORIES
from yong.kernel.base.city import City

PLACE = {"type": "Point", "coordinates": [121.55, 29.87]}


@pytest.fixture
async def keeper(city: City) -> dict[str, str]:
    return await key_of(city, "cases.designer")


async def put(
    client: httpx.AsyncClient, key: dict[str, str], said: dict[str, Any], status: int = 200, **more: Any
) -> Any:
    answer = await client.put("/cityops/class-sets/demo", json=said, headers=key, params=more)
    assert answer.status_code == status, answer.text
    return answer.json()


async def kept(client: httpx.AsyncClient, key: dict[str, str], relation: str) -> list[dict[str, Any]]:
    answer = await client.get(f"/records/{relation}?limit=1000", headers=key)
    assert answer.status_code == 200, answer.text
    return [item["values"] for item in answer.json()["items"]]


async def test_a_set_is_kept_with_its_limits_and_told_as_it_was_said(
    client: httpx.AsyncClient, keeper: dict[str, str]
) -> None:
    report = await put(client, keeper, COMPONENTS, dry_run="true")
    assert (report["created"], report["dry_run"]) == (4, True)
    assert await kept(client, keeper, "cases.class") == []
    report = await put(client, keeper, COMPONENTS)
    assert {k: report[k] for k in ("created", "changed", "ended", "kept", "limits")} == {
        "created": 4, "changed": 0, "ended": 0, "kept": 0, "limits": 1
    }  # fmt: skip
    classes = {c["code"]: c for c in await kept(client, keeper, "cases.class")}
    assert set(classes) == {"01" + c for c in ("01", "0101", "0102", "0103")}
    assert (classes["010101"]["parent"], classes["0101"]["parent"]) == ("0101", None)
    assert (classes["010101"]["filing"], classes["010101"]["closing"]) == ("破损、缺失", "修复")
    [limit] = await kept(client, keeper, "cases.limit")
    assert (limit["class_prefix"], limit["amount"], limit["unit"]) == ("010101", 6, "urgent_hours")
    told = (await client.get("/cityops/class-sets/demo", headers=keeper)).json()
    again = await put(client, keeper, told)
    assert [again[k] for k in ("created", "changed", "ended", "kept", "limits")] == [0, 0, 0, 4, 0]
    assert len(await kept(client, keeper, "cases.limit")) == 1


async def test_an_edition_changes_adds_and_withdraws_and_the_past_stays(
    client: httpx.AsyncClient, keeper: dict[str, str]
) -> None:
    await put(client, keeper, COMPONENTS)
    lines = [dict(line) for line in COMPONENTS["lines"]]  # type: ignore[attr-defined]
    lines[1] |= {"title_zh": "给水井盖", "limits": [{"amount": 4, "unit": "work_hours"}]}
    lines[2] = {"code": "0104", "title_zh": "电力井盖"}
    report = await put(client, keeper, {**COMPONENTS, "edition": "2", "lines": lines})
    assert (report["created"], report["changed"], report["ended"], report["kept"]) == (1, 1, 1, 2)
    classes = {c["code"]: c["title_zh"] for c in await kept(client, keeper, "cases.class")}
    assert classes["010101"] == "给水井盖"
    assert "010102" not in classes
    assert [(v["amount"], v["basis_en"]) for v in await kept(client, keeper, "cases.limit")] == [
        (4, "Demo classes 2")
    ]
    past = await client.get("/records/cases.class/010101/history", headers=keeper)
    assert [c["record"]["values"]["title_zh"] for c in past.json()] == ["给水井盖", "上水井盖"]
    [entry] = [s for s in await kept(client, keeper, "cityops.class_set") if s["name"] == "demo"]
    assert (entry["edition"], entry["synthetic"]) == ("2", True)
    answer = await put(client, keeper, COMPONENTS, 422)  # 0102 was withdrawn: its code is not used again
    assert [e["pointer"] for e in answer["errors"]] == ["/lines/2/code"]


BAD: list[tuple[dict[str, Any], str]] = [
    ({"lines": [{"code": "1", "title_zh": "a"}]}, "/lines/0/code"),
    ({"lines": [{"code": "010", "title_zh": "a"}]}, "/lines/0/code"),
    ({"lines": [{"code": "0101", "title_zh": "a"}]}, "/lines/0/code"),  # nothing above it
    ({"lines": [{"code": "01", "title_zh": "a"}, {"code": "01", "title_zh": "b"}]}, "/lines/1/code"),
    (
        {"lines": [{"code": "01", "title_zh": "a", "limits": [{"amount": 1, "unit": "weeks"}]}]},
        "/lines/0/limits/0/unit",
    ),
]


@pytest.mark.parametrize(("change", "pointer"), BAD)
async def test_a_set_with_anything_wrong_changes_nothing(
    client: httpx.AsyncClient, keeper: dict[str, str], change: dict[str, Any], pointer: str
) -> None:
    answer = await put(client, keeper, {**COMPONENTS, **change}, 422)
    assert pointer in {e["pointer"] for e in answer["errors"]}
    assert await kept(client, keeper, "cases.class") == []
    assert await kept(client, keeper, "cityops.class_set") == []


async def test_a_set_does_not_take_another_sets_classes_nor_is_anybodys(
    city: City, client: httpx.AsyncClient, keeper: dict[str, str]
) -> None:
    await put(client, keeper, COMPONENTS)
    answer = await client.put("/cityops/class-sets/other", json=COMPONENTS, headers=keeper)
    assert answer.status_code == 422
    assert "demo" in answer.json()["errors"][0]["detail"]
    for role in ("cases.inspector", "access.operator"):
        await put(client, await key_of(city, role), COMPONENTS, 403)


WIDE = {
    "title_zh": "三位小类", "title_en": "Wide", "kind": "event", "edition": "1", "prefix": "X", "minor_width": 3,
    "lines": [{"code": "05", "title_zh": "街面秩序"}, {"code": "05001", "title_zh": "占道", "open": True}],
}  # fmt: skip


async def test_how_wide_a_code_is_belongs_to_the_set(
    client: httpx.AsyncClient, keeper: dict[str, str]
) -> None:
    answer = await client.put("/cityops/class-sets/wide", json=WIDE, headers=keeper)
    assert answer.status_code == 200, answer.text
    await put(client, keeper, COMPONENTS)
    [one] = [s for s in await Open311(client, "json").get("services") if s["service_code"].startswith("X")]
    assert (one["service_code"], one["group"]) == ("X05001", "Street order: trading and parking in the way")


digits = st.integers(1, 4)


@given(major=digits, minor=digits, data=st.data())
def test_every_set_of_whatever_widths_has_its_parents(major: int, minor: int, data: st.DataObject) -> None:
    tops = data.draw(st.lists(st.integers(0, 10**major - 1), unique=True, min_size=1, max_size=5))
    lines = []
    for top in tops:
        code = str(top).zfill(major)
        lines.append({"code": code, "title_zh": "大类"})
        for low in data.draw(st.lists(st.integers(0, 10**minor - 1), unique=True, max_size=4)):
            lines += [{"code": code + str(low).zfill(minor), "title_zh": "小类"}]
    said = msgspec.convert(
        {**WIDE, "prefix": "P", "major_width": major, "minor_width": minor, "lines": lines}, ClassSet
    )
    assert faults_of(said) == []
    values = [values_of("s", said, line) for line in said.lines]
    codes = {v["code"] for v in values}
    assert all(v["parent"] is None or v["parent"] in codes for v in values)
    sets: list[dict[str, object]] = [{"prefix": "P", "kind": "event", "major_width": major}]
    assert {category_of(str(v["code"]), sets) for v in values} <= CATEGORIES.keys()


def component(**more: Any) -> dict[str, Any]:
    return {"code": "3302030101000001", "class": "010101", "name": "上水井盖 1", "location": PLACE, **more}


async def test_components_come_in_by_csv_and_geojson_and_are_a_layer(
    city: City, client: httpx.AsyncClient, keeper: dict[str, str]
) -> None:
    out = io.StringIO()
    rows = csv.writer(out)
    rows.writerow(["code", "class", "name", "location", "in_charge", "state", "district"])
    rows.writerow(
        [
            "3302030101000001",
            "010101",
            "上水井盖 1",
            msgspec.json.encode(PLACE).decode(),
            "水务",
            "完好",
            "synthetic",
        ]
    )
    answer = await client.post(
        "/records/cityops.component/import?format=csv",
        content=out.getvalue().encode(),
        headers=keeper,
    )
    assert (answer.status_code, answer.json()["imported"]) == (200, 1), answer.text
    features = [
        {"type": "Feature", "properties": {"code": f"33020301010000{n:02d}", "class": "010101", "name": f"上水井盖 {n}"},
         "geometry": {"type": "Point", "coordinates": [121.55 + n / 100_000, 29.87]}}
        for n in range(2, 30)
    ]  # fmt: skip
    answer = await client.post(
        "/records/cityops.component/import?format=geojson",
        content=msgspec.json.encode({"type": "FeatureCollection", "features": features}), headers=keeper,
    )  # fmt: skip
    assert answer.json()["imported"] == 28, answer.text
    bad = [
        {**f, "properties": {**f["properties"], "code": "330203999900000" + str(n)}}
        for n, f in enumerate(features[:2])
    ]
    answer = await client.post(
        "/records/cityops.component/import?format=geojson",
        content=msgspec.json.encode({"type": "FeatureCollection", "features": bad}), headers=keeper,
    )  # fmt: skip
    assert (answer.json()["imported"], answer.json()["bad_total"]) == (0, 2)
    layer = await client.get("/ogc/collections/cityops.component/items?limit=1", headers=keeper)
    assert layer.json()["numberMatched"] == 29, layer.text
    inspector = await key_of(city, "cases.inspector")
    near = (
        await client.get("/cityops/components/near?lon=121.55&lat=29.87&class=010101", headers=inspector)
    ).json()
    assert [n["code"][-2:] for n in near[:3]] == ["01", "02", "03"]
    assert len(near) == 20
    assert near[0] == {
        "code": "3302030101000001", "class": "010101", "name": "上水井盖 1", "state": "完好", "in_charge": "水务",
        "distance_m": 0.0,
    }  # fmt: skip
    assert 1.5 < near[1]["distance_m"] < 2.5
    assert (
        await client.get("/cityops/components/near?lon=121.55&lat=29.87&class=020101", headers=inspector)
    ).json() == []
    assert (await client.get("/cityops/components/near?lon=121.55&lat=29.88", headers=inspector)).json() == []


@pytest.mark.parametrize(
    ("code", "kind", "fits"),
    [
        ("3302030101000001", "010101", True),
        ("3302030100100001", "X01001", True),  # three digits of the lower class, five of the number
        ("3302030102000001", "010101", False),
        ("33020X0101000001", "010101", False),
        ("33020301", "010101", False),
    ],
)
def test_a_components_code_holds_its_class(code: str, kind: str, fits: bool) -> None:
    assert (not component_faults({"code": code, "class": kind})) is fits


async def test_a_case_names_the_component_that_it_is_about(
    city: City,
    client: httpx.AsyncClient,
    keeper: dict[str, str],
    desks: Desks,  # noqa: F811
) -> None:
    await furnished(city, client, keeper)
    for values in (
        component(),
        component(
            code="3302030101000002",
            name="上水井盖 2",
            location={"type": "Point", "coordinates": [121.5503, 29.87]},
        ),
    ):
        made = await client.post("/records/cityops.component", json={"values": values}, headers=keeper)
        assert made.status_code == 201, made.text
    key = (await key_of(city, "access.operator"))["x-api-key"]
    await Open311(client, "json").post(
        {"service_code": "010101", **HERE, "attribute[STATE]": "gone", "api_key": key}
    )
    await followed(city)
    [task] = (await desks.ask("inspector", "GET", "/inbox"))["items"]
    case = await desks.case(task["values"]["case_id"])
    [link] = [k for k in case["links"] if k["kind"] == "component"]
    assert (link["target"], link["title"]) == ("3302030101000001", "上水井盖 1（0 m）")
    for place, found in (([121.55029, 29.87], ["3302030101000002"]), ([121.56, 29.87], [])):
        id_ = await desks.opened(location=place, **{"class": "010101"})  # at a desk, not by a report
        await followed(city)
        links = (await desks.case(id_))["links"]
        assert [k["target"] for k in links if k["kind"] == "component"] == found


@given(lon=st.floats(-179, 179), lat=st.floats(-80, 80), dx=st.floats(-40, 40), dy=st.floats(-40, 40))
def test_what_is_near_lies_in_the_box(lon: float, lat: float, dx: float, dy: float) -> None:
    there = (
        lon + math.degrees(dx / 6_371_008.8) / math.cos(math.radians(lat)),
        lat + math.degrees(dy / 6_371_008.8),
    )
    assert away(lon, lat, [there]) == pytest.approx(math.hypot(dx, dy), abs=0.1)
    west, south, east, north = map(float, box(lon, lat, 60).split(","))
    assert west <= there[0] <= east
    assert south <= there[1] <= north
    assert away(lon, lat, []) == math.inf
