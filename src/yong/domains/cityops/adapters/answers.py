"""Open311 answers as XML and as JSON: one tree, written both ways, so that both say the same.

JSON follows the XML by the Spark convention (wiki.open311.org/JSON_and_XML_Conversion): a root's list is the array.
"""

from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape

import msgspec

from yong.domains.cityops.logic.open311 import w3c

__all__ = ["JSON", "XML", "as_json", "as_xml", "plain", "w3c"]
JSON = "application/json; charset=utf-8"
XML = "text/xml"  # to which the framework adds the charset, as to all text
Value = object
"""Text, a number, a flag, None, a mapping of values by name, or a sequence whose elements the name tells."""
_ELEMENT = {
    "services": "service",
    "attributes": "attribute",
    "values": "value",
    "service_requests": "request",
    "errors": "error",
    "endpoints": "endpoint",
    "formats": "format",
}


def as_json(tree: Value) -> bytes:
    """A tree as JSON; its root's name is not said."""
    return msgspec.json.encode(tree)


def as_xml(root: str, tree: Value) -> bytes:
    """A tree as XML under a root of that name: no namespace, no attribute, an empty element for what is not known."""
    parts = ['<?xml version="1.0" encoding="UTF-8"?>\n']
    _write(root, tree, parts)
    return "".join(parts).encode()


def _write(name: str, value: Value, parts: list[str]) -> None:
    if value is None or value == "":
        parts.append(f"<{name}/>")
        return
    parts.append(f"<{name}>")
    if isinstance(value, Mapping):
        for inner, one in value.items():
            _write(inner, one, parts)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for one in value:
            _write(_ELEMENT[name], one, parts)
    else:
        parts.append(_text(value))
    parts.append(f"</{name}>")


def _text(value: Value) -> str:
    """What XML 1.0 can hold of a value; tags and quotes are words."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return escape(plain(str(value)))


def plain(text: str) -> str:
    """Text without what XML 1.0 cannot hold (section 2.2)."""
    return "".join(
        c for c in text if c in "\t\n\r" or " " <= c <= "\ud7ff" or "\ue000" <= c <= "\ufffd" or c > "\uffff"
    )
