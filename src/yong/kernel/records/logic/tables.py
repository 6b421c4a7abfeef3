"""From a Table to its Relation, and what may be wrong with a declaration."""

import re
from collections.abc import Iterator

from yong.kernel.base.errors import Problem
from yong.kernel.base.module import Registry
from yong.kernel.base.relation import Field, Level, Relation, Type, general
from yong.kernel.base.text import Text
from yong.kernel.records.contracts import Table
from yong.kernel.records.logic.formats import FORMATS

_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
_NESTED = re.compile(r"\([^()]*[*+{][^()]*\)[*+{]|\(\?[=!<P(]|\\[1-9]")


SYSTEM: tuple[Field, ...] = (
    general("id", Type.TEXT, "标识", "Identifier"),
    general("version", Type.INTEGER, "版本", "Version"),
    general("owner_id", Type.TEXT, "所属单位", "Owning party"),
    general("district", Type.TEXT, "行政区划", "District (GB/T 2260)"),
    general("created_at", Type.MOMENT, "新建时间", "Created"),
    general("updated_at", Type.MOMENT, "修改时间", "Changed"),
    general("ended_at", Type.MOMENT, "终止时间", "Ended"),
)
VALIDITY: tuple[Field, ...] = (
    general("valid_from", Type.DATE, "生效日期", "Valid from"),
    general("valid_to", Type.DATE, "失效日期", "Valid to (exclusive)"),
)
RESERVED = frozenset(f.name for f in SYSTEM + VALIDITY) | {
    "created_by",
    "updated_by",
    "recorded_from",
    "recorded_to",
}


def system_of(table: Table) -> tuple[Field, ...]:
    return SYSTEM + (VALIDITY if table.bitemporal else ())


def relation_of(table: Table) -> Relation:
    """The Relation that stands over a table: its fields, then those that every record has."""
    return Relation(
        name=table.name,
        title=table.title,
        key=("id",),
        fields=table.fields + system_of(table),
        owner="owner_id",
        district="district",
        subject=table.subject,
        time=table.time or "updated_at",
        geometry=table.geometry,
        description=table.description,
    )


def relations(registry: Registry) -> Iterator[tuple[Relation, Table | None]]:
    """Every Relation of an install, those over record tables with their Table."""
    for _, table in registry.of(Table):
        yield relation_of(table), table
    for _, relation in registry.of(Relation):
        yield relation, None


def faults(table: Table, tables: frozenset[str]) -> list[Problem]:
    """What is wrong with a declaration; `tables` are the names of all declared tables."""
    found: list[Problem] = []

    def wrong(where: str, zh: str, en: str) -> None:
        found.append(Problem(f"/{table.name}/{where}", Text(zh, en)))

    module, _, noun = table.name.partition(".")
    if not (_NAME.fullmatch(module) and _NAME.fullmatch(noun)):
        wrong("name", "名称应为 <模块>.<名词>", "The name must be <module>.<noun>")
    names = [f.name for f in table.fields]
    if len(set(names)) != len(names):
        wrong("fields", "字段重名", "Two fields share a name")
    for field in table.fields:
        if not _NAME.fullmatch(field.name) or field.name in RESERVED or field.name.endswith("_box"):
            wrong(field.name, "字段名不可用", "This field name cannot be used")
        if field.level is Level.CORE:
            wrong(field.name, "不得保存核心数据", "Core data may not be held")
        if field.type is Type.CODE and not field.codes:
            wrong(field.name, "未指明代码表", "No code list is named")
        if field.type is Type.REFERENCE and not field.refers:
            wrong(field.name, "未指明引用的表", "No Relation is named")
        if field.pattern is not None and not safe(field.pattern):
            wrong(field.name, "正则表达式无效或可能失控", "The pattern is not valid, or may run away")
        if field.format is not None and field.format not in FORMATS:
            wrong(field.name, "没有这个格式", "There is no such format")
    by_name = {f.name: f for f in table.fields}
    if table.key is not None:
        key = by_name.get(table.key)
        if key is None or key.type not in (Type.TEXT, Type.CODE) or not key.required:
            wrong("key", "键应为必填的文本或代码字段", "The key must be a required TEXT or CODE field")
    for role in ("subject", "time", "geometry"):
        name = getattr(table, role)
        if name is not None and name not in by_name:
            wrong(role, "没有这个字段", "There is no such field")
    return found


def safe(pattern: str) -> bool:
    """Whether a pattern compiles and cannot run away: short, no repeated repetition, no look-around."""
    if len(pattern) > 200 or _NESTED.search(pattern) or re.search(r"\)[*+{]", pattern):
        return False
    if len(re.findall(r"(?<!\\)[*+{]", pattern)) > 6:
        return False
    try:
        re.compile(pattern)
    except (re.error, OverflowError):
        return False
    return True
