"""Entities near a place are found by their places alone, also when the planner knows nothing of the table yet."""

from yong.kernel.base.city import City
from yong.kernel.store.database import Database

_NEAR = {
    "context.entity_now": ("entity_near", "point(r.x, r.y) <@ $1::box"),
    "context.tenant_entity_now": ("entity_near_of_tenants", "point(r.x, r.y) <@ $1::box"),
}
_BOX = ((121.52, 29.82), (121.48, 29.78))


async def test_a_table_that_was_just_filled_is_not_read_whole_for_a_place(city: City) -> None:
    """Without statistics a tenant passes for rare: the primary key must not look like a way to narrow a place."""
    async with city[Database].pool.acquire() as connection, connection.transaction():
        for tenant in ("", "north"):
            await connection.execute(
                """INSERT INTO context.entity (tenant, id, type, location, doc)
                   SELECT $1::text, 'urn:p:' || n, 'Placed', point(121 + random(), 29.3 + random()), '{}'
                   FROM generate_series(1, 20000) AS n""",
                tenant,
            )
        await connection.execute("SET LOCAL plan_cache_mode = force_generic_plan")
        for view, (index, near) in _NEAR.items():
            sql = f"EXPLAIN SELECT r.id FROM {view} r WHERE {near} AND NOT r.shaped"
            plan = "\n".join(row[0] for row in await (await connection.prepare(sql)).fetch(_BOX))
            assert index in plan, plan
            assert "BitmapAnd" not in plan, plan
