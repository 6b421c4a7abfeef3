"""Filters select what a naive evaluation of one feature after the other selects; masked properties select nothing."""

import json
import random
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings

from yong.kernel.base.city import City
from yong.kernel.base.errors import Malformed
from yong.kernel.base.text import Text
from yong.kernel.geo.features import asking, reading
from yong.kernel.geo.features.contracts import Collection, Column, Key, Kind, Rows

from .trees import Filter, filters, holds

COUNT = 80
_KINDS = {"s": Kind.TEXT, "n": Kind.INTEGER, "b": Kind.BOOLEAN, "day": Kind.DATE, "at": Kind.MOMENT}


def sample() -> list[dict[str, Any]]:
    """Features with every kind of value and null, with points, lines and polygons, on a grid where borders meet."""
    dice = random.Random(11)

    def geometry() -> dict[str, Any] | None:
        x, y, w, h = dice.randint(0, 6), dice.randint(0, 6), dice.randint(1, 4), dice.randint(1, 4)
        ring = [[x, y], [x + w, y], [x + w, y + h], [x, y + h], [x, y]]
        return dice.choice(
            [
                None,
                {"type": "Point", "coordinates": [x, y]},
                {"type": "LineString", "coordinates": [[x, y], [x + w, y + h]]},
                {"type": "Polygon", "coordinates": [ring]},
                {"type": "Polygon", "coordinates": [ring]},
            ]
        )

    return [
        {
            "id": f"{n:03d}",
            "n": dice.choice([None, *range(-1, 6)]),
            "s": dice.choice([None, "", "a", "ab", "Ab", "b'a", "a%b", "a_b", "aab"]),
            "b": dice.choice([None, True, False]),
            "day": f"2026-01-{1 + n % 28:02d}",
            "at": f"2026-01-{1 + n % 28:02d}T{n % 24:02d}:30:00Z",
            "geometry": geometry(),
            "secret": n,
        }
        for n in range(COUNT)
    ]


SAMPLE = sample()


def rows() -> Rows:
    columns = tuple(Column(name=n, sql=f"r.{n}", kind=k, title=Text(n, n)) for n, k in _KINDS.items())
    masked = Column(name="secret", sql="r.secret", kind=Kind.INTEGER, title=Text("s", "s"), masked=True)
    anything = tuple(
        Column(name=f"any_{n}", sql=f"r.doc->'{n}'", kind=Kind.ANY, title=Text(n, n)) for n in ("n", "s", "b")
    )
    return Rows(
        collection=Collection(id="t.sample", title=Text("样例", "Sample")),
        sql="""SELECT d.*, e.doc FROM jsonb_array_elements($1::text::jsonb) AS e(doc) CROSS JOIN LATERAL
               jsonb_to_record(e.doc) AS d(id text, n bigint, s text, b boolean, day date, at timestamptz,
                                           geometry jsonb, secret bigint)""",
        args=(json.dumps(SAMPLE),),
        keys=(Key("r.id"),),
        id="r.id",
        geometry="r.geometry",
        x="NULL::float8",
        y="NULL::float8",
        near="records.box_of(r.geometry) && {0}",
        box="records.box_of(r.geometry)",
        columns=(*columns, masked, *anything),
        find=lambda given, arguments: f"r.id = {arguments.add(given, 'text')}",
        changes="0",
        time="at",
    )


async def ids(city: City, limit: int = 1000, **query: str) -> list[str]:
    """The ids that a query selects, page after page."""
    found: list[str] = []
    source = rows()
    while True:
        given = tuple((n.replace("_", "-"), v) for n, v in query.items())
        size = () if "limit" in query else (("limit", str(limit)),)
        page = await reading.page_of(city, source, await asking.ask_of(source, (*given, *size)))
        assert len(page.features) <= limit
        found += [json.loads(f)["id"] for f in page.features]
        if page.cursor is None:
            return found
        query["cursor"] = page.cursor.text


def drawn(count: int) -> list[Filter]:
    found: list[Filter] = []

    @seed(20261126)
    @settings(max_examples=count, database=None, phases=[Phase.generate], deadline=None,
              suppress_health_check=list(HealthCheck))  # fmt: skip
    @given(filters)
    def collect(made: Filter) -> None:
        found.append(made)

    collect()
    return found


async def test_filters_select_what_a_naive_evaluation_selects(city: City) -> None:
    selected = 0
    for number, made in enumerate(drawn(150)):
        wanted = [row["id"] for row in SAMPLE if holds(made.plain, row)]
        found = await ids(city, filter=made.text)
        assert found == wanted, made.text
        if number % 3 == 0:
            document = json.dumps(made.json)
            assert await ids(city, limit=7, filter=document, filter_lang="cql2-json") == wanted, made.text
        selected += 0 < len(wanted) < COUNT
    assert selected > 60


async def test_values_of_any_type_are_compared_as_what_they_are(city: City) -> None:
    for text, same in (
        ("any_n > 2", "n > 2"), ("any_s = 'ab'", "s = 'ab'"), ("CASEI(any_s) LIKE 'ab%'", "CASEI(s) LIKE 'ab%'"),
        ("any_b = TRUE", "b = TRUE"), ("any_n IS NULL", "n IS NULL"), ("NOT any_n IN (1, 2)", "NOT n IN (1, 2)"),
        ("any_n = any_n", "n IS NOT NULL OR n IS NULL"),
    ):  # fmt: skip
        assert await ids(city, filter=text) == await ids(city, filter=same) != [], text
    assert await ids(city, filter="any_n = 'ab'") == []


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("T_AFTER(day, DATE('2026-01-25'))", {26, 27, 28}),
        ("T_BEFORE(day, DATE('2026-01-03'))", {1, 2}),
        ("T_DURING(day, INTERVAL('2026-01-03', '2026-01-06'))", {4, 5}),
        ("T_INTERSECTS(day, INTERVAL('2026-01-27', '..'))", {27, 28}),
        ("T_INTERSECTS(at, INTERVAL('..', '2026-01-02'))", {1, 2}),
        ("T_EQUALS(day, DATE('2026-01-04'))", {4}),
        ("T_DISJOINT(day, INTERVAL('2026-01-02', '2026-01-28'))", {1}),
        ("T_MEETS(INTERVAL('2026-01-01', day), INTERVAL(DATE('2026-01-05'), '..'))", {5}),
        ("T_STARTS(INTERVAL(day, DATE('2026-01-05')), INTERVAL('2026-01-03', '2026-01-06'))", {3}),
        (
            "T_FINISHES(INTERVAL(day, DATE('2026-01-05')), INTERVAL('2026-01-03', '2026-01-05')) AND day < DATE('2026-01-06')",
            {4, 5},
        ),
        ("T_CONTAINS(INTERVAL('2026-01-01', day), INTERVAL('2026-01-02', '2026-01-26'))", {27, 28}),
        ("at >= DATE('2026-01-27')", {27, 28}),
        ("at <= DATE('2026-01-02')", {1, 2}),
        ("at = DATE('2026-01-09')", {9}),
        ("at <> DATE('2026-01-09') AND day < DATE('2026-01-11') AND day > DATE('2026-01-08')", {10}),
        ("day = TIMESTAMP('2026-01-07T11:00:00Z')", {7}),
    ],
)
async def test_times(city: City, text: str, days: set[int]) -> None:
    wanted = [row["id"] for row in SAMPLE if int(row["day"][-2:]) in days]
    assert await ids(city, filter=text) == wanted


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ({"filter": "secret > 3"}, "masked"),
        ({"filter": "secret IS NULL"}, "masked"),
        ({"sortby": "secret"}, "secret"),
        ({"filter": "nix = 1"}, "nix"),
        ({"filter": "n = 'x'"}, "n cannot be compared"),
        ({"filter": "s > 3"}, "s cannot be compared"),
        ({"filter": "b > TRUE"}, "b cannot be compared"),
        ({"filter": "n LIKE 'x'"}, "n cannot be compared"),
        ({"filter": "n"}, "condition"),
        ({"filter": "geometry = 1"}, "cannot be compared"),
        ({"filter": "S_WITHIN(n, POINT(1 2))"}, "geometry"),
        ({"filter": "S_WITHIN(geometry, geometry)"}, "geometry"),
        ({"filter": "T_AFTER(n, DATE('2026-01-01'))"}, "temporal"),
        ({"filter": "n = 1", "filter_lang": "cql"}, "filter-lang"),
        ({"filter": "S_WITHIN(geometry, POINT(1 2))", "filter_crs": "EPSG:1"}, "EPSG:1"),
        ({"sortby": "geometry"}, "geometry"),
        ({"sortby": "n,,s"}, "sortby"),
        ({"sortby": "n,s,b,day,at,n"}, "sortby"),
        ({"sortby": "nix"}, "nix"),
        ({"bbox": "1,2,3"}, "bbox"),
        ({"bbox": "1,2,3,x"}, "bbox"),
        ({"bbox": "1,5,3,4"}, "south"),
        ({"bbox": "1,2,300,4"}, "out of range"),
        ({"bbox": "nan,2,3,4"}, "bbox"),
        ({"datetime": "soon"}, "datetime"),
        ({"datetime": "../.."}, "datetime"),
        ({"datetime": "2026-02-01/2026-01-01"}, "datetime"),
        ({"limit": "0"}, "limit"),
        ({"limit": "-1"}, "limit"),
        ({"limit": "x"}, "limit"),
        ({"crs": "EPSG:0000"}, "EPSG:0000"),
        ({"cursor": "rubbish"}, "cursor"),
        ({"cursor": "WyIiLFtdLFsiMDAxIl1d", "sortby": "n"}, "cursor"),
        ({"properties": "n,nix"}, "nix"),
        ({"nix": "1"}, "nix"),
        ({"n": "many"}, "many"),
        ({"b": "yes"}, "yes"),
        ({"day": "2026-02-30"}, "2026-02-30"),
        ({"f": "xml"}, "json"),
        ({"n": "1\0"}, "n"),
    ],
)  # fmt: skip
async def test_what_is_wrong_is_named(city: City, query: dict[str, str], told: str) -> None:
    with pytest.raises(Malformed) as caught:
        await ids(city, **query)
    assert told in caught.value.detail.en


async def test_a_parameter_twice_is_refused() -> None:
    with pytest.raises(Malformed):
        await asking.ask_of(rows(), (("limit", "1"), ("limit", "2")))


@pytest.mark.parametrize("order", ["n", "-n", "s,-n", "-b,day,-s", "any_n,-any_s", "-at"])
async def test_pages_hold_every_feature_once_in_order(city: City, order: str) -> None:
    whole = await ids(city, sortby=order)
    assert sorted(whole) == [row["id"] for row in SAMPLE]
    assert await ids(city, limit=7, sortby=order) == whole
    first = order.partition(",")[0].lstrip("-").removeprefix("any_")
    values = [next(r for r in SAMPLE if r["id"] == i)[first] for i in whole]
    known = [v for v in values if v is not None]
    assert values[: len(known)] == known  # what has none comes last
    if first == "n":
        assert known == sorted(known, reverse=order.startswith("-"))


async def test_property_filters_are_equality(city: City) -> None:
    assert await ids(city, n="3") == [r["id"] for r in SAMPLE if r["n"] == 3]
    assert await ids(city, s="ab", b="true") == [r["id"] for r in SAMPLE if r["s"] == "ab" and r["b"]]
    assert await ids(city, day="2026-01-05") == [r["id"] for r in SAMPLE if r["day"] == "2026-01-05"]
    source = rows()
    either = await asking.ask_of(source, (("any_n", "3"), ("limit", "100")))
    found = await reading.page_of(city, source, either)
    assert [json.loads(f)["id"] for f in found.features] == [r["id"] for r in SAMPLE if r["n"] == 3]


async def test_a_page_ends_where_its_work_is_done_and_goes_on(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of candidates few of which hold, one answer looks at so many; the next link leads to the rest."""
    monkeypatch.setattr(reading, "CANDIDATES", 10)
    monkeypatch.setattr(reading, "_BATCH", 8)
    text = "S_CROSSES(geometry, LINESTRING(0 4.5, 9 4.5)) OR n > 100"
    source = rows()
    page = await reading.page_of(
        city, source, await asking.ask_of(source, (("filter", text), ("limit", "50")))
    )
    assert page.cursor is not None
    monkeypatch.undo()
    assert await ids(city, filter=text, limit=50) == [
        *(json.loads(f)["id"] for f in page.features),
        *await ids(city, filter=text, limit=50, cursor=page.cursor.text),
    ]


async def test_a_number_beyond_what_a_column_holds_is_an_error_of_the_caller(city: City) -> None:
    assert await ids(city, filter="n < 1e300") == [r["id"] for r in SAMPLE if r["n"] is not None]
    assert await ids(city, filter="n = 1e400") == []
