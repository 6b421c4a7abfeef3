"""Parts of a query as they are sent, by GET, in a Query (clause 5.2.23) or a Subscription (5.2.12), and what they mean."""

from collections.abc import Iterable
from typing import Any

import msgspec

from yong.kernel.base.errors import Invalid
from yong.kernel.base.text import Text
from yong.kernel.context.asking import geo, q, types
from yong.kernel.context.asking.contracts import Selector
from yong.kernel.context.jsonld.names import Names
from yong.kernel.context.ngsild import ids
from yong.kernel.context.ngsild.attributes import attribute_name

SELECTORS = 100
IDS = 1000
_IDS = Text("id 应为 1 至 {n} 个 URI", "id is 1 to {n} URIs")
_OWN = ("id", "type", "scope")


class SentSelector(msgspec.Struct, rename="camel"):
    """An EntitySelector (5.2.33)."""

    type: str = "*"
    id: str | list[str] | None = None
    id_pattern: str | None = None


class SentGeoQuery(msgspec.Struct):
    """A GeoQuery (5.2.13)."""

    georel: str
    geometry: str
    coordinates: list[Any] | str
    geoproperty: str = geo.DEFAULT


def selector(sent: SentSelector, names: Names) -> Selector:
    """Raises Invalid."""
    given = [sent.id] if isinstance(sent.id, str) else (sent.id or [])
    if len(given) > IDS:
        raise Invalid(_IDS, n=IDS)
    tree = None if sent.type == "*" else types.renamed(types.parse(sent.type), names.stored)
    pattern = q.safe_pattern(sent.id_pattern) if sent.id_pattern else None
    return Selector(type=tree, ids=tuple(ids.stored(i.strip()) for i in given), pattern=pattern)


def conditions(text: str, names: Names, words: frozenset[str] = frozenset()) -> object:
    """The tree of `q`; the values of the attributes `words` are terms of a vocabulary. Raises Invalid."""
    return q.renamed(q.parse(text), lambda n: attribute_name(n, "/q", names), names.stored, words)


def geography(sent: SentGeoQuery, names: Names) -> geo.GeoQuery:
    """Raises Invalid."""
    attribute = attribute_name(sent.geoproperty, "/geoproperty", names)
    return geo.parse(sent.georel, sent.geometry, sent.coordinates, attribute)


def members(given: Iterable[str], names: Names) -> frozenset[str]:
    """Stored names of attributes, and of members that every entity has (id, type, scope). Raises Invalid."""
    each = [n.strip() for n in given if n.strip()]
    return frozenset(n if n in _OWN else attribute_name(n, "/attrs", names) for n in each)
