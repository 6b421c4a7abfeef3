"""The index over values: whatever it holds, a query answers as it does without it."""

import re
import time
from bisect import bisect_right
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx
import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, event, given, settings
from tests.context import naive
from tests.context.test_query import E, found, room
from tests.context.test_query_language import ENTITIES, QUERIES, instances

import yong
from yong.kernel.access.contracts import Scope
from yong.kernel.base.city import City
from yong.kernel.context.asking import q
from yong.kernel.context.asking.contracts import Ask, Selector
from yong.kernel.context.asking.plan import Plan
from yong.kernel.context.asking.sought import BOUNDS, Found, Slot, best
from yong.kernel.context.asking.types import OfType
from yong.kernel.context.service import settling
from yong.kernel.context.service.settling import Sought, turn, wish
from yong.kernel.store.database import Database

SCOPE = Scope(
    sql="SELECT * FROM context.entity_now r", args=(), fields=frozenset({"id", "type", "doc", "settled"})
)
MANY = {"1001": 10**9}  # so many entities elsewhere that the index is always the shorter way


FEW = ["a", "b"]
NUMERIC = st.sampled_from(["0", "1", "-2", "20", "20.5", "2e1", "1E-3"])
WORD = st.sampled_from(['"red"', '"urn:x:1"', "urn:x:1", '"Ω"', '""', "true", "false", '"20"'])
SERVED = st.one_of(
    st.tuples(st.sampled_from(FEW), st.sampled_from(["==", ">", ">=", "<", "<="]), NUMERIC).map("".join),
    st.tuples(st.sampled_from(FEW), st.just("=="), NUMERIC, st.just(".."), NUMERIC).map("".join),
    st.tuples(st.sampled_from(FEW), st.lists(WORD, min_size=1, max_size=3)).map(
        lambda t: f"{t[0]}=={','.join(t[1])}"
    ),
)
ASKED = st.one_of(
    SERVED,
    SERVED,
    st.tuples(SERVED, st.just(";"), SERVED | QUERIES).map("".join),
    st.tuples(SERVED, st.just("|"), SERVED).map("".join),
    QUERIES,
)
"""What an index serves, alone and beside what none does."""
HELD = ENTITIES.map(lambda e: {**e, "other_types": e["other_types"][1:]}).flatmap(
    lambda e: st.dictionaries(st.sampled_from(FEW), instances(0), min_size=1).map(
        lambda doc: {
            **e,
            "type": "B" if e["type"] == "B" and len(doc) > 1 else "A",
            "doc": {**e["doc"], **doc},
        }
    )
)


async def slots(database: Database, type_: str) -> dict[str, Slot]:
    rows = await database.fetch(
        "SELECT * FROM context.sought WHERE type = $1 AND ready_at IS NOT NULL", type_
    )
    return {row["attribute"]: Slot(number=row["slot"], counts=MANY) for row in rows}


async def page(database: Database, ask: Ask, way: Found | None) -> list[str]:
    plan = Plan(ask)
    plan.add_entities(SCOPE, way)
    rows = await database.fetch(plan.candidates(most=ask.limit, offset=ask.offset), *plan.arguments.values)
    return [row["id"] for row in rows]


async def count(database: Database, ask: Ask, way: Found | None) -> int:
    plan = Plan(ask)
    plan.add_entities(SCOPE, way)
    return int(await database.fetchval(plan.count(), *plan.arguments.values))


async def put(database: Database, rows: Sequence[dict[str, Any]]) -> None:
    """Rows as any writer leaves them: not settled."""
    await database.execute(
        """INSERT INTO context.entity AS e (id, type, other_types, doc, created_at, modified_at)
           SELECT id, type, other_types, doc, created_at, modified_at FROM jsonb_to_recordset($1::jsonb)
             AS n (id text, type text, other_types text[], doc jsonb, created_at timestamptz, modified_at timestamptz)
           ON CONFLICT (tenant, id) DO UPDATE SET doc = excluded.doc, settled = FALSE, type = excluded.type,
             other_types = excluded.other_types, created_at = excluded.created_at, modified_at = excluded.modified_at""",
        rows,
    )


async def settled(database: Database) -> None:
    assert await turn(database, quiet_s=-1, least=1) >= 0


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
async def test_queries_answer_the_same_with_the_index_as_without(city: City, data: st.DataObject) -> None:
    database = city[Database]
    await database.execute("DELETE FROM context.entity")
    await database.execute("DELETE FROM context.sought")

    def drawn() -> list[dict[str, Any]]:
        made = data.draw(st.lists(HELD, min_size=5, max_size=12))
        return [
            {**e, "id": f"urn:x:{i}", **{at: e[at].replace(",", ".") for at in ("created_at", "modified_at")}}
            for i, e in enumerate(made)
        ]

    rows = drawn()
    await put(database, rows)
    await wish(database, "A", "a")
    await settled(database)
    for name in ("b", "temperature"):  # slots that come after something was settled
        await wish(database, "A", name)
    if data.draw(st.booleans()):
        await settled(database)
    then = drawn()[: data.draw(st.integers(0, 6))]  # and what changed since
    await put(database, then)
    now = {row["id"]: row for row in (*rows, *then)}
    if data.draw(st.booleans()):
        await settled(database)
    await database.execute("DELETE FROM context.entity WHERE id = 'urn:x:3'")
    del now["urn:x:3"]
    known = await slots(database, "A")
    for text in data.draw(st.lists(ASKED, min_size=20, max_size=40)):
        tree = q.parse(text)
        ask = Ask(selectors=(Selector(type=OfType("A")),), q=tree, limit=100)
        way = best(tree, known, 100)
        event("led" if way else "walked")
        wanted = sorted(
            r["id"] for r in now.values() if "A" in (r["type"], *r["other_types"]) and naive.matches(tree, r)
        )
        assert await page(database, ask, way) == wanted, (text, way)
        assert await count(database, ask, way) == len(wanted), (text, way)
        short = Ask(selectors=ask.selectors, q=tree, limit=2, offset=1)
        assert await page(database, short, way) == wanted[1:3], (text, way)
        if wanted:
            rest = Ask(selectors=ask.selectors, q=tree, limit=3, after=wanted[0])
            assert await page(database, rest, way) == wanted[1:4], (text, way)


NUMBERS = (
    st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from([*BOUNDS, 0.0, -0.0, 5e-324, 1e300, 1.1e300, -1e308])
    | st.integers(-(2**70), 2**70)
)


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(NUMBERS, min_size=30, max_size=60))
async def test_a_number_has_the_key_that_a_query_looks_for(city: City, numbers: list[float]) -> None:
    rows = await city[Database].fetch(
        """SELECT context.sought_key(jsonb_build_object('value', n.value), $2) AS key
           FROM jsonb_array_elements($1::jsonb) WITH ORDINALITY AS n (value, at) ORDER BY n.at""",
        numbers,
        BOUNDS,
    )
    for number, row in zip(numbers, rows, strict=True):
        usual = number == 0 or 1e-300 <= abs(number) <= 1e300
        assert row["key"] == (bisect_right(BOUNDS, float(number)) if usual else 1002), number


async def test_a_value_of_any_size_and_kind_has_a_key(city: City) -> None:
    texts = ['{"value": 1e400}', '{"value": 1e-400}', '{"value": [1]}', '{"value": null}', "[]", '{"type": "x"}',
             '{"value": 1, "object": "urn:x:1"}', '{"object": ["urn:x:1"]}']  # fmt: skip
    for text in texts:
        assert await city[Database].fetchval(f"SELECT context.sought_key('{text}', $1)", BOUNDS) == 1002


@pytest.fixture
async def rooms(provider: httpx.AsyncClient, city: City) -> httpx.AsyncClient:
    """Rooms that are settled, of whose temperature the index knows."""
    made = await provider.post("/ngsi-ld/v1/entityOperations/create", json=[room(n) for n in range(30)])
    assert made.status_code == 201, made.text
    await wish(city[Database], "Room", "temperature")
    assert await turn(city[Database], quiet_s=-1, least=1) == 30
    sought = city[Sought]
    sought.slots, sought.known_at = {"Room": await slots(city[Database], "Room")}, time.monotonic() + 3600
    return provider


async def test_every_change_is_seen_at_once(rooms: httpx.AsyncClient, city: City) -> None:
    assert await found(rooms, type="Room", q="temperature==3..5") == ["Room:003", "Room:004", "Room:005"]
    at = f"{E}/urn:ngsi-ld:Room:"
    assert (await rooms.patch(f"{at}004/attrs/temperature", json={"value": 40})).status_code == 204
    assert (
        await rooms.put(f"{at}005", json=room(5, temperature={"type": "Property", "value": 39}))
    ).status_code == 204
    assert (await rooms.patch(f"{at}006", json={"temperature": {"value": 4.5}})).status_code == 204
    assert (await rooms.delete(f"{at}003/attrs/temperature")).status_code == 204
    assert (await rooms.delete(f"{at}007")).status_code == 204
    assert await found(rooms, type="Room", q="temperature==3..5") == ["Room:006"]
    assert await found(rooms, type="Room", q="temperature>=39") == ["Room:004", "Room:005"]
    assert await found(rooms, type="Room", q="temperature==7") == []
    assert (await rooms.post(E, json=room(7))).status_code == 201
    assert await found(rooms, type="Room", q="temperature==7") == ["Room:007"]
    upserted = await rooms.post(
        "/ngsi-ld/v1/entityOperations/upsert", json=[room(8, temperature={"type": "Property", "value": 41})]
    )
    assert upserted.status_code == 204
    assert await found(rooms, type="Room", q="temperature>=39") == ["Room:004", "Room:005", "Room:008"]
    assert await turn(city[Database], quiet_s=-1, least=1) == 6
    assert await found(rooms, type="Room", q="temperature>=39") == ["Room:004", "Room:005", "Room:008"]
    answer = await rooms.get(E, params={"type": "Room", "q": "temperature>=39", "count": "true", "limit": 2})
    assert answer.headers["NGSILD-Results-Count"] == "3"
    assert "offset=2" in answer.links["next"]["url"]


async def test_what_somebody_changes_meanwhile_is_not_settled(rooms: httpx.AsyncClient, city: City) -> None:
    database = city[Database]
    await rooms.patch(f"{E}/urn:ngsi-ld:Room:001/attrs/temperature", json={"value": 50})
    await rooms.patch(f"{E}/urn:ngsi-ld:Room:002/attrs/temperature", json={"value": 51})
    async with database.transaction() as connection:
        await connection.execute(
            """UPDATE context.entity SET doc = jsonb_set(doc, '{temperature,value}', '60'), settled = FALSE
               WHERE id = 'urn:ngsi-ld:Room:002'"""
        )
        assert await turn(database, quiet_s=-1, least=1) == 1
    assert await found(rooms, type="Room", q="temperature>=50") == ["Room:001", "Room:002"]
    assert await found(rooms, type="Room", q="temperature==60") == ["Room:002"]


async def test_what_changed_a_moment_ago_and_small_types_are_left_alone(
    provider: httpx.AsyncClient, city: City
) -> None:
    await provider.post("/ngsi-ld/v1/entityOperations/create", json=[room(n) for n in range(5)])
    await wish(city[Database], "Room", "temperature")
    assert await turn(city[Database], least=1) == 0
    assert await turn(city[Database], quiet_s=-1, least=6) == 0
    assert await turn(city[Database], quiet_s=-1, least=5) == 5


async def test_an_attribute_asked_for_often_gets_a_slot_as_far_as_there_is_room(
    provider: httpx.AsyncClient, city: City
) -> None:
    await provider.post(E, json=room(1))
    for n in range(settling.ASKED):
        assert await city[Database].fetchval("SELECT count(*) FROM context.sought") == 0, n
        await found(provider, type="Room", q=f"temperature=={n};humidity>3")
        await found(provider, type="Room", q=f"{'属性' * 200}==1")  # too long for an index
    rows = await city[Database].fetch("SELECT type, attribute, ready_at FROM context.sought")
    assert [(r["attribute"], r["ready_at"]) for r in rows] == [("temperature", None)]
    for n in range(20):
        await wish(city[Database], rows[0]["type"], f"a{n}")
    assert await city[Database].fetchval("SELECT count(*) FROM context.sought") == settling.SLOTS_OF_TYPE


def test_the_shorter_way_is_taken() -> None:
    numbers = {str(bisect_right(BOUNDS, n + 0.5)): 0 for n in range(100)}
    for n in range(100):
        numbers[str(bisect_right(BOUNDS, n + 0.5))] += 1000
    known = {"level": Slot(number=1, counts=numbers, least=0.0, most=100.0)}
    for text in ("level==50..51", "level==50.1234", "level>99.99", "other==1;level==3..3.5"):
        assert best(q.parse(text), known, 21) is not None, text
    for text in (
        "level>=0",
        "level<90",
        "level!=3",
        "level~=3",
        "level.x==3",
        "level[x]==3",
        "level==3|level==4",
        "other==1",
    ):
        assert best(q.parse(text), known, 21) is None, text


def test_whoever_changes_an_entity_takes_back_that_it_is_settled() -> None:
    found = 0
    for path in Path(next(iter(yong.__path__))).rglob("*.py"):
        for statement in re.findall(r"UPDATE context\.entity\b.*?\"\"\"", path.read_text("utf-8"), re.DOTALL):
            if "SET settled = TRUE" in statement:
                continue
            found += 1
            assert "settled = FALSE" in statement, path
    assert found == 4
