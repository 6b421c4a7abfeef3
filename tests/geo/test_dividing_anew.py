"""Dividing a community again: what stays, ends and comes, in one transaction, over what its sender saw."""

import asyncio
from typing import Any

import asyncpg
import httpx
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from tests.conftest import key_of
from tests.geo.test_grids import keep, wanted

from yong.kernel.base.city import City
from yong.kernel.geo.grids.replacing import became, kept
from yong.kernel.geo.topology.coverage import covering
from yong.kernel.store.database import Database

from .sample import COMMUNITY, box, coverage

WEST, EAST = box(121, 29, 121.01, 29.01), box(121.01, 29, 121.02, 29.01)
NORTH_EAST, SOUTH_EAST = box(121.01, 29.005, 121.02, 29.01), box(121.01, 29, 121.02, 29.005)
Key = dict[str, str]


# What stays


@given(st.integers(0, 1000), st.sets(st.integers(0, 8), max_size=8))
def test_an_outline_drawn_again_is_the_same_grid_and_any_other_is_not(seed: int, joined: set[int]) -> None:
    """Some cells of a coverage become one; the rest stay, though they took over corners and start elsewhere."""
    old, _ = covering(coverage(3, 3, seed=seed, bends=1))
    standing = {f"{n:02d}": shape for n, shape in enumerate(old)}
    stay = [n for n in range(9) if n not in joined]
    turned = [shapely.Polygon([*old[n].exterior.coords[2:-1], *old[n].exterior.coords[:3]]) for n in stay]
    union = shapely.union_all([old[n] for n in sorted(joined)]) if joined else None
    alone = [] if union is None else list(shapely.get_parts(union))
    found = kept(standing, [*turned, *alone])
    assert {i: c for i, c in found.items() if i < len(stay)} == {i: f"{n:02d}" for i, n in enumerate(stay)}
    for i, code in found.items():  # one of several that touched no other is the same again
        if i >= len(stay):
            assert shapely.equals(alone[i - len(stay)], standing[code])


def test_a_grid_that_ends_went_into_those_over_its_ground() -> None:
    def square(west: float, east: float) -> shapely.Polygon:
        return shapely.Polygon(*box(west, 29, east, 29.01))

    old = {"a": square(121, 121.01), "b": square(121.01, 121.02)}
    new = {"x": square(121, 121.005), "y": square(121.005, 121.015), "z": square(121.015, 121.02)}
    assert became(old, new) == {"a": ["x", "y"], "b": ["y", "z"]}  # a border shared is no ground


# Over HTTP


@pytest.fixture
async def keeper(city: City, client: httpx.AsyncClient) -> Key:
    """A keeper's key; the community has a boundary and two grids, since January."""
    key = await key_of(city, "geo.keeper")
    polygon = {"type": "Polygon", "coordinates": box(121, 29, 121.02, 29.01)}
    await keep(client, key, code=COMMUNITY, level="community", geometry=polygon)
    answer = await client.post("/geo/grid-cells", json=wanted(WEST, EAST), headers=key)
    assert answer.json()["made"], answer.text
    return key


def anew(*outlines: list[list[list[float]]], **more: object) -> dict[str, Any]:
    return wanted(*outlines, **{"anew": True, "starts_on": "2026-06-01", **more})


async def divide(client: httpx.AsyncClient, key: Key, body: dict[str, Any], status: int = 200) -> Any:
    answer = await client.post("/geo/grid-cells", json=body, headers=key)
    assert answer.status_code == status, answer.text
    return answer.json()


async def grids(client: httpx.AsyncClient, key: Key) -> dict[str, tuple[Any, ...]]:
    rows = (await client.get("/records/geo.grid_cell?ended=true", headers=key)).json()["items"]
    return {r["id"][12:]: (r["version"], r["values"]["starts_on"], r["values"]["ends_on"], r["ended_at"] is not None) for r in rows}  # fmt: skip


NEW = (SOUTH_EAST, WEST, NORTH_EAST)


async def test_a_dry_run_shows_what_would_stay_end_and_come(client: httpx.AsyncClient, keeper: Key) -> None:
    before = await grids(client, keeper)
    told = await divide(client, keeper, anew(*NEW, dry_run=True))
    assert [(c["code"][12:], c["index"]) for c in told["cells"]] == [("003", 2), ("004", 0)]  # north first
    assert [(c["code"][12:], c["index"]) for c in told["kept"]] == [("001", 1)]
    assert told["ended"] == [{"code": COMMUNITY + "002", "into": [COMMUNITY + "003", COMMUNITY + "004"]}]
    assert (told["made"], told["id"], told["findings"]) == (False, None, [])
    assert await grids(client, keeper) == before
    assert told["standing"] == (await divide(client, keeper, anew(*NEW, dry_run=True)))["standing"]


async def test_old_grids_end_as_new_ones_begin_and_what_refers_to_them_stays_true(
    city: City, client: httpx.AsyncClient, keeper: Key
) -> None:
    standing = (await divide(client, keeper, anew(*NEW, dry_run=True)))["standing"]
    made = await divide(client, keeper, anew(*NEW, standing=standing))
    assert made["made"]
    assert await grids(client, keeper) == {
        "001": (2, "2026-01-01", None, False),  # its eastern border took the corner of its new neighbours
        "002": (2, "2026-01-01", "2026-06-01", False),
        "003": (1, "2026-06-01", None, False),
        "004": (1, "2026-06-01", None, False),
    }
    for day, code in (("2026-05-31", "002"), ("2026-06-01", "003")):
        found = await client.get(f"/geo/locate?lon=121.015&lat=29.0075&on={day}", headers=keeper)
        assert found.json()["cell"]["code"] == COMMUNITY + code
    old = (await client.get(f"/records/geo.grid_cell/{COMMUNITY}002", headers=keeper)).json()
    assert old["values"]["geometry"]["coordinates"] == EAST
    reader = await key_of(city, "access.operator")
    (one, first) = (await client.get("/records/geo.grid_division?sort=-made_at", headers=reader)).json()[
        "items"
    ]
    assert one["values"]["ended"] == [
        {"code": COMMUNITY + "002", "into": [COMMUNITY + "003", COMMUNITY + "004"]}
    ]
    assert (one["values"]["kept"], first["values"]["ended"]) == ([COMMUNITY + "001"], [])
    told = await city[Database].fetch(
        "SELECT facts FROM access.audit_entry WHERE action = 'geo.divide' ORDER BY id DESC LIMIT 1"
    )
    assert told[0]["facts"] == {
        "division": made["id"], "starts_on": "2026-06-01", "made": 2, "ended": 1, "kept": 1,
    }  # fmt: skip


async def test_a_division_is_taken_back_once_and_its_codes_stay_used(
    client: httpx.AsyncClient, keeper: Key
) -> None:
    standing = (await divide(client, keeper, anew(*NEW, dry_run=True)))["standing"]
    made = await divide(client, keeper, anew(*NEW, standing=standing))
    url = f"/geo/grid-divisions/{made['id']}/undo"
    back = await client.post(url, headers=keeper)
    assert (back.status_code, back.json()["standing_again"]) == (200, [COMMUNITY + "002"]), back.text
    assert await grids(client, keeper) == {
        "001": (3, "2026-01-01", None, False),
        "002": (3, "2026-01-01", None, False),
        "003": (2, "2026-06-01", None, True),
        "004": (2, "2026-06-01", None, True),
    }
    found = await client.get("/geo/locate?lon=121.015&lat=29.0075&on=2026-06-02", headers=keeper)
    assert found.json()["cell"]["code"] == COMMUNITY + "002"
    assert (await client.post(url, headers=keeper)).status_code == 409
    again = await divide(client, keeper, anew(*NEW, dry_run=True))
    assert [c["code"][12:] for c in again["cells"]] == ["005", "006"]
    assert (await client.post("/geo/grid-divisions/none/undo", headers=keeper)).status_code == 404


async def test_a_division_is_not_taken_back_over_what_came_after_it(
    client: httpx.AsyncClient, keeper: Key
) -> None:
    standing = (await divide(client, keeper, anew(*NEW, dry_run=True)))["standing"]
    made = await divide(client, keeper, anew(*NEW, standing=standing))
    before = await grids(client, keeper)
    changed = await client.patch(
        f"/records/geo.grid_cell/{COMMUNITY}004",
        json={"values": {"responsible": "江厦街道"}, "version": 1},
        headers=keeper,
    )
    assert changed.status_code == 200
    answer = await client.post(f"/geo/grid-divisions/{made['id']}/undo", headers=keeper)
    assert answer.status_code == 412, answer.text
    assert await grids(client, keeper) == {**before, "004": (2, *before["004"][1:])}
    later = anew(WEST, EAST, starts_on="2026-07-01")
    standing = (await divide(client, keeper, {**later, "dry_run": True}))["standing"]
    last = await divide(client, keeper, {**later, "standing": standing})
    assert [c["code"][12:] for c in last["cells"]] == ["005"]  # drawn as 002 was, which has ended: a new code
    answer = await client.post(f"/geo/grid-divisions/{made['id']}/undo", headers=keeper)
    assert (answer.status_code, last["id"] in answer.json()["detail"]) == (409, True)


async def test_what_changed_since_the_dry_run_is_not_ended_unseen(
    client: httpx.AsyncClient, keeper: Key
) -> None:
    standing = (await divide(client, keeper, anew(*NEW, dry_run=True)))["standing"]
    answer = await divide(client, keeper, anew(*NEW), 422)
    assert [e["pointer"] for e in answer["errors"]] == ["/standing"]
    row = (await client.get("/records/geo.boundary", headers=keeper)).json()["items"][0]
    url = f"/records/geo.boundary/{row['id']}"
    await client.patch(url, json={"values": {"name": "x"}, "version": 1}, headers=keeper)
    before = await grids(client, keeper)
    assert (await divide(client, keeper, anew(*NEW, standing=standing), 412))["status"] == 412
    assert await grids(client, keeper) == before


async def test_of_two_at_once_one_divides_and_the_other_changes_nothing(
    client: httpx.AsyncClient, keeper: Key
) -> None:
    standing = (await divide(client, keeper, anew(*NEW, dry_run=True)))["standing"]
    bodies = [anew(*NEW, standing=standing), anew(box(121, 29, 121.02, 29.01), standing=standing)]
    answers = await asyncio.gather(
        *(client.post("/geo/grid-cells", json=b, headers=keeper) for b in bodies * 2)
    )
    assert sorted(a.status_code for a in answers) == [200, 412, 412, 412]
    (made,) = (a.json() for a in answers if a.status_code == 200)
    left = {code for code, row in (await grids(client, keeper)).items() if row[2] is None}
    assert left == {c["code"][12:] for c in (*made["cells"], *made["kept"])}


async def test_a_grid_that_came_meanwhile_is_not_divided_over(
    city: City, client: httpx.AsyncClient, keeper: Key
) -> None:
    """It comes while the outlines are looked at: another writer holds the table when the division asks for it."""
    standing = (await divide(client, keeper, anew(*NEW, dry_run=True)))["standing"]
    async with city[Database].transaction() as connection:
        await connection.execute(
            """INSERT INTO geo.grid_cell SELECT (c.r).* FROM (SELECT json_populate_record(g, json_build_object(
                 'id', $1::text, 'code', $1::text)) AS r FROM geo.grid_cell g WHERE id = $2) c""",
            COMMUNITY + "009",
            COMMUNITY + "001",
        )
        task = asyncio.create_task(
            client.post("/geo/grid-cells", json=anew(*NEW, standing=standing), headers=keeper)
        )
        for _ in range(200):
            if await connection.fetchval("SELECT EXISTS (SELECT 1 FROM pg_locks WHERE NOT granted)"):
                break
            await asyncio.sleep(0.02)
        assert not task.done()
    assert (await task).status_code == 412
    assert {c: r[2] for c, r in (await grids(client, keeper)).items()} == dict.fromkeys(("001", "002", "009"))


async def test_a_failure_in_the_middle_leaves_everything_as_it_was(
    city: City, database: Any, client: httpx.AsyncClient, keeper: Key
) -> None:
    before = await grids(client, keeper)
    standing = (await divide(client, keeper, anew(*NEW, dry_run=True)))["standing"]
    owner = await asyncpg.connect(database.owner_url)
    await owner.execute(
        """CREATE FUNCTION geo.refuse() RETURNS trigger LANGUAGE plpgsql AS
             $$ BEGIN RAISE 'the disk is full' USING ERRCODE = 'disk_full'; END $$;
           CREATE TRIGGER refuse BEFORE INSERT ON geo.grid_cell FOR EACH ROW WHEN (NEW.id LIKE '%004')
             EXECUTE FUNCTION geo.refuse()"""
    )
    await owner.close()
    answer = await client.post("/geo/grid-cells", json=anew(*NEW, standing=standing), headers=keeper)
    assert answer.status_code >= 500
    assert await grids(client, keeper) == before
    counts = await city[Database].fetchrow(
        """SELECT (SELECT count(*) FROM geo.division) AS divisions,
                  (SELECT count(*) FROM access.audit_entry WHERE action = 'geo.divide') AS told,
                  (SELECT count(*) FROM geo.grid_cell_history) AS states"""
    )
    assert counts is not None
    assert tuple(counts) == (1, 1, 2)


@pytest.mark.parametrize(
    ("change", "status", "said"),
    [
        ({"starts_on": "2026-01-01"}, 409, "begin on 2026-01-01 or later"),
        ({"anew": False}, 409, "2 unit grids"),
        ({"standing": "0" * 32}, 412, ""),
        ({"standing": "0" * 65}, 400, ""),
    ],
)
async def test_what_cannot_be_divided_anew_is_told(
    client: httpx.AsyncClient, keeper: Key, change: dict[str, object], status: int, said: str
) -> None:
    answer = await divide(client, keeper, {**anew(*NEW, dry_run=True), **change}, status)
    assert said in answer["detail"]


async def test_a_grid_that_stays_is_changed_at_its_record(client: httpx.AsyncClient, keeper: Key) -> None:
    body = anew(*NEW, dry_run=True)
    body["cells"][1]["responsible"] = "江厦街道"
    answer = await divide(client, keeper, body, 422)
    assert [e["pointer"] for e in answer["errors"]] == ["/cells/1/responsible"]


async def test_only_who_may_touch_the_grids_divides_anew_and_takes_back(
    city: City, client: httpx.AsyncClient, keeper: Key
) -> None:
    standing = (await divide(client, keeper, anew(*NEW, dry_run=True)))["standing"]
    for role, district, status in (("access.operator", None, 403), ("geo.keeper", "330205", 422)):
        key = await key_of(city, role, district=district)
        await divide(client, key, anew(*NEW, standing=standing), status)
    made = await divide(client, keeper, anew(*NEW, standing=standing))
    url = f"/geo/grid-divisions/{made['id']}/undo"
    for role, district, status in (("access.operator", None, 403), ("geo.keeper", "330205", 404)):
        key = await key_of(city, role, district=district)
        assert (await client.post(url, headers=key)).status_code == status
    own = await key_of(city, "geo.keeper", district="330203")
    assert (await client.post(url, headers=own)).status_code == 200
