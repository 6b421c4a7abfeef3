"""From declarations to tables: what is missing is made, what may widen widens, the rest is refused."""

import hashlib
from collections.abc import Mapping
from datetime import date

import asyncpg

from yong.kernel.base.errors import Refused
from yong.kernel.base.module import Registry
from yong.kernel.base.relation import Field, Type
from yong.kernel.base.text import Text
from yong.kernel.records.contracts import CodeList, Table
from yong.kernel.records.logic import tables as declared
from yong.kernel.store.database import Connection

SQL_TYPES: Mapping[Type, str] = {
    Type.TEXT: "text",
    Type.INTEGER: "bigint",
    Type.NUMBER: "double precision",
    Type.DECIMAL: "numeric",
    Type.MONEY: "bigint",
    Type.BOOLEAN: "boolean",
    Type.DATE: "date",
    Type.MOMENT: "timestamp with time zone",
    Type.CODE: "text",
    Type.REFERENCE: "text",
    Type.GEOMETRY: "jsonb",
    Type.JSON: "jsonb",
}
_WIDER = {
    ("bigint", "numeric"),
    ("integer", "bigint"),
    ("integer", "numeric"),
    ("double precision", "numeric"),
}
_NUMERIC = (Type.INTEGER, Type.NUMBER, Type.DECIMAL, Type.MONEY)
_HEAD = (
    ("id", "text NOT NULL"),
    ("version", "integer NOT NULL DEFAULT 1"),
    ("owner_id", "text"),
    ("district", "text"),
    ("created_at", "timestamptz NOT NULL DEFAULT now()"),
    ("created_by", "text NOT NULL"),
    ("updated_at", "timestamptz NOT NULL DEFAULT now()"),
    ("updated_by", "text NOT NULL"),
    ("ended_at", "timestamptz"),
)
_VALIDITY = (("valid_from", "date NOT NULL"), ("valid_to", "date"))


async def migrate_tables(connection: Connection, registry: Registry) -> None:
    """Bring record tables and declared code lists to what the modules declare (a migration step).

    Raises Refused for a declaration that is wrong or whose change would lose data.
    """
    tables = [table for _, table in registry.of(Table)]
    names = frozenset(t.name for t in tables)
    problems = tuple(p for table in tables for p in declared.faults(table, names))
    if problems:
        raise Refused(
            Text("表的声明有误：{what}", "A table is declared wrongly: {what}"),
            problems=problems,
            what="; ".join(f"{p.pointer} {p.detail.en}" for p in problems[:5]),
        )
    for table in tables:
        await _table(connection, table)
    for table in tables:
        for field in table.fields:
            if field.type is Type.REFERENCE and field.refers in names:
                await _foreign_key(connection, table, field)
    for _, codes in registry.of(CodeList):
        await load_codes(connection, codes)


def quoted(name: str) -> str:
    """`module.noun` as SQL writes it."""
    return ".".join(f'"{part}"' for part in name.split("."))


def columns_of(table: Table) -> tuple[str, ...]:
    """All columns of the table, in no particular order; history has two more."""
    names = [name for name, _ in _HEAD + (_VALIDITY if table.bitemporal else ())]
    return (*names, *(field.name for field in table.fields))


async def _columns(connection: Connection, name: str) -> dict[str, tuple[str, bool]]:
    rows = await connection.fetch(
        """SELECT attname, format_type(atttypid, atttypmod) AS type, attnotnull FROM pg_attribute
           WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped""",
        quoted(name),
    )
    return {r["attname"]: (r["type"], r["attnotnull"]) for r in rows}


async def _table(connection: Connection, table: Table) -> None:
    main, history = quoted(table.name), quoted(f"{table.name}_history")
    head = _HEAD + (_VALIDITY if table.bitemporal else ())
    present = await _columns(connection, table.name)
    fresh = not present
    if fresh:
        columns = ", ".join(f'"{name}" {kind}' for name, kind in head)
        check = ", CHECK (valid_to > valid_from)" if table.bitemporal else ""
        await connection.execute(f"CREATE TABLE {main} ({columns}, PRIMARY KEY (id){check})")
        await connection.execute(
            f"CREATE TABLE {history} ({columns}, recorded_from timestamptz NOT NULL, recorded_to timestamptz{check})"
        )
        await connection.execute(f"CREATE INDEX ON {history} (id, recorded_from)")
        await connection.execute(f"CREATE INDEX ON {main} (owner_id)")
        await connection.execute(f"CREATE INDEX ON {main} (district text_pattern_ops)")
        # What was recorded stays recorded: the serving role may close a row of history, never drop one.
        await connection.execute(f"REVOKE DELETE, TRUNCATE ON {history} FROM yong_serve")
        present = await _columns(connection, table.name)
    elif ("valid_from" in present) != table.bitemporal:
        _refuse(table, "bitemporal", Text("不能改变是否双时态", "Whether it is bitemporal cannot change"))
    gone = set(present) - set(columns_of(table))
    if gone:
        _refuse(
            table,
            ", ".join(sorted(gone)),
            Text("声明中去掉了字段，数据会丢失", "A field was left out; its data would be lost"),
        )
    for field in table.fields:
        await _column(connection, table, field, present.get(field.name), fresh)


def _refuse(table: Table, field: str, why: Text) -> None:
    raise Refused(
        Text(
            f"表 {{table}} 的 {{field}}：{why.zh}；请写一个迁移",
            f"Table {{table}}, {{field}}: {why.en}; write a migration",
        ),
        table=table.name,
        field=field,
    )


async def _column(
    connection: Connection, table: Table, field: Field, present: tuple[str, bool] | None, fresh: bool
) -> None:
    main, history = quoted(table.name), quoted(f"{table.name}_history")
    kind = SQL_TYPES[field.type]
    if present is None:
        if field.required and not fresh and await connection.fetchval(f"SELECT 1 FROM {main} LIMIT 1"):
            _refuse(
                table,
                field.name,
                Text("已有数据，不能新增必填字段", "A required field cannot be added to rows that exist"),
            )
        for target in (main, history):
            await connection.execute(f'ALTER TABLE {target} ADD COLUMN "{field.name}" {kind}')
        if field.type is Type.GEOMETRY:
            # By expression, not by a column of its own: a query over a scope finds it only where the scope
            # shows the true place, so a masked place cannot be found by where it really is.
            await connection.execute(f'CREATE INDEX ON {main} USING gist (records.box_of("{field.name}"))')
        present = (kind, False)
    elif present[0] != kind:
        if (present[0], kind) not in _WIDER:
            _refuse(
                table,
                field.name,
                Text(f"不能由 {present[0]} 改为 {kind}", f"It cannot turn from {present[0]} into {kind}"),
            )
        for target in (main, history):
            await connection.execute(f'ALTER TABLE {target} ALTER COLUMN "{field.name}" TYPE {kind}')
    if field.required and not present[1]:
        if await connection.fetchval(f'SELECT 1 FROM {main} WHERE "{field.name}" IS NULL LIMIT 1'):
            _refuse(
                table,
                field.name,
                Text("已有空值，不能改为必填", "It is empty in rows that exist and cannot become required"),
            )
        await connection.execute(f'ALTER TABLE {main} ALTER COLUMN "{field.name}" SET NOT NULL')
    elif not field.required and present[1]:
        await connection.execute(f'ALTER TABLE {main} ALTER COLUMN "{field.name}" DROP NOT NULL')
    await _constraint(connection, table, field, "check", _check(field))
    await _constraint(
        connection, table, field, "unique", f'UNIQUE ("{field.name}")' if field.unique else None
    )
    await _index(connection, table, field)


def _check(field: Field) -> str | None:
    terms = []
    if field.type is Type.TEXT:
        terms.append(f'length("{field.name}") <= {int(field.max_length)}')
    if field.type in _NUMERIC:
        if field.minimum is not None:
            terms.append(f'"{field.name}" >= {field.minimum!r}')
        if field.maximum is not None:
            terms.append(f'"{field.name}" <= {field.maximum!r}')
    return f"CHECK ({' AND '.join(terms)})" if terms else None


def _name(table: Table, field: Field, what: str) -> str:
    plain = f"{table.name.split('.')[1]}_{field.name}_{what}"
    return plain if len(plain) <= 60 else f"{what}_{hashlib.sha256(plain.encode()).hexdigest()[:24]}"


async def _constraint(connection: Connection, table: Table, field: Field, what: str, sql: str | None) -> None:
    """Make, change or drop one constraint; its declaration is kept as its comment to tell a change."""
    main, name = quoted(table.name), _name(table, field, what)
    row = await connection.fetchrow(
        """SELECT obj_description(oid, 'pg_constraint') AS note FROM pg_constraint
           WHERE conrelid = to_regclass($1) AND conname = $2""",
        main,
        name,
    )
    if row is not None:
        if row["note"] == sql:
            return
        await connection.execute(f'ALTER TABLE {main} DROP CONSTRAINT "{name}"')
    if sql is None:
        return
    try:
        async with connection.transaction():
            await connection.execute(f'ALTER TABLE {main} ADD CONSTRAINT "{name}" {sql}')
    except asyncpg.IntegrityConstraintViolationError:
        _refuse(table, field.name, Text("已有数据不符合新的约束", "Rows that exist break the new constraint"))
    note = sql.replace("'", "''")
    await connection.execute(f"""COMMENT ON CONSTRAINT "{name}" ON {main} IS '{note}'""")


async def _index(connection: Connection, table: Table, field: Field) -> None:
    if field.unique or not (field.searchable or field.type in (Type.REFERENCE, Type.CODE)):
        return
    if field.type in (Type.GEOMETRY, Type.JSON):
        return
    module, name = table.name.split(".")[0], _name(table, field, "index")
    if await connection.fetchval("SELECT to_regclass($1)", f'"{module}"."{name}"'):
        return
    # A hash of long text would not do for order; its first 200 characters keep the entry below the page.
    text = SQL_TYPES[field.type] == "text"
    what = (
        f'left("{field.name}", 200) text_pattern_ops'
        if text and field.max_length > 600
        else f'"{field.name}"'
    )
    await connection.execute(f'CREATE INDEX "{name}" ON {quoted(table.name)} ({what})')


async def _foreign_key(connection: Connection, table: Table, field: Field) -> None:
    assert field.refers is not None
    sql = f'FOREIGN KEY ("{field.name}") REFERENCES {quoted(field.refers)} (id)'
    await _constraint(connection, table, field, "reference", sql)


async def load_codes(connection: Connection, codes: CodeList) -> None:
    """Put a code list's codes in place; a code that is there keeps its row and takes the new words and end."""
    await connection.executemany(
        """INSERT INTO records.code (list, code, zh, en, parent, valid_from, valid_to)
           VALUES ($1, $2, $3, $4, $5, $6, $7)
           ON CONFLICT (list, code, valid_from) DO UPDATE SET
             zh = excluded.zh, en = excluded.en, parent = excluded.parent, valid_to = excluded.valid_to""",
        [
            (codes.name, c.code, c.title.zh, c.title.en, c.parent, c.valid_from or date(1, 1, 1), c.valid_to)
            for c in codes.codes
        ],
    )
