"""One door: what is asked of hot, of cold and of both is answered the same, within the caller's scope."""

import io
import random
import statistics as plain
from collections import defaultdict
from datetime import UTC, datetime, timedelta, timezone

import duckdb
import numpy as np
import pytest
from arro3.io import read_ipc_stream
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.history import past

from yong.kernel.access import api as access
from yong.kernel.access.api import system_caller
from yong.kernel.access.contracts import ANONYMOUS
from yong.kernel.base.city import City
from yong.kernel.base.errors import Forbidden, Invalid, Unauthenticated
from yong.kernel.history import aggregate, api, sealing, statistics
from yong.kernel.history.aggregate import Measure, Period
from yong.kernel.history.contracts import Observation
from yong.kernel.history.export import ExportFormat, streamed
from yong.kernel.history.statistics import Grouping, Sampling
from yong.kernel.history.visible import Choice
from yong.kernel.records import api as records

SENSING = system_caller("sensing")
CHINA = timezone(timedelta(hours=8))
ALL_TIME = {"start": datetime(2020, 1, 1, tzinfo=UTC), "end": datetime(2100, 1, 1, tzinfo=UTC)}


@pytest.fixture
def reader(callers):
    return callers("access.operator")


def some(n: int, seed: int, days: tuple[int, ...] = (3, 4, 5)) -> list[Observation]:
    dice = random.Random(seed)
    return [
        Observation(
            f"m-{dice.randrange(3)}", dice.choice(("power", "heat")),
            past.start_of(dice.choice(days)) + dice.randrange(86_400_000_000), dice.uniform(-50, 50), "WTT",
        )
        for _ in range(n)
    ]  # fmt: skip


def expected(
    rows: list[Observation], period: Period | None
) -> dict[tuple[str, datetime | None], list[float]]:
    found = defaultdict(list)
    for row in rows:
        local = past.moment(row.observed_at).astimezone(CHINA)
        start = None
        if period is Period.HOUR:
            start = local.replace(minute=0, second=0, microsecond=0)
        elif period is not None:
            start = local.replace(hour=0, minute=0, second=0, microsecond=0)
            if period is Period.WEEK:
                start -= timedelta(days=start.weekday())
            if period is Period.MONTH:
                start = start.replace(day=1)
        found[row.attribute, start].append(row.value)
    return found


@pytest.mark.parametrize("period", [None, Period.HOUR, Period.DAY, Period.WEEK, Period.MONTH])
async def test_measures_are_those_of_plain_python(city: City, reader, period: Period | None) -> None:
    rows = some(500, 7, (3, 4, 5, 33, 64))
    await past.write(city, *rows)
    await sealing.seal(city, before=past.day_ago(3))
    late = some(20, 8, (4,))
    await past.write(city, *late, *[r for r in rows if r.observed_at < past.start_of(3)][:30])
    rows += late
    answer = await api.measure(city, reader, Choice(), period=period, percentiles=(0, 50, 95), **ALL_TIME)
    wanted = expected(rows, period)
    assert {(a.attribute, a.start) for a in answer} == set(wanted)
    for a in answer:
        values = wanted[a.attribute, a.start]
        assert a.count == len(values)
        assert (a.min, a.max) == (min(values), max(values))
        assert a.sum == pytest.approx(sum(values))
        assert a.avg == pytest.approx(plain.fmean(values))
        assert a.stddev == pytest.approx(plain.pstdev(values))
        for p, value in a.percentiles.items():
            assert value == pytest.approx(np.percentile(values, float(p)))


async def test_groups(city: City, reader) -> None:
    for n, district in enumerate(("330203", "330203", "330212")):
        await past.entity(city, f"m-{n}", type="Meter", district=district)
    rows = some(200, 3)
    await past.write(city, *rows)
    await sealing.seal(city, before=past.day_ago(4))
    by = {}
    for group in Grouping:
        answer = await api.measure(city, reader, Choice(attributes=("heat",)), group=group, **ALL_TIME)
        by[group] = {a.group: a.count for a in answer}
    heat = [r for r in rows if r.attribute == "heat"]
    each = {f"m-{n}": sum(r.entity == f"m-{n}" for r in heat) for n in range(3)}
    assert by[Grouping.ALL] == {None: len(heat)}
    assert by[Grouping.ENTITY] == each
    assert by[Grouping.TYPE] == {"Meter": len(heat)}
    assert by[Grouping.DISTRICT] == {"330203": each["m-0"] + each["m-1"], "330212": each["m-2"]}


async def test_groups_of_things_are_those_of_the_register(city: City, callers) -> None:
    for n, (groups, district) in enumerate(
        (("quay, night", "330203"), ("quay，quay", "330212"), (None, "330203"))
    ):
        await records.create(
            city, SENSING, "sensing.thing",
            {"code": f"m-{n}", "type": "Meter", "groups": groups, "source": "synthetic"}, district=district,
        )  # fmt: skip
        await past.entity(city, f"m-{n}", type="Meter", district=district)
    rows = some(200, 5)
    await past.write(city, *rows)
    await sealing.seal(city, before=past.day_ago(4))
    each = [sum(r.value for r in rows if r.entity == f"m-{n}" and r.attribute == "heat") for n in range(3)]
    operator, clerk = callers("access.operator"), callers("access.operator", district="330203")

    async def sums(caller, group: str | None = None, **more: object) -> dict[str | None, object]:
        answer = await api.measure(
            city, caller, Choice(attributes=("heat",), group=group), group=Grouping.GROUP,
            measures=(Measure.SUM,), **more, **ALL_TIME,
        )  # fmt: skip
        return {a.group: a.sum for a in answer}

    assert await sums(operator) == pytest.approx({None: each[2], "night": each[0], "quay": each[0] + each[1]})
    assert await sums(operator, "night") == pytest.approx({"night": each[0]})
    assert await sums(operator, "no such group") == {}
    assert await sums(clerk) == pytest.approx({None: each[2], "night": each[0], "quay": each[0]})
    file = await api.exported(city, operator, Choice(group="quay"), ExportFormat.CSV, **ALL_TIME)
    lines = b"".join([chunk async for chunk in streamed(file)]).decode().splitlines()
    assert len(lines) - 1 == sum(r.entity in ("m-0", "m-1") for r in rows)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
async def test_hot_and_cold_answer_alike(city: City, reader, data) -> None:
    value = st.one_of(
        st.floats(allow_nan=False, allow_infinity=False), st.text("a甬\"',\\\n", max_size=5), st.booleans()
    )
    rows = data.draw(
        st.lists(
            st.builds(
                lambda name, day, at, v: Observation(name, "x", past.start_of(day) + at, v),
                st.sampled_from("ab"), st.integers(3, 6), st.integers(0, 86_399_999_999), value,
            ),
            min_size=1, max_size=25,
        )
    )  # fmt: skip
    name = f"h{random.getrandbits(60):x}-"
    rows = [Observation(name + r.entity, r.attribute, r.observed_at, r.value) for r in rows]
    await past.write(city, *rows)
    chosen = Choice(entities=(name + "a", name + "b"))
    limit = data.draw(st.integers(1, 30))

    async def answers() -> object:
        return (
            await api.read(city, reader, name + "a", limit=limit),
            await api.read(city, reader, name + "b", limit=limit, newest_first=False),
            await api.latest(city, reader, name + "a", count=2),
            [(m.group, m.start, m.count, m.min, m.max, m.percentiles) for m in await api.measure(
                city, reader, chosen, period=Period.DAY, group=Grouping.ENTITY, percentiles=(50,),
                measures=(Measure.MIN, Measure.MAX), **ALL_TIME)],
        )  # fmt: skip

    before = await answers()
    await sealing.seal(city, before=past.day_ago(data.draw(st.integers(2, 5))))
    assert await answers() == before


async def test_values_of_one_moment_lie_alike_hot_and_cold(city: City, reader) -> None:
    at = past.start_of(4) + past.HOUR_US
    await past.write(
        city, *(Observation("same", name, at, v) for v in (0.0, "a", True, 3.5, "b", False) for name in "xy")
    )

    async def answers() -> list[object]:
        return [
            await api.read(city, reader, "same", limit=limit, newest_first=newest)
            for limit in range(1, 13)
            for newest in (True, False)
        ]

    before = await answers()
    assert before[-1] == before[-2], "what is of one moment has one order, whichever end comes first"
    await sealing.seal(city, before=past.day_ago(3))
    assert await answers() == before


async def test_scope_holds_over_cold(city: City, callers) -> None:
    await past.entity(city, "mine", owner="lights", district="330203")
    await past.entity(city, "other", owner="water", district="330212")
    await access.create_party(
        city, access.system_caller("access"), id="lights", kind="department", zh="路灯", en="Lights"
    )
    for name in ("mine", "other"):
        await past.write(city, *past.week(name))
    people = {
        "operator": callers("access.operator"),
        "district": callers("access.operator", district="330203"),
        "department": callers("access.department_officer", party="lights"),
        "weak": callers("access.operator", factors=("password",)),
        "anonymous": ANONYMOUS,
    }

    async def seen() -> dict[str, object]:
        answers = {}
        for who, caller in people.items():
            try:
                answers[who] = (
                    [len(await api.read(city, caller, name, limit=10_000)) for name in ("mine", "other")],
                    [
                        (m.group, m.count)
                        for m in await api.measure(
                            city, caller, Choice(attributes=("power",)), group=Grouping.ENTITY, **ALL_TIME
                        )
                    ],
                    [len(c.points) for c in await api.chart(city, caller, "other", **ALL_TIME)],
                )
            except (Forbidden, Unauthenticated) as error:
                answers[who] = type(error)
        return answers

    hot = await seen()
    await sealing.seal(city, before=past.day_ago(2))
    assert await seen() == hot
    assert hot["operator"][0] == [138, 138]
    assert hot["district"] == ([138, 0], [("mine", 72)], [])
    assert hot["weak"] in (Forbidden, Unauthenticated)
    assert hot["anonymous"] is Unauthenticated


async def test_numbers_too_large_for_a_measure_are_said_to_be(city: City, reader) -> None:
    at = past.start_of(3)
    await past.write(city, Observation("m", "x", at, 1e308), Observation("m", "x", at, -1e308))
    with pytest.raises(Invalid):
        await api.measure(city, reader, Choice(), **ALL_TIME)
    (answer,) = await api.measure(city, reader, Choice(), measures=(Measure.MAX,), **ALL_TIME)
    assert answer.max == 1e308


def test_months_begin_at_midnight_in_china() -> None:
    first = datetime(2025, 12, 31, 15, 59, 59, tzinfo=UTC)
    begins = aggregate.months(*(int(t.timestamp() * 1e6) for t in (first, first + timedelta(seconds=1))))
    assert [datetime.fromtimestamp(b / 1e6, CHINA).isoformat() for b in begins] == [
        "2025-12-01T00:00:00+08:00",
        "2026-01-01T00:00:00+08:00",
    ]


@pytest.mark.parametrize("sampling", list(Sampling))
async def test_charts_keep_the_extremes(city: City, reader, sampling: Sampling) -> None:
    rows = [
        Observation("m", "power", past.start_of(4) + n * 40_000_000, 100.0 if n == 777 else n % 7 / 7, "WTT")
        for n in range(2000)
    ]
    await past.write(city, *rows)
    await sealing.seal(city, before=past.day_ago(2))
    (chart,) = await api.chart(city, reader, "m", points=100, sampling=sampling, **ALL_TIME)
    assert len(chart.points) <= 100
    assert max(p.value for p in chart.points) == 100
    moments = [p.observed_at for p in chart.points]
    assert moments == sorted(moments)
    assert len(statistics.sampled(np.arange(8), np.arange(8.0), 100, sampling)) == 8


@pytest.mark.parametrize("form", list(ExportFormat))
async def test_export_holds_everything(city: City, reader, form: ExportFormat, tmp_path) -> None:
    week = past.week()
    await past.write(city, *week)
    await sealing.seal(city, before=past.day_ago(3))
    await past.write(city, *week[:5])
    file = await api.exported(city, reader, Choice(), form, **ALL_TIME)
    data = b"".join([chunk async for chunk in streamed(file)])
    assert not file.exists()
    copy = tmp_path / f"x.{form.value}"
    copy.write_bytes(data)
    if form is ExportFormat.ARROW:
        rows = read_ipc_stream(io.BytesIO(data)).read_all().num_rows
    else:
        rows = duckdb.sql(f"SELECT count(*) FROM '{copy}'").fetchone()[0]
    assert rows == len(week)
    assert not list(file.parent.iterdir())


async def test_bad_questions_are_refused(client, city: City, reader) -> None:
    for percentiles in ((101,), (-1,), tuple(range(11))):
        with pytest.raises(Invalid):
            await api.measure(city, reader, Choice(), percentiles=percentiles, **ALL_TIME)
    answer = await client.get(
        "/history/statistics", params={"from": "2026-01-01T00:00:00Z", "to": "2026-02-01T00:00:00Z"}
    )
    assert answer.status_code == 401
