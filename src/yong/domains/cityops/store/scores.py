"""The SQL of what is scored. Private to the service."""

from collections.abc import Sequence

import msgspec

from yong.kernel.store.database import Connection


class Kept(msgspec.Struct, frozen=True):
    """A table that keeps every state of its rows with the time during which it held as known."""

    name: str
    key: str
    columns: tuple[tuple[str, str], ...]

    @property
    def names(self) -> str:
        return ", ".join(name for name, _ in self.columns)


_WHEN, _YES, _MANY, _WORD = "timestamptz", "boolean", "integer", "text"

COURSE = Kept(
    "cityops.course_history",
    "case_id",
    (
        ("case_id", _WORD), ("number", _WORD), ("class", _WORD), ("source", _WORD), ("district", _WORD), ("cell", _WORD),
        ("owner_id", _WORD), ("unit_id", _WORD), ("opened_at", _WHEN), ("filed_at", _WHEN), ("rejected_at", _WHEN),
        ("due_at", _WHEN), ("handled_at", _WHEN), ("closed_at", _WHEN), ("state", _WORD), ("outcome", _WORD),
        ("in_time", _YES), ("reworks", _MANY), ("returns", _MANY),
    ),
)  # fmt: skip
TURN = Kept(
    "cityops.turn_history",
    "task",
    (
        ("task", _WORD), ("case_id", _WORD), ("number", _WORD), ("class", _WORD), ("district", _WORD), ("unit_id", _WORD),
        ("begun_at", _WHEN), ("due_at", _WHEN), ("ended_at", _WHEN), ("outcome", _WORD), ("handled", _YES),
        ("in_time", _YES), ("reworked", _YES), ("returned", _YES), ("theirs", _YES), ("hours", "double precision"),
    ),
)  # fmt: skip
DEED = Kept(
    "cityops.deed_history",
    "task",
    (
        ("task", _WORD), ("case_id", _WORD), ("number", _WORD), ("district", _WORD), ("owner_id", _WORD), ("post", _WORD),
        ("element", _WORD), ("outcome", _WORD), ("begun_at", _WHEN), ("done_at", _WHEN), ("hours", "double precision"),
        ("effective", _YES),
    ),
)  # fmt: skip


async def keep(connection: Connection, table: Kept, rows: Sequence[msgspec.Struct]) -> None:
    """Keep rows: the state of one that changed ends, and the new one begins; one that did not change stays."""
    if not rows:
        return
    plain = msgspec.to_builtins(list(rows))
    typed = ", ".join(f"{name} {kind}" for name, kind in table.columns)
    old, new = (", ".join(f"{alias}.{name}" for name, _ in table.columns) for alias in ("h", "n"))
    await connection.execute(
        f"""UPDATE {table.name} h SET recorded_to = now() FROM jsonb_to_recordset($1::jsonb) AS n({typed})
            WHERE h.{table.key} = n.{table.key} AND h.recorded_to IS NULL AND ROW({old}) IS DISTINCT FROM ROW({new})""",
        plain,
    )
    await connection.execute(
        f"""INSERT INTO {table.name} ({table.names}, recorded_from)
            SELECT {new}, now() FROM jsonb_to_recordset($1::jsonb) AS n({typed})
            WHERE NOT EXISTS (SELECT FROM {table.name} h WHERE h.{table.key} = n.{table.key} AND h.recorded_to IS NULL)""",
        plain,
    )
