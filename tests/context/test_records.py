"""Records of other modules as entities: read like any other, written by their own door alone."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import date, timedelta
from typing import Any
from urllib.parse import quote

import asyncpg
import httpx
import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given, settings
from tests.conftest import TestDatabase
from tests.context import naive, sample
from tests.context.test_query_language import combined

from yong.app import bootstrap
from yong.kernel.access import api as access
from yong.kernel.base import clock
from yong.kernel.base.city import City
from yong.kernel.base.settings import Settings
from yong.kernel.context import api
from yong.kernel.context.asking import q, types
from yong.kernel.context.asking.contracts import Ask, Selector
from yong.kernel.context.asking.plan import Plan
from yong.kernel.context.recorded import reading, urns
from yong.kernel.context.recorded.registers import Registers
from yong.kernel.records import api as records
from yong.kernel.store.database import Database

E = "/ngsi-ld/v1/entities"
R = "urn:yong:record:"
PLACE = {"type": "Point", "coordinates": [121.5, 29.8]}
SYSTEM = access.system_caller("sample")
TODAY = clock.now().astimezone(clock.CHINA).date()
Key = Callable[..., Awaitable[dict[str, str]]]


@pytest.fixture
async def city(
    settings: Settings, database: TestDatabase, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[City]:
    """A City that has the sample module too."""
    modules = bootstrap.modules
    monkeypatch.setattr(bootstrap, "modules", lambda name: (*modules(name), sample.MODULE))
    await bootstrap.prepare(settings, database.owner_url, None)
    async with bootstrap.running(settings, database.serve_url) as running:
        yield running


async def put(city: City, relation: str, district: str | None = "330203", **values: Any) -> str:
    record = await records.create(city, SYSTEM, relation, values, owner="d1", district=district)
    return record.id


async def station(city: City, code: str, **values: Any) -> str:
    return await put(city, "sample.station", code=code, name=f"n{code}", **values)


@pytest.fixture
async def operator(client: httpx.AsyncClient, key: Key) -> httpx.AsyncClient:
    client.headers.update(await key("access.operator"))
    return client


async def found(client: httpx.AsyncClient, **params: Any) -> list[str]:
    answer = await client.get(E, params={"limit": 1000, **params})
    assert answer.status_code == 200, answer.text
    return [e["id"].removeprefix(R) for e in answer.json()]


async def test_every_kind_of_field_is_an_attribute(operator: httpx.AsyncClient, city: City) -> None:
    await station(
        city, "A", area="330203", height_m=1.5, fee=250, share="0.10", active=False, opened="2026-01-02",
        seen_at="2026-01-02T03:04:05+08:00", place=PLACE, extra={"a": [1, {"b": None}]},
    )  # fmt: skip
    answer = await operator.get(f"{E}/{R}sample.station:A")
    assert answer.status_code == 200, answer.text

    def of(value: Any) -> dict[str, Any]:
        return {"type": "Property", "value": value}

    assert answer.json() == {
        "id": f"{R}sample.station:A",
        "type": "sample.station",
        "code": of("A"),
        "name": of("nA"),
        "area": of("330203"),
        "height_m": of(1.5),
        "fee": of(250),
        "share": of(0.1),
        "active": of(False),
        "opened": of({"@type": "Date", "@value": "2026-01-02"}),
        "seen_at": of({"@type": "DateTime", "@value": "2026-01-01T19:04:05.000000Z"}),
        "location": {"type": "GeoProperty", "value": PLACE},
        "extra": {"type": "JsonProperty", "json": {"a": [1, {"b": None}]}},
        "version": of(1),
        "owner_id": of("d1"),
        "district": of("330203"),
    }
    system = (await operator.get(f"{E}/{R}sample.station:A", params={"options": "sysAttrs"})).json()
    assert system["createdAt"] == system["modifiedAt"] == system["name"]["createdAt"]
    feature = await operator.get(
        E, params={"type": "sample.station"}, headers={"accept": "application/geo+json"}
    )
    assert feature.json()["features"][0]["geometry"] == PLACE


async def test_languages_units_references_and_names_that_the_standard_has_taken(
    operator: httpx.AsyncClient, city: City, key: Key
) -> None:
    await station(city, "A")
    repair = await put(city, "sample.repair", station="A", serial=7)
    link = {"type": "Relationship", "object": f"{R}sample.station:A", "objectType": "sample.station"}
    answer = await operator.get(f"{E}/{R}sample.repair:{repair}")
    assert answer.json()["station"] == link
    assert await found(operator, type="sample.repair", q=f"station=={R}sample.station:A") == [
        f"sample.repair:{repair}"
    ]
    person = await put(
        city, "sample.person", name_zh="张三", name_en="Zhang", illness="flu", type="t", desk="A", hours=38.5
    )
    url = f"{E}/{R}sample.person:{person}"
    masked = (await operator.get(url)).json()
    assert masked["name"] == {"type": "LanguageProperty", "languageMap": {"zh": "张*", "en": "Z****"}}
    assert masked["desk"] == {"type": "Property", "value": "A*"}, "what is masked leads nowhere"
    assert masked["person_type"]["value"] == "t"
    assert masked["hours"] == {"type": "Property", "value": 38.5, "unitCode": "HUR"}
    assert "illness" not in masked
    assert await found(operator, type="sample.person", q='name=="张三"|illness') == []
    simple = await operator.get(url, params={"options": "keyValues", "lang": "zh"})
    assert simple.json()["name"] == "张*"
    audited = "SELECT actor, resource, detail FROM access.audit_entry WHERE action = 'records.read'"
    assert await city[Database].fetch(audited.replace("actor, resource, detail", "1")) == []
    officer = {**await key("access.department_officer", district="3302"), "x-purpose": "access.inspection"}
    clear = (await operator.get(url, headers=officer)).json()
    assert clear["name"]["languageMap"] == {"zh": "张三", "en": "Zhang"}
    assert clear["desk"] == link
    assert clear["illness"]["value"] == "flu"
    assert await found(operator, type="sample.person") == [f"sample.person:{person}"]
    asked = await operator.get(E, params={"type": "sample.person", "q": "illness"}, headers=officer)
    assert len(asked.json()) == 1
    rows = await city[Database].fetch("SELECT resource FROM access.audit_entry WHERE action = 'records.read'")
    assert [r["resource"] for r in rows] == [f"sample.person/{person}", "sample.person/"]


async def test_nobody_sees_more_than_at_the_door_of_records(
    operator: httpx.AsyncClient, city: City, key: Key
) -> None:
    await station(city, "A")
    elsewhere = await key("access.department_officer", district="330205")
    assert (await operator.get(f"{E}/{R}sample.station:A", headers=elsewhere)).status_code == 404
    page = await operator.get(E, params={"type": "sample.station", "count": True}, headers=elsewhere)
    assert (page.json(), page.headers["NGSILD-Results-Count"]) == ([], "0")
    provider = await key("context.provider")  # who may read entities alone
    assert (await operator.get(f"{E}/{R}sample.station:A", headers=provider)).status_code == 403
    assert (await operator.get(E, params={"type": "sample.station"}, headers=provider)).json() == []
    assert await found(operator, type="sample.patient") == [], "a masked key is no id"
    assert (await operator.get(f"{E}/{R}sample.patient:{quote('张*')}")).status_code == 404
    operator.headers.pop("x-api-key")
    assert (await operator.get(f"{E}/{R}sample.station:A")).status_code == 401
    assert (await operator.get(E, params={"type": "sample.station"})).status_code == 401
    assert (await operator.get(E, params={"type": "environment.station|Room"})).json() == [], (
        "open to anybody"
    )
    assert (await operator.get("/ngsi-ld/v1/types")).status_code == 401, "of all there is, nobody is told"
    body = {"type": "Query", "entities": [{"type": "environment.station"}]}
    asked = await operator.post("/ngsi-ld/v1/entityOperations/query", json=body)
    assert (asked.status_code, asked.json()) == (200, [])


async def test_what_ended_or_does_not_hold_today_is_not_there(
    operator: httpx.AsyncClient, city: City
) -> None:
    await station(city, "A")
    await station(city, "B")
    await records.end(city, SYSTEM, "sample.station", "A", 1)
    assert await found(operator, type="sample.station") == ["sample.station:B"]
    assert (await operator.get(f"{E}/{R}sample.station:A")).status_code == 404
    for code, start, holder in (("now", -10, "x"), ("later", 10, "y")):
        day = TODAY + timedelta(days=start)
        await records.create(
            city, SYSTEM, "sample.post", {"code": code, "holder": holder}, owner="d1", valid_from=day
        )
    await records.update(
        city, SYSTEM, "sample.post", "now", {"holder": "z"}, 1, valid_from=TODAY + timedelta(days=3)
    )
    assert await found(operator, type="sample.post") == ["sample.post:now"]
    post = (await operator.get(f"{E}/{R}sample.post:now", params={"options": "keyValues"})).json()
    assert post["holder"] == "x"
    assert date.fromisoformat(post["valid_from"]["@value"]) < TODAY
    assert (await operator.get(f"{E}/{R}sample.post:later")).status_code == 404


async def test_odd_keys_have_one_id_that_leads_back(operator: httpx.AsyncClient) -> None:
    ids = await found(operator, type="sample.log")
    assert len(ids) == len(sample.ODD_KEYS)
    assert {urns.parse(R + i) for i in ids} == {
        ("sample.log", (who, str(n), at.replace(".5Z", ".500000Z"))) for who, n, at in sample.ODD_KEYS
    }
    for id_ in ids:
        answer = await operator.get(f"{E}/{quote(R + id_, safe='')}")
        assert answer.status_code == 200, (id_, answer.text)
        assert answer.json()["id"] == R + id_
        chosen = await found(operator, type="sample.log", id=R + id_)
        assert chosen == [id_]
    assert await found(operator, type="sample.log", idPattern="%2F") == [i for i in ids if "甲" in i]
    for wrong in ("a~2", "%61~2~2026-01-01T00:00:00.500000Z", "a~02~2026-01-01T00:00:00.500000Z",
                  "a~2~2026-01-01T00:00:00.5Z", "a~2~2026-13-01T00:00:00Z", "a~99999999999999999999~x", "%00~2~x", "%FF~1~x"):  # fmt: skip
        answer = await operator.get(f"{E}/{quote(R + 'sample.log:' + wrong, safe='')}")
        assert answer.status_code == 404, wrong
    seen, after = [], ""
    while True:
        page = await found(operator, type="sample.log", limit=2, **({"after": R + after} if after else {}))
        if not page:
            break
        seen, after = seen + page, page[-1]
    assert seen == ids


WRITES: list[tuple[str, str, Any]] = [
    ("PUT", "", {"a": 1}), ("PATCH", "", {"name": "x"}), ("DELETE", "", None), ("POST", "/attrs", {"a": 1}),
    ("PATCH", "/attrs", {"name": "x"}), ("PATCH", "/attrs/name", {"value": "x"}), ("PUT", "/attrs/name", {"value": "x"}),
    ("DELETE", "/attrs/name", None),
]  # fmt: skip


async def test_writing_names_the_owner_and_changes_nothing(
    client: httpx.AsyncClient, city: City, key: Key
) -> None:
    await station(city, "A")
    id_ = f"{R}sample.station:A"
    entity = {"id": id_, "type": "sample.station", "name": "x"}
    client.headers.update(await key("context.provider"))
    for method, tail, body in [*WRITES, ("POST", None, entity)]:
        url = E if tail is None else f"{E}/{id_}{tail}"
        answer = await client.request(method, url, json=body)
        problem = answer.json()
        assert (answer.status_code, problem["type"]) == (409, "https://uri.etsi.org/ngsi-ld/errors/Conflict")
        assert problem["module"] == "sample"
        door = {"DELETE": "DELETE /records/sample.station/A", None: "POST /records/sample.station"}
        wanted = door.get(method if tail == "" else tail, "PATCH /records/sample.station/A")
        assert problem["door"] == wanted, (method, tail)
        assert "Sample" in problem["detail"]
        assert wanted in problem["detail"]
    for operation in ("create", "upsert", "upsert?options=update", "update", "merge", "delete"):
        items: list[Any] = [entity, {"id": "urn:ngsi-ld:Room:1", "type": "Room", "a": 1}]
        if operation == "delete":
            items = [i["id"] for i in items]
        answer = await client.post(f"/ngsi-ld/v1/entityOperations/{operation}", json=items)
        assert answer.status_code == 207, (operation, answer.text)
        result = answer.json()
        assert result["success"] == ["urn:ngsi-ld:Room:1"], operation
        [error] = result["errors"]
        assert error["entityId"] == id_
        assert (error["error"]["status"], error["error"]["module"]) == (409, "sample")
    computed = await client.patch(f"{E}/{R}environment.aqi:x~y~z", json={"a": 1})
    assert computed.status_code == 409
    assert "door" not in computed.json()
    assert "environment" in computed.json()["detail"]
    reserved = await client.post(E, json={"id": f"{R}no.such:1", "type": "T"})
    assert reserved.status_code == 400
    in_tenant = await client.post(E, json=entity, headers={"NGSILD-Tenant": "port"})
    assert in_tenant.status_code == 409
    operator = await key("access.operator")
    assert (await client.patch(f"{E}/{id_}", json={"a": 1}, headers=operator)).status_code == 403
    record = await records.read(city, SYSTEM, "sample.station", "A")
    assert (record.version, record.values["name"]) == (1, "nA")
    assert await city[Database].fetchval("SELECT count(*) FROM context.entity") == 0


async def test_records_are_the_citys_own(operator: httpx.AsyncClient, city: City, key: Key) -> None:
    await station(city, "A")
    other = {"NGSILD-Tenant": "port"}
    provider = await key("context.provider")
    made = await operator.post(
        E, json={"id": "urn:x:1", "type": "sample.station"}, headers={**other, **provider}
    )
    assert made.status_code == 201
    seen = await operator.get(E, params={"type": "sample.station"}, headers=other)
    assert [e["id"] for e in seen.json()] == ["urn:x:1"]
    assert (await operator.get(f"{E}/{R}sample.station:A", headers=other)).status_code == 404
    types_ = await operator.get("/ngsi-ld/v1/types", headers=other)
    assert types_.json()["typeList"] == ["sample.station"]


async def test_types_and_attributes_are_told_of_what_there_is(
    operator: httpx.AsyncClient, city: City, key: Key
) -> None:
    await station(city, "A", place=PLACE, fee=1)
    await station(city, "B")
    mine = {"id": "urn:x:1", "type": "sample.station", "fee": {"object": "urn:x:2"}}
    assert (await operator.post(E, json=mine, headers=await key("context.provider"))).status_code == 201
    listed = (await operator.get("/ngsi-ld/v1/types")).json()["typeList"]
    assert listed == ["sample.log", "sample.station"]
    one = (await operator.get("/ngsi-ld/v1/types/sample.station")).json()
    kinds = {a["attributeName"]: a["attributeTypes"] for a in one["attributeDetails"]}
    assert one["entityCount"] == 3
    assert kinds["fee"] == ["Property", "Relationship"]
    assert kinds["location"] == ["GeoProperty"]
    assert "area" not in kinds, "nobody has one"
    fee = (await operator.get("/ngsi-ld/v1/attributes/fee")).json()
    assert (fee["attributeCount"], fee["typeNames"]) == (2, ["sample.station"])


async def test_a_users_context_names_types_and_attributes(operator: httpx.AsyncClient, city: City) -> None:
    await station(city, "A", fee=5)
    base = "https://uri.etsi.org/ngsi-ld/default-context/"
    body = {
        "@context": {"Station": f"{base}sample.station", "price": f"{base}fee"},
        "type": "Query", "entities": [{"type": "Station"}], "q": "price==5", "attrs": ["price"],
    }  # fmt: skip
    headers = {"content-type": "application/ld+json"}
    answer = await operator.post("/ngsi-ld/v1/entityOperations/query", json=body, headers=headers)
    assert [(e["type"], e["price"]["value"]) for e in answer.json()] == [("Station", 5)], answer.text


async def test_what_is_near_comes_nearest_first_whatever_it_is(
    operator: httpx.AsyncClient, city: City, key: Key
) -> None:
    def at(x: float) -> dict[str, Any]:
        return {"type": "Point", "coordinates": [x, 29.8]}

    for n in (1, 3, 5):
        await station(city, f"S{n}", place=at(121.5 + n / 1000))
    await station(city, "S0")
    area = {"type": "Polygon", "coordinates": [[[121.0, 29.0], [121.4, 29.0], [121.4, 30.0], [121.0, 29.0]]]}
    await station(city, "AREA", place=area)
    provider = await key("context.provider")
    for n in (2, 4):
        spot = {
            "id": f"urn:x:{n}",
            "type": "Room",
            "location": {"type": "GeoProperty", "value": at(121.5 + n / 1000)},
        }
        assert (await operator.post(E, json=spot, headers=provider)).status_code == 201  # fmt: skip
    near = {"georel": "near;maxDistance==450", "geometry": "Point", "coordinates": "[121.5,29.8]"}
    both = "sample.station|Room"
    mixed = ["sample.station:S1", "urn:x:2", "sample.station:S3", "urn:x:4"]
    assert await found(operator, type=both, **near) == mixed
    page = await operator.get(E, params={"type": both, "limit": 2, "offset": 1, "count": True, **near})
    assert [e["id"].removeprefix(R) for e in page.json()] == mixed[1:3]
    assert page.headers["NGSILD-Results-Count"] == "4"
    inside = {"georel": "within", "geometry": "Polygon",
              "coordinates": "[[[121.5025,29],[122,29],[122,30],[121.5025,30],[121.5025,29]]]"}  # fmt: skip
    assert await found(operator, type=both, **inside) == ["urn:x:4", "sample.station:S3", "sample.station:S5"]
    touching = {"georel": "intersects", "geometry": "Point", "coordinates": "[121.3,29.2]"}
    assert await found(operator, type="sample.station", **touching) == ["sample.station:AREA"]
    assert await found(operator, type="sample.repair", **near) == []


async def test_ids_and_pages_are_found_by_index(
    city: City, database: TestDatabase, callers: Callable[..., Any]
) -> None:
    await city[Database].execute(
        """INSERT INTO sample.station (id, code, name, created_by, updated_by)
           SELECT n, n, 'x', 'a', 'a' FROM (SELECT 'S' || g AS n FROM generate_series(1, 20000) g) s"""
    )
    owner = await asyncpg.connect(database.owner_url)
    await owner.execute("ANALYZE sample.station")
    await owner.close()
    registers = city[Registers]
    seen = await reading.seen(city, callers("access.operator"), registers.by_name["sample.station"])
    tree = types.parse("sample.station")
    asks = [
        Ask(selectors=(Selector(ids=(f"{R}sample.station:S77", f"{R}sample.station:S78")),)),
        Ask(selectors=(Selector(type=tree),), after=f"{R}sample.station:S500"),
        Ask(selectors=(Selector(type=tree),), q=q.parse("code")),
    ]
    for ask in asks:
        plan = Plan(ask)
        plan.add_records(seen, registers)
        rows = await city[Database].fetch(f"EXPLAIN {plan.candidates(most=21)}", *plan.arguments.values)
        text = "\n".join(row[0] for row in rows)
        assert "Index Scan" in text, text
        assert "Seq Scan" not in text, text


VALUES = {
    "code": ['"S3"', '"S3","S5"', '"s"'], "name": ['"nS3"', "nS4"], "height_m": ["2", "1.5", "0..3"], "fee": ["3", "4"],
    "active": ["true", "false"], "opened": ["2026-01-02", "2026-01-01..2026-01-03"], "version": ["1"],
    "seen_at": ["2026-01-01T00:00:02Z"], "extra[a]": ["1", '"x"'], "station": [f"{R}sample.station:S3", '"urn:x:1"'],
    "serial": ["3", "1..4"], "a": ["1", "2"], "location": ["1"], "nobody": ["1"],
}  # fmt: skip
ORDERED = frozenset({"height_m", "fee", "serial", "a", "opened", "seen_at", "version"})


@st.composite
def terms(draw: st.DrawFn) -> str:
    name = draw(st.sampled_from(sorted(VALUES)))
    signs = ["==", "!=", *([">", "<="] if name in ORDERED else [])]
    sign = draw(st.sampled_from(["", *signs]))
    if not sign:
        return name
    value = draw(st.sampled_from(VALUES[name]))
    return name + sign + (value if sign in ("==", "!=") else value.partition("..")[0])


IDS = [
    *(f"urn:x:{n}" for n in range(6)),
    *(f"{R}sample.station:S{n}" for n in range(8)),
    f"{R}sample.station:none",
    f"{R}x.y:z",
]
ASKS = st.fixed_dictionaries(
    {
        "type": st.none() | combined(st.sampled_from(["sample.station", "sample.repair", "Room", "Hall"]), ["|", ","]),
        "q": st.none() | combined(terms(), ["|"]),
        "attrs": st.lists(st.sampled_from(["fee", "serial", "a", "nobody"]), max_size=2, unique=True),
        "ids": st.just([]) | st.lists(st.sampled_from(IDS), min_size=1, max_size=6, unique=True),
        "limit": st.integers(1, 8),
        "offset": st.sampled_from([0, 0, 1, 5]),
        "after": st.none() | st.sampled_from(IDS),
    }
)  # fmt: skip


async def everything(city: City, caller: Any) -> list[dict[str, Any]]:
    """A mixed lot of entities and records as the plain evaluator knows them, in the order of a query's answer."""
    if not await city[Database].fetchval("SELECT count(*) FROM sample.repair"):
        await _fill(city)
    repairs = await city[Database].fetch("SELECT id FROM sample.repair")
    ids = [f"urn:x:{n}" for n in range(6)]
    ids += [f"{R}sample.repair:{i}" for i in sorted(r["id"] for r in repairs)]
    ids += [f"{R}sample.station:S{n}" for n in range(8)]
    wholes = [await api.whole(city, caller, i) for i in ids]
    return [
        {"id": w.id, "type": w.type, "other_types": list(w.other_types), "scopes": [], "doc": w.attributes}
        for w in wholes
    ]


async def _fill(city: City) -> None:
    for n in range(8):
        given = {
            "height_m": n / 2, "fee": n, "active": n % 2 == 0, "opened": f"2026-01-0{n + 1}", "area": "330203",
            "seen_at": f"2026-01-01T00:00:0{n}Z", "extra": {"a": [n, "x"]}, "place": PLACE,
        }  # fmt: skip
        await station(city, f"S{n}", **{k: v for i, (k, v) in enumerate(given.items()) if (n + i) % 3})
    for n in range(5):
        await put(city, "sample.repair", station=f"S{n % 4}", serial=n)
    kinds = ("Room", "sample.station", ["Hall", "sample.repair"])
    async with city[Database].transaction() as connection:
        await connection.executemany(
            "INSERT INTO context.entity (id, type, other_types, doc) VALUES ($1, $2, $3, $4)",
            [
                (f"urn:x:{n}", kind[0] if isinstance(kind, list) else kind, kind[1:] if isinstance(kind, list) else [],
                 {"a": {"type": "Property", "value": n % 3}, "station": {"type": "Relationship", "object": "urn:x:1"}})
                for n in range(6) for kind in [kinds[n % 3]]
            ],
        )  # fmt: skip


def wanted(ask: dict[str, Any], all_: list[dict[str, Any]]) -> list[str]:
    """The ids of what an ask means, in order, without its limits."""
    tree = types.parse(ask["type"]) if ask["type"] else None
    condition = q.parse(ask["q"]) if ask["q"] else None
    place = (bool((ask["after"] or "").startswith(R)), ask["after"] or "")
    return [
        e["id"] for e in all_
        if (tree is None or naive.matches(tree, e))
        and (not ask["ids"] or e["id"] in ask["ids"])
        and (tree is not None or ask["ids"] or not e["id"].startswith(R))
        and (condition is None or naive.matches(condition, e))
        and (not ask["attrs"] or any(a in e["doc"] for a in ask["attrs"]))
        and (e["id"].startswith(R), e["id"]) > place
    ]  # fmt: skip


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(asks=st.lists(ASKS, min_size=10, max_size=20))
async def test_queries_over_both_answer_as_a_plain_evaluator_does(
    city: City, callers: Callable[..., Any], asks: list[dict[str, Any]]
) -> None:
    caller = callers("access.operator")
    all_ = await everything(city, caller)
    by_id = {e["id"]: e["doc"] for e in all_}
    over_both = {
        "type": "Room|sample.repair|sample.station",
        "q": None,
        "attrs": [],
        "ids": [],
        "after": None,
    }
    for ask in (*asks, {**over_both, "limit": 9, "offset": 3}, {**over_both, "limit": 8, "offset": 8}):
        selector = Selector(type=types.parse(ask["type"]) if ask["type"] else None, ids=tuple(ask["ids"]))
        meant = Ask(
            selectors=(selector,) if ask["type"] or ask["ids"] else (), attrs=tuple(ask["attrs"]),
            q=q.parse(ask["q"]) if ask["q"] else None, limit=ask["limit"], offset=ask["offset"],
            after=ask["after"], count=True,
        )  # fmt: skip
        page = await api.search(city, caller, "", meant)
        ids = wanted(ask, all_)
        start, end = ask["offset"], ask["offset"] + ask["limit"]
        assert [e.id for e in page.entities] == ids[start:end], ask
        assert (page.count, page.more) == (len(ids), len(ids) > end), ask
        assert all(e.attributes == by_id[e.id] for e in page.entities)
    assert {i.startswith(R) for i in ids} == {True, False}
