"""Reporting something, as people do it: one question a page, back and forth, checked, sent once, looked up."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

import httpx
import msgspec
import pytest
from tests.portal.visitor import GOOD, Forms, Visitor, report

from yong.domains.reports.contracts import STATES, State
from yong.kernel.access import api as access
from yong.kernel.access.contracts import ANONYMOUS, PROOFING_METHODS, Caller, Way
from yong.kernel.base.city import City
from yong.kernel.base.services import Service
from yong.kernel.records import api as records
from yong.kernel.records.contracts import Record
from yong.kernel.store.database import Database
from yong.portal import jobs

START = "/portal/services/reports.report"
OWN = access.system_caller("reports")


async def kept(city: City) -> list[Record]:
    return (await records.listing(city, OWN, "reports.report", sort="created_at")).items


async def test_the_whole_journey_makes_one_record_that_the_number_and_the_code_find(
    city: City, client: httpx.AsyncClient
) -> None:
    visitor = Visitor(client)
    number, code = await report(visitor)
    [record] = await kept(city)
    assert record.id == number
    assert record.owner == "cityops"
    assert record.district == "330203"
    assert record.values == {
        "reference": number, "category": "E01", "description": "井边有一堆垃圾\n已经三天", "place": "中山东路 181 号",
        "location": {"type": "Point", "coordinates": [121.55, 29.87]}, "contact_name": "王小明",
        "contact_phone": "13812345678", "state": "received",
        **dict.fromkeys(("reporter", "answer", "contact_email", "device", "answers", "media", "channel", "class", "unit", "expected_at")),
    }  # fmt: skip
    stranger = Visitor(client)
    assert (await stranger.go(f"/portal/progress/{number}")).status_code == 200
    assert STATES[State.RECEIVED].en in stranger.answer.text
    for secret in ("王小明", "13812345678", "井边", "中山东路", code, "121.55"):
        assert secret not in stranger.answer.text, secret
    await stranger.go("/portal/progress")
    await stranger.send(
        reference=f"{number[:4]} {number[4:8]}-{number[8:]}", code=f" {code[:5].lower()}-{code[5:]}"
    )
    assert stranger.answer.status_code == 200
    for own in ("王小明 13812345678", "井边有一堆垃圾", "中山东路 181 号"):
        assert own in stranger.answer.text, own
    assert code not in str(stranger.answer.url)
    told = await city[Database].fetch("SELECT action, account, resource, facts FROM access.audit_entry")
    assert ("reports.submit", "anonymous", f"reports.report/{number}") in {tuple(r)[:3] for r in told}
    assert not [r for r in told if "13812345678" in str(r["facts"])]


async def test_a_wrong_code_opens_nothing_and_is_braked(city: City, client: httpx.AsyncClient) -> None:
    number, code = await report(Visitor(client))
    stranger = Visitor(client)
    answers = []
    for n in range(22):
        await stranger.go("/portal/progress")
        wrong = code[:-1] + ("0" if code[-1] != "0" else "1")
        await stranger.send(reference=number, code=wrong if n % 2 else "AAAAA BBBBB")
        answers.append(stranger.answer.status_code)
        assert "王小明" not in stranger.answer.text
    assert answers == [422] * 20 + [429] * 2
    assert stranger.heading == "Too many requests"
    assert int(stranger.answer.headers["retry-after"]) > 0


async def test_every_page_says_what_is_wrong_and_keeps_what_was_written(client: httpx.AsyncClient) -> None:
    visitor = Visitor(client)
    await visitor.go(START)
    await visitor.send()
    await visitor.send()
    assert visitor.answer.status_code == 422
    assert visitor.faults == [("category", "Choose one")]
    assert "<title>Error: " in visitor.answer.text
    await visitor.send(category="E99")
    assert visitor.faults == [("category", "Choose one of those listed")]
    await visitor.send(category="E01")
    await visitor.send(district="999999", place="x" * 201, location_lon="abc", location_lat="29")
    assert dict(visitor.faults) == {
        "district": "Choose one of those listed",
        "location_lon": "Enter a number, such as 121.55",
        "place": "Must have at most 200 characters",
    }
    ids = Forms(visitor.answer.text).ids
    assert all(key in ids for key, _ in visitor.faults)
    assert len(set(ids)) == len(ids)
    assert "x" * 201 in visitor.answer.text
    for lon, lat, fault in (
        ("121.5", "", ("location_lat", "Enter both longitude and latitude, or neither")),
        ("181", "29", ("location_lon", "Longitude lies between -180 and 180, latitude between -90 and 90")),
        ("nan", "29", ("location_lon", "Enter a number, such as 121.55")),
        ("1_0", "29", ("location_lon", "Enter a number, such as 121.55")),
    ):
        await visitor.send(district="330203", place="x", location_lon=lon, location_lat=lat)
        assert visitor.faults == [fault]
    await visitor.send(location_lon="１２１.5", location_lat="29.8")  # full-width digits are digits
    assert visitor.path.endswith("/details")
    await visitor.send(description="y" * 4001)
    assert visitor.faults == [("description", "This is too long")]
    await visitor.send(description="y")
    await visitor.send()
    await visitor.send(contact_phone="call me")
    assert visitor.faults == [("contact_phone", "Does not have the required form")]


async def test_back_loses_nothing_and_a_change_comes_back_to_the_check(client: httpx.AsyncClient) -> None:
    visitor = Visitor(client)
    await visitor.go(START)
    await visitor.send()
    for step in ("what", "where", "details"):
        await visitor.send(**GOOD[step])
    await visitor.go(f"{START}/where")
    assert 'value="中山东路 181 号"' in visitor.answer.text
    assert '<option value="330203" selected>' in visitor.answer.text
    await visitor.go(f"{START}/details")
    assert "井边有一堆垃圾\n已经三天</textarea>" in visitor.answer.text
    await visitor.go(f"{START}/check")
    assert visitor.path.endswith("/photos")  # a question is open
    await visitor.send()
    await visitor.send()
    assert visitor.path.endswith("/check")
    await visitor.go(f"{START}/what")
    assert 'value="E01" checked' in visitor.answer.text
    await visitor.send(category="C01")
    assert visitor.path.endswith("/check")
    assert "Utilities: manhole covers" in visitor.answer.text


async def test_sending_twice_also_at_once_makes_one_record(city: City, client: httpx.AsyncClient) -> None:
    visitor = Visitor(client)
    await visitor.go(START)
    await visitor.send()
    for filled in GOOD.values():
        await visitor.send(**filled)
    [form] = [f for f in Forms(visitor.answer.text).forms if f["method"] == "post"]
    answers = await asyncio.gather(
        *(visitor.http.post(form["action"], data=form["fields"]) for _ in range(5))
    )
    assert {(a.status_code, a.headers["location"]) for a in answers} == {(303, f"{START}/done")}
    [record] = await kept(city)
    row = await city[Database].fetchrow("SELECT written, receipt FROM portal.answers")
    assert row is not None
    assert row["written"] == {}  # nothing of the person is left here
    assert row["receipt"]["reference"] == record.id
    await visitor.go(f"{START}/what")
    assert visitor.path.endswith("/done")
    await visitor.go(START)
    await visitor.send()
    assert visitor.path.endswith("/what")
    assert "checked" not in visitor.answer.text  # begun anew


async def test_what_nobody_came_back_to_is_gone(city: City, client: httpx.AsyncClient) -> None:
    visitor = Visitor(client)
    await visitor.go(START)
    await visitor.send()
    await visitor.send(category="E01")
    await city[Database].execute("UPDATE portal.answers SET seen_at = now() - interval '61 minutes'")
    await visitor.go(f"{START}/where")
    assert visitor.path == START
    await jobs.tidy(city)
    assert await city[Database].fetchval("SELECT count(*) FROM portal.answers") == 0


async def test_the_same_kind_nearby_is_suggested_with_what_is_public(
    city: City, client: httpx.AsyncClient
) -> None:
    first, _ = await report(Visitor(client))
    far, _ = await report(Visitor(client), where={"location_lon": "121.56", "location_lat": "29.87"})
    visitor = Visitor(client)
    await visitor.go(START)
    await visitor.send()
    near = {"location_lon": "121.5503", "location_lat": "29.8702"}
    for step, filled in GOOD.items():
        await visitor.send(**(filled | (near if step == "where" else {})))
    assert visitor.path.endswith("/similar")
    links = Forms(visitor.answer.text).links
    assert f"/portal/progress/{first}" in links
    assert f"/portal/progress/{far}" not in links
    assert "王小明" not in visitor.answer.text
    assert "井边" not in visitor.answer.text
    await visitor.send()
    assert visitor.path.endswith("/check")
    # another category is another thing; so is what was closed, and what is long ago
    await visitor.go(f"{START}/what")
    await visitor.send(category="C02")
    assert visitor.path.endswith("/check")
    await city[Database].execute(
        "UPDATE reports.report SET created_at = now() - $1::interval", timedelta(days=15)
    )
    await visitor.go(f"{START}/what")
    await visitor.send(category="E01")
    assert visitor.path.endswith("/check")


async def test_a_position_in_another_district_is_told_where_it_is_asked(
    city: City, client: httpx.AsyncClient
) -> None:
    ring = [[121.5, 29.8], [121.6, 29.8], [121.6, 29.9], [121.5, 29.9], [121.5, 29.8]]
    await records.create(
        city, access.system_caller("geo"), "geo.boundary",
        {"code": "330212", "level": "district", "name": "鄞州区", "datum": "cgcs2000",
         "geometry": {"type": "Polygon", "coordinates": [ring]}},
        owner="planning", district="330212",
    )  # fmt: skip
    visitor = Visitor(client)
    await visitor.go(START)
    await visitor.send()
    for filled in GOOD.values():
        await visitor.send(**filled)
    assert visitor.answer.status_code == 422
    assert visitor.heading == "Where is it?"
    [(key, words)] = visitor.faults
    assert (key, words[:36]) == ("location_lon", "The position is not in the district ")
    await visitor.send(location_lon="100", location_lat="29.87")
    assert [k for k, _ in visitor.faults] == ["location_lon"]
    assert await kept(city) == []
    await visitor.send(district="330212", location_lon="121.55", location_lat="29.87")
    assert visitor.path.endswith("/check"), visitor.faults


async def test_a_place_of_the_list_is_written_down_for_the_report(
    city: City, client: httpx.AsyncClient
) -> None:
    place = {"type": "Point", "coordinates": [121.55, 29.87]}
    await records.create(
        city, access.system_caller("environment"), "environment.station",
        {"code": "s-1", "kind": "air", "location": place, "name_zh": "一站", "name_en": "Station one"},
        owner="environment", district="330203",
    )  # fmt: skip
    visitor = Visitor(client)
    await visitor.go("/portal/places")
    [link] = [x for x in Forms(visitor.answer.text).links if "place=" in x]
    await visitor.go(link)
    await visitor.send()
    await visitor.send(category="E01")
    fields = Forms(visitor.answer.text).forms[-1]["fields"]
    assert {k: v for k, v in fields.items() if k != "csrf"} == {
        "district": "330203", "place": "Station one", "location_lon": "121.55", "location_lat": "29.87",
    }  # fmt: skip


async def test_an_officer_answers_and_everybody_sees_it(
    city: City, client: httpx.AsyncClient, callers: Callable[..., Caller]
) -> None:
    number, _ = await report(Visitor(client))
    officer = callers("access.department_officer", district="330203")
    await access.create_party(
        city, access.system_caller("access"), id="nb", kind="city", zh="宁波", en="Ningbo"
    )
    shown = await records.read(city, officer, "reports.report", number)
    assert shown.values["contact_name"] == "王**"
    assert shown.values["contact_phone"] == "138****5678"
    assert shown.values["description"] is None
    elsewhere = callers("access.department_officer", district="330204")
    assert (await records.listing(city, elsewhere, "reports.report")).items == []
    answer = {"state": "answered", "answer": "已清运 <b>完毕</b>"}
    version = await records.update(city, officer, "reports.report", number, answer, 1)
    visitor = Visitor(client, "zh")
    await visitor.go(f"/portal/progress/{number}")
    assert "已清运 &lt;b&gt;完毕&lt;/b&gt;" in visitor.answer.text
    assert visitor.answer.text.count('class="reached"') == 2
    await records.update(city, officer, "reports.report", number, {"state": "closed"}, version)
    await visitor.go(f"/portal/progress/{number}")
    assert visitor.answer.text.count('class="reached"') == 3
    page = await records.listing(city, ANONYMOUS, "reports.progress")
    assert page.items[0].values["state"] == "closed"


async def test_a_service_that_needs_proof_asks_nothing_before_it(
    city: City, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    needed = 2
    found = next(s for _, s in city.registry.of(Service))
    monkeypatch.setattr(
        city.registry, "of",
        lambda kind, real=city.registry.of: (
            ((m, _with(s, needed) if s is found else s) for m, s in real(kind))
        ),
    )  # fmt: skip
    visitor = Visitor(client)
    await visitor.go(START)
    assert f"identity proofing of level {needed}" in visitor.answer.text
    assert not [f for f in Forms(visitor.answer.text).forms if f["action"] == START]
    assert (await visitor.go(f"{START}/what")).status_code == 401
    await visitor.sign_up()
    assert (await visitor.go(f"{START}/what")).status_code == 403
    await access.prove_identity(city, access.system_caller("access"), "resident-one", _way(needed))
    await visitor.go(START)
    await visitor.send(START)
    assert visitor.path.endswith("/what")


def _with(service: Service, proofing: int) -> Service:
    return msgspec.structs.replace(service, proofing=proofing)


def _way(level: int) -> Way:
    return next(m.way for m in PROOFING_METHODS if m.level == level)
