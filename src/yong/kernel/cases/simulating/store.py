"""The SQL of simulations: past cases within reach, and what was done with them. Private to their service."""

from collections.abc import Sequence
from datetime import datetime

from yong.kernel.access.contracts import Scope
from yong.kernel.store.database import Connection, Row


async def past(
    connection: Connection, scope: Scope, procedure: str, version: int | None, class_prefix: str, district: str,
    since: datetime | None, until: datetime | None, names: Sequence[str], most: int,
) -> list[Row]:  # fmt: skip
    """The newest cases of a procedure within reach, those merged into others left out, with what `names` said of them."""
    n = len(scope.args)
    return await connection.fetch(
        f"""SELECT c.id, c.class, c.district, c.urgent, c.supervised, c.source, c.owner_id, c.unit_id, c.opened_at,
                   c.closed_at, c.due_at, c.data->'units' AS units, c.data->>'grade' AS grade,
                   coalesce((SELECT jsonb_object_agg(k, c.data->k) FROM unnest(${n + 7}::text[]) k WHERE c.data ? k),
                            '{{}}') AS said
            FROM cases.case_file c
            WHERE c.procedure = ${n + 1} AND (${n + 2}::int IS NULL OR c.version = ${n + 2}) AND c.state <> 'merged'
              AND starts_with(coalesce(c.class, ''), ${n + 3}) AND starts_with(c.district, ${n + 4})
              AND (${n + 5}::timestamptz IS NULL OR c.opened_at >= ${n + 5})
              AND (${n + 6}::timestamptz IS NULL OR c.opened_at < ${n + 6})
              AND c.id IN (SELECT r.id FROM ({scope.sql}) r)
            ORDER BY c.opened_at DESC, c.id LIMIT ${n + 8}""",
        *scope.args, procedure, version, class_prefix, district, since, until, list(names), most,
    )  # fmt: skip


async def tasks(connection: Connection, cases: Sequence[str]) -> list[Row]:
    """The tasks of cases, and when whoever did each had taken it."""
    return await connection.fetch(
        """SELECT t.case_id, t.element, t.role, t.party, t.state, t.outcome, t.opened_at, t.done_at, t.done_by, k.at AS taken_at
           FROM cases.task t
           LEFT JOIN (SELECT facts->>'task' AS task, account, max(at) AS at FROM cases.log
                      WHERE case_id = ANY($1::text[]) AND what = 'task.taken' GROUP BY 1, 2) k
             ON k.task = t.id AND k.account = t.done_by
           WHERE t.case_id = ANY($1::text[]) ORDER BY t.opened_at, t.id""",
        list(cases),
    )
