"""What crosses the store's door."""

from datetime import datetime

import msgspec


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """A fact in the past tense, written in the transaction of the fact and relayed to the bus.

    Fields follow CloudEvents 1.0: `type` is `<module>.<Noun><PastVerb>` (environment.StationCreated),
    `subject` the id of what it is about.
    """

    type: str
    subject: str
    data: dict[str, object]
    id: str | None = None
    time: datetime | None = None
