"""Open311 GeoReport v2 as a door: what the standard asks for is there, in XML and in JSON; what is about people is not."""

import contextlib
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import httpx
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from tests.cases.conftest import Desks, desks  # noqa: F401  # the fixture
from tests.cityops.open311 import BASE, HERE, Open311, furnished, texts, tree
from tests.cityops.test_reports import followed
from tests.conftest import key_of

from yong.domains.cityops import api
from yong.domains.cityops.adapters import forms
from yong.domains.cityops.adapters.answers import as_xml, plain
from yong.domains.cityops.contracts import Asked, NewRequest
from yong.domains.cityops.logic.open311 import moment, span, w3c
from yong.kernel.access import api as access
from yong.kernel.access.api import system_caller
from yong.kernel.access.contracts import Caller
from yong.kernel.base.city import City
from yong.kernel.base.errors import Malformed
from yong.kernel.records import api as records
from yong.kernel.search.indexing import Keeper
from yong.kernel.store.database import Database

SENDER = {
    "first_name": "Lanfen", "last_name": "Secretname", "phone": "+86 13800001234", "email": "lanfen@secret.example",
    "device_id": "DEVICE-4711", "account_id": "account-0815", "media_url": "https://photos.example/secret.jpg",
    "description": "My private words about the cover", "address_string": "Hidden Lane 7",
}  # fmt: skip
ASKED = {"service_code": "010101", **HERE, "attribute[STATE]": "gone"}
Asking = Callable[..., Awaitable[Open311]]


@pytest.fixture
async def keeper(city: City, client: httpx.AsyncClient) -> dict[str, str]:
    key = await key_of(city, "cases.designer")
    await furnished(city, client, key)
    return key


@pytest.fixture
async def application(city: City) -> str:
    return (await key_of(city, "access.operator"))["x-api-key"]


@pytest.fixture
def doors(client: httpx.AsyncClient, keeper: dict[str, str]) -> tuple[Open311, Open311]:
    return Open311(client, "json"), Open311(client, "xml")


async def reports(city: City) -> list[dict[str, Any]]:
    page = await records.listing(city, system_caller("reports"), "reports.report", limit=1000)
    return [r.values for r in page.items]


async def test_services_and_what_they_ask_in_both_formats(doors: tuple[Open311, Open311]) -> None:
    json, xml = doors
    found = await json.get("services")
    assert [s["service_code"] for s in found] == ["010101", "010102"]
    assert found[0] == {
        "service_code": "010101", "service_name": "Water main cover", "description": "Water main cover",
        "metadata": True, "type": "realtime", "keywords": "井盖,manhole",
        "group": "Utilities: manhole covers, street lamps, pipes",
    }  # fmt: skip
    assert found[1]["metadata"] is False
    assert await xml.get("services") == texts(found)
    asked = await json.get("services/010101")
    assert asked["service_code"] == "010101"
    assert [(a["code"], a["datatype"], a["required"], a["variable"]) for a in asked["attributes"]] == [
        ("STATE", "singlevaluelist", True, True), ("DANGER", "multivaluelist", False, True),
        ("DEEP", "number", False, True), ("SEEN", "datetime", False, True), ("NOTE", "text", False, False),
    ]  # fmt: skip
    assert asked["attributes"][0]["values"] == [
        {"key": "gone", "name": "Gone"},
        {"key": "broken", "name": "Broken"},
    ]
    assert await xml.get("services/010101") == texts(asked)
    for code in ("0101", "010103", "nothing"):  # an upper class, one that is not open, none
        assert (await json.get(f"services/{code}", 404))[0]["code"] == 404


async def test_discovery_names_the_door(doors: tuple[Open311, Open311]) -> None:
    json, xml = doors
    found = await json.get("discovery")
    [endpoint] = found["endpoints"]
    assert endpoint["specification"] == "http://wiki.open311.org/GeoReport_v2"
    assert endpoint["url"] == "http://yong.test/open311/v2"
    assert endpoint["formats"] == ["text/xml", "application/json"]
    assert moment(found["changeset"]) is not None
    assert await xml.get("discovery") == found


async def test_a_city_without_open_classes_offers_the_portals_categories(client: httpx.AsyncClient) -> None:
    found = await Open311(client, "json").get("services")
    assert [s["service_code"] for s in found] == [
        "C01", "C02", "C03", "C04", "E01", "E02", "E03", "E04", "E05", "E06"
    ]  # fmt: skip


async def test_a_request_is_a_report_and_its_case_goes_its_way(
    city: City,
    desks: Desks,  # noqa: F811
    doors: tuple[Open311, Open311],
    application: str,
) -> None:
    json, xml = doors
    [made] = await json.post(
        [*({**ASKED, **SENDER, "api_key": application}).items(),
         ("attribute[DANGER][]", "walk"), ("attribute[DANGER][]", "ride"), ("attribute[DEEP]", "1.5")]
    )  # fmt: skip
    assert made["service_request_id"] in made["service_notice"].replace(" ", "")
    await followed(city)
    [task] = (await desks.ask("inspector", "GET", "/inbox"))["items"]
    case = await desks.case(task["values"]["case_id"])
    assert case["class"] == "010101"
    assert case["description"].splitlines() == [
        SENDER["description"], "井盖怎样？：缺失", "危及谁？：行人、骑车人", "多深？：1.5",
        "反映人给出的图片地址（未经核实）：https://photos.example/secret.jpg"
    ]  # fmt: skip
    [shown] = await json.get(f"requests/{made['service_request_id']}")
    assert (shown["status"], shown["service_code"], shown["service_name"]) == (
        "open",
        "010101",
        "Water main cover",
    )
    assert (shown["lat"], shown["long"]) == (29.87, 121.55)
    await desks.does("inspector", case["id"], "verify", "confirm")
    await desks.does("supervision", case["id"], "file", "file", **{"class": "010101"})
    await desks.does("dispatcher", case["id"], "dispatch", "dispatch", units=["water"])
    await followed(city)
    [shown] = await json.get(f"requests/{made['service_request_id']}")
    assert shown["status"] == "open"
    assert case["number"] in shown["status_notes"]
    assert shown["agency_responsible"] == "Water"
    assert moment(shown["expected_datetime"]) is not None  # the limit of the class set
    for who, element, choice in (("water", "handle", "done"), ("inspector", "check", "pass")):
        await desks.does(who, case["id"], element, choice, note="Done")
    await desks.does("supervision", case["id"], "close", "close")
    await followed(city)
    [shown] = await json.get(f"requests/{made['service_request_id']}")
    assert shown["status"] == "closed"
    assert "checked on site" in shown["status_notes"]
    assert await xml.get(f"requests/{made['service_request_id']}") == texts([shown])


async def test_nothing_of_the_sender_is_in_any_public_answer(
    city: City, client: httpx.AsyncClient, doors: tuple[Open311, Open311], application: str
) -> None:
    json, _ = doors
    fields = {**ASKED, **SENDER, "lat": "29.8712345", "long": "121.5567891", "api_key": application}
    [made] = await json.post(fields)
    id_ = made["service_request_id"]
    secrets = [
        *SENDER.values(),
        "Lanfen",
        "Secretname",
        "13800001234",
        "photos.example",
        "29.8712",
        "121.5567",
    ]
    for path in (
        f"requests/{id_}", "requests", f"tokens/{id_}", "services", "services/010101", "discovery",
        f"requests/{id_},999999999999",
    ):  # fmt: skip
        for ending in ("json", "xml"):
            answer = await client.get(f"{BASE}/{path}.{ending}")
            assert answer.status_code == 200
            assert not [s for s in secrets if s in answer.text], (path, answer.text)
    for path in (
        "/records/reports.progress",
        "/ogc/collections/reports.progress/items",
        f"/portal/progress/{id_}",
    ):
        told = await client.get(path)
        assert id_ in told.text.replace(" ", ""), path
        assert not [s for s in secrets if s in told.text], path
    assert (await client.get("/records/reports.report")).status_code in (401, 403)
    [kept] = await reports(
        city
    )  # kept under the law of personal data, but for the account that is the application's own
    assert (kept["contact_email"], kept["device"]) == (SENDER["email"], SENDER["device_id"])
    assert "account-0815" not in str(kept)
    assert kept["reporter"] is None  # an application is not the person


async def test_without_a_key_nothing_is_made_unless_the_city_lets_anybody(
    city: City, doors: tuple[Open311, Open311], application: str
) -> None:
    for door in doors:
        for key in ({}, {"api_key": "yk_0000000000000000_wrong"}, {"api_key": ""}):
            [error] = await door.post({**ASKED, **key}, 403)
            assert str(error["code"]) == "403"
            assert error["description"]
    assert await reports(city) == []
    city.settings = msgspec.structs.replace(city.settings, open311_key=False)
    for number in range(10):
        await doors[0].post({**ASKED, "description": str(number)})
    answer = await doors[0].post(ASKED, 429)  # as the portal's: ten in ten minutes from an address
    assert answer[0]["code"] == 429
    await doors[0].post({**ASKED, "api_key": application})  # a key has a quota of its own
    assert len(await reports(city)) == 11


BAD: list[tuple[dict[str, Any], str]] = [
    ({"service_code": None}, "service_code"),
    ({"lat": None}, "lat"),
    ({"lat": "91"}, "lat"),
    ({"lat": "nan"}, "lat"),
    ({"long": "inf"}, "long"),
    ({"lat": "٢٩"}, "lat"),
    ({"lat": None, "long": None}, "address_string"),
    ({"lat": "10", "long": "10"}, "lat"),  # not in the city
    ({"lat": None, "long": None, "address_id": "nowhere"}, "address_id"),
    ({"lat": None, "long": None, "address_string": "somewhere or other"}, "address_string"),
    ({"description": "x" * 4001}, "description"),
    ({"description": "a\x00b"}, "description"),
    ({"description": "a\x1bb"}, "description"),
    ({"phone": "call me"}, "phone"),
    ({"email": "nobody"}, "email"),
    ({"media_url": "javascript:alert(1)"}, "media_url"),
    ({"media_url": "file:///etc/passwd"}, "media_url"),
    ({"media_url": "http://["}, "media_url"),
    ({"attribute[STATE]": None}, "attribute[STATE]"),
    ({"attribute[STATE]": "stolen"}, "attribute[STATE]"),
    ({"attribute[STATE]": ["gone", "broken"]}, "attribute[STATE]"),
    ({"attribute[DEEP]": "deep"}, "attribute[DEEP]"),
    ({"attribute[SEEN]": "yesterday"}, "attribute[SEEN]"),
    ({"attribute[OTHER]": "1"}, "attribute[OTHER]"),
    ({"attribute[NOTE]": "1"}, "attribute[NOTE]"),
    ({"status": "closed"}, "status"),
    ({"service_request_id": "1"}, "service_request_id"),
    ({"description": ["a", "b"]}, "description"),
]


@pytest.mark.parametrize("format", [0, 1])
async def test_what_is_malformed_is_refused_by_its_field_and_nothing_is_made(
    city: City, doors: tuple[Open311, Open311], application: str, format: int
) -> None:
    for change, field in BAD:
        said = {**ASKED, "api_key": application, **change}
        answer = await doors[format].post({n: v for n, v in said.items() if v is not None}, 400)
        assert [e for e in answer if e["description"].startswith(f"{field}:")], (change, answer)
        assert all(str(e["code"]) == "400" for e in answer)
    [error] = await doors[format].post({**ASKED, "service_code": "nothing", "api_key": application}, 404)
    assert str(error["code"]) == "404"
    assert await reports(city) == []


async def test_what_is_hostile_is_refused_in_the_standards_words(
    city: City, client: httpx.AsyncClient, doors: tuple[Open311, Open311], application: str
) -> None:
    form = {"content-type": "application/x-www-form-urlencoded"}
    key = urlencode({**ASKED, "api_key": application})
    bombs: list[tuple[bytes, dict[str, str]]] = [
        (b"x" * 70_000, form),
        (key.encode() + b"&description=" + b"a" * 70_000, form),
        (b"&".join(b"attribute[a%d]=1" % n for n in range(500)), form),
        (b"\xff\xfe=1", form),
        (key.encode() + b"&description=%ff%fe", form),
        (b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>', {"content-type": "text/xml"}),
        (b'{"service_code": "010101"}', {"content-type": "application/json"}),
        (key.encode(), {"content-type": "multipart/form-data; boundary=x"}),
        (key.encode(), {}),
        (b"", form),
    ]
    for body, headers in bombs:
        for ending in ("json", "xml"):
            answer = await client.post(f"{BASE}/requests.{ending}", content=body, headers=headers)
            assert answer.status_code == 400, (body[:80], answer.text)
            assert Open311(client, ending).read(answer, 400)[0]["description"]
    assert await reports(city) == []
    for verb, path, status in (
        ("PUT", "requests", 405), ("DELETE", "requests.json", 405), ("POST", "services.json", 405),
        ("GET", "nothing", 404), ("GET", "nothing.json", 404), ("GET", "requests/1/2.json", 404),
    ):  # fmt: skip
        answer = await client.request(verb, f"{BASE}/{path}")
        found = Open311(client, "json" if path.endswith("json") else "xml").read(answer, status)
        assert [str(e["code"]) for e in found] == [str(status)]
    for said in ({"start_date": "2026-05-01"}, {"status": "lost"}, {"page": "0"}, {"page_size": "1001"}, {"q": "1"},
        {"service_code": "\0"},
        {"service_request_id": "a\0b"},
                 {"start_date": "2026-01-01T00:00:00Z", "end_date": "2026-05-01T00:00:00Z"},
                 {"page": "99999", "page_size": "1000"},
                 {"start_date": "2026-02-01T00:00:00Z", "end_date": "2026-01-01T00:00:00Z"}):  # fmt: skip
        for door in doors:
            [error] = await door.get("requests", 400, **said)
            assert str(error["code"]) == "400"


async def test_words_that_look_like_markup_stay_words(
    city: City, doors: tuple[Open311, Open311], application: str
) -> None:
    json, xml = doors
    [made] = await json.post({**ASKED, "api_key": application})
    said = "</status_notes><evil/>&amp;]]>\u0000\u0008".replace("\u0000", "")
    [report] = (await records.listing(city, system_caller("reports"), "reports.report")).items
    await records.update(city, system_caller("cityops"), "reports.report", report.id, {"answer": said}, 1)
    [told] = await xml.get(f"requests/{made['service_request_id']}")
    assert told["status_notes"] == said.replace("\u0008", "")
    assert plain("a\u0008b\ufffe\U0001f600") == "ab\U0001f600"
    assert as_xml("errors", []) == b'<?xml version="1.0" encoding="UTF-8"?>\n<errors></errors>'


async def test_requests_are_found_by_what_the_standard_filters(
    city: City, doors: tuple[Open311, Open311], application: str
) -> None:
    json, xml = doors
    ids = []
    for code in ("010101", "010102", "010102"):
        said = {**HERE, "service_code": code, "api_key": application}
        more = {"attribute[STATE]": "gone"} if code == "010101" else {}
        ids.append((await json.post({**said, **more}))[0]["service_request_id"])
    found = await json.get("requests")
    assert [r["service_request_id"] for r in found] == ids[::-1]  # the newest first
    assert await xml.get("requests") == texts(found)

    async def asked(**said: str) -> list[str]:
        return [r["service_request_id"] for r in await json.get("requests", **said)]

    assert await asked(service_code="010102") == ids[:0:-1]
    assert await asked(service_code="010101,010102") == ids[::-1]
    assert await asked(service_code="010103") == []
    assert await asked(status="closed") == []
    assert await asked(status="open,closed") == ids[::-1]
    assert await asked(service_request_id=f"{ids[2]},{ids[0]}", service_code="nothing") == [ids[2], ids[0]]
    assert await asked(page="2", page_size="2") == [ids[0]]
    assert await asked(page="3", page_size="2") == []
    assert await asked(status="", start_date="", jurisdiction_id="") == ids[::-1]  # empty is as if not there
    now = datetime.now(UTC)
    assert await asked(end_date=w3c(now - timedelta(days=1))) == []
    assert (
        await asked(start_date=w3c(now - timedelta(days=1)), end_date=w3c(now + timedelta(days=1)))
        == ids[::-1]
    )
    assert await asked(updated_after=w3c(now + timedelta(hours=1))) == []
    assert [r["service_request_id"] for r in await json.get(f"requests/{ids[0]},{ids[1]}")] == ids[:2]
    [error] = await json.get("requests/000000000000", 404)
    assert error["code"] == 404
    assert await json.get(f"tokens/{ids[0]}") == [{"service_request_id": ids[0], "token": ids[0]}]
    assert (await xml.get("tokens/none", 404))[0]["code"] == "404"
    shown = await json.get(f"requests/{ids[0]}")
    for name in ("requested_datetime", "updated_datetime"):
        assert moment(shown[0][name]) is not None
        assert shown[0][name].endswith("+08:00")


@pytest.mark.parametrize(
    ("address", "district"),
    [
        ("宁波市海曙区中山东路 181 号", "330203"),
        ("北仑区明州路", "330206"),
        ("海曙区与江北区交界处", "330203"),
        ("明州路", None),
    ],
)
async def test_an_address_alone_says_the_district_by_its_name(
    city: City, doors: tuple[Open311, Open311], application: str, address: str, district: str | None
) -> None:
    await Keeper(city).open()
    said = {"service_code": "010102", "address_string": address, "api_key": application}
    answer = await doors[0].post(said, 201 if district else 400)
    page = await records.listing(city, system_caller("reports"), "reports.report")
    assert [r.district for r in page.items] == ([district] if district else [])
    if district is None:
        assert answer[0]["description"].startswith("address_string:")


async def test_an_address_id_is_a_place_of_the_city(
    city: City, doors: tuple[Open311, Open311], application: str
) -> None:
    values = {"name": "Drum Tower", "kind": "park", "address": "Gongyuan Road 1", "datum": "cgcs2000",
              "geometry": {"type": "Point", "coordinates": [121.546, 29.875]}}  # fmt: skip
    made = await records.create(city, system_caller("geo"), "geo.place", values, district="330203")
    await doors[1].post({"service_code": "010102", "address_id": made.id, "api_key": application})
    [kept] = await reports(city)
    assert (kept["place"], kept["location"]) == ("Gongyuan Road 1", values["geometry"])


async def test_who_calls_signed_in_is_the_reporter(
    city: City, doors: tuple[Open311, Open311], callers: Callable[..., Caller]
) -> None:
    system = system_caller("access")
    await access.create_party(city, system, id="p-lanfen", kind="person", zh="兰芬", en="Lanfen")
    said = NewRequest(service_code="010102", lat=29.87, long=121.55)
    await api.make(city, callers(party="p-lanfen"), said, "127.0.0.1")
    [kept] = await reports(city)
    assert (kept["reporter"], kept["place"]) == ("p-lanfen", "海曙区")


async def test_the_format_is_as_the_address_ends_else_as_accept_says(
    client: httpx.AsyncClient, keeper: dict[str, str]
) -> None:
    for path, accept, expected in (
        ("services.json", "text/xml", "application/json"),
        ("services.xml", "application/json", "text/xml"),
        ("services", "application/json", "application/json"),
        ("services", "text/xml, application/json;q=0.5", "text/xml"),
        ("services", "*/*", "text/xml"),
        ("services/010101", "application/json", "application/json"),
    ):
        answer = await client.get(f"{BASE}/{path}", headers={"accept": accept})
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith(expected), path


async def test_the_same_idempotency_key_is_one_request(
    city: City, doors: tuple[Open311, Open311], application: str
) -> None:
    json, xml = doors
    said = {**ASKED, "api_key": application}
    [first] = await json.post(said, **{"idempotency-key": "one"})
    [again] = await xml.post(said, **{"idempotency-key": "one"})
    assert first["service_request_id"] == again["service_request_id"]
    [other] = await json.post({**said, "description": "Another"}, **{"idempotency-key": "one"})
    assert other["service_request_id"] != first["service_request_id"]
    assert len(await reports(city)) == 2


async def test_another_citys_jurisdiction_is_not_found(
    city: City, doors: tuple[Open311, Open311], application: str
) -> None:
    city.settings = msgspec.structs.replace(city.settings, open311_jurisdiction="ningbo.gov.cn")
    json, xml = doors
    for path in ("services", "services/010101", "requests", "discovery"):
        assert (await json.get(path, 404, jurisdiction_id="city.gov"))[0]["code"] == 404
        await xml.get(path, jurisdiction_id="ningbo.gov.cn")
        await xml.get(path)
    await json.post({**ASKED, "api_key": application, "jurisdiction_id": "city.gov"}, 404)
    assert await reports(city) == []


def test_moments_are_those_of_the_w3c_note() -> None:
    at = datetime(1994, 11, 5, 13, 15, 30, tzinfo=UTC)
    for written in (
        "1994-11-05T08:15:30-05:00",
        "1994-11-05T13:15:30Z",
        "1994-11-05T21:15:30+08:00",
        "1994-11-05T21:15:30 08:00",
    ):
        assert moment(written) == at
    for written in (
        "1994-11-05",
        "1994-11-05T08:15:30",
        "1994-13-05T08:15:30Z",
        "05.11.1994",
        "",
        "0001-01-01T00:00:00+14:00",
    ):
        assert moment(written) is None
    assert w3c(at) == "1994-11-05T21:15:30+08:00"


def test_a_span_is_of_ninety_days_at_most() -> None:
    at = datetime(2026, 5, 1, tzinfo=UTC)
    days = timedelta(days=90)
    assert span(Asked(start=at), at) == (at, at + days)
    assert span(Asked(end=at), at) == (at - days, at)
    assert span(Asked(start=at, end=at + days), at) == (at, at + days)
    assert span(Asked(start=at, end=at + days + timedelta(seconds=1)), at) is None
    assert span(Asked(start=at, end=at - days), at) is None
    found = span(Asked(), at)
    assert found is not None
    assert found[0] == at - days


async def test_a_reporter_hears_of_each_state_once_whatever_else_changes(
    city: City,
    desks: Desks,  # noqa: F811
    doors: tuple[Open311, Open311],
    callers: Callable[..., Caller],
) -> None:
    await access.create_party(
        city, system_caller("access"), id="p-lanfen", kind="person", zh="兰芬", en="Lanfen"
    )
    said = NewRequest(service_code="010102", lat=29.87, long=121.55)
    made = await api.make(city, callers(party="p-lanfen"), said, "127.0.0.1")
    await followed(city)
    [task] = (await desks.ask("inspector", "GET", "/inbox"))["items"]
    id_ = task["values"]["case_id"]
    await desks.does("inspector", id_, "verify", "confirm")
    await desks.does("supervision", id_, "file", "file", **{"class": "010102"})
    await desks.does("dispatcher", id_, "dispatch", "dispatch", units=["water"])
    await followed(city)
    await desks.ask("supervisor", "PUT", f"/cases/{id_}/unit", 200, json={"unit": "parks", "note": "Theirs"})
    await followed(city)
    [shown] = await doors[0].get(f"requests/{made.id}")
    assert shown["agency_responsible"] == "Parks"
    rows = await city[Database].fetch(
        """SELECT event->'data'->'fields' AS fields FROM store.outbox
           WHERE event->>'type' = 'reports.ReportUpdated' AND event->>'subject' = $1 ORDER BY id""",
        made.id,
    )
    fields = [set(r["fields"]) for r in rows]
    assert [bool(f & {"state", "answer"}) for f in fields] == [True] + [False] * (len(fields) - 1)
    assert len(fields) > 1


@given(
    st.lists(
        st.tuples(
            st.sampled_from([*forms.NAMES, "attribute[A]", "attribute[A][]", "other"]), st.text(max_size=30)
        )
    )
)
def test_whatever_a_form_holds_it_is_read_or_refused(pairs: list[tuple[str, str]]) -> None:
    body = urlencode(pairs, errors="surrogatepass").encode()
    try:
        said = forms.request_of(*forms.form(body))
    except Malformed:
        pass
    else:
        assert said.service_code
        assert (said.lat is None) == (said.long is None)
        assert said.lat is not None or said.address or said.address_id
        for name in ("description", "address", "name"):
            assert not set(getattr(said, name) or "") & {"\0", "\x1b"}


@given(st.binary(max_size=200))
def test_whatever_bytes_come_as_a_form_they_are_read_or_refused(body: bytes) -> None:
    with contextlib.suppress(Malformed):
        forms.request_of(*forms.form(body))


tree_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.dictionaries(st.sampled_from(["code", "description", "group"]), inner, max_size=3),
    max_leaves=8,
)


@given(st.lists(tree_values, max_size=4))
def test_xml_and_json_say_the_same(values: list[Any]) -> None:
    """But for what XML 1.0 cannot hold, and what is empty, which it cannot tell from what is not there."""

    def plainly(value: Any) -> Any:
        if isinstance(value, dict):
            return {k: plainly(v) for k, v in value.items()} or None
        text = texts(value)
        return None if text is None else plain(text).replace("\r\n", "\n").replace("\r", "\n") or None

    told = tree(etree.fromstring(as_xml("services", values)))
    assert told == [plainly(v) for v in values]
