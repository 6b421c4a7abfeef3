"""The use cases of suggestions: learning from past cases, and telling what they suggest for a case."""

import asyncio
import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from math import cos, radians
from typing import Any

import msgspec
import structlog

from yong.kernel.access import api as access
from yong.kernel.access.contracts import Caller, Scope
from yong.kernel.base import clock
from yong.kernel.base.city import City
from yong.kernel.base.errors import Conflict, NotFound
from yong.kernel.base.text import Text
from yong.kernel.cases.contracts import State
from yong.kernel.cases.service.cases import RELATION
from yong.kernel.cases.service.shelf import ready
from yong.kernel.cases.suggesting import duplicates, store
from yong.kernel.cases.suggesting.contracts import (
    LEAST_CASES,
    TOP,
    AskedFor,
    Duplicate,
    FieldEvidence,
    LearnedFrom,
    Nearby,
    NearbyCase,
    PastCase,
    Reason,
    SuggestedValue,
    Suggestions,
)
from yong.kernel.cases.suggesting.duplicates import REACH_M, WINDOW_DAYS, Told
from yong.kernel.cases.suggesting.features import FAMILIES, Facts, Family, features_of, said
from yong.kernel.cases.suggesting.model import (
    MOST_CASES,
    Head,
    Learned,
    Past,
    day_of,
    learned,
    packed,
    unpacked,
)
from yong.kernel.cases.suggesting.neighbours import LOOKED_AT, Similar
from yong.kernel.cases.suggesting.ranking import Ranked
from yong.kernel.records import api as records
from yong.kernel.store import jobs
from yong.kernel.store.database import Database, Row

PURPOSE = "cases.handling"
_FRESH_S = 10.0
_NEAREST = 200  # past cases among which those are looked for that went a way and that the reader may see
_SHOWN, _REASONS, _CONSIDERED = 3, 5, 10
_LEAST = 0.2  # how likely a duplicate is at least, to be told
_DUPLICATES, _NEARBY = 5, 5
_TOLD = ("id", "number", "title", "description", "class", "state", "stage", "opened_at")
_DEGREE_M = 111_320.0
_log = structlog.get_logger("cases")

_NO_CASE = Text("没有这个案件", "There is no such case")
_OVER = Text("案件不在办理中，没有建议", "The case is not open: nothing is suggested")
_FEW = Text(
    "往案太少，不作类别和单位建议：至少需要 {least} 件已办结的案件。",
    "Too few past cases to suggest a class or a unit: it takes {least} closed ones.",
)
_RESTS = Text("依据 {n} 件已办结的案件；仅供参考，由人决定。", "From {n} closed cases; a person decides.")


class Models:
    """What this process has loaded of what was learned, by procedure. A City part."""

    def __init__(self) -> None:
        self.known: dict[str, tuple[int, Head, Learned, datetime]] = {}
        self.looked: dict[str, float] = {}


# ---------------------------------------------------------------- learning


async def learn(city: City, caller: Caller, procedure: str | None) -> list[LearnedFrom]:
    """Learn from the past cases of a procedure, or of all that are live; what was learned anew."""
    made = []
    for name in [procedure] if procedure else await store.live(city[Database]):
        one = await _learn(city, caller, name)
        if one:
            made.append(one)
    return made


async def order(city: City, caller: Caller, procedure: str) -> None:
    """Put learning on the queue."""
    await ready(city, procedure)
    async with city[Database].transaction() as connection:
        await access.audit(connection, caller, "cases.order_learning", f"procedure:{procedure}")
        await jobs.defer(connection, "cases.learn", procedure=procedure)


async def _learn(city: City, caller: Caller, procedure: str) -> LearnedFrom | None:
    rows = await store.past(city[Database], procedure, MOST_CASES)
    model = await asyncio.to_thread(lambda: learned([_past(row) for row in rows]))
    if model is None:
        _log.info("too few past cases to learn from", procedure=procedure, cases=len(rows))
        return None
    body = await asyncio.to_thread(packed, model)
    head = msgspec.to_builtins(model.head)
    async with city[Database].transaction() as connection:
        version = await store.keep(connection, procedure, caller.account, head, body)
        if version is None:
            return None
        await access.audit(
            connection, caller, "cases.learn", f"procedure:{procedure}",
            {"version": version, "cases": model.head.cases, "inputs": model.head.inputs},
        )  # fmt: skip
    return _from(procedure, version, clock.now(), model.head)


def _past(row: Row) -> Past:
    return Past(
        id=row["id"], facts=_facts(row), class_=row["class"], unit=row["unit_id"], opened_at=row["opened_at"],
        closed_at=row["closed_at"], merged_into=row["merged_into"],
    )  # fmt: skip


def _facts(row: Any, place: tuple[float, float] | None = None) -> Facts:
    """What was known of a case as it came in."""
    if place is None and row.get("lon") is not None:
        place = (row["lon"], row["lat"])
    return Facts(
        text=_text(row), place=place,
        district=row["district"] or None, source=row["source"], at=row["opened_at"].astimezone(clock.CHINA),
    )  # fmt: skip


def _text(row: Any) -> str:
    return " ".join(str(row[name]) for name in ("title", "description") if row.get(name))


async def versions(city: City, procedure: str | None) -> list[LearnedFrom]:
    """What was learned, the newest first."""
    rows = await store.versions(city[Database], procedure)
    return [_from(r["procedure"], r["version"], r["made_at"], msgspec.convert(r["head"], Head)) for r in rows]


def _from(procedure: str, version: int, made_at: datetime, head: Head) -> LearnedFrom:
    return LearnedFrom(
        version=version, procedure=procedure, made_at=made_at, cases=head.cases, first_at=head.first_at,
        last_at=head.last_at, inputs=head.inputs, classes=head.classes, units=head.units,
        units_by_class=head.units_by_class, by_merges=head.by_merges,
    )  # fmt: skip


async def _model(city: City, procedure: str) -> tuple[LearnedFrom, Learned] | None:
    """What was learned last, as this process has it; another version counts after some seconds."""
    models = city.part(Models)
    known = models.known.get(procedure)
    if time.monotonic() - models.looked.get(procedure, -_FRESH_S) >= _FRESH_S:
        version = await store.newest(city[Database], procedure)
        if version is not None and (known is None or known[0] != version):
            row = await store.learned(city[Database], procedure, version)
            if row is not None and row["body"] is not None:
                try:
                    model = await asyncio.to_thread(unpacked, row["body"])
                    known = models.known[procedure] = (version, model.head, model, row["made_at"])
                except ValueError:  # of a release before: learned anew tonight
                    _log.warning(
                        "what was learned is of another format", procedure=procedure, version=version
                    )
        models.looked[procedure] = time.monotonic()
    if known is None:
        return None
    version, head, model, made_at = known
    return _from(procedure, version, made_at, head), model


# ---------------------------------------------------------------- suggesting


async def of_case(city: City, caller: Caller, id_: str) -> Suggestions:
    """What past cases suggest for an open one that the caller may see."""
    scope = await records.present(city, caller, RELATION, id_, purpose=PURPOSE)
    row = await city[Database].fetchrow(
        f"SELECT * FROM ({scope.sql}) r WHERE r.id = ${len(scope.args) + 1}", *scope.args, id_
    )
    if row is None:
        raise NotFound(_NO_CASE)
    if row["state"] not in (State.OPEN.value, State.SUSPENDED.value):
        raise Conflict(_OVER)
    facts = _facts(dict(row), _point(row.get("location")))
    return await _suggestions(
        city, caller, scope, row["procedure"], facts, row["class"], row["opened_at"], id_
    )


async def of_new(city: City, caller: Caller, asked: AskedFor) -> Suggestions:
    """The same before the case is there."""
    await ready(city, asked.procedure)
    scope = await records.present(city, caller, RELATION, purpose=PURPOSE)
    now = clock.now()
    facts = Facts(
        text=" ".join(t for t in (asked.title, asked.description) if t), place=asked.location,
        district=asked.district or None, source=asked.source, at=now.astimezone(clock.CHINA),
    )  # fmt: skip
    return await _suggestions(city, caller, scope, asked.procedure, facts, asked.class_, now, "")


def _point(location: Any) -> tuple[float, float] | None:
    if isinstance(location, dict) and location.get("type") == "Point":
        lon, lat = location["coordinates"]
        return float(lon), float(lat)
    return None


async def _suggestions(
    city: City,
    caller: Caller,
    scope: Scope,
    procedure: str,
    facts: Facts,
    class_: str | None,
    at: datetime,
    but: str,
) -> Suggestions:
    found = await _model(city, procedure)
    matching = found[1].head.matching if found else duplicates.presumed()
    same = await _duplicates(city, caller, scope, procedure, facts, class_, at, but, matching)
    if found is None:
        note = _FEW.filled(least=LEAST_CASES)
        return Suggestions(
            enough=False, placed=facts.place is not None, note=note.in_(caller.language), learned=None,
            classes=[], units=[], duplicates=same,
        )  # fmt: skip
    source, model = found
    case = features_of(facts)
    by_class = [*case, (Family.CLASS, class_)] if class_ else case
    classes = model.classes.rank(case, _CONSIDERED)
    units = (model.units_by_class if class_ else model.units).rank(by_class, _CONSIDERED)
    like = [s for s in model.neighbours.nearest(case, _NEAREST) if model.ids[s.number] != but]
    seen = await _visible(city, scope, [model.ids[s.number] for s in like])
    kept, titles = await store.class_titles(city[Database], [r.label for r in classes])
    names = await access.party_names(city, caller, [r.label for r in units])
    zh = caller.language == "zh"
    class_names = {code: (a if zh else b or a) for code, (a, b) in titles.items()}
    if not kept:
        class_names = {r.label: r.label for r in classes}
    unit_names = {party: name.in_(caller.language) for party, name in names.items()}
    return Suggestions(
        enough=True, placed=facts.place is not None, learned=source,
        note=_RESTS.filled(n=source.cases).in_(caller.language),
        classes=_told(caller, classes, class_names, like, model.class_of, model.ids, seen),
        units=_told(caller, units, unit_names, like, model.unit_of, model.ids, seen),
        duplicates=same,
    )  # fmt: skip


def _told(
    caller: Caller, ranked: Sequence[Ranked], names: dict[str, str], like: Sequence[Similar],
    became: Sequence[str | None], ids: Sequence[str], seen: dict[str, Row],
) -> list[SuggestedValue]:  # fmt: skip
    """The first that are still kept, each with what spoke for it and the similar cases that went that way."""
    looked_at = [s for s in like if became[s.number]][:LOOKED_AT]
    out = []
    for one in [r for r in ranked if r.label in names][:TOP]:
        went = [s for s in like if became[s.number] == one.label and ids[s.number] in seen][:_SHOWN]
        out.append(
            SuggestedValue(
                value=one.label, title=names[one.label], share=round(one.share, 3),
                agree=sum(became[s.number] == one.label for s in looked_at), looked_at=len(looked_at),
                reasons=[
                    Reason(
                        family=p.feature[0].name.lower(), title=FAMILIES[p.feature[0]].in_(caller.language),
                        value=said(p.feature).in_(caller.language), times=round(p.times, 1), bits=round(p.bits, 2),
                    )
                    for p in one.parts[:_REASONS]
                ],
                cases=[
                    PastCase(
                        id=ids[s.number], number=seen[ids[s.number]]["number"], share=round(s.share, 2),
                        closed_on=seen[ids[s.number]]["closed_at"],
                    )
                    for s in went
                ],
            )
        )  # fmt: skip
    return out


async def _visible(city: City, scope: Scope, ids: Sequence[str]) -> dict[str, Row]:
    """Those of some cases that the reader may see, by id: nothing of them but number and end."""
    if not ids:
        return {}
    rows = await city[Database].fetch(
        f"SELECT r.id, r.number, r.closed_at FROM ({scope.sql}) r WHERE r.id = ANY(${len(scope.args) + 1}::text[])",
        *scope.args, list(ids),
    )  # fmt: skip
    return {row["id"]: row for row in rows}


# ---------------------------------------------------------------- duplicates


async def _duplicates(
    city: City, caller: Caller, scope: Scope, procedure: str, facts: Facts, class_: str | None, at: datetime,
    but: str, matching: Any,
) -> list[Duplicate]:  # fmt: skip
    """Open cases near in place and time that the reader may see and that may be about the same."""
    if facts.place is None:
        return []
    near = await _near(city, procedure, facts.place, at, but)
    if not near:
        return []
    told = ", ".join(f"r.{name}" for name in _TOLD if name not in scope.absent)
    rows = await city[Database].fetch(
        f"SELECT {told} FROM ({scope.sql}) r WHERE r.id = ANY(${len(scope.args) + 1}::text[])",
        *scope.args, [row["id"] for row in near],
    )  # fmt: skip
    seen = {row["id"]: row for row in rows}
    others = [row for row in near if row["id"] in seen]
    case = Told(facts.text, facts.place, class_, day_of(at))
    compared = [
        Told(
            _text(seen[row["id"]]), (row["lon"], row["lat"]), row["class"],
            day_of(row["opened_at"]),
        )
        for row in others
    ]  # fmt: skip
    out = []
    for one in duplicates.likely(matching, case, compared, least=_LEAST, most=_DUPLICATES):
        row = seen[others[one.number]["id"]]
        titles = {c.name: c.title for c in matching.comparisons}
        out.append(
            Duplicate(
                id=row["id"], number=row["number"], title=row.get("title"), class_=row["class"],
                state=row["state"], stage=row["stage"], opened_at=row["opened_at"],
                distance_m=None if one.distance_m is None else round(one.distance_m, 1),
                probability=round(one.probability, 3),
                evidence=[
                    FieldEvidence(
                        field=p.comparison, title=titles[p.comparison].in_(caller.language),
                        words=p.words.in_(caller.language), bits=p.bits,
                    )
                    for p in one.parts
                ],
            )
        )  # fmt: skip
    return out


async def _near(city: City, procedure: str, place: tuple[float, float], at: datetime, but: str) -> list[Row]:
    north = REACH_M / _DEGREE_M
    east = north / max(0.01, cos(radians(place[1])))
    window = timedelta(days=WINDOW_DAYS)
    return await store.open_near(
        city[Database], procedure, place, (east, north), at - window, at + window, but, duplicates.MOST
    )


async def nearby(
    city: City, caller: Caller, procedure: str, place: tuple[float, float], class_: str | None
) -> Nearby:
    """What anybody may know of the open cases of a procedure near a place: none of their words, none of their people."""
    rows = await _near(city, procedure, place, clock.now(), "")
    rows = [r for r in rows if class_ is None or r["class"] in (None, class_)]
    _, titles = await store.class_titles(city[Database], [r["class"] for r in rows[:_NEARBY] if r["class"]])
    zh = caller.language == "zh"
    told = []
    for row in rows[:_NEARBY]:
        shelved = await ready(city, procedure, row["version"])
        names = titles.get(row["class"] or "")
        told.append(
            NearbyCase(
                class_=row["class"], class_title=(names[0] if zh else names[1] or names[0]) if names else None,
                state=row["state"], stage=shelved.sheet.stage(row["stage"]).in_(caller.language),
                opened_on=row["opened_at"].astimezone(clock.CHINA).date().isoformat(),
                lon=round(row["lon"], 3), lat=round(row["lat"], 3),
            )
        )  # fmt: skip
    return Nearby(count=len(rows), cases=told)
