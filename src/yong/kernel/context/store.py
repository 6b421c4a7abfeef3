"""Rows of entities: read for a change, and written over the version that was read."""

from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec

from yong.kernel.context.logic import Place, point_of
from yong.kernel.context.ngsild.attributes import split
from yong.kernel.context.ngsild.changes import Attributes, Body
from yong.kernel.store.database import Connection, Database, Row

Key = tuple[str, str]  # tenant, id


class Held(msgspec.Struct, kw_only=True, gc=False):
    """An entity as its row has it; `version` None before it is there."""

    tenant: str
    id: str
    body: Body
    owner: str | None
    district: str | None
    place: Place | None = None
    version: int | None = None


class Write(msgspec.Struct, kw_only=True, gc=False):
    """A row to be written: what it was and what it shall be, None for nothing."""

    before: Held | None
    after: Held | None
    changed: list[str]  # attributes
    at: datetime

    @property
    def key(self) -> Key:
        held = self.after or self.before
        assert held is not None
        return held.tenant, held.id


async def held(database: Database, keys: Iterable[Key]) -> dict[Key, Held]:
    """The rows that are there."""
    wanted = list(keys)
    rows = await database.fetch(
        """SELECT e.tenant, e.id, e.type, nullif(e.other_types, '{}') AS other_types, nullif(e.scopes, '{}') AS scopes,
                  e.doc, e.owner_id, e.district, e.location, e.version
           FROM unnest($1::text[], $2::text[]) AS n (tenant, id)
           JOIN context.entity e ON e.tenant = n.tenant AND e.id = n.id""",
        [tenant for tenant, _ in wanted],
        [id_ for _, id_ in wanted],
    )
    return {(row["tenant"], row["id"]): _held(row) for row in rows}


def _held(row: Row) -> Held:
    place = row["location"]
    return Held(
        tenant=row["tenant"],
        id=row["id"],
        body=Body(
            types=(row["type"], *(row["other_types"] or ())),
            scopes=tuple(row["scopes"] or ()),
            attributes=row["doc"] or {},
        ),
        owner=row["owner_id"],
        district=row["district"],
        place=place and (place[0], place[1]),
        version=row["version"],
    )


def place_of(attributes: Attributes) -> Place | None:
    """Where an entity's `location` says that it is."""
    location = attributes.get("location")
    if type(location) is dict and "datasetId" not in location:
        return point_of(location.get("value"))
    instance = split(location).get("") if location is not None else None
    return point_of(instance.get("value")) if instance else None


async def write(connection: Connection, writes: Sequence[Write]) -> set[Key]:
    """Write rows; the keys of those where somebody else was first, which are left as they are."""
    done: set[Key] = set()
    made = [w for w in writes if w.before is None]
    gone = [w for w in writes if w.after is None]
    changed = [w for w in writes if w.before is not None and w.after is not None]
    simple: list[Write] = []
    whole: list[Write] = []
    for one in changed:
        (simple if _simple(one) else whole).append(one)
    if simple:
        done |= await _update(connection, simple)
    if whole:
        done |= await _update_whole(connection, whole)
    if made:
        done |= await _insert(connection, made)
    if gone:
        done |= await _delete(connection, gone)
    return {w.key for w in writes} - done


def _simple(one: Write) -> bool:
    """Whether attributes were put in place and nothing else happened."""
    before, after = one.before, one.after
    assert before is not None
    assert after is not None
    return (
        before.place == after.place
        and before.body.types == after.body.types
        and before.body.scopes == after.body.scopes
        and after.body.attributes.keys() >= set(one.changed)
    )


async def _update(connection: Connection, writes: Sequence[Write]) -> set[Key]:
    rows = await connection.fetch(
        """UPDATE context.entity AS e SET doc = e.doc || n.doc, version = n.version + 1, settled = FALSE, modified_at = n.at
           FROM unnest($1::text[], $2::text[], $3::bigint[], $4::jsonb[], $5::timestamptz[])
                AS n (tenant, id, version, doc, at)
           WHERE e.tenant = n.tenant AND e.id = n.id AND e.version = n.version RETURNING e.tenant, e.id""",
        *_keys(writes),
        [{name: w.after.body.attributes[name] for name in w.changed} for w in writes if w.after],
        [w.at for w in writes],
    )
    return {(row["tenant"], row["id"]) for row in rows}


async def _update_whole(connection: Connection, writes: Sequence[Write]) -> set[Key]:
    after = [w.after for w in writes if w.after]
    rows = await connection.fetch(
        """UPDATE context.entity AS e SET doc = n.doc, version = n.version + 1, settled = FALSE, modified_at = n.at, type = n.kept->'types'->>0,
             other_types = ARRAY(SELECT jsonb_array_elements_text((n.kept->'types') - 0)),
             scopes = ARRAY(SELECT jsonb_array_elements_text(n.kept->'scopes')),
             location = CASE WHEN NOT n.moved THEN e.location WHEN n.x IS NOT NULL THEN point(n.x, n.y) END
           FROM unnest($1::text[], $2::text[], $3::bigint[], $4::jsonb[], $5::timestamptz[], $6::jsonb[], $7::boolean[],
                       $8::float8[], $9::float8[])
                AS n (tenant, id, version, doc, at, kept, moved, x, y)
           WHERE e.tenant = n.tenant AND e.id = n.id AND e.version = n.version RETURNING e.tenant, e.id""",
        *_keys(writes),
        [a.body.attributes for a in after],
        [w.at for w in writes],
        [_kept(a.body) for a in after],
        [w.before.place != w.after.place for w in writes if w.before and w.after],
        *_places(after),
    )
    return {(row["tenant"], row["id"]) for row in rows}


async def _insert(connection: Connection, writes: Sequence[Write]) -> set[Key]:
    after = [w.after for w in writes if w.after]
    rows = await connection.fetch(
        """INSERT INTO context.entity (tenant, id, doc, created_at, modified_at, type, other_types, scopes, owner_id,
                                       district, location)
           SELECT tenant, id, doc, at, at, kept->'types'->>0, ARRAY(SELECT jsonb_array_elements_text((kept->'types') - 0)),
                  ARRAY(SELECT jsonb_array_elements_text(kept->'scopes')), owner, district,
                  CASE WHEN x IS NOT NULL THEN point(x, y) END
           FROM unnest($1::text[], $2::text[], $3::jsonb[], $4::timestamptz[], $5::jsonb[], $6::text[], $7::text[],
                       $8::float8[], $9::float8[])
                AS n (tenant, id, doc, at, kept, owner, district, x, y)
           ORDER BY tenant, id ON CONFLICT DO NOTHING RETURNING tenant, id""",
        [a.tenant for a in after],
        [a.id for a in after],
        [a.body.attributes for a in after],
        [w.at for w in writes],
        [_kept(a.body) for a in after],
        [a.owner for a in after],
        [a.district for a in after],
        *_places(after),
    )
    return {(row["tenant"], row["id"]) for row in rows}


async def _delete(connection: Connection, writes: Sequence[Write]) -> set[Key]:
    rows = await connection.fetch(
        """DELETE FROM context.entity AS e
           USING unnest($1::text[], $2::text[], $3::bigint[]) AS n (tenant, id, version)
           WHERE e.tenant = n.tenant AND e.id = n.id AND e.version = n.version RETURNING e.tenant, e.id""",
        *_keys(writes),
    )
    return {(row["tenant"], row["id"]) for row in rows}


def _kept(body: Body) -> dict[str, list[str]]:
    """Lists within an object: lists in a list would be one array of several dimensions."""
    return {"types": list(body.types), "scopes": list(body.scopes)}


def _keys(writes: Sequence[Write]) -> tuple[list[str], list[str], list[int | None]]:
    before = [w.before for w in writes if w.before]
    return [b.tenant for b in before], [b.id for b in before], [b.version for b in before]


def _places(after: Sequence[Held]) -> tuple[list[float | None], list[float | None]]:
    return [a.place[0] if a.place else None for a in after], [a.place[1] if a.place else None for a in after]


async def make_tenants(connection: Connection, names: Iterable[str]) -> None:
    """Make tenants that are not there yet."""
    wanted = sorted(names)
    if wanted:
        await connection.execute(
            "INSERT INTO context.tenant (name) SELECT unnest($1::text[]) ON CONFLICT DO NOTHING", wanted
        )


async def has_tenant(database: Database, name: str) -> bool:
    """Whether a tenant was made."""
    return bool(await database.fetchval("SELECT EXISTS (SELECT 1 FROM context.tenant WHERE name = $1)", name))
