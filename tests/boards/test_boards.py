"""Boards: kept by whoever holds a role, seen by whom they are shared with, each seeing what they may read."""

from collections.abc import Mapping
from typing import Any

import httpx
import pytest
from tests.conftest import key_of

from yong.domains.boards.contracts import BOARDS, CARDS, LINKS
from yong.kernel.access import api as access
from yong.kernel.access.api import system_caller
from yong.kernel.base import clock
from yong.kernel.base.city import City
from yong.kernel.records import api as records
from yong.kernel.sensing import api as sensing
from yong.kernel.sensing.contracts import Incoming
from yong.kernel.store.database import Database

PLACES = {"s-1": (121.55, 29.87), "s-2": (121.60, 29.90), "s-3": (121.42, 29.66)}
OF_A = {"of": "thing", "id": "s-1", "attribute": "pm25"}
OF_ALL = {"of": "type", "id": "AirQualityObserved", "attribute": "pm25"}
CARDS_OF_ALL_KINDS: list[dict[str, Any]] = [
    {"kind": "map", "types": ["AirQualityObserved"], "attribute": "pm25", "width": 4, "height": 3},
    {"kind": "chart", "series": [OF_A, OF_ALL], "span": "hour"},
    {"kind": "number", "series": OF_A, "title": "Fine dust at the first", "width": 1, "height": 1},
    {"kind": "table", "relation": "sensing.thing", "columns": ["code", "source", "name_en"], "sort": "-code", "rows": 2},
    {"kind": "list", "type": "AirQualityObserved", "attribute": "pm25", "rows": 2},
]  # fmt: skip
Headers = Mapping[str, str]


@pytest.fixture
async def stations(city: City) -> dict[str, float]:
    """Three air stations of the environment that report, two of them in Haishu; what each reported last."""
    for code, place in PLACES.items():
        names = {"name_zh": f"{code}站", "name_en": f"Station {code}"}
        location = {"type": "Point", "coordinates": list(place)}
        district = "330203" if code != "s-3" else "330212"
        for module, relation, values in (
            ("sensing", "sensing.thing", {"code": code, "type": "environment.air_station", "source": "synthetic"}),
            ("environment", "environment.station", {"code": code, "kind": "air"}),
        ):  # fmt: skip
            await records.create(
                city, system_caller(module), relation, {**values, **names, "location": location},
                owner="environment", district=district,
            )  # fmt: skip
    now = clock.micros(clock.now())
    said = {"s-1": 12.0, "s-2": 180.0, "s-3": 40.0}
    await sensing.report_many(
        city, system_caller("sensing"),
        [Incoming("senml", code, b'[{"n":"pm25","u":"ug/m3","v":%f}]' % v, now) for code, v in said.items()],
    )  # fmt: skip
    return said


@pytest.fixture
async def officer(city: City) -> Headers:
    return await key_of(city, "access.operator")


@pytest.fixture
async def district(city: City) -> Headers:
    """Somebody who sees Haishu alone."""
    return await key_of(city, "access.operator", district="330203")


async def made(client: httpx.AsyncClient, by: Headers, **more: Any) -> str:
    body = {"title": "Air", "cards": CARDS_OF_ALL_KINDS, **more}
    answer = await client.post("/boards", headers=by, json=body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def shows(client: httpx.AsyncClient, by: Headers, card: Mapping[str, Any]) -> dict[str, Any]:
    answer = await client.post("/board-cards", headers=by, json=card)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_a_board_is_kept_changed_and_dropped_by_its_maker(
    client: httpx.AsyncClient, officer: Headers
) -> None:
    id_ = await made(client, officer)
    board = (await client.get(f"/boards/{id_}", headers=officer)).json()
    assert [c["kind"] for c in board["cards"]] == ["map", "chart", "number", "table", "list"]
    assert (board["version"], board["mine"], board["shared"]) == (1, True, "nobody")
    change = {"title": "Dust", "shared": "everyone", "cards": board["cards"][::-1], "version": 1}
    assert (await client.put(f"/boards/{id_}", headers=officer, json=change)).json()["version"] == 2
    late = await client.put(f"/boards/{id_}", headers=officer, json=change | {"title": "Too late"})
    assert late.status_code == 412
    [listed] = (await client.get("/boards", headers=officer)).json()
    assert (listed["title"], listed["cards"], listed["shared"]) == ("Dust", 5, "everyone")
    assert (await client.delete(f"/boards/{id_}", headers=officer)).status_code == 204
    assert (await client.get(f"/boards/{id_}", headers=officer)).status_code == 404
    assert (await client.get("/boards", headers=officer)).json() == []


async def test_a_board_is_seen_by_whom_it_is_shared_with(city: City, client: httpx.AsyncClient) -> None:
    system = system_caller("access")
    await access.create_party(city, system, id="green", kind="department", zh="园林局", en="Parks")
    await access.create_party(
        city, system, id="green.north", kind="department", zh="北区", en="North", parent="green"
    )
    maker = await key_of(city, "access.department_officer", party="green")
    below = await key_of(city, "access.department_officer", party="green.north")
    other = await key_of(city, "access.operator")
    nobodys, departments, everyones = [
        await made(client, maker, shared=shared, title=shared)
        for shared in ("nobody", "department", "everyone")
    ]

    async def seen(by: Headers) -> set[str]:
        listed = {b["id"] for b in (await client.get("/boards", headers=by)).json()}
        for id_ in (nobodys, departments, everyones):
            assert (await client.get(f"/boards/{id_}", headers=by)).status_code == (
                200 if id_ in listed else 404
            )
        return listed

    assert await seen(maker) == {nobodys, departments, everyones}
    assert await seen(below) == {departments, everyones}
    assert await seen(other) == {everyones}
    change = {"title": "Mine now", "cards": [], "version": 1}
    assert (await client.put(f"/boards/{everyones}", headers=other, json=change)).status_code == 403
    assert (await client.delete(f"/boards/{everyones}", headers=other)).status_code == 403
    assert (await client.delete(f"/boards/{nobodys}", headers=other)).status_code == 404
    assert (await client.get("/boards")).status_code == 401
    assert (await client.post("/boards", json={"title": "Air"})).status_code == 401
    alone = await client.post("/boards", headers=other, json={"title": "Air", "shared": "department"})
    assert alone.json()["errors"][0]["pointer"] == "/shared", (
        "who belongs to no department has none to share with"
    )


async def test_cards_show_what_was_reported(
    client: httpx.AsyncClient, officer: Headers, stations: dict[str, float]
) -> None:
    where, drawn, number, table, ranked = [await shows(client, officer, card) for card in CARDS_OF_ALL_KINDS]
    assert {p["id"]: p["value"] for p in where["places"]} == stations
    assert (where["places"][0]["lon"], where["places"][0]["lat"]) == PLACES[where["places"][0]["id"]]
    uppers = [b["upper"] for b in where["bands"]]
    assert uppers == [*sorted(uppers[:-1]), None]
    assert where["sources"] == ["synthetic"]
    first, mean = drawn["lines"]
    assert first["name"].startswith("Station s-1 · ")
    assert [p[1] for p in first["points"]] == [12.0]
    assert [p[1] for p in mean["points"]] == [pytest.approx(sum(stations.values()) / 3)]
    assert (number["title"], number["value"], number["unit"]) == (
        "Fine dust at the first",
        12.0,
        first["unit"],
    )
    assert number["band"]["title"]
    assert number["at"]
    assert [row[0] for row in table["rows"]] == ["s-3", "s-2"]
    assert table["rows"][0][1] not in ("synthetic", None), "a code is told by its title"
    assert table["more"] is True
    assert [c["name"] for c in table["columns"]] == ["code", "source", "name_en"]
    assert table["sources"] == ["synthetic"]
    assert [(r["id"], r["name"], r["value"]) for r in ranked["rows"]] == [
        ("s-2", "Station s-2", 180.0),
        ("s-3", "Station s-3", 40.0),
    ]
    lowest = await shows(client, officer, CARDS_OF_ALL_KINDS[4] | {"lowest": True, "rows": 1, "said": "max"})
    assert [r["id"] for r in lowest["rows"]] == ["s-1"]
    for said, value in (("avg", 232 / 3), ("min", 12), ("max", 180), ("sum", 232), ("count", 3)):
        one = await shows(client, officer, {"kind": "number", "series": OF_ALL, "said": said})
        assert one["value"] == pytest.approx(value), said
    nothing = await shows(client, officer, {"kind": "number", "series": {**OF_A, "id": "s-9"}})
    assert (nothing["value"], nothing["title"]) == (None, "s-9 · pm25")


async def test_of_several_datasets_a_map_shows_the_first(
    city: City, client: httpx.AsyncClient, officer: Headers, stations: dict[str, float]
) -> None:
    both = '[{"type": "Property", "value": 7}, {"type": "Property", "value": 9, "datasetId": "urn:x:b"}]'
    await city[Database].execute(
        "UPDATE context.entity SET doc = jsonb_set(doc, '{pm25}', $1::text::jsonb) WHERE id = 's-1'", both
    )
    where = await shows(client, officer, CARDS_OF_ALL_KINDS[0])
    assert {p["id"]: p["value"] for p in where["places"]} == stations | {"s-1": 7}


async def test_everybody_sees_in_a_card_what_they_may_read(
    client: httpx.AsyncClient, officer: Headers, district: Headers, stations: dict[str, float]
) -> None:
    where, table, ranked = [await shows(client, district, CARDS_OF_ALL_KINDS[n]) for n in (0, 3, 4)]
    assert {p["id"] for p in where["places"]} == {"s-1", "s-2"}
    assert {r["id"] for r in ranked["rows"]} == {"s-1", "s-2"}
    assert (await client.post("/board-cards", json=CARDS_OF_ALL_KINDS[0])).status_code == 401
    secret = {"kind": "table", "relation": "access.account_of", "columns": ["name"]}
    assert (await client.post("/board-cards", headers=officer, json=secret)).status_code in (403, 404)
    assert {row[0] for row in table["rows"]} == {"s-1", "s-2"}


@pytest.mark.parametrize(
    ("card", "pointer"),
    [
        ({"kind": "number", "series": OF_ALL, "said": "latest"}, "/cards/0/said"),
        ({"kind": "chart", "series": [OF_A], "said": "latest"}, "/cards/0/said"),
        (
            {"kind": "list", "type": "AirQualityObserved", "attribute": "pm25", "said": "latest"},
            "/cards/0/said",
        ),
        ({"kind": "chart", "series": [OF_A], "span": "month", "by": "minute"}, "/cards/0/by"),
    ],
)
async def test_cards_that_say_nothing_are_refused(
    client: httpx.AsyncClient, officer: Headers, card: dict[str, Any], pointer: str
) -> None:
    refused = await client.post("/boards", headers=officer, json={"title": "Air", "cards": [card]})
    assert refused.status_code == 422, refused.text
    assert refused.json()["errors"][0]["pointer"] == pointer
    assert (await client.get("/boards", headers=officer)).json() == []


@pytest.mark.parametrize(
    "body",
    [
        {"title": " "},
        {"title": "a" * 81},
        {"title": "Air", "shared": "all"},
        {"title": "Air", "cards": [{"kind": "film"}]},
        {"title": "Air", "cards": [{"kind": "map", "types": []}]},
        {"title": "Air", "cards": [{"kind": "map", "types": ["a"] * 6}]},
        {"title": "Air", "cards": [{"kind": "map", "types": ["AirQualityObserved"], "width": 5}]},
        {"title": "Air", "cards": [{"kind": "table", "relation": "x; DROP TABLE y", "columns": ["a"]}]},
        {"title": "Air", "cards": [{"kind": "table", "relation": "a.b", "columns": ["a"], "rows": 51}]},
        {"title": "Air", "cards": [{"kind": "number", "series": {**OF_A, "attribute": ""}}]},
        {"title": "Air", "cards": [CARDS_OF_ALL_KINDS[0]] * (CARDS + 1)},
        {"title": "Air", "more": 1},
    ],
)
async def test_rubbish_is_refused(client: httpx.AsyncClient, officer: Headers, body: dict[str, Any]) -> None:
    assert (await client.post("/boards", headers=officer, json=body)).status_code in (400, 422)
    assert (await client.get("/boards", headers=officer)).json() == []


async def test_columns_that_are_none_or_hidden_are_told(client: httpx.AsyncClient, officer: Headers) -> None:
    card = {"kind": "table", "relation": "environment.station", "columns": ["code", "nothing"]}
    refused = await client.post("/board-cards", headers=officer, json=card)
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/columns/1")
    card = {"kind": "table", "relation": "environment.nothing", "columns": ["code"]}
    assert (await client.post("/board-cards", headers=officer, json=card)).status_code == 404


async def test_boards_and_links_have_limits(city: City, client: httpx.AsyncClient, officer: Headers) -> None:
    id_ = await made(client, officer)
    await city[Database].execute(
        """INSERT INTO boards.board (id, account, title, shared, cards)
           SELECT 'b' || n, account, 'Air', 'nobody', '[]' FROM boards.board, generate_series(2, $1::int) n""",
        BOARDS,
    )
    assert (await client.post("/boards", headers=officer, json={"title": "Air"})).status_code == 409
    for _ in range(LINKS):
        made_ = await client.post(f"/boards/{id_}/links", headers=officer, json={"title": "Hall"})
        assert made_.status_code == 201
    assert (
        await client.post(f"/boards/{id_}/links", headers=officer, json={"title": "Hall"})
    ).status_code == 409


# ---------------------------------------------------------------- links


async def linked(client: httpx.AsyncClient, by: Headers, board: str) -> tuple[str, Headers]:
    answer = await client.post(f"/boards/{board}/links", headers=by, json={"title": "Hall", "days": 7})
    assert answer.status_code == 201, answer.text
    return answer.json()["id"], {"X-Board-Link": answer.json()["secret"]}


async def test_a_link_shows_its_board_and_nothing_else(
    city: City, client: httpx.AsyncClient, district: Headers, stations: dict[str, float]
) -> None:
    id_ = await made(client, district)
    _, screen = await linked(client, district, id_)
    shown = (await client.get("/shown-board", headers=screen)).json()
    assert (shown["title"], len(shown["cards"])) == ("Air", 5)
    where, *_, ranked = [
        (await client.get(f"/shown-board/cards/{n}", headers=screen)).json() for n in range(5)
    ]
    assert {p["id"] for p in where["places"]} == {"s-1", "s-2"}, "what its maker may see"
    assert [r["id"] for r in ranked["rows"]] == ["s-2", "s-1"]
    assert (await client.get("/shown-board/cards/5", headers=screen)).status_code == 404
    for path in (
        "/boards",
        f"/boards/{id_}",
        "/session",
        "/context/entities",
        "/records/environment.station?x",
    ):
        assert (await client.get(path, headers=screen)).status_code in (400, 401), path
    assert (await client.post("/board-cards", headers=screen, json=CARDS_OF_ALL_KINDS[0])).status_code == 401
    kept = await city[Database].fetchrow("SELECT l::text AS row FROM boards.link l")
    assert kept is not None
    assert screen["X-Board-Link"] not in kept["row"]
    [link] = (await client.get(f"/boards/{id_}/links", headers=district)).json()
    assert link["used_at"] is not None
    assert link["secret"] is None
    trail = await city[Database].fetch(
        "SELECT facts::text FROM access.audit_entry WHERE action = 'boards.link'"
    )
    assert len(trail) == 1
    assert screen["X-Board-Link"] not in trail[0]["facts"]


async def test_a_link_ends_with_its_day_its_board_its_maker_and_when_revoked(
    city: City, client: httpx.AsyncClient, officer: Headers
) -> None:
    id_ = await made(client, officer)

    async def status(screen: Headers) -> int:
        return (await client.get("/shown-board", headers=screen)).status_code

    link, screen = await linked(client, officer, id_)
    assert await status(screen) == 200
    assert await status({"X-Board-Link": "a" * 43}) == 401
    assert (await client.get("/shown-board")).status_code == 401
    assert (await client.delete(f"/boards/{id_}/links/{link}", headers=officer)).status_code == 204
    assert await status(screen) == 401
    assert (await client.delete(f"/boards/{id_}/links/{link}", headers=officer)).status_code == 404
    link, screen = await linked(client, officer, id_)
    await city[Database].execute(
        "UPDATE boards.link SET until = now() - interval '1 second' WHERE id = $1", link
    )
    assert await status(screen) == 401
    assert (await client.get(f"/boards/{id_}/links", headers=officer)).json() == []
    other = await made(client, officer)
    _, screen = await linked(client, officer, other)
    assert (await client.delete(f"/boards/{other}", headers=officer)).status_code == 204
    assert await status(screen) == 401
    _, screen = await linked(client, officer, id_)
    account = await city[Database].fetchval("SELECT account FROM boards.board WHERE id = $1", id_)
    await access.disable_account(city, system_caller("access"), account)
    assert await status(screen) == 401


async def test_a_link_shows_less_once_its_maker_may_see_less(
    city: City, client: httpx.AsyncClient, officer: Headers, stations: dict[str, float]
) -> None:
    id_ = await made(client, officer, cards=[CARDS_OF_ALL_KINDS[0]])
    _, screen = await linked(client, officer, id_)
    first = (await client.get("/shown-board/cards/0", headers=screen)).json()
    assert len(first["places"]) == 3
    account = await city[Database].fetchval("SELECT account FROM boards.board WHERE id = $1", id_)
    system = system_caller("access")
    mandate = await city[Database].fetchval("SELECT id FROM access.mandate WHERE account_id = $1", account)
    await access.grant(city, system, account, "access.operator", district="330212")
    await access.revoke(city, system, mandate)
    then = (await client.get("/shown-board/cards/0", headers=screen)).json()
    assert [p["id"] for p in then["places"]] == ["s-3"]
    other = await client.get(f"/boards/{id_}/links", headers=await key_of(city, "access.operator"))
    assert other.status_code == 404, "links are their maker's"


async def test_screens_of_a_link_share_an_answer(
    client: httpx.AsyncClient, officer: Headers, stations: dict[str, float], monkeypatch: pytest.MonkeyPatch
) -> None:
    from yong.domains.boards import service

    asked = 0
    truly = service.answer

    async def counting(*arguments: Any) -> Any:
        nonlocal asked
        asked += 1
        return await truly(*arguments)

    id_ = await made(client, officer)
    _, screen = await linked(client, officer, id_)
    monkeypatch.setattr(service, "answer", counting)
    for _ in range(10):
        assert (await client.get("/shown-board/cards/4", headers=screen)).status_code == 200
    assert asked == 1
    chinese = {**screen, "accept-language": "zh-CN"}
    assert (await client.get("/shown-board/cards/4", headers=chinese)).json()["rows"][0]["name"] == "s-2站"
    assert asked == 2
