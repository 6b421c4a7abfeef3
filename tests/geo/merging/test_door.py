"""Merging over HTTP: plans, files, runs, the work list, decisions, undoing; and what is refused."""

import json
from typing import Any

import httpx
import numpy as np
import pytest
from tests.conftest import TestDatabase, key_of

from bench.made_city import CLASSES, URBAN, WATER, city, score, survey
from yong.kernel.access.api import system_caller
from yong.kernel.base.city import City
from yong.kernel.geo import api as geo
from yong.kernel.geo import datums
from yong.kernel.store.database import Database
from yong.kernel.store.jobs import Jobs

from .conftest import PLAN, Do, Json


def csv_of(rows: list[Any]) -> bytes:
    lines = [f"{r.record},{r.x!r},{r.y!r},{r.name or ''},{r.kind or ''}" for r in rows]
    return ("编号,经度,纬度,名称,类别\n" + "\n".join(lines)).encode()


def geojson_of(rows: list[Any]) -> bytes:
    features = [
        {
            "type": "Feature",
            "properties": {"id": r.record, "name": r.name, "kind": r.kind},
            "geometry": {"type": "Point", "coordinates": [r.x, r.y]},
        }
        for r in rows
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


MADE = city(400, seed=3)
SURVEYS = [survey(MADE, WATER, 5), survey(MADE, URBAN, 5)]


async def send(client: httpx.AsyncClient, keeper: Json, name: str = "lids") -> None:
    plan = {**PLAN, "classes": CLASSES}
    assert (await client.put(f"/geo/mergings/{name}", json=plan, headers=keeper)).status_code == 200
    for source, kind, body in (
        ("water", "csv", csv_of(SURVEYS[0].rows)),
        ("urban", "geojson", geojson_of(SURVEYS[1].rows)),
    ):
        answer = await client.put(
            f"/geo/mergings/{name}/points/{source}?format={kind}", content=body, headers=keeper
        )
        assert answer.status_code == 200, answer.text


_STATE = (
    "SELECT * FROM geo.merge_component ORDER BY id",
    "SELECT * FROM geo.merge_link ORDER BY merging, source, record",
    "SELECT name, head, model FROM geo.merge_plan ORDER BY name",
)


async def state(city: City) -> list[list[dict[str, Any]]]:
    return [[dict(r) for r in await city[Database].fetch(sql)] for sql in _STATE]


async def links(city: City) -> list[tuple[str, str, str]]:
    rows = await city[Database].fetch("SELECT source, record, component FROM geo.merge_link")
    return [tuple(r) for r in rows]


async def test_two_departments_become_one_set(
    city: City, client: httpx.AsyncClient, keeper: Json, run: Do
) -> None:
    await send(client, keeper)
    dry = await run("lids")
    assert (dry["state"], dry["dry_run"], dry["problem"]) == ("done", True, None)
    assert not await links(city)
    real = await run("lids", dry_run=False)
    report = real["report"]
    assert {k: report[k] for k in ("pairs", "components", "created", "doubtful")} == {
        k: dry["report"][k] for k in ("pairs", "components", "created", "doubtful")
    }
    assert (report["changed"], report["ended"], report["learned"]) == (0, 0, True)
    assert report["components"] == report["created"] > report["merged"] > 100
    assert [s["finding"] for s in report["shifts"]] == ["", ""]
    precision, recall = score(await links(city), SURVEYS)
    assert precision > 0.93
    assert recall > 0.7
    rows = (await client.get("/records/geo.component?limit=1000", headers=keeper)).json()["items"]
    assert len(rows) == report["components"]
    one = next(r for r in rows if r["values"]["records"] == 2)
    assert {p["source"] for p in one["values"]["provenance"]} == {"water", "urban"}
    assert 0 < one["values"]["accuracy_m"] < 0.5  # better than the better of both
    told = await city[Database].fetch("SELECT event->>'type' AS type FROM store.outbox")
    assert [t["type"] for t in told if t["type"].startswith("geo.")] == ["geo.ComponentsMerged"]
    actions = {r["action"] for r in await city[Database].fetch("SELECT action FROM access.audit_entry")}
    assert actions >= {"geo.keep_merging", "geo.receive_points", "geo.order_merge", "geo.merge"}


async def test_a_second_run_changes_only_what_changed(
    city: City, client: httpx.AsyncClient, keeper: Json, run: Do
) -> None:
    await send(client, keeper)
    await run("lids", dry_run=False)
    first = await state(city)
    again = await run("lids", dry_run=False)
    assert [again["report"][k] for k in ("created", "changed", "ended", "learned")] == [0, 0, 0, False]
    assert (await state(city))[:2] == first[:2]
    # One point goes, one comes, one moves by a metre.
    rows = list(SURVEYS[0].rows)
    moved = type(rows[0])(rows[0].record, rows[0].x + 1e-5, rows[0].y, rows[0].name, rows[0].kind)
    new = type(rows[0])("NEW", 121.49, 29.84, None, "路灯")
    await client.put(
        "/geo/mergings/lids/points/water", content=csv_of([moved, *rows[2:], new]), headers=keeper
    )
    third = await run("lids", dry_run=False)
    report = third["report"]
    assert report["created"] >= 1
    assert report["created"] + report["changed"] + report["ended"] < 20
    before, after = ({r["id"]: r for r in s[0]} for s in (first, await state(city)))
    same = [i for i in before if i in after and before[i] == after[i]]
    assert len(same) > len(before) - 20
    where = {(s, r): c for s, r, c in await links(city)}
    old = {(r["source"], r["record"]): r["component"] for r in first[1]}
    assert sum(where.get(k) != old[k] for k in old) < 5


async def test_undoing_a_run_restores_exactly_what_was(
    city: City, client: httpx.AsyncClient, keeper: Json, run: Do
) -> None:
    await send(client, keeper)
    empty = await state(city)
    first = await run("lids", dry_run=False)
    one = await state(city)
    half = SURVEYS[1].rows[::2]
    await client.put(
        "/geo/mergings/lids/points/urban?format=geojson", content=geojson_of(half), headers=keeper
    )
    second = await run("lids", dry_run=False, learn=True)
    assert second["report"]["changed"] > 50
    wrong = await client.post(f"/geo/mergings/lids/runs/{first['id']}/undo", headers=keeper)
    assert wrong.status_code == 409  # the set stands on the second
    undone = await client.post(f"/geo/mergings/lids/runs/{second['id']}/undo", headers=keeper)
    assert (undone.status_code, undone.json()["state"]) == (200, "undone")
    assert await state(city) == one
    assert (
        await client.post(f"/geo/mergings/lids/runs/{second['id']}/undo", headers=keeper)
    ).status_code == 409
    await client.post(f"/geo/mergings/lids/runs/{first['id']}/undo", headers=keeper)
    assert await state(city) == empty


async def test_the_work_list_is_decided_and_obeyed(
    city: City, client: httpx.AsyncClient, keeper: Json, run: Do
) -> None:
    await send(client, keeper)
    done = await run("lids", dry_run=False)
    items: list[Json] = []
    cursor = None
    while True:
        more = {"cursor": cursor} if cursor else {}
        page = await client.get("/geo/mergings/lids/doubts", params={"limit": "7", **more}, headers=keeper)
        items += page.json()["items"]
        cursor = page.json()["cursor"]
        if cursor is None:
            break
    assert len(items) == done["report"]["doubtful"] > 4
    assert [i["probability"] for i in items] == sorted((i["probability"] for i in items), reverse=True)
    for item in items:
        total = item["prior_bits"] + sum(e["bits"] for e in item["evidence"])
        assert 1 / (1 + 2**-total) == pytest.approx(item["probability"], abs=0.01)
    bad = await client.get("/geo/mergings/lids/doubts?cursor=eA==", headers=keeper)
    assert (bad.status_code, bad.json()["errors"][0]["pointer"]) == (422, "/cursor")
    truth = {(s.plan.name, r.record): t for s in SURVEYS for r, t in zip(s.rows, s.truth, strict=True)}

    def ref(side: Json) -> Json:
        return {"source": side["source"], "record": side["record"]}

    said = [
        {
            "a": ref(i["b"]),
            "b": ref(i["a"]),
            "verdict": "same"
            if truth[i["a"]["source"], i["a"]["record"]] == truth[i["b"]["source"], i["b"]["record"]]
            else "different",
        }
        for i in items
    ]
    assert {s["verdict"] for s in said} == {"same", "different"}
    answer = await client.post("/geo/mergings/lids/decisions", json={"decisions": said}, headers=keeper)
    assert answer.json()["decided"] == len(said), answer.text
    left = (await client.get("/geo/mergings/lids/doubts", headers=keeper)).json()
    assert left["items"] == []
    _, before = score(await links(city), SURVEYS)
    await run("lids", dry_run=False)
    where = {(s, r): c for s, r, c in await links(city)}
    for s in said:
        together = where[tuple(s["a"].values())] == where[tuple(s["b"].values())]
        assert together == (s["verdict"] == "same"), s
    assert score(await links(city), SURVEYS)[1] > before
    asked = (await client.get("/geo/mergings/lids/doubts?limit=1000", headers=keeper)).json()["items"]
    settled = {frozenset((*s["a"].values(), *s["b"].values())) for s in said}
    assert not [i for i in asked if frozenset((*ref(i["a"]).values(), *ref(i["b"]).values())) in settled]
    # Taken back, it is asked again.
    await client.post(
        "/geo/mergings/lids/decisions", json={"decisions": [{**said[0], "verdict": "open"}]}, headers=keeper
    )
    assert await city[Database].fetchval("SELECT count(*) FROM geo.merge_decision") == len(said) - 1


async def test_one_merge_is_undone_and_stays_undone(
    city: City, client: httpx.AsyncClient, keeper: Json, run: Do
) -> None:
    await send(client, keeper)
    await run("lids", dry_run=False)
    before = await state(city)
    one = next(r for r in before[0] if r["records"] == 2)
    answer = await client.post(f"/geo/mergings/lids/components/{one['id']}/undo", headers=keeper)
    assert answer.status_code == 200, answer.text
    assert answer.json()["report"]["created"] == 1
    apart = {
        c
        for s, r, c in await links(city)
        if any((s, r) == (x["source"], x["record"]) for x in before[1] if x["component"] == one["id"])
    }
    assert len(apart) == 2
    assert one["id"] in apart
    again = await client.post(f"/geo/mergings/lids/components/{one['id']}/undo", headers=keeper)
    assert again.status_code == 409
    untouched = {r["id"]: r for r in before[0] if r["id"] != one["id"]}
    assert {r["id"]: r for r in (await state(city))[0] if r["id"] not in apart} == untouched
    await run("lids", dry_run=False)
    assert len({c for s, r, c in await links(city) if c in apart}) == 2
    # Undone itself, with the run after it, the decision is gone with it.
    runs = (await client.get("/geo/mergings/lids/runs", headers=keeper)).json()
    for r in [x for x in runs if x["state"] == "done"][:2]:
        assert (
            await client.post(f"/geo/mergings/lids/runs/{r['id']}/undo", headers=keeper)
        ).status_code == 200
    assert await state(city) == before
    assert not await city[Database].fetchval("SELECT count(*) FROM geo.merge_decision")


async def test_a_source_in_another_datum_than_stated_is_held(
    city: City, client: httpx.AsyncClient, keeper: Json, run: Do
) -> None:
    await send(client, keeper)
    plan = json.loads(json.dumps({**PLAN, "classes": CLASSES}))
    plan["sources"][1]["datum"] = "CGCS2000"  # its numbers are in GCJ-02
    await client.put("/geo/mergings/lids", json=plan, headers=keeper)
    held = await run("lids", dry_run=False)
    assert held["state"] == "held"
    assert "urban" in held["problem"]
    assert not await links(city)
    shift = held["report"]["shifts"][1]
    assert (shift["finding"], shift["instead"]) == ("datum", "GCJ-02")
    centre = np.array([[121.5, 29.85]])
    real = datums.convert(centre, datums.CGCS2000, datums.named("GCJ-02")) - centre
    assert shift["east_m"] == pytest.approx(real[0, 0] * 111_320 * np.cos(np.radians(29.85)), rel=0.1)
    assert shift["north_m"] == pytest.approx(real[0, 1] * 110_850, rel=0.1)
    assert shift["agree_instead"] > 0.6 > 0.3 > shift["agree_stated"]
    spite = await run("lids", dry_run=False, despite_shifts=True)
    assert spite["state"] == "done"
    assert await links(city)


async def test_a_relation_is_a_source_and_a_run_is_done_by_the_queue(
    city: City, client: httpx.AsyncClient, keeper: Json, database: TestDatabase, run: Do
) -> None:
    await send(client, keeper, "first")
    first = await run("first", dry_run=False)
    plan = {"sources": [{"name": "merged", "relation": "geo.component", "accuracy_m": 0.5, "duplicates": True,
                         "columns": {"name": "name", "class": "class"}}]}  # fmt: skip
    assert (await client.put("/geo/mergings/second", json=plan, headers=keeper)).status_code == 200
    ordered = await client.post("/geo/mergings/second/runs", json={"dry_run": False}, headers=keeper)
    queue = Jobs(city, database.serve_url)
    async with queue.app.open_async():
        await queue.work(wait=False)
    done = (await client.get(f"/geo/mergings/second/runs/{ordered.json()['id']}", headers=keeper)).json()
    assert done["state"] == "done", done
    assert done["report"]["sources"][0]["points"] == first["report"]["components"]
    assert done["report"]["components"] == done["report"]["created"] > 300
    # It was done once: a job that comes again changes nothing.
    before = await state(city)
    await geo.perform_merge(city, system_caller("geo"), ordered.json()["id"])
    assert await state(city) == before


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"datum": "Mars"}, "/sources/0/datum"),
        ({"relation": "geo.nothing", "columns": {}}, "/sources/0/relation"),
        ({"relation": "geo.level_x", "columns": {}}, "/sources/0/relation"),
        ({"relation": "geo.boundary", "columns": {"name": "nonsense"}}, "/sources/0/columns/name"),
        ({"relation": "geo.boundary"}, "/sources/0/columns"),
        ({"relation": "access.audit", "columns": {}}, "/sources/0/relation"),
        ({"name": "urban"}, "/sources/1/name"),
    ],
)
async def test_a_wrong_plan_is_refused(
    client: httpx.AsyncClient, keeper: Json, change: Json, pointer: str
) -> None:
    plan = json.loads(json.dumps(PLAN))
    plan["sources"][0] |= change
    answer = await client.put("/geo/mergings/lids", json=plan, headers=keeper)
    assert answer.status_code == 422, answer.text
    assert pointer in [e["pointer"] for e in answer.json()["errors"]]
    assert (await client.get("/geo/mergings", headers=keeper)).json() == []


@pytest.mark.parametrize(
    ("body", "status", "word"),
    [
        (b"\xff\xfe\x00\x01\xff", 400, "UTF-8"),
        ("编号,经度,纬度\n1,121,29".encode(), 422, "no column"),
        ("编号,经度,纬度,名称,类别\n1,121,29,,\n1,121,29,,".encode(), 422, "twice"),
        ("编号,经度,纬度,名称,类别\n,121,29,,".encode(), 422, "no id"),
        (f"编号,经度,纬度,名称,类别\n1,121,29,{'x' * 201},".encode(), 422, "longer than 200"),
        ('编号,经度,纬度,名称,类别\n1,121,29,"x,'.encode(), 400, "CSV"),
    ],
)
async def test_a_file_that_cannot_be_taken_changes_nothing(
    city: City, client: httpx.AsyncClient, keeper: Json, body: bytes, status: int, word: str
) -> None:
    await send(client, keeper)
    before = await city[Database].fetchval("SELECT count(*) FROM geo.merge_point")
    answer = await client.put("/geo/mergings/lids/points/water", content=body, headers=keeper)
    assert answer.status_code == status, answer.text
    assert word in answer.text
    assert await city[Database].fetchval("SELECT count(*) FROM geo.merge_point") == before


async def test_rows_without_a_usable_position_take_no_part_and_are_told(
    client: httpx.AsyncClient, keeper: Json, run: Do
) -> None:
    await send(client, keeper)
    rubbish = "编号,经度,纬度,名称,类别\n1,,29,,\n2,nan,29,,\n3,500,29,,\n4,121.5,29.85,好,路灯\n5,inf,inf,,\n".encode(
        "gb18030"
    )
    await client.put("/geo/mergings/lids/points/water", content=rubbish, headers=keeper)
    report = (await run("lids"))["report"]
    water = report["sources"][0]
    assert (water["points"], water["bad_total"]) == (1, 4)
    assert {b["record"] for b in water["bad"]} == {"1", "2", "3", "5"}


async def test_a_run_that_cannot_be_done_says_why(client: httpx.AsyncClient, keeper: Json, run: Do) -> None:
    await client.put("/geo/mergings/empty", json=PLAN, headers=keeper)
    failed = await run("empty", dry_run=False)
    assert (failed["state"], failed["problem"]) == ("failed", "No source has a point that can be used")


async def test_who_keeps_no_geography_or_another_district_merges_nothing(
    city: City, client: httpx.AsyncClient, keeper: Json
) -> None:
    await client.put("/geo/mergings/lids", json={**PLAN, "district": "330203"}, headers=keeper)
    operator = await key_of(city, "access.operator")
    assert (await client.get("/geo/mergings/lids", headers=operator)).status_code == 403
    other = await key_of(city, "geo.keeper", district="330205")
    assert (await client.get("/geo/mergings/lids", headers=other)).status_code == 403
    assert (await client.post("/geo/mergings/lids/runs", json={}, headers=other)).status_code == 403
    assert (await client.get("/geo/mergings", headers=other)).json() == []
    mine = await key_of(city, "geo.keeper", district="330203")
    assert [m["name"] for m in (await client.get("/geo/mergings", headers=mine)).json()] == ["lids"]
    assert (await client.get("/geo/mergings/none", headers=mine)).status_code == 404


async def test_decisions_that_make_no_sense_are_refused(client: httpx.AsyncClient, keeper: Json) -> None:
    await client.put("/geo/mergings/lids", json=PLAN, headers=keeper)
    a, b, c = ({"source": s, "record": "1"} for s in ("water", "urban", "nobody"))
    said = [
        {"a": a, "b": a, "verdict": "same"},
        {"a": a, "b": b, "verdict": "same"},
        {"a": b, "b": a, "verdict": "different"},
        {"a": a, "b": c, "verdict": "same"},
    ]
    answer = await client.post("/geo/mergings/lids/decisions", json={"decisions": said}, headers=keeper)
    assert answer.status_code == 422
    assert [e["pointer"] for e in answer.json()["errors"]] == [
        "/decisions/0", "/decisions/2", "/decisions/3/b/source",
    ]  # fmt: skip


async def test_components_are_found_by_place_through_their_index(
    city: City, client: httpx.AsyncClient, keeper: Json, run: Do
) -> None:
    await send(client, keeper)
    await run("lids", dry_run=False)
    box = "121.5,29.85,121.502,29.852"
    found = await client.get(f"/records/geo.component?limit=1000&filter=geometry:bbox:{box}", headers=keeper)
    rows = await city[Database].fetch(
        "SELECT id FROM geo.merge_component WHERE lon BETWEEN 121.5 AND 121.502 AND lat BETWEEN 29.85 AND 29.852"
    )
    assert {r["id"] for r in found.json()["items"]} == {r["id"] for r in rows}
    assert len(rows) > 20
    async with city[Database].transaction() as connection:
        await connection.execute("SET LOCAL enable_seqscan = off")
        plan = await connection.fetch(
            "EXPLAIN SELECT * FROM geo.component WHERE records.box_of(geometry) && '(121.502,29.852),(121.5,29.85)'::box"
        )
    assert "box_of" in "\n".join(r[0] for r in plan if "Index Cond" in r[0])


async def test_undoing_one_merge_of_components_that_existed_gives_both_back(
    city: City, client: httpx.AsyncClient, keeper: Json, run: Do
) -> None:
    await send(client, keeper)
    await run("lids", dry_run=False)
    before = await state(city)
    item = (await client.get("/geo/mergings/lids/doubts", headers=keeper)).json()["items"][0]
    pair = {s: {k: item[s][k] for k in ("source", "record")} for s in ("a", "b")}
    said = {"decisions": [{**pair, "verdict": "same"}]}
    await client.post("/geo/mergings/lids/decisions", json=said, headers=keeper)
    joined = await run("lids", dry_run=False)
    assert joined["report"]["ended"] == 1
    where = {(s, r): c for s, r, c in await links(city)}
    component = where[tuple(pair["a"].values())]
    assert component == where[tuple(pair["b"].values())]
    answer = await client.post(f"/geo/mergings/lids/components/{component}/undo", headers=keeper)
    assert answer.status_code == 200, answer.text
    after = await state(city)
    told = ("run", "version", "updated_at")
    plain = [[{k: v for k, v in r.items() if k not in told} for r in rows] for rows in (before[0], after[0])]
    concerned = {
        r["component"]
        for r in before[1]
        if (r["source"], r["record"]) in {tuple(p.values()) for p in pair.values()}
    }
    assert len(concerned) == 2
    assert [r for r in plain[0] if r["id"] in concerned] == [r for r in plain[1] if r["id"] in concerned]
    assert after[1] == before[1]
    # The person's "same" has become "different", and comes back when that is undone.
    assert not await city[Database].fetchval("SELECT same FROM geo.merge_decision")
    await client.post(f"/geo/mergings/lids/runs/{answer.json()['id']}/undo", headers=keeper)
    assert await city[Database].fetchval("SELECT same FROM geo.merge_decision")
