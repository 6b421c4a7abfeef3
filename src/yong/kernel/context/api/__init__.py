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
from yong.kernel.context.api.live import end_streams, follow
from yong.kernel.context.api.own import Box, near, query, read
from yong.kernel.context.api.subscriptions import (
    create_subscription,
    delete_subscription,
    discard_notification,
    may_subscribe,
    retry_notification,
    subscription,
    subscriptions,
    undelivered,
    update_subscription,
)
from yong.kernel.context.asking.search import search
from yong.kernel.context.contracts import RELATION
from yong.kernel.context.jsonld.shelf import Shelf
from yong.kernel.context.live.hub import Hub
from yong.kernel.context.notifying.keeping import forget as forget_notifications
from yong.kernel.context.notifying.keeping import keep_notifying
from yong.kernel.context.recorded.reading import Reads as RecordReads
from yong.kernel.context.recorded.registers import Registers
from yong.kernel.context.recorded.urns import is_record
from yong.kernel.context.service.observing import Entities
from yong.kernel.context.service.reading import Reads
from yong.kernel.context.service.settling import Sought, settle
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
    "create_subscription",
    "delete_attribute",
    "delete_context",
    "delete_entity",
    "delete_subscription",
    "discard_notification",
    "end_streams",
    "entity_type",
    "entity_types",
    "follow",
    "forget_notifications",
    "is_record",
    "keep_notifying",
    "may_discover",
    "may_manage_contexts",
    "may_read",
    "may_subscribe",
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
    "retry_notification",
    "search",
    "settle",
    "subscription",
    "subscriptions",
    "undelivered",
    "update_attribute",
    "update_attributes",
    "update_subscription",
    "whole",
]


async def open_parts(city: City) -> None:
    """Put context's parts into a City."""
    city.put(Entities, Entities())
    city.put(Shelf, Shelf())
    city.put(Reads, Reads())
    city.put(Sought, Sought())
    city.put(Desk, Desk(city))
    city.at_end(city.put(Hub, Hub(city)).close)
    city.put(Registers, Registers(city))
    city.put(RecordReads, RecordReads())
