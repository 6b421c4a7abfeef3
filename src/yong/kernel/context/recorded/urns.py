"""Ids of records as entities: `urn:yong:record:<module>.<relation>:<key>`, keys of several columns joined by `~`.

Within a key letters, digits, `-`, `_`, `.`, `:` and all that is neither ASCII nor a space stand for themselves, the
rest is percent-encoded. Every record has one id: what is written in any other way is none.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from urllib.parse import quote, unquote

import msgspec

from yong.kernel.base.relation import Type

PREFIX = "urn:yong:record:"
_SAFE = re.compile(r"[-A-Za-z0-9_.:]*")
_NAME = re.compile(r"[a-z0-9_]+\.[a-z0-9_]+")


def urn(relation: str, *keys: str) -> str:
    """The id of a record, of its key as texts."""
    return f"{PREFIX}{relation}:{'~'.join(map(_part, keys))}"


def is_record(id: str) -> bool:
    """Whether an id is of those kept for records."""
    return id.startswith(PREFIX)


def parse(id: str) -> tuple[str, tuple[str, ...]] | None:
    """The name of the Relation and the key of an id, None of what is no record's."""
    if not id.startswith(PREFIX):
        return None
    relation, colon, rest = id[len(PREFIX) :].partition(":")
    keys = tuple(map(unquote, rest.split("~")))
    if not colon or not _NAME.fullmatch(relation) or urn(relation, *keys) != id:
        return None
    return relation, keys


def _part(key: str) -> str:
    if _SAFE.fullmatch(key):
        return key
    return "".join(
        c if _SAFE.fullmatch(c) or (c > "\x7f" and not c.isspace()) else quote(c, safe="").replace("~", "%7E")
        for c in key
    )


class Key(msgspec.Struct, frozen=True):
    """How a column of a key stands in an id: its type in SQL, what makes a text of it, and which texts are one."""

    kind: str
    text: str  # SQL, with {0} for the column
    reads: Callable[[str], bool]


def _text(given: str) -> bool:
    return "\0" not in given


def _integer(given: str) -> bool:
    return re.fullmatch(r"-?\d{1,19}", given, re.ASCII) is not None and (
        str(int(given)) == given and -(2**63) <= int(given) < 2**63
    )


def _day(given: str) -> bool:
    try:
        return date.fromisoformat(given).isoformat() == given
    except ValueError:
        return False


def _moment(given: str) -> bool:
    if not given.endswith("Z"):
        return False
    try:
        return datetime.fromisoformat(given).isoformat().replace("+00:00", "Z") == given
    except ValueError:
        return False


# The function, which PostgreSQL cannot inline, costs ten times what this look costs that spares it most keys.
_PART = """(CASE WHEN {0} ~ '^[-A-Za-z0-9_.:]*$' COLLATE "C" THEN {0} ELSE context.urn_part({0}) END)"""
_OF_TEXT = Key("text", _PART, _text)
_OF_NUMBER = Key("bigint", "{0}::text", _integer)
KEYS: Mapping[Type, Key] = {
    Type.TEXT: _OF_TEXT,
    Type.CODE: _OF_TEXT,
    Type.REFERENCE: _OF_TEXT,
    Type.INTEGER: _OF_NUMBER,
    Type.MONEY: _OF_NUMBER,
    Type.BOOLEAN: Key("boolean", "{0}::text", frozenset({"true", "false"}).__contains__),
    Type.DATE: Key("date", "to_char({0}, 'YYYY-MM-DD')", _day),
    Type.MOMENT: Key("timestamptz", "replace(context.moment_text({0}), '.000000Z', 'Z')", _moment),
}
"""Columns of other types cannot tell records apart: a fraction has many texts, a document too."""
