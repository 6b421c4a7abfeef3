"""The door of context: what is now, as the caller may see it, and changing it."""

from yong.kernel.base.city import City
from yong.kernel.context.api.contexts import (
    add_context,
    contexts,
    delete_context,
    may_manage_contexts,
    names,
    one_context,
)
from yong.kernel.context.api.discovery import (
    attribute,
    attributes,
    entity_type,
    entity_types,
    may_discover,
)
from yong.kernel.context.api.entities import (
    Place,
    append_attributes,
    batch,
    create_entity,
    delete_attribute,
    delete_entity,
    may_read,
    may_write,
    merge_entity,
    replace_attribute,
    replace_entity,
    update_attribute,
    update_attributes,
    whole,
)
from yong.kernel.context.api.own import Box, near, query, read
from yong.kernel.context.asking.search import search
from yong.kernel.context.contracts import RELATION
from yong.kernel.context.jsonld.shelf import Shelf
from yong.kernel.context.recorded.reading import Reads as RecordReads
from yong.kernel.context.recorded.registers import Registers
from yong.kernel.context.recorded.urns import is_record
from yong.kernel.context.service.observing import Entities
from yong.kernel.context.service.reading import Reads
from yong.kernel.context.service.writing import Desk

__all__ = [
    "RELATION",
    "Box",
    "Place",
    "add_context",
    "append_attributes",
    "attribute",
    "attributes",
    "batch",
    "contexts",
    "create_entity",
    "delete_attribute",
    "delete_context",
    "delete_entity",
    "entity_type",
    "entity_types",
    "is_record",
    "may_discover",
    "may_manage_contexts",
    "may_read",
    "may_write",
    "merge_entity",
    "names",
    "near",
    "one_context",
    "open_parts",
    "query",
    "read",
    "replace_attribute",
    "replace_entity",
    "search",
    "update_attribute",
    "update_attributes",
    "whole",
]


async def open_parts(city: City) -> None:
    """Put context's parts into a City."""
    city.put(Entities, Entities())
    city.put(Shelf, Shelf())
    city.put(Reads, Reads())
    city.put(Desk, Desk(city))
    city.put(Registers, Registers(city))
    city.put(RecordReads, RecordReads())
