"""The SQL of merging. Private to its service."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from yong.kernel.access.contracts import Scope
from yong.kernel.base.relation import Relation
from yong.kernel.geo.merging.conflation import Component, Link, Ref
from yong.kernel.geo.merging.contracts import MOST_POINTS, Columns, RecordRef
from yong.kernel.geo.merging.points import Row as Point
from yong.kernel.store.database import Connection, Database, Reader, Row

_PLAN = "SELECT * FROM geo.merge_plan WHERE name = $1"


async def plan(database: Reader, name: str) -> Row | None:
    return await database.fetchrow(_PLAN, name)


async def plans(database: Database) -> list[Row]:
    return await database.fetch("SELECT * FROM geo.merge_plan ORDER BY name LIMIT 1000")


async def lock(connection: Connection, name: str) -> Row | None:
    """The plan's row, held until the transaction ends: one change of a merging at a time."""
    return await connection.fetchrow(f"{_PLAN} FOR UPDATE", name)


async def keep_plan(
    connection: Connection, name: str, plan: object, owner: str | None, district: str | None
) -> Row:
    row = await connection.fetchrow(
        """INSERT INTO geo.merge_plan AS old (name, plan, owner_id, district) VALUES ($1, $2, $3, $4)
           ON CONFLICT (name) DO UPDATE SET plan = excluded.plan, owner_id = excluded.owner_id,
             district = excluded.district, version = old.version + 1, updated_at = now()
           RETURNING *""",
        name, plan, owner, district,
    )  # fmt: skip
    assert row is not None
    return row


async def touched(connection: Connection, name: str) -> int:
    """A merging's next version."""
    version: int = await connection.fetchval(
        "UPDATE geo.merge_plan SET version = version + 1, updated_at = now() WHERE name = $1 RETURNING version",
        name,
    )
    return version


async def replace_points(connection: Connection, name: str, source: str, rows: Sequence[Point]) -> None:
    await connection.execute("DELETE FROM geo.merge_point WHERE merging = $1 AND source = $2", name, source)
    await connection.copy_records_to_table(
        "merge_point",
        schema_name="geo",
        columns=["merging", "source", "record", "x", "y", "name", "class", "district", "code"],
        records=[(name, source, r.record, r.x, r.y, r.name, r.kind, r.district, r.code) for r in rows],
    )


async def drop_points(connection: Connection, name: str, sources: Sequence[str]) -> None:
    """Files of sources that the plan no longer has go."""
    await connection.execute(
        "DELETE FROM geo.merge_point WHERE merging = $1 AND source <> ALL($2::text[])", name, list(sources)
    )


async def points(database: Database, name: str, source: str) -> list[Point]:
    rows = await database.fetch(
        """SELECT record, x, y, name, class, district, code FROM geo.merge_point
           WHERE merging = $1 AND source = $2 ORDER BY record""",
        name, source,
    )  # fmt: skip
    return [Point(*r) for r in rows]


async def of_relation(database: Database, relation: Relation, scope: Scope, columns: Columns) -> list[Point]:
    """Points of a Relation as a scope shows them, one more than may be."""
    place = f'r."{relation.geometry}"'

    def xy(n: int) -> str:
        return (
            f"CASE WHEN {place}->>'type' = 'Point' AND jsonb_typeof({place}->'coordinates'->{n}) = 'number'"
            f" THEN ({place}->'coordinates'->>{n})::float8 END"
        )

    said = ", ".join(
        f'left(r."{c}"::text, {most})' if c else "NULL::text"
        for c, most in ((columns.name, 200), (columns.kind, 40), (columns.district, 15), (columns.code, 100))
    )
    key = "concat_ws('~', " + ", ".join(f'r."{k}"' for k in relation.key) + ")"
    rows = await database.fetch(
        f"SELECT {key} AS record, {xy(0)}, {xy(1)}, {said} FROM ({scope.sql}) AS r ORDER BY 1 LIMIT {MOST_POINTS + 1}",
        *scope.args,
    )
    return [Point(*r) for r in rows]


async def order(
    connection: Connection, id_: str, name: str, kind: str, wanted: object, account: str, roles: Sequence[str], purpose: str | None
) -> None:  # fmt: skip
    await connection.execute(
        """INSERT INTO geo.merge_run (id, merging, kind, state, wanted, account, roles, purpose)
           VALUES ($1, $2, $3, 'waiting', $4, $5, $6, $7)""",
        id_, name, kind, wanted, account, list(roles), purpose,
    )  # fmt: skip


async def run(database: Reader, id_: str) -> Row | None:
    return await database.fetchrow("SELECT * FROM geo.merge_run WHERE id = $1", id_)


async def runs(database: Database, name: str) -> list[Row]:
    return await database.fetch(
        "SELECT * FROM geo.merge_run WHERE merging = $1 ORDER BY ordered_at DESC, id DESC LIMIT 100", name
    )


async def waiting(connection: Connection, name: str) -> int:
    count: int = await connection.fetchval(
        "SELECT count(*) FROM geo.merge_run WHERE merging = $1 AND state = 'waiting'", name
    )
    return count


async def finish(
    connection: Connection, id_: str, state: str, *, report: object = None, problem: object = None
) -> None:
    await connection.execute(
        "UPDATE geo.merge_run SET state = $2, report = $3, problem = $4, finished_at = now() WHERE id = $1",
        id_, state, report, problem,
    )  # fmt: skip


async def standing(database: Reader, name: str) -> dict[Ref, str]:
    """The component that each source record is in."""
    rows = await database.fetch(
        "SELECT source, record, component FROM geo.merge_link WHERE merging = $1", name
    )
    return {(r["source"], r["record"]): r["component"] for r in rows}


async def decisions(database: Reader, name: str) -> list[tuple[RecordRef, RecordRef, bool]]:
    rows = await database.fetch("SELECT * FROM geo.merge_decision WHERE merging = $1", name)
    return [
        (RecordRef(r["a_source"], r["a_record"]), RecordRef(r["b_source"], r["b_record"]), r["same"])
        for r in rows
    ]


async def decide(
    connection: Connection,
    name: str,
    account: str,
    said: Sequence[tuple[RecordRef, RecordRef, bool | None, str | None]],
) -> None:
    """Take down decisions on ordered pairs; None takes back what was said."""
    await connection.executemany(
        """DELETE FROM geo.merge_decision
           WHERE merging = $1 AND a_source = $2 AND a_record = $3 AND b_source = $4 AND b_record = $5""",
        [(name, a.source, a.record, b.source, b.record) for a, b, _, _ in said],
    )
    await connection.executemany(
        """INSERT INTO geo.merge_decision (merging, a_source, a_record, b_source, b_record, same, note, account)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8)""",
        [
            (name, a.source, a.record, b.source, b.record, same, note, account)
            for a, b, same, note in said
            if same is not None
        ],
    )


async def keep_doubts(
    connection: Connection, run: str, rows: Sequence[tuple[str, str, str, str, Mapping[str, Any]]]
) -> None:
    await connection.copy_records_to_table(
        "merge_doubt",
        schema_name="geo",
        columns=["run", "number", "a_source", "a_record", "b_source", "b_record", "doubt"],
        records=[(run, n, *row) for n, row in enumerate(rows)],
    )


async def carry_doubts(connection: Connection, found_run: str | None, to: str) -> None:
    """The work list of the run before goes on under a run that made none of its own."""
    await connection.execute(
        """INSERT INTO geo.merge_doubt (run, number, a_source, a_record, b_source, b_record, doubt)
           SELECT $2, number, a_source, a_record, b_source, b_record, doubt FROM geo.merge_doubt WHERE run = $1""",
        found_run, to,
    )  # fmt: skip


async def forget_dry_runs(connection: Connection, name: str, keep: str) -> None:
    """A dry run's doubts are of use until the next run."""
    await connection.execute(
        """DELETE FROM geo.merge_doubt d USING geo.merge_run r
           WHERE r.id = d.run AND r.merging = $1 AND r.id <> $2 AND (r.wanted->>'dry_run')::boolean""",
        name, keep,
    )  # fmt: skip


async def doubts(database: Database, name: str, run: str, after: int, limit: int) -> list[Row]:
    """Doubtful pairs of a run that nobody decided, after a number, one more than asked for."""
    return await database.fetch(
        """SELECT d.number, d.doubt FROM geo.merge_doubt d WHERE d.run = $2 AND d.number > $3
             AND NOT EXISTS (SELECT 1 FROM geo.merge_decision x WHERE x.merging = $1
               AND (x.a_source, x.a_record, x.b_source, x.b_record) = (d.a_source, d.a_record, d.b_source, d.b_record))
           ORDER BY d.number LIMIT $4""",
        name, run, after, limit + 1,
    )  # fmt: skip


_VALUES = ("class", "name", "lon", "lat", "accuracy_m", "confidence", "records", "district")
_LINK = ("source", "record", "component", "lon", "lat", "accuracy_m", "offset_m", "name", "class", "district")


async def stage(connection: Connection, components: Sequence[Component], links: Sequence[Link]) -> None:
    """Put a run's outcome beside what stands, for the rest of the transaction."""
    await connection.execute(
        """CREATE TEMP TABLE new_component (id text PRIMARY KEY, class text, name text, lon float8, lat float8,
             accuracy_m float8, confidence float8, records integer, district text) ON COMMIT DROP;
           CREATE TEMP TABLE new_link (source text, record text, component text, lon float8, lat float8,
             accuracy_m float8, offset_m float8, name text, class text, district text) ON COMMIT DROP"""
    )
    await connection.copy_records_to_table("new_component", records=components)
    await connection.copy_records_to_table("new_link", records=links)
    await connection.execute("CREATE INDEX ON new_link (component); ANALYZE new_component; ANALYZE new_link")


async def compare(connection: Connection, name: str, only: Sequence[str] | None = None) -> Row:
    """What the staged outcome changes: makes the table `touched` and counts. `only`: of these components alone."""
    # What is sure to a hundredth less or more for reasons elsewhere is still the same component.
    compared = [v for v in _VALUES if v != "confidence"]
    values, others = (", ".join(f"{t}.{v}" for v in compared) for t in ("c", "n"))
    link, new = (", ".join(f"{t}.{v}" for v in _LINK) for t in ("l", "n"))
    await connection.execute(
        f"""CREATE TEMP TABLE touched ON COMMIT DROP AS
            WITH old AS (SELECT * FROM geo.merge_component
                         WHERE merging = $1 AND ended_at IS NULL AND ($2::text[] IS NULL OR id = ANY($2))),
                 had AS (SELECT l.* FROM geo.merge_link l WHERE l.merging = $1
                         AND ($2::text[] IS NULL OR l.component = ANY($2))),
                 differ AS (
                   SELECT l.component, n.component AS other FROM had l FULL JOIN new_link n USING (source, record)
                   WHERE l.component IS NULL OR n.component IS NULL OR ({link}) IS DISTINCT FROM ({new}))
            SELECT id FROM old c FULL JOIN new_component n USING (id)
            WHERE c.merging IS NULL OR n.id IS NULL OR ({values}) IS DISTINCT FROM ({others})
                  OR abs(c.confidence - n.confidence) > 0.01
            UNION SELECT component FROM differ WHERE component IS NOT NULL
            UNION SELECT other FROM differ WHERE other IS NOT NULL""",
        name, list(only) if only is not None else None,
    )  # fmt: skip
    row = await connection.fetchrow(
        """SELECT count(*) FILTER (WHERE n.id IS NOT NULL AND (c.id IS NULL OR c.ended_at IS NOT NULL)) AS created,
                  count(*) FILTER (WHERE n.id IS NOT NULL AND c.id IS NOT NULL AND c.ended_at IS NULL) AS changed,
                  count(*) FILTER (WHERE n.id IS NULL) AS ended
           FROM touched t LEFT JOIN new_component n ON n.id = t.id LEFT JOIN geo.merge_component c ON c.id = t.id"""
    )
    assert row is not None
    return row


async def apply(connection: Connection, name: str, run: str, owner: str | None, at: datetime) -> None:
    """Change what is touched, after its state was kept for the day on which the run is undone."""
    await connection.execute("CREATE INDEX ON touched (id); ANALYZE touched")
    await connection.execute(
        """INSERT INTO geo.merge_before (run, component, was, links)
           SELECT $1, t.id, to_jsonb(c), (SELECT jsonb_agg(to_jsonb(l) ORDER BY l.source, l.record)
                                          FROM geo.merge_link l WHERE l.component = t.id)
           FROM touched t LEFT JOIN geo.merge_component c ON c.id = t.id""",
        run,
    )
    await connection.execute(
        "DELETE FROM geo.merge_link l USING touched t WHERE l.component = t.id AND l.merging = $1", name
    )
    columns = ", ".join(_LINK)
    await connection.execute(
        f"""INSERT INTO geo.merge_link (merging, {columns})
            SELECT $1, {", ".join(f"n.{c}" for c in _LINK)} FROM new_link n JOIN touched t ON t.id = n.component""",
        name,
    )
    values = ", ".join(_VALUES)
    await connection.execute(
        f"""INSERT INTO geo.merge_component AS c (id, merging, {values}, geometry, owner_id, run, version, created_at, updated_at)
            SELECT n.id, $1, {", ".join(f"n.{v}" for v in _VALUES)},
                   jsonb_build_object('type', 'Point', 'coordinates', jsonb_build_array(n.lon, n.lat)), $3, $2, 1, $4, $4
            FROM new_component n JOIN touched t USING (id)
            ON CONFLICT (id) DO UPDATE SET {", ".join(f"{v} = excluded.{v}" for v in _VALUES)},
              geometry = excluded.geometry,
              owner_id = excluded.owner_id, run = excluded.run, version = c.version + 1,
              updated_at = excluded.updated_at, ended_at = NULL""",
        name, run, owner, at,
    )  # fmt: skip
    await connection.execute(
        """UPDATE geo.merge_component c SET ended_at = $2, updated_at = $2, version = version + 1, run = $1
           FROM touched t WHERE t.id = c.id AND NOT EXISTS (SELECT 1 FROM new_component n WHERE n.id = c.id)""",
        run, at,
    )  # fmt: skip


async def stand_on(connection: Connection, name: str, run: str | None, model: object) -> None:
    """Say which run the merged set stands on, and with which weights."""
    await connection.execute(
        """UPDATE geo.merge_run r SET head_before = p.head, model_before = p.model
           FROM geo.merge_plan p WHERE p.name = $1 AND r.id = $2""",
        name, run,
    )  # fmt: skip
    await connection.execute(
        "UPDATE geo.merge_plan SET head = $2, model = $3 WHERE name = $1", name, run, model
    )


async def before(connection: Connection, run: str, component: str) -> list[Row]:
    """What a run found of a component, and of those that its records came from."""
    return await connection.fetch(
        """SELECT b.component, b.was, b.links FROM geo.merge_before b
           WHERE b.run = $1 AND (b.component = $2 OR b.links IS NOT NULL AND EXISTS (
             SELECT 1 FROM jsonb_array_elements(b.links) x JOIN geo.merge_link l ON l.component = $2
               AND l.source = x->>'source' AND l.record = x->>'record'))
           ORDER BY b.component""",
        run,
        component,
    )


async def restore(connection: Connection, name: str, run: str) -> int:
    """Put back every component and link that a run changed, exactly as they were; how many components."""
    await connection.execute(
        "DELETE FROM geo.merge_link l USING geo.merge_before b WHERE b.run = $1 AND l.component = b.component",
        run,
    )
    await connection.execute(
        "DELETE FROM geo.merge_component c USING geo.merge_before b WHERE b.run = $1 AND c.id = b.component",
        run,
    )
    await connection.execute(
        """INSERT INTO geo.merge_component SELECT c.* FROM geo.merge_before b,
             LATERAL jsonb_populate_record(NULL::geo.merge_component, b.was) c WHERE b.run = $1 AND b.was IS NOT NULL""",
        run,
    )
    await connection.execute(
        """INSERT INTO geo.merge_link SELECT l.* FROM geo.merge_before b,
             LATERAL jsonb_populate_recordset(NULL::geo.merge_link, b.links) l WHERE b.run = $1 AND b.links IS NOT NULL""",
        run,
    )
    count: int = await connection.fetchval("SELECT count(*) FROM geo.merge_before WHERE run = $1", run)
    await connection.execute(
        """UPDATE geo.merge_plan p SET head = r.head_before, model = r.model_before
           FROM geo.merge_run r WHERE r.id = $2 AND p.name = $1""",
        name, run,
    )  # fmt: skip
    await connection.execute("DELETE FROM geo.merge_before WHERE run = $1", run)
    await connection.execute("UPDATE geo.merge_run SET state = 'undone' WHERE id = $1", run)
    return count


async def component(connection: Connection, name: str, id_: str) -> Row | None:
    return await connection.fetchrow(
        "SELECT * FROM geo.merge_component WHERE merging = $1 AND id = $2 AND ended_at IS NULL", name, id_
    )


async def members(connection: Connection, component: str) -> list[Row]:
    return await connection.fetch(
        f"SELECT {', '.join(_LINK)} FROM geo.merge_link WHERE component = $1 ORDER BY source, record",
        component,
    )
