"""Suggestions from past cases at the door: what is learned, what is told to whom, what is not."""

from typing import Any

from tests.cases.conftest import Desks
from tests.conftest import key_of

from yong.kernel.access.api import system_caller
from yong.kernel.base.city import City
from yong.kernel.cases import api as cases
from yong.kernel.records import api as records
from yong.kernel.store.database import Database

COVER, RUBBISH, LAMP = "010101", "020102", "010203"
PLACES = {COVER: (121.557, 29.869), RUBBISH: (121.546, 29.875), LAMP: (121.552, 29.866)}
WORDS = {COVER: "井盖松动有异响", RUBBISH: "垃圾堆放无人清运", LAMP: "路灯不亮"}
UNITS = {COVER: "water", RUBBISH: "parks", LAMP: "cityops"}


async def past(city: City, many: int, district: str = "330203") -> None:
    """Closed cases of three classes, each with its words, around its place, handled by its unit."""
    rows = [
        {
            "id": f"past-{district}-{n}", "number": f"{n:012d}-{district}", "title": f"{WORDS[code]} {n}", "class": code,
            "unit": UNITS[code], "lon": PLACES[code][0] + n % 7 * 1e-4, "lat": PLACES[code][1], "n": n,
            "district": district,
        }
        for n in range(many)
        for code in [(COVER, RUBBISH, LAMP)[n % 3]]
    ]  # fmt: skip
    await city[Database].execute(
        """INSERT INTO cases.case_file (id, number, procedure, version, marking, stage, state, outcome, title, class, source,
               owner_id, unit_id, district, location, spot, opened_at, closed_at)
           SELECT r.id, r.number, p.name, p.version, 'ended', 'evaluate', 'closed', 'solved', r.title, r.class, 'resident',
               'cityops', r.unit, r.district, jsonb_build_object('type', 'Point', 'coordinates', jsonb_build_array(r.lon, r.lat)),
               point(r.lon, r.lat), now() - interval '200 days' + r.n * interval '100 minutes', now() - interval '9 days'
           FROM jsonb_to_recordset($1::jsonb) AS r(id text, number text, title text, class text, unit text, lon float,
               lat float, n int, district text), cases.procedure p WHERE p.name = 'cityops.case' AND p.state = 'live'""",
        rows,
    )


async def learned(city: City) -> None:
    [one] = await cases.learn(city, system_caller("cases"), "cityops.case")
    assert one.procedure == "cityops.case"


def values(found: list[dict[str, Any]]) -> list[str]:
    return [one["value"] for one in found]


async def asked(desks: Desks, who: str = "supervision", **more: Any) -> dict[str, Any]:
    body = {"procedure": "cityops.case", **more}
    found: dict[str, Any] = await desks.ask(who, "POST", "/case-suggestions", json=body)
    return found


async def test_class_and_unit_are_suggested_with_what_they_rest_on(desks: Desks, city: City) -> None:
    await past(city, 300)
    await learned(city)
    id_ = await desks.opened(title="小区门口井盖松动", location=list(PLACES[COVER]))
    before = await desks.case(id_)
    found = await desks.ask("supervision", "GET", f"/cases/{id_}/suggestions")
    assert (found["enough"], found["placed"], found["learned"]["cases"]) == (True, True, 300)
    best, unit = found["classes"][0], found["units"][0]
    assert (best["value"], unit["value"], unit["title"]) == (COVER, "water", "Water")
    assert best["share"] > 0.9
    assert best["agree"] == best["looked_at"] == 20
    assert {r["family"] for r in best["reasons"]} >= {"word", "area"}
    assert "井盖" in {r["value"] for r in best["reasons"]}
    assert all(r["times"] > 1 and r["bits"] > 0 for r in best["reasons"])
    assert len(best["cases"]) == 3
    assert len(values(found["classes"])) == len(set(values(found["classes"]))) == 3
    assert await desks.case(id_) == before  # nothing is set by itself
    fresh = await asked(desks, title="路灯不亮")
    assert (fresh["classes"][0]["value"], fresh["units"][0]["value"], fresh["placed"]) == (
        LAMP,
        "cityops",
        False,
    )
    classed = await asked(desks, title="请尽快处理", **{"class": RUBBISH})
    assert classed["units"][0]["value"] == "parks"  # by the class that a person chose
    assert "class" in {r["family"] for r in classed["units"][0]["reasons"]}


async def test_too_few_past_cases_are_said_to_be_too_few(desks: Desks, city: City) -> None:
    await past(city, 60)
    assert await cases.learn(city, system_caller("cases")) == []
    found = await asked(desks, title="井盖松动", location=list(PLACES[COVER]))
    assert (found["enough"], found["learned"], found["classes"], found["units"]) == (False, None, [], [])
    assert "Too few" in found["note"]


async def test_only_classes_and_units_that_are_kept_are_suggested(desks: Desks, city: City) -> None:
    await past(city, 150)
    await learned(city)
    for code, zh in ((COVER, "井盖"), (LAMP, "路灯")):
        told = {"code": code, "title_zh": zh, "title_en": f"Class {code}"}
        await records.create(city, system_caller("cases"), "cases.class", told, owner="cityops")
    found = await asked(desks, title="垃圾堆放无人清运")
    assert set(values(found["classes"])) == {COVER, LAMP}
    assert found["classes"][0]["title"].startswith("Class ")


async def test_evidence_is_what_the_reader_may_see(desks: Desks, city: City) -> None:
    await past(city, 150)
    await past(city, 150, district="330206")
    await learned(city)
    desks.keys["district"] = await key_of(city, "cases.dispatcher", district="330206")
    found = await asked(desks, "district", title="井盖松动有异响", location=list(PLACES[COVER]))
    shown = {one["id"] for one in found["classes"][0]["cases"]}
    assert shown
    assert all(id_.startswith("past-330206-") for id_ in shown)
    id_ = await desks.opened(title="井盖松动")
    await desks.ask("district", "GET", f"/cases/{id_}/suggestions", 404)
    await desks.ask("nobody", "GET", f"/cases/{id_}/suggestions", 403)
    await desks.ask("nobody", "POST", "/case-suggestions", 403, json={"procedure": "cityops.case"})


async def test_duplicates_are_told_with_their_evidence(desks: Desks) -> None:
    lon, lat = PLACES[COVER]
    same = await desks.opened(title="中山东路井盖松动", location=[lon, lat], **{"class": COVER})
    other = await desks.opened(title="行道树倾斜", location=[lon + 0.0015, lat], **{"class": LAMP})
    far = await desks.opened(title="中山东路井盖松动", location=[lon + 0.01, lat], **{"class": COVER})
    id_ = await desks.opened(title="中山东路的井盖松动", location=[lon + 1e-4, lat], **{"class": COVER})
    found = (await desks.ask("supervision", "GET", f"/cases/{id_}/suggestions"))["duplicates"]
    assert found[0]["id"] == same
    assert not {far, id_, other} & {one["id"] for one in found}
    [best] = found
    assert best["probability"] > 0.5
    assert 5 < best["distance_m"] < 15
    assert [e["field"] for e in best["evidence"]] == ["place", "class", "text", "days"]
    assert best["evidence"][1]["words"] == "the same"
    asked_for = await asked(desks, title="中山东路的井盖松动", location=[lon, lat], **{"class": COVER})
    assert {one["id"] for one in asked_for["duplicates"]} == {same, id_}
    await desks.ask(
        "supervisor", "PUT", f"/cases/{id_}/merged-into", json={"into": same, "note": "One cover"}
    )
    left = await asked(desks, title="中山东路的井盖松动", location=[lon, lat], **{"class": COVER})
    assert [one["id"] for one in left["duplicates"]] == [same]
    await desks.ask("supervision", "GET", f"/cases/{id_}/suggestions", 409)


async def test_learning_is_ordered_by_whom_it_may_and_told_of(desks: Desks, city: City) -> None:
    await past(city, 150)
    body = {"procedure": "cityops.case"}
    await desks.ask("inspector", "POST", "/suggestion-models", 403, json=body)
    await desks.ask("designer", "POST", "/suggestion-models", 404, json={"procedure": "no.such"})
    await desks.ask("designer", "POST", "/suggestion-models", 202, json=body)
    assert (
        await city[Database].fetchval(
            "SELECT count(*) FROM jobs.procrastinate_jobs WHERE task_name = 'cases.learn'"
        )
        == 1
    )
    await learned(city)
    assert (
        await cases.learn(city, system_caller("cases"), "cityops.case") == []
    )  # of the very same nothing new
    await past(city, 30, district="330206")
    await learned(city)
    told = await desks.ask("inspector", "GET", "/suggestion-models?procedure=cityops.case")
    assert [(m["version"], m["cases"]) for m in told] == [(2, 180), (1, 150)]
    assert told[0]["inputs"] != told[1]["inputs"]
    assert told[0]["classes"]["cases"] > 0
    assert 0.9 < told[0]["classes"]["top"] <= 1
    audited = await city[Database].fetch(
        "SELECT action FROM access.audit_entry WHERE action LIKE 'cases.%learn%'"
    )
    assert sorted(row["action"] for row in audited) == ["cases.learn", "cases.learn", "cases.order_learning"]


async def test_what_is_no_case_is_refused(desks: Desks) -> None:
    for change in (
        {"location": [500, 2]}, {"title": "x" * 201}, {"unknown": 1}, {"district": "x"}, {"procedure": "no.such"},
    ):  # fmt: skip
        answer = await desks.client.post(
            "/case-suggestions",
            headers=desks.keys["supervision"],
            json={"procedure": "cityops.case", **change},
        )
        assert answer.status_code in (400, 404, 422), (change, answer.text)
