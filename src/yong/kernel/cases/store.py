"""The SQL of cases. Private to its service."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Literal

import msgspec

from yong.kernel.store.database import Connection, Database, Reader, Row

# ---------------------------------------------------------------- procedures


async def procedures(database: Database, name: str | None = None) -> list[Row]:
    """Versions without their files, the newest first."""
    return await database.fetch(
        """SELECT name, version, title, state, made_by, made_at, live_at, encode(sha256, 'hex') AS sha256,
                  (SELECT count(*) FROM cases.case_file c WHERE c.procedure = p.name AND c.version = p.version
                   AND c.state IN ('open', 'suspended')) AS running
           FROM cases.procedure p WHERE $1::text IS NULL OR name = $1 ORDER BY name, version DESC LIMIT 500""",
        name,
    )


async def procedure(database: Database, name: str, version: int | None) -> Row | None:
    """A version with its file; without a number the live one."""
    return await database.fetchrow(
        """SELECT * FROM cases.procedure
           WHERE name = $1 AND CASE WHEN $2::int IS NULL THEN state = 'live' ELSE version = $2 END""",
        name, version,
    )  # fmt: skip


async def shelve(
    connection: Connection,
    name: str,
    title: dict[str, str],
    bpmn: str,
    digest: bytes,
    places: Sequence[str],
    account: str,
) -> int | None:
    """Put a new version on the shelf as a draft; none where the newest is this very file."""
    await connection.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended('cases.procedure ' || $1, 0))", name
    )
    version: int | None = await connection.fetchval(
        """INSERT INTO cases.procedure (name, version, title, bpmn, sha256, places, state, made_by)
           SELECT $1, coalesce(max(version), 0) + 1, $2, $3, $4, $5, 'draft', $6
           FROM cases.procedure WHERE name = $1
           HAVING coalesce((SELECT sha256 FROM cases.procedure WHERE name = $1 ORDER BY version DESC LIMIT 1), '') <> $4
           RETURNING version""",
        name, title, bpmn, digest, list(places), account,
    )  # fmt: skip
    return version


async def make_live(
    connection: Connection, what: Literal["procedure", "decision"], name: str, version: int
) -> bool:
    """Make a version the live one of its name; False where there is none."""
    await connection.execute(
        f"UPDATE cases.{what} SET state = 'retired' WHERE name = $1 AND state = 'live' AND version <> $2",
        name, version,
    )  # fmt: skip
    done = await connection.execute(
        f"""UPDATE cases.{what} SET state = 'live', live_at = coalesce(live_at, now())
            WHERE name = $1 AND version = $2""",
        name, version,
    )  # fmt: skip
    return not done.endswith(" 0")


# ---------------------------------------------------------------- decisions


async def decisions(database: Database, name: str | None = None) -> list[Row]:
    """Versions without their files, the newest first."""
    return await database.fetch(
        """SELECT name, version, title, state, made_by, made_at, live_at, encode(sha256, 'hex') AS sha256
           FROM cases.decision WHERE $1::text IS NULL OR name = $1 ORDER BY name, version DESC LIMIT 500""",
        name,
    )


async def decision(reader: Reader, name: str, version: int) -> Row | None:
    """A version with its file."""
    return await reader.fetchrow(
        "SELECT * FROM cases.decision WHERE name = $1 AND version = $2", name, version
    )


async def live_decision(reader: Reader, name: str) -> int | None:
    """The number of the live version."""
    found: int | None = await reader.fetchval(
        "SELECT version FROM cases.decision WHERE name = $1 AND state = 'live'", name
    )
    return found


async def shelve_decision(
    connection: Connection, name: str, title: dict[str, str], dmn: str, digest: bytes, account: str
) -> int | None:
    """Put a new version on the shelf as a draft; none where the newest is this very file."""
    await connection.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended('cases.decision ' || $1, 0))", name
    )
    version: int | None = await connection.fetchval(
        """INSERT INTO cases.decision (name, version, title, dmn, sha256, state, made_by)
           SELECT $1, coalesce(max(version), 0) + 1, $2, $3, $4, 'draft', $5 FROM cases.decision WHERE name = $1
           HAVING coalesce((SELECT sha256 FROM cases.decision WHERE name = $1 ORDER BY version DESC LIMIT 1), '') <> $4
           RETURNING version""",
        name, title, dmn, digest, account,
    )  # fmt: skip
    return version


# ---------------------------------------------------------------- cases


async def roster(connection: Connection, roles: Sequence[str]) -> list[Row]:
    """The lines of the duty roster for these roles."""
    return await connection.fetch(
        """SELECT account, role, party, class_prefix, area_prefix, starts_on, ends_on, weekdays, from_time, to_time, most
           FROM cases.roster WHERE ended_at IS NULL AND role = ANY($1::text[])""",
        list(roles),
    )


async def loads(connection: Connection, accounts: Sequence[str]) -> dict[str, int]:
    """How many open tasks each of these accounts has."""
    rows = await connection.fetch(
        """SELECT assignee, count(*)::int AS n FROM cases.task
           WHERE state = 'open' AND assignee = ANY($1::text[]) GROUP BY assignee""",
        list(accounts),
    )
    return {row["assignee"]: row["n"] for row in rows}


async def load(connection: Connection, ids: Sequence[str]) -> dict[str, Row]:
    """Cases with their tasks and clocks, locked in one order, so that two batches cannot wait for each other."""
    rows = await connection.fetch(
        """SELECT c.*, t.tasks, k.clocks FROM (
             SELECT * FROM cases.case_file WHERE id = ANY($1::text[]) ORDER BY id FOR NO KEY UPDATE) c
           LEFT JOIN LATERAL (SELECT jsonb_agg(to_jsonb(t)) AS tasks FROM cases.task t
                              WHERE t.case_id = c.id AND t.state = 'open') t ON true
           LEFT JOIN LATERAL (SELECT jsonb_agg(to_jsonb(k)) AS clocks FROM cases.clock k
                              WHERE k.case_id = c.id) k ON true""",
        sorted(set(ids)),
    )
    return {row["id"]: row for row in rows}


async def case_of_task(database: Database, task: str) -> str | None:
    found: str | None = await database.fetchval("SELECT case_id FROM cases.task WHERE id = $1", task)
    return found


class Standing(msgspec.Struct, frozen=True):
    """Where a case stands: its open tasks by element."""

    state: str
    revision: int
    waiting: dict[str, list[str]]


async def standing(database: Database, case: str) -> Standing:
    """Where a case stands that is known to be there."""
    rows = await database.fetch(
        """SELECT c.state, c.revision, t.element, t.id FROM cases.case_file c
           LEFT JOIN cases.task t ON t.case_id = c.id AND t.state = 'open' WHERE c.id = $1 ORDER BY t.id""",
        case,
    )
    waiting: dict[str, list[str]] = {}
    for row in rows:
        if row["element"]:
            waiting.setdefault(row["element"], []).append(row["id"])
    return Standing(rows[0]["state"], rows[0]["revision"], waiting)


async def task_of(connection: Connection, task: str) -> Row | None:
    return await connection.fetchrow("SELECT * FROM cases.task WHERE id = $1", task)


async def others_since(connection: Connection, case: str, account: str, since: datetime) -> bool:
    """Whether anybody else did something with a case since."""
    found: bool = await connection.fetchval(
        "SELECT EXISTS (SELECT 1 FROM cases.log WHERE case_id = $1 AND account <> $2 AND at > $3)",
        case, account, since,
    )  # fmt: skip
    return found


async def logged_document(connection: Connection, case: str, document: str) -> bool:
    found: bool = await connection.fetchval(
        """SELECT EXISTS (SELECT 1 FROM cases.log
                          WHERE case_id = $1 AND what = 'document' AND facts->>'document' = $2)""",
        case, document,
    )  # fmt: skip
    return found


async def asked(connection: Connection, keys: Sequence[str]) -> dict[str, Row]:
    """The cases that were opened under these keys; who opens one under the same key waits until this is over."""
    await connection.execute(
        """SELECT pg_advisory_xact_lock(k) FROM (
             SELECT DISTINCT hashtextextended('cases ' || x, 0) AS k FROM unnest($1::text[]) AS x ORDER BY k OFFSET 0) o""",
        list(keys),
    )
    rows = await connection.fetch(
        "SELECT id, number, asked_key FROM cases.case_file WHERE asked_key = ANY($1::text[])", list(keys)
    )
    return {row["asked_key"]: row for row in rows}


async def numbers(connection: Connection, many: int) -> list[int]:
    rows = await connection.fetch("SELECT nextval('cases.number') AS n FROM generate_series(1, $1)", many)
    return [row["n"] for row in rows]


class Writes(msgspec.Struct):
    """What a batch of cases became, to be written by one statement a table."""

    cases: list[dict[str, Any]] = []
    new_cases: list[dict[str, Any]] = []
    new_tasks: list[dict[str, Any]] = []
    tasks: list[dict[str, Any]] = []
    clocks: list[dict[str, Any]] = []
    happenings: list[dict[str, Any]] = []


_CASE = """id text, number text, procedure text, version integer, marking text, stage text, state text, outcome text,
    title text, description text, class text, source text, urgent boolean, supervised boolean, owner_id text,
    unit_id text, district text, cell text, place text, location jsonb, reporter text, contact text, data jsonb,
    merged_into text, opened_at timestamptz, closed_at timestamptz, due_at timestamptz, hint_at timestamptz,
    yellow_at timestamptz, due_unknown boolean, revision integer, asked_key text, beside text[]"""
_COLUMNS = [column.split()[0] for column in _CASE.replace("\n", " ").split(",")]
_FIXED = {"id", "number", "source", "opened_at", "reporter", "asked_key"}  # of a case that is there
_SET = ", ".join(f"{c} = n.{c}" for c in _COLUMNS if c not in _FIXED)
_SPOT = """CASE WHEN n.location->>'type' = 'Point' THEN point((n.location->'coordinates'->>0)::float,
    (n.location->'coordinates'->>1)::float) END"""
_WRITE = f"""
WITH made AS (
  INSERT INTO cases.case_file ({", ".join(_COLUMNS)}, spot)
  SELECT {", ".join("n." + c for c in _COLUMNS)}, {_SPOT} FROM jsonb_to_recordset($1::jsonb) AS n({_CASE})),
changed AS (
  UPDATE cases.case_file c SET {_SET}, spot = {_SPOT}, changed_at = now()
  FROM jsonb_to_recordset($2::jsonb) AS n({_CASE}) WHERE c.id = n.id),
lapsed AS (
  UPDATE cases.request r SET answer = 'lapsed', answered_at = now()
  FROM jsonb_to_recordset($2::jsonb) AS n(id text, state text)
  WHERE r.case_id = n.id AND n.state IN ('closed', 'merged') AND r.answer IS NULL),
done AS (
  UPDATE cases.task t SET state = n.state, outcome = n.outcome, assignee = n.assignee, party = n.party, urgent = n.urgent,
         due_at = n.due_at, done_at = n.done_at, done_by = n.done_by
  FROM jsonb_to_recordset($3::jsonb) AS n(id text, state text, outcome text, assignee text, party text, urgent boolean,
                                          due_at timestamptz, done_at timestamptz, done_by text)
  WHERE t.id = n.id),
begun AS (
  INSERT INTO cases.task (id, case_id, element, role, party, assignee, state, district, urgent, opened_at, due_at, fires_at)
  SELECT n.id, n.case_id, n.element, n.role, n.party, n.assignee, 'open', n.district, n.urgent, n.opened_at, n.due_at,
         n.fires_at
  FROM jsonb_to_recordset($4::jsonb) AS n(id text, case_id text, element text, role text, party text, assignee text,
       district text, urgent boolean, opened_at timestamptz, due_at timestamptz, fires_at timestamptz)),
timed AS (
  INSERT INTO cases.clock (case_id, name, clock, running, told, next_at)
  SELECT n.case_id, n.name, n.clock, n.running, n.told, n.next_at
  FROM jsonb_to_recordset($5::jsonb) AS n(case_id text, name text, clock jsonb, running boolean, told text,
                                          next_at timestamptz)
  ON CONFLICT (case_id, name) DO UPDATE SET clock = excluded.clock, running = excluded.running, told = excluded.told,
    next_at = excluded.next_at)
INSERT INTO cases.log (case_id, at, what, element, outcome, account, party, note, facts)
SELECT n.case_id, n.at, n.what, n.element, n.outcome, n.account, n.party, n.note, n.facts
FROM jsonb_to_recordset($6::jsonb) AS n(case_id text, at timestamptz, what text, element text, outcome text, account text,
                                        party text, note text, facts jsonb)"""


async def write(connection: Connection, writes: Writes) -> None:
    """All of it in one statement."""
    # Foreign keys are checked when the statement ends: a new case's tasks may come with it.
    plain = msgspec.to_builtins(writes)
    await connection.execute(
        _WRITE,
        plain["new_cases"], plain["cases"], plain["tasks"], plain["new_tasks"], plain["clocks"], plain["happenings"],
    )  # fmt: skip


async def log(database: Database, case: str, limit: int = 1_000) -> list[Row]:
    return await database.fetch(
        "SELECT * FROM cases.log WHERE case_id = $1 ORDER BY id LIMIT $2", case, limit
    )


async def logs_of(database: Database, cases: Iterable[str]) -> list[Row]:
    return await database.fetch(
        "SELECT * FROM cases.log WHERE case_id = ANY($1::text[]) ORDER BY case_id, id", list(cases)
    )


async def tasks(database: Database, case: str) -> list[Row]:
    return await database.fetch(
        "SELECT * FROM cases.task WHERE case_id = $1 ORDER BY opened_at, id LIMIT 500", case
    )


async def parts(database: Database, case: str) -> tuple[list[Row], list[Row], list[Row]]:
    """The clocks, requests and links of a case."""
    clocks = await database.fetch("SELECT * FROM cases.clock WHERE case_id = $1 ORDER BY name", case)
    requests = await database.fetch("SELECT * FROM cases.request WHERE case_id = $1 ORDER BY made_at", case)
    links = await database.fetch("SELECT * FROM cases.link WHERE case_id = $1 ORDER BY made_at", case)
    return clocks, requests, links


# ---------------------------------------------------------------- what time brings


async def due_clocks(connection: Connection, now: datetime, limit: int) -> list[str]:
    """Cases of which a clock has something to tell."""
    rows = await connection.fetch(
        "SELECT DISTINCT case_id FROM cases.clock WHERE running AND next_at <= $1 LIMIT $2", now, limit
    )
    return [row["case_id"] for row in rows]


async def due_events(connection: Connection, now: datetime, limit: int) -> list[Row]:
    """Timers of procedures that have run out."""
    return await connection.fetch(
        """SELECT t.id, t.case_id, t.element FROM cases.task t JOIN cases.case_file c ON c.id = t.case_id
           WHERE t.state = 'open' AND t.fires_at <= $1 AND c.state = 'open' ORDER BY t.fires_at LIMIT $2""",
        now, limit,
    )  # fmt: skip


# ---------------------------------------------------------------- requests and links


async def ask(
    connection: Connection, id_: str, case: str, kind: str, amount: int | None, reason: str,
    account: str, party: str | None,
) -> bool:  # fmt: skip
    """False where one of that kind waits already."""
    done = await connection.execute(
        """INSERT INTO cases.request (id, case_id, kind, amount, reason, by_account, by_party)
           VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING""",
        id_, case, kind, amount, reason, account, party,
    )  # fmt: skip
    return not done.endswith(" 0")


async def answer(connection: Connection, id_: str, answer_: str, account: str) -> Row | None:
    return await connection.fetchrow(
        """UPDATE cases.request SET answer = $2, answered_by = $3, answered_at = now()
           WHERE id = $1 AND answer IS NULL RETURNING *""",
        id_, answer_, account,
    )  # fmt: skip


async def link(
    connection: Connection, case: str, kind: str, target: str, title: str, account: str, most: int
) -> bool:
    done = await connection.execute(
        """INSERT INTO cases.link (case_id, kind, target, title, by_account)
           SELECT $1, $2, $3, $4, $5 WHERE (SELECT count(*) FROM cases.link WHERE case_id = $1) < $6::int
           ON CONFLICT (case_id, kind, target) DO UPDATE SET title = excluded.title""",
        case, kind, target, title, account, most,
    )  # fmt: skip
    return not done.endswith(" 0")


async def unlink(connection: Connection, case: str, kind: str, target: str) -> bool:
    done = await connection.execute(
        "DELETE FROM cases.link WHERE case_id = $1 AND kind = $2 AND target = $3", case, kind, target
    )
    return not done.endswith(" 0")


async def running(database: Database, name: str, version: int, most: int) -> list[Row]:
    """Cases of a procedure that run on another version."""
    return await database.fetch(
        """SELECT id, number, version, marking FROM cases.case_file
           WHERE procedure = $1 AND version <> $2 AND state IN ('open', 'suspended') ORDER BY id LIMIT $3""",
        name, version, most,
    )  # fmt: skip
