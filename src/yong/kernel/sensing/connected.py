"""The rows of `sensing.presence` that every door writes.

Doors and the writer write many rows at a time and at the same time. Each statement takes its rows in the order of
the things' ids, so that none waits for a row of one that waits for it.
"""

from collections.abc import Collection, Mapping

from yong.kernel.store.database import Database


async def count_refused(database: Database, refused: Mapping[str, int]) -> None:
    """Count who was not believed to be a thing. Names that never connected may be anything: they are not kept."""
    if refused:
        await database.execute(
            """WITH held AS MATERIALIZED (
                 SELECT p.thing, t.n FROM sensing.presence p
                 JOIN unnest($1::text[], $2::bigint[]) AS t (thing, n) ON t.thing = p.thing
                 ORDER BY p.thing FOR UPDATE OF p)
               UPDATE sensing.presence p SET refused = p.refused + held.n FROM held WHERE p.thing = held.thing""",
            list(refused),
            list(refused.values()),
        )


async def only(database: Database, doors: Collection[str], things: Collection[str]) -> None:
    """Of those that came through `doors`, these things are connected; whoever else was, is not any more."""
    await database.execute(
        """WITH gone AS MATERIALIZED (
             SELECT thing FROM sensing.presence
             WHERE online AND door = ANY($1::text[]) AND NOT thing = ANY($2::text[])
             ORDER BY thing FOR UPDATE)
           UPDATE sensing.presence p SET online = false, connections = 0, disconnected_at = now()
           FROM gone WHERE p.thing = gone.thing""",
        list(doors),
        list(things),
    )
