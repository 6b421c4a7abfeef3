"""A query as pieces of SQL: what must hold, the ways in to entities, and the records that are asked for beside them.

Entities come in the order of their ids, behind them records by Relation and key; what is near a place comes nearest
first, whatever it is. All of it is one statement, so of one state of the data.
"""

import re
from collections.abc import Iterator, Sequence

import msgspec

from yong.kernel.access.contracts import Scope
from yong.kernel.context.asking import compiling, geo, q, types
from yong.kernel.context.asking.compiling import Columns
from yong.kernel.context.asking.contracts import Ask, Selector
from yong.kernel.context.asking.sought import Found
from yong.kernel.context.ngsild.ids import SHOWN_ID
from yong.kernel.context.recorded import urns
from yong.kernel.context.recorded.reading import Seen
from yong.kernel.context.recorded.registers import Keys, Register, Registers
from yong.kernel.store.arguments import Arguments

_WHOLE = "id, type, other_types, scopes, doc"
_WHOLE_WITH_MOMENTS = f"{_WHOLE}, created_at, modified_at"
# So many keys stand one by one, filled up with none: a plan for any keys then expects as many as one for these, and is
# kept. More would be as many statements, each planned anew some times on every connection.
_FEW = (4, 16)
_PLACE = re.compile(r"\$(\d+)")
_SHAPE_OF_POINT = "jsonb_build_object('value', jsonb_build_object('type', 'Point', 'coordinates', jsonb_build_array(r.x, r.y)))"
_EXTENT = "box(point(r.east, r.north), point(r.west, r.south))"


class Way(msgspec.Struct, frozen=True):
    """One way in: a condition that an index serves; whether it decides alone; by what it orders, if not by key."""

    where: str
    sure: bool = True
    shape: str = "NULL::jsonb"  # what is to be decided about
    far: str | None = None


class Led(msgspec.Struct, frozen=True):
    """A way in by an index over values: a SELECT of its keys, and which of a key's entries `s` to follow."""

    keys: str
    entries: str


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """One SELECT of a statement, over rows `r` of entities (`rank` 0) or of the records of one Relation."""

    source: str
    where: str
    way: Way
    columns: Columns
    order: tuple[str, ...] = ("r.id",)
    rank: int = 0
    led: Led | None = None

    def select(self, shown: str, *, most: int | None = None, offset: int = 0, ranked: bool = False) -> str:
        """The rows with the columns of `shown`, in order where `most` bounds them; `ranked` to be put beside others."""
        by = ", ".join(self.order if self.way.far is None else (self.way.far, *self.order))
        bounds = "" if most is None else f" ORDER BY {by} LIMIT {most:d} OFFSET {offset:d}"
        if self.led is not None:
            return self._led(self.led, shown, most=most, ranked=ranked)
        source, tail = self.source, f" WHERE {self.where}{bounds}"
        if self.rank and most is not None:  # a document is made of the rows alone that are shown
            source, tail = f"SELECT * FROM ({source}) r{tail}", f" ORDER BY {by}"
        if ranked:
            key, n = ("''", f"row_number() OVER (ORDER BY {by})") if self.rank else ("r.id", "0::bigint")
            shown += f", {self.rank} AS rank, {key} AS key, {n} AS n"
        return f"SELECT {shown} FROM ({source}) r{tail}"

    def _led(self, led: Led, shown: str, *, most: int | None, ranked: bool) -> str:
        """The same where an index over values leads: of every key the first `most` by id.

        Each entity is looked up by itself (OFFSET 0 keeps it so), since a way through all of them is what this saves.
        """
        if ranked:
            shown += f", {self.rank} AS rank, r.id AS key, 0::bigint AS n"
        of_key, of_all = (
            ("", "") if most is None else (f" ORDER BY s.id LIMIT {most:d}", f" ORDER BY r.id LIMIT {most:d}")
        )
        entity = f"SELECT * FROM ({self.source}) r WHERE r.id = s.id AND {self.where} OFFSET 0"
        return (
            f"SELECT {shown} FROM ({led.keys}) AS k (key) CROSS JOIN LATERAL (SELECT e.* FROM context.sought_value s"
            f" CROSS JOIN LATERAL ({entity}) AS e WHERE s.key = k.key AND {led.entries}{of_key}) AS r{of_all}"
        )

    def shown(self, *, whole: bool, decided: bool, moments: bool = True) -> str:
        """The columns of what is shown; unless SQL `decided` already, also what is needed to."""
        c, way = self.columns, self.way
        found = f"{c.id} AS id"
        if whole:  # a list that is empty is read from a row at ten times the cost of none
            found += (
                f", {c.type} AS type, nullif({c.others}, '{{}}') AS other_types, nullif({c.scopes}, '{{}}') AS scopes"
                f", {c.doc} AS doc"
            )
            if moments:
                found += f", {c.created_at} AS created_at, {c.modified_at} AS modified_at"
        if decided:
            return found
        sure = "TRUE" if way.sure else "FALSE"
        return f"{found}, {sure} AS sure, {way.shape} AS shape, {way.far or '0::float8'} AS far"


class Plan:
    """The parts of a query's statement, and its parameters."""

    def __init__(self, ask: Ask) -> None:
        self.ask, self.arguments = ask, Arguments()
        self.parts: list[Part] = []

    @property
    def nearest(self) -> bool:
        """Whether what is asked for comes nearest first."""
        query = self.ask.geo
        return (
            query is not None
            and query.within_m is not None
            and query.attribute == geo.DEFAULT
            and geo.point(query) is not None
        )

    def candidates(self, *, whole: bool = True, most: int | None = None, offset: int = 0) -> str:
        """A SELECT of what the conditions leave; the first `most` behind `offset` in order, all without one."""
        decided, moments = self.ask.geo is None, self.ask.moments
        shown = [part.shown(whole=whole, decided=decided, moments=moments) for part in self.parts]
        if len(self.parts) == 1:
            [part] = self.parts
            return part.select(shown[0], most=most, offset=offset)
        reach = None if most is None else offset + most
        several = [
            part.select(columns, most=reach, ranked=most is not None)
            for part, columns in zip(self.parts, shown, strict=True)
        ]
        union = " UNION ALL ".join(f"({sql})" for sql in several)
        if most is None:
            return union
        order = "far, rank, key, n" if self.nearest else "rank, key, n"
        columns = "*" if not (whole and decided) else _WHOLE_WITH_MOMENTS if moments else _WHOLE
        return f"SELECT {columns} FROM ({union}) u ORDER BY {order} LIMIT {most:d} OFFSET {offset:d}"

    def count(self) -> str:
        """A SELECT of how many there are."""
        union = " UNION ALL ".join(part.select("TRUE") for part in self.parts)
        return f"SELECT count(*) AS n FROM ({union}) c"

    def add_entities(self, scope: Scope, found: Found | None = None) -> None:
        """Ask for entities, unless it goes on behind them; for those of one type where an index found them."""
        ask, columns = self.ask, Columns()
        if ask.after is not None and ask.after.startswith(urns.PREFIX):
            return
        source, arguments = self._source(scope), self.arguments
        every: list[str] = []
        if ask.attrs:
            every.append(f"r.doc ?| {arguments.add(list(ask.attrs), 'text[]')}")
        if ask.scopes is not None:
            every.append(compiling.scopes(ask.scopes, columns, arguments))
        if ask.among is not None:
            every.append(f"r.id = ANY({arguments.add(list(ask.among), 'text[]')})")
        if ask.after is not None:
            every.append(f"r.id > {arguments.add(ask.after, 'text')}")
        kinds: tuple[str, ...] = ("TRUE",)
        match ask.selectors:
            case (Selector(type=tree, ids=ids, pattern=pattern),):
                every += _ids(ids, pattern, arguments)
                if tree is not None and ask.geo is not None and ask.geo.attribute == geo.DEFAULT:
                    every.append(compiling.types(tree, columns, arguments))  # places are the narrower way in
                elif tree is not None:
                    single, several = compiling.types_apart(tree, columns, arguments)
                    kinds = (*single, several)
            case (_, *_):
                either = " OR ".join(_selected(s, columns, arguments) for s in ask.selectors)
                every.append(f"({either})")
        ways = _places(ask.geo, arguments) if ask.geo else (Way("TRUE"),)
        if ask.q is not None:
            every.append(compiling.query(ask.q, columns, arguments))
        where = " AND ".join(every or ["TRUE"])
        if found is not None and len(kinds) == 2:
            led = _led(found, ask.after, arguments)
            settled = Part(
                source=source,
                where=f"{where} AND {kinds[0]} AND r.settled",
                way=ways[0],
                columns=columns,
                led=led,
            )
            self.parts.append(settled)
            kinds = (f"{kinds[0]} AND NOT r.settled", kinds[1])
        self.parts += [
            Part(source=source, where=f"{where} AND {kind} AND {way.where}", way=way, columns=columns)
            for kind in kinds
            for way in ways
        ]

    def add_records(self, it: Seen, registers: Registers) -> None:
        """Ask for the records of a Relation, where one can match at all. Relations are added by name."""
        ask, arguments = self.ask, self.arguments
        if ask.among is not None or ask.scopes is not None:
            return  # which are of entities alone
        if ask.attrs and not any(map(it.attribute, ask.attrs)):
            return
        place = it.attribute(ask.geo.attribute) if ask.geo else None
        if ask.geo and (place is None or place.place is None):
            return
        source = self._source(it.scope)
        every = [it.identified]
        if ask.attrs:
            each = [found.there for name in ask.attrs if (found := it.attribute(name)) is not None]
            every.append(f"({' OR '.join(each)})")
        if ask.after is not None and ask.after.startswith(urns.PREFIX):
            every.append(_behind(ask.after, it.register, registers, arguments))
        chosen = list(_chosen(ask, it.register, registers, arguments))
        every.append(f"({' OR '.join(chosen)})")
        way = Way("TRUE")
        if ask.geo is not None and place is not None and place.place is not None:
            way = _place_of_record(ask.geo, place.place, nearest=self.nearest, arguments=arguments)
        if ask.q is not None:
            every.append(compiling.query(ask.q, it.columns(q.names_of(ask.q)), arguments))
        self.parts.append(
            Part(
                source=source,
                where=" AND ".join([*every, way.where]),
                way=way,
                columns=it.columns(),
                order=it.register.columns,
                rank=len(self.parts) + 1,
            )
        )

    def _source(self, scope: Scope) -> str:
        """The SQL of a scope, whose parameters take their places behind those there are."""
        behind = len(self.arguments.values)
        self.arguments.values += scope.args
        return _PLACE.sub(lambda found: f"${int(found[1]) + behind}", scope.sql) if behind else scope.sql


def _led(found: Found, after: str | None, arguments: Arguments) -> Led:
    few = next((n for n in _FEW if len(found.keys) <= n), None)
    if few is not None:
        padded = [*found.keys, *[None] * (few - len(found.keys))]
        keys = "VALUES " + ", ".join(f"({arguments.add(key, 'bigint')})" for key in padded)
    else:
        keys = f"SELECT unnest({arguments.add(list(found.keys), 'bigint[]')})"
    if found.texts:
        texts = arguments.add(list(found.texts), "text[]")
        keys += f" UNION SELECT hashtextextended(t, 0) | (1::bigint << 62) FROM unnest({texts}) AS t (t)"
    entries = f"s.slot = {arguments.add(found.slot, 'int')}"
    if found.least is not None:
        least, most = arguments.add(found.least, "float8"), arguments.add(found.most, "float8")
        entries += f" AND (s.value IS NULL OR s.value BETWEEN {least} AND {most})"
    if after is not None:
        entries += f" AND s.id > {arguments.add(after, 'text')}"
    return Led(keys, entries)


def may_ask_for_records(ask: Ask, registers: Registers) -> bool:
    """Whether it is worth a look at each Relation: not where all that is asked for are types that none of them is."""
    return any(
        selector.type is None or not registers.by_name.keys().isdisjoint(types.names(selector.type))
        for selector in ask.selectors
    )


def asks_for(ask: Ask, register: Register, registers: Registers) -> bool:
    """Whether a query asks for records of a Relation: by their type, or by an id; all else is about entities alone."""
    return any(_means(selector, register, registers) for selector in ask.selectors)


def _means(selector: Selector, register: Register, registers: Registers) -> bool:
    if selector.type is not None and not types.holds(selector.type, register.name):
        return False
    if selector.ids:
        return bool(_keys(selector, register, registers))
    return selector.type is not None


def _keys(selector: Selector, register: Register, registers: Registers) -> list[Keys]:
    found = map(registers.of, selector.ids)
    return [one[1] for one in found if one is not None and one[0] is register]


def _chosen(ask: Ask, register: Register, registers: Registers, arguments: Arguments) -> Iterator[str]:
    for selector in ask.selectors:
        if not _means(selector, register, registers):
            continue
        if selector.ids:
            yield register.one_of(_keys(selector, register, registers), arguments)
        elif selector.pattern is not None:
            yield f"{register.urn} ~ {arguments.add(selector.pattern, 'text')}"
        else:
            yield "TRUE"


def _behind(after: str, register: Register, registers: Registers, arguments: Arguments) -> str:
    """The records that come behind the one of an id, or of which it is none behind all of its Relation's name."""
    relation = after[len(urns.PREFIX) :].partition(":")[0]
    if register.name != relation:
        return "TRUE" if register.name > relation else "FALSE"
    found = registers.of(after)
    return register.behind(found[1], arguments) if found else "FALSE"


def _ids(ids: Sequence[str], pattern: str | None, arguments: Arguments) -> list[str]:
    if ids:
        return [f"r.id = ANY({arguments.add(list(ids), 'text[]')})"]
    if pattern is None:
        return []
    return [f"{SHOWN_ID} ~ {arguments.add(pattern, 'text')}"]


def _selected(selector: Selector, columns: Columns, arguments: Arguments) -> str:
    found = _ids(selector.ids, selector.pattern, arguments)
    if selector.type is not None:
        found.append(compiling.types(selector.type, columns, arguments))
    return "(" + " AND ".join(found or ["TRUE"]) + ")"


def _places(query: geo.GeoQuery, arguments: Arguments) -> tuple[Way, ...]:
    """The ways in to what may be in a geographical relation: by points and by extents, or by the document."""
    if query.attribute != geo.DEFAULT:
        name = arguments.add(query.attribute, "text")
        return (Way(f"r.doc ? {name}", sure=False, shape=f"r.doc->{name}"),)
    points, shapes = "r.x IS NOT NULL AND NOT r.shaped", "r.shaped"
    point = geo.point(query) if query.relation is geo.Relation.NEAR else None
    far = far_of_shapes = None
    box = geo.around(query)
    if box is not None:
        west, south, east, north = box
        corner = arguments.add(((east, north), (west, south)), "box")
        points += f" AND point(r.x, r.y) <@ {corner}"
        shapes += f" AND {_EXTENT} && {corner}"
    if point is not None:
        x, y = (arguments.add(degrees, "float8") for degrees in point)
        sign, metres = ("<=", query.within_m) if query.within_m is not None else (">", query.beyond_m)
        points += f" AND context.metres(r.x, r.y, {x}, {y}) {sign} {arguments.add(metres, 'float8')}"
        if query.within_m is not None:
            place = arguments.add(point, "point")
            far, far_of_shapes = f"point(r.x, r.y) <-> {place}", f"{_EXTENT} <-> {place}"
    return (
        Way(
            points, sure=point is not None, shape=_SHAPE_OF_POINT if point is None else "NULL::jsonb", far=far
        ),
        Way(shapes, sure=False, shape="r.doc->'location'", far=far_of_shapes),
    )


def _place_of_record(query: geo.GeoQuery, column: str, *, nearest: bool, arguments: Arguments) -> Way:
    """The way in to records by the box around their geometry, which tables index."""
    where, far = f"{column} IS NOT NULL", None
    box = geo.around(query)
    if box is not None:
        west, south, east, north = box
        corner = arguments.add(((east, north), (west, south)), "box")
        where += f" AND records.box_of({column}) && {corner}"
    if nearest:
        far = f"records.box_of({column}) <-> {arguments.add(geo.point(query), 'point')}"
    return Way(where, sure=False, shape=f"jsonb_build_object('value', {column})", far=far)
