"""The Common Query Language CQL2 (OGC 21-065r2), in its text and its JSON form."""

from yong.kernel.geo.features.cql2.document import from_json
from yong.kernel.geo.features.cql2.text import from_text

__all__ = ["from_json", "from_text"]
