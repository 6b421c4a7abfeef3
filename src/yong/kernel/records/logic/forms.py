"""The form of a table as JSON Schema, draft 2020-12, with words in both languages."""

from collections.abc import Mapping

from yong.kernel.base.relation import Field, Type
from yong.kernel.records.contracts import Table

_TYPES: Mapping[Type, dict[str, object]] = {
    Type.TEXT: {"type": "string"},
    Type.INTEGER: {"type": "integer", "minimum": -(2**63), "maximum": 2**63 - 1},
    Type.NUMBER: {"type": "number"},
    Type.DECIMAL: {"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+)?$"},
    Type.MONEY: {"type": "integer", "x-unit": "fen"},
    Type.BOOLEAN: {"type": "boolean"},
    Type.DATE: {"type": "string", "format": "date"},
    Type.MOMENT: {"type": "string", "format": "date-time"},
    Type.CODE: {"type": "string", "maxLength": 200},
    Type.REFERENCE: {"type": "string", "maxLength": 200},
    Type.GEOMETRY: {"type": "object", "required": ["type", "coordinates"]},
    Type.JSON: {},
}
_WIDGETS: Mapping[Type, str] = {
    Type.TEXT: "text",
    Type.INTEGER: "number",
    Type.NUMBER: "number",
    Type.DECIMAL: "decimal",
    Type.MONEY: "money",
    Type.BOOLEAN: "switch",
    Type.DATE: "date",
    Type.MOMENT: "moment",
    Type.CODE: "select",
    Type.REFERENCE: "reference",
    Type.GEOMETRY: "map",
    Type.JSON: "json",
}


def schema_of(table: Table) -> dict[str, object]:
    """What `values` of a record must be; `x-…` keywords carry what JSON Schema has no word for."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"/records/{table.name}/schema",
        "title": table.title.en,
        "x-title": {"zh": table.title.zh, "en": table.title.en},
        "type": "object",
        "additionalProperties": False,
        "required": [f.name for f in table.fields if f.required],
        "properties": {f.name: _property(f) for f in table.fields},
        "x-key": table.key,
        "x-bitemporal": table.bitemporal,
    }


def _property(field: Field) -> dict[str, object]:
    out: dict[str, object] = dict(_TYPES[field.type])
    if not field.required and "type" in out:
        out["type"] = [out["type"], "null"]
    out["title"] = field.meaning.en
    out["x-title"] = {"zh": field.meaning.zh, "en": field.meaning.en}
    out["x-widget"] = (
        "textarea" if field.type is Type.TEXT and field.max_length > 200 else _WIDGETS[field.type]
    )
    out["x-level"] = field.level.value
    out["x-personal"] = field.personal.value
    if field.type is Type.TEXT:
        out["maxLength"] = field.max_length
        if field.pattern:
            out["pattern"] = f"^(?:{field.pattern})$"
    if field.type is not Type.DECIMAL:
        bounds = {"minimum": field.minimum, "maximum": field.maximum}
        out |= {keyword: bound for keyword, bound in bounds.items() if bound is not None}
    more = {"x-unit": field.unit, "x-format": field.format, "x-codes": field.codes, "x-refers": field.refers}
    return out | {keyword: value for keyword, value in more.items() if value is not None}
