"""Tables follow their declarations; a change that would lose something is refused and changes nothing."""

import asyncpg
import msgspec
import pytest

from yong.app import bootstrap
from yong.kernel.base.errors import Refused
from yong.kernel.base.module import Registry
from yong.kernel.base.relation import Type
from yong.kernel.base.text import Text
from yong.kernel.records.contracts import Table
from yong.kernel.records.store import migrate_tables
from yong.kernel.store.migrate import migrate

from .sample import REPAIR, STATION, TABLES, field, module


async def _migrate(url, *declares):
    modules = bootstrap.modules("ningbo")
    await migrate(url, Registry((*modules, module(*declares))), (migrate_tables,))


async def _columns(url, table):
    connection = await asyncpg.connect(url)
    try:
        rows = await connection.fetch(
            "SELECT attname FROM pg_attribute WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped",
            table,
        )
        return {r["attname"] for r in rows}
    finally:
        await connection.close()


def _changed(table, name, **change):
    return msgspec.structs.replace(
        table,
        fields=tuple(msgspec.structs.replace(f, **change) if f.name == name else f for f in table.fields),
    )


async def test_tables_are_made_and_again_changes_nothing(database):
    await _migrate(database.owner_url)
    before = await _columns(database.owner_url, "sample.station")
    await _migrate(database.owner_url)
    assert before == await _columns(database.owner_url, "sample.station")
    assert {"id", "version", "owner_id", "district", "code", "place"} <= before
    assert "recorded_to" in await _columns(database.owner_url, "sample.station_history")
    assert {"valid_from", "valid_to"} <= await _columns(database.owner_url, "sample.post")


async def test_a_field_may_be_added_and_an_integer_may_widen(database):
    await _migrate(
        database.owner_url,
        *TABLES,
    )
    wide = _changed(REPAIR, "serial", type=Type.DECIMAL)
    wide = msgspec.structs.replace(wide, fields=(*wide.fields, field("note", Type.TEXT)))
    await _migrate(database.owner_url, STATION, wide)
    assert "note" in await _columns(database.owner_url, "sample.repair")
    assert "note" in await _columns(database.owner_url, "sample.repair_history")


@pytest.mark.parametrize(
    "change",
    [
        lambda: msgspec.structs.replace(STATION, fields=STATION.fields[:-1]),
        lambda: _changed(STATION, "name", type=Type.INTEGER, searchable=False),
        lambda: _changed(STATION, "height_m", required=True),
        lambda: _changed(STATION, "name", max_length=2),
        lambda: msgspec.structs.replace(STATION, bitemporal=True),
        lambda: msgspec.structs.replace(
            STATION, fields=(*STATION.fields, field("new", Type.TEXT, required=True))
        ),
    ],
)
async def test_what_would_lose_or_break_rows_is_refused_whole(database, change):
    await _migrate(database.owner_url, STATION)
    connection = await asyncpg.connect(database.owner_url)
    await connection.execute(
        "INSERT INTO sample.station (id, code, name, created_by, updated_by) VALUES ('A', 'A', 'Long name', 'x', 'x')"
    )
    await connection.close()
    before = await _columns(database.owner_url, "sample.station")
    with pytest.raises(Refused):
        await _migrate(database.owner_url, change())
    assert before == await _columns(database.owner_url, "sample.station")


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "Bad Name"},
        {"name": "version"},
        {"pattern": "(a+)+"},
        {"pattern": "("},
        {"format": "nothing"},
        {"type": Type.CODE},
    ],
)
async def test_a_wrong_declaration_is_refused(database, wrong):
    bad = msgspec.structs.replace(field("plain", Type.TEXT), **wrong)
    with pytest.raises(Refused):
        await _migrate(database.owner_url, msgspec.structs.replace(STATION, fields=(*STATION.fields, bad)))


async def test_history_cannot_be_dropped_by_the_serving_role(database):
    await _migrate(database.owner_url)
    connection = await asyncpg.connect(database.serve_url)
    try:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute("DELETE FROM sample.station_history")
    finally:
        await connection.close()


def test_events_are_named_after_their_table() -> None:
    table = Table(name="geo.grid_cell", title=Text("网格", "Grid cell"), fields=())
    assert [table.event("Created"), table.event("sImported")] == [
        "geo.GridCellCreated",
        "geo.GridCellsImported",
    ]
