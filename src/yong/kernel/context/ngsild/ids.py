"""Ids of entities: URIs outside; inside also the codes of things, shown as `urn:yong:<percent-encoded>`."""

import re
from urllib.parse import quote, unquote

from yong.kernel.base.errors import Invalid
from yong.kernel.base.text import Text

LONGEST = 1024
OWN = "urn:yong:"
SHOWN_ID = f"CASE WHEN strpos(r.id, ':') > 0 THEN r.id ELSE '{OWN}' || r.id END"
"""The id of a row `r` of an entity as :func:`shown` shows it, in SQL; codes of things need no escape."""
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`\x00-\x1f\x7f]+")
_NO_URI = Text("{id} 不是 URI", "{id} is no URI")


def is_uri(text: object) -> bool:
    """Whether this is a URI or IRI (RFC 3986, RFC 3987) of a length that is kept."""
    return isinstance(text, str) and len(text) <= LONGEST and _URI.fullmatch(text) is not None


def shown(id: str) -> str:
    """The id of a stored entity as NGSI-LD shows it."""
    return id if is_uri(id) else OWN + quote(id, safe="")


def stored(id: object) -> str:
    """The inverse of :func:`shown`. Raises Invalid for what is no URI."""
    if not isinstance(id, str) or not is_uri(id):
        raise Invalid(_NO_URI, id=str(id)[:200])
    if id.startswith(OWN):
        inside = unquote(id[len(OWN) :])
        if not is_uri(inside) and "\0" not in inside and shown(inside) == id:
            return inside
    return id
