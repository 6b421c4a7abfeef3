"""The use cases of boards: keeping them, links to them, and what cards show."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Hashable, Sequence
from datetime import datetime
from hashlib import sha256
from time import monotonic

from yong.domains.boards import logic, store
from yong.domains.boards.contracts import (
    PLACED,
    POINTS,
    Answer,
    Board,
    BoardLink,
    Card,
    ChartAnswer,
    ChartCard,
    DistrictOutline,
    Line,
    LinePoint,
    ListAnswer,
    ListCard,
    Listed,
    MapAnswer,
    MapCard,
    NumberAnswer,
    NumberCard,
    Of,
    PlacedThing,
    Ranked,
    Said,
    Series,
    Shared,
    Span,
    TableAnswer,
    TableCard,
    TableColumn,
    ValueBand,
)
from yong.kernel.access import api as access
from yong.kernel.access.contracts import Caller
from yong.kernel.base import clock, ids
from yong.kernel.base.city import City
from yong.kernel.base.errors import Conflict, Invalid, NotFound, Problem, Stale, Unauthenticated, YongError
from yong.kernel.base.kept import Flights, Kept
from yong.kernel.base.text import Language, Text
from yong.kernel.context import api as context
from yong.kernel.history import api as history
from yong.kernel.history.aggregate import Measure
from yong.kernel.history.contracts import Statistic
from yong.kernel.history.statistics import Grouping
from yong.kernel.history.visible import Choice
from yong.kernel.records import api as records
from yong.kernel.records.contracts import CodeList, Filter, Operator
from yong.kernel.sensing import api as sensing
from yong.kernel.sensing.contracts import Attribute, ThingType
from yong.kernel.store.database import Database, Row

MOST = 500  # boards in a list
FRESH_S = 5.0  # screens of one board share an answer that is not older
_AT_ONCE = 4  # cards that one process answers at a time
_BOUNDARY, _DISTRICTS = "geo.boundary", 200
_PAGE = 1000
_SOURCES = {"live", "replay", "synthetic"}
_NAMED = 100
_NO_DEPARTMENT = Text(
    "您不属于任何部门，无法与部门共享", "You belong to no department that it could be shared with"
)
_TOO_MANY = Text("看板已达上限", "There are as many boards as there may be")
_TOO_MANY_LINKS = Text(
    "链接已达上限，请先删除不用的", "There are as many links as there may be; end one first"
)
_NO_BOARD = Text("没有这个看板，或未与您共享", "There is no such board, or it is not shared with you")
_NO_LINK = Text("链接无效、已过期或已撤销", "The link is not good, has run out or was revoked")
_NO_COLUMN = Text("没有这一列，或您无权读取", "There is no such column that you may read")


class Answers:
    """Answers that screens share, and how many are worked out at a time. A City part."""

    def __init__(self) -> None:
        self.kept: Kept[Hashable, tuple[float, Answer]] = Kept(2_000)
        self.flights = Flights()
        self.turn = asyncio.Semaphore(_AT_ONCE)

    async def shared(self, key: Hashable, run: Callable[[], Awaitable[Answer]]) -> Answer:
        """An answer of the last seconds, else one that is worked out once for all who wait."""
        kept = self.kept.get(key)
        if kept and kept[0] > monotonic():
            return kept[1]
        answer = await self.flights.share(key, run)
        self.kept.put(key, (monotonic() + FRESH_S, answer))
        return answer


# ---------------------------------------------------------------- boards


async def listed(city: City, caller: Caller) -> list[Listed]:
    rows = await store.listed(city[Database], caller.account, await access.belongs(city, caller), MOST)
    names = await access.names(city, caller, {row["account"] for row in rows})
    return [
        Listed(
            id=row["id"],
            title=row["title"],
            shared=Shared(row["shared"]),
            cards=row["cards"],
            mine=row["account"] == caller.account,
            by=names.get(row["account"], ""),
            updated_at=row["updated_at"],
        )
        for row in rows
    ]


async def one(city: City, caller: Caller, id_: str) -> Board:
    row = await store.one(city[Database], caller.account, await access.belongs(city, caller), id_)
    if row is None:
        raise NotFound(_NO_BOARD)
    names = await access.names(city, caller, [row["account"]])
    return Board(
        id=row["id"],
        title=row["title"],
        shared=Shared(row["shared"]),
        cards=store.cards_of(row["cards"]),
        version=row["version"],
        mine=row["account"] == caller.account,
        by=names.get(row["account"], ""),
        updated_at=row["updated_at"],
    )


async def make(city: City, caller: Caller, title: str, shared: Shared, cards: Sequence[Card]) -> str:
    party = _party(caller, shared)
    _sound(logic.faults(cards))
    id_ = ids.new_id()
    async with city[Database].transaction() as connection:
        if not await store.make(connection, id_, caller.account, party, title, shared, cards):
            raise Conflict(_TOO_MANY)
        await access.audit(connection, caller, "boards.make", f"board:{id_}", {"shared": shared.value})
    return id_


async def change(
    city: City, caller: Caller, id_: str, version: int, title: str, shared: Shared, cards: Sequence[Card]
) -> int:
    await _own(city, caller, id_)
    party = _party(caller, shared)
    _sound(logic.faults(cards))
    async with city[Database].transaction() as connection:
        now = await store.change(connection, id_, caller.account, version, party, title, shared, cards)
        if now is None:
            raise Stale
        await access.audit(connection, caller, "boards.change", f"board:{id_}", {"shared": shared.value})
    return now


async def drop(city: City, caller: Caller, id_: str) -> None:
    await _own(city, caller, id_)
    async with city[Database].transaction() as connection:
        await store.drop(connection, id_, caller.account)
        await access.audit(connection, caller, "boards.drop", f"board:{id_}")


async def _own(city: City, caller: Caller, id_: str) -> None:
    """Raise unless it is the caller's own: NotFound for what may not be seen, Forbidden for what may."""
    if not (await one(city, caller, id_)).mine:
        raise access.refusal(caller, "boards.keep", f"board:{id_}")


def _party(caller: Caller, shared: Shared) -> str | None:
    """The department of a board: the party of its maker, else one that they hold a mandate within."""
    party = caller.party or next((m.party for m in caller.mandates if m.party), None)
    if shared is Shared.DEPARTMENT and party is None:
        raise Invalid(None, problems=(Problem("/shared", _NO_DEPARTMENT),))
    return party


def _sound(problems: Sequence[Problem]) -> None:
    if problems:
        raise Invalid(None, problems=tuple(problems))


# ---------------------------------------------------------------- links


async def links(city: City, caller: Caller, board: str) -> list[BoardLink]:
    await _own(city, caller, board)
    return await store.links(city[Database], board)


async def link(city: City, caller: Caller, board: str, title: str, days: int) -> tuple[BoardLink, str]:
    await _own(city, caller, board)
    id_, word = ids.new_id(), secrets.token_urlsafe(32)
    roles = sorted({m.role for m in caller.mandates})
    async with city[Database].transaction() as connection:
        made = await store.link(connection, id_, board, _digest(word), title, caller.account, roles, days)
        if made is None:
            raise Conflict(_TOO_MANY_LINKS)
        facts = {"link": id_, "title": title, "days": days}
        await access.audit(connection, caller, "boards.link", f"board:{board}", facts)
    return made, word


async def unlink(city: City, caller: Caller, board: str, id_: str) -> None:
    await _own(city, caller, board)
    async with city[Database].transaction() as connection:
        if not await store.unlink(connection, board, id_):
            raise NotFound
        await access.audit(connection, caller, "boards.unlink", f"board:{board}", {"link": id_})


async def behind(city: City, word: str | None, language: Language) -> tuple[Row, Caller]:
    """The board of a link's secret, and whoever made the link, with what they still hold of what they held.

    Raises Unauthenticated for a secret that is none, has run out or was revoked, and when its maker is gone.
    """
    row = await store.linked(city[Database], _digest(word)) if word else None
    caller = await access.standing(city, row["by_account"], tuple(row["roles"])) if row else None
    if row is None or caller is None or not access.allowed(city, caller, "boards.keep", "boards"):
        raise Unauthenticated(_NO_LINK)
    return row, access.speaking(caller, language)


def _digest(word: str) -> bytes:
    return sha256(word.encode()).digest()


# ---------------------------------------------------------------- what cards show


async def answer(city: City, caller: Caller, card: Card) -> Answer:
    """What a card shows, as the caller may see it."""
    _sound(logic.fault_of(card))
    async with city.part(Answers).turn:
        match card:
            case MapCard():
                return await _map(city, caller, card)
            case ChartCard():
                return await _chart(city, caller, card)
            case NumberCard():
                return await _number(city, caller, card)
            case TableCard():
                return await _table(city, caller, card)
            case ListCard():
                return await _list(city, caller, card)


async def _map(city: City, caller: Caller, card: MapCard) -> Answer:
    places: list[PlacedThing] = []
    sources: set[str] = set()
    truncated = False
    for type_ in card.types:
        after: str | None = None
        while not truncated:
            page = await context.query(city, caller, type=type_, after=after, limit=_PAGE)
            for entity in page:
                place = (entity.location or {}).get("coordinates")
                if place is None:
                    continue
                value = _value_of(entity.attributes.get(card.attribute or ""))
                places.append(PlacedThing(entity.id, entity.type, place[0], place[1], value))
                sources.add(entity.source)
            truncated = len(places) > PLACED
            if len(page) < _PAGE:
                break
            after = page[-1].id
    words = _Words(city, caller)
    known = words.attribute(card.types[0], card.attribute) if card.attribute else None
    titles = [words.type(t) for t in card.types] + (
        [words.named(card.types[0], card.attribute)] if card.attribute else []
    )
    return MapAnswer(
        title=card.title or " · ".join(titles),
        sources=sorted(sources),
        places=places[:PLACED],
        outlines=await _outlines(city, caller),
        bands=words.bands(known),
        unit=known.unit if known else None,
        truncated=truncated,
    )


async def _outlines(city: City, caller: Caller) -> list[DistrictOutline]:
    """The districts; none for who may not see them."""
    relation = records.relation(city, _BOUNDARY)
    try:
        page = await records.listing(
            city, caller, _BOUNDARY, filters=(Filter("level", Operator.EQ, "district"),), limit=_DISTRICTS
        )
    except YongError:
        return []
    shapes = [(str(r.values.get("name") or r.id), r.values.get(relation.geometry or "")) for r in page.items]
    return [DistrictOutline(name, shape) for name, shape in shapes if isinstance(shape, dict)]


async def _chart(city: City, caller: Caller, card: ChartCard) -> Answer:
    end = clock.now()
    start = end - logic.LENGTHS[card.span]
    words = _Words(city, caller)
    lines: list[Line] = []
    sources: set[str] = set()
    for series in card.series:
        name = await words.series(series, sources)
        period = logic.period_of(card, series)
        if period is None:
            drawn = await history.chart(
                city, caller, series.id, start=start, end=end, attributes=(series.attribute,), points=POINTS
            )
            unit = drawn[0].unit if drawn else None
            points = [LinePoint(p.observed_at, p.value) for p in drawn[0].points] if drawn else []
        else:
            found = await history.measure(
                city, caller, _choice(series), start=start, end=end, period=period, measures=(Measure(card.said),)
            )  # fmt: skip
            unit = found[0].unit if found and card.said is not Said.COUNT else None
            points = sorted(
                (LinePoint(s.start, v) for s in found if s.start and (v := _said(s, card.said)) is not None),
                key=lambda p: p.at,
            )
        lines.append(Line(name, unit, points))
    return ChartAnswer(
        title=card.title or " / ".join(line.name for line in lines), sources=sorted(sources), lines=lines
    )


async def _number(city: City, caller: Caller, card: NumberCard) -> Answer:
    words, series = _Words(city, caller), card.series
    sources: set[str] = set()
    name = await words.series(series, sources)
    value: float | None = None
    unit: str | None = None
    at: datetime | None = None
    if card.said is Said.LATEST:
        for point in await history.latest(city, caller, series.id, attributes=(series.attribute,)):
            value, unit, at = _number_of(point.value), point.unit, point.observed_at
    else:
        found = await _measured(city, caller, series, card.said, card.span)
        if found:
            value, unit = _said(found[0], card.said), found[0].unit
        at = clock.now()
    type_ = words.type_of(series)
    bands = (
        words.bands(words.attribute(type_, series.attribute))
        if card.said not in (Said.COUNT, Said.SUM)
        else []
    )
    return NumberAnswer(
        title=card.title or name,
        sources=sorted(sources),
        value=value,
        unit=None if card.said is Said.COUNT else unit,
        at=at,
        band=logic.band_of(bands, value),
    )


async def _table(city: City, caller: Caller, card: TableCard) -> Answer:
    relation = records.relation(city, card.relation)
    page = await records.listing(
        city,
        caller,
        card.relation,
        filters=[Filter(c.field, c.operator, c.value) for c in card.filters],
        sort=card.sort,
        limit=card.rows,
    )
    fields = [relation.field(name) for name in card.columns]
    missing = [n for n, field in enumerate(fields) if field is None]
    _sound([Problem(f"/columns/{n}", _NO_COLUMN) for n in missing])
    shown = [field for field in fields if field is not None]
    codes = {f.name: _codes(city, f.codes, caller.language) for f in shown if f.codes}
    rows = []
    for record in page.items:
        values = [record.values.get(f.name) for f in shown]
        rows.append([codes.get(f.name, {}).get(str(v), v) for f, v in zip(shown, values, strict=True)])
    sources = {str(r.values["source"]) for r in page.items if isinstance(r.values.get("source"), str)}
    return TableAnswer(
        title=card.title or relation.title.in_(caller.language),
        sources=sorted(sources & _SOURCES),
        relation=relation.name,
        columns=[
            TableColumn(f.name, f.meaning.in_(caller.language), f.type.value, f.unit or None) for f in shown
        ],
        rows=rows,
        more=page.cursor is not None,
    )


async def _list(city: City, caller: Caller, card: ListCard) -> Answer:
    words = _Words(city, caller)
    series = Series(Of.TYPE, card.type, card.attribute)
    found = await _measured(city, caller, series, card.said, card.span, Grouping.ENTITY)
    values = [(v, s) for s in found if s.group is not None and (v := _said(s, card.said)) is not None]
    values.sort(key=lambda pair: (pair[0] if card.lowest else -pair[0], pair[1].group))
    first = values[: card.rows]
    sources: set[str] = set()
    names = await words.things([str(s.group) for _, s in first], sources)
    known = words.attribute(card.type, card.attribute)
    return ListAnswer(
        title=card.title or words.named(card.type, card.attribute),
        sources=sorted(sources),
        rows=[Ranked(str(s.group), names.get(str(s.group), str(s.group)), v) for v, s in first],
        unit=first[0][1].unit if first and card.said is not Said.COUNT else None,
        bands=words.bands(known) if card.said not in (Said.COUNT, Said.SUM) else [],
    )


async def _measured(
    city: City, caller: Caller, series: Series, said: Said, span: Span, group: Grouping = Grouping.ALL
) -> list[Statistic]:
    end = clock.now()
    return await history.measure(
        city,
        caller,
        _choice(series),
        start=end - logic.LENGTHS[span],
        end=end,
        group=group,
        measures=(Measure(said),),
    )


def _choice(series: Series) -> Choice:
    if series.of is Of.THING:
        return Choice(entities=(series.id,), attributes=(series.attribute,))
    return Choice(type=series.id, attributes=(series.attribute,))


def _said(statistic: Statistic, said: Said) -> float | None:
    value: float | None = getattr(statistic, said.value)
    return value


def _number_of(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _value_of(attribute: object) -> float | None:
    """The number of an attribute; of one with several datasets, the first one's."""
    if isinstance(attribute, list):
        attribute = attribute[0] if attribute else None
    return _number_of(attribute.get("value")) if isinstance(attribute, dict) else None


def _codes(city: City, name: str, language: Language) -> dict[str, str]:
    found = next((c for _, c in city.registry.of(CodeList) if c.name == name), None)
    return {c.code: c.title.in_(language) for c in (found.codes if found else ())}


class _Words:
    """What types, attributes and things are called, in the reader's language; bare names where nothing is known."""

    def __init__(self, city: City, caller: Caller) -> None:
        self.city, self.caller = city, caller
        try:
            self.types: dict[str, ThingType] = {t.entity_type: t for t in sensing.types(city, caller)}
        except YongError:
            self.types = {}
        self._type_of: dict[str, str] = {}

    def type(self, name: str) -> str:
        known = self.types.get(name)
        return known.title.in_(self.caller.language) if known else name

    def attribute(self, type_: str, name: str | None) -> Attribute | None:
        known = self.types.get(type_)
        return next((a for a in known.attributes if a.name == name), None) if known else None

    def named(self, type_: str, name: str | None) -> str:
        known = self.attribute(type_, name)
        return known.meaning.in_(self.caller.language) if known else name or ""

    def type_of(self, series: Series) -> str:
        return series.id if series.of is Of.TYPE else self._type_of.get(series.id, "")

    def bands(self, known: Attribute | None) -> list[ValueBand]:
        return [
            ValueBand(b.upper, b.title.in_(self.caller.language), b.colour)
            for b in (known.bands if known else ())
        ]

    async def series(self, series: Series, sources: set[str]) -> str:
        """What a series is called; the source of what it is of goes into `sources`."""
        if series.of is Of.THING:
            of = (await self.things([series.id], sources))[series.id]
        else:
            of = self.type(series.id)
            newest = await context.query(self.city, self.caller, type=series.id, limit=1, newest=True)
            sources.update(entity.source for entity in newest)
        return f"{of} · {self.named(self.type_of(series), series.attribute)}"

    async def things(self, ids_: Sequence[str], sources: set[str]) -> dict[str, str]:
        """The names of things by their ids, which stand for the names of those that have none."""
        found = dict(zip(ids_, ids_, strict=True))
        if not ids_:
            return found
        try:
            states = await sensing.states(self.city, self.caller, things=ids_[:_NAMED], limit=_NAMED)
        except YongError:
            return found
        for state in states:
            name = state.name_zh if self.caller.language == "zh" else state.name_en
            found[state.thing] = name or state.name_zh or state.name_en or state.thing
            known = next((t for t in self.types.values() if t.name == state.type), None)
            self._type_of[state.thing] = known.entity_type if known else state.type
            if state.source:
                sources.add(state.source)
        return found
