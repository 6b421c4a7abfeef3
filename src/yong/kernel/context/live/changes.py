"""What happened, folded: of each entity the attributes that changed, and whether it was deleted before."""

import re
from collections.abc import Iterator

import msgspec

from yong.kernel.context.contracts import CHANGED, DELETED, Gone
from yong.kernel.context.service.telling import Data

_POSITION = re.compile(r"([0-9a-f]{1,16})-([0-9]{1,18})", re.ASCII)


class Position(msgspec.Struct, frozen=True):
    """A place in the stream of events: which life of the stream (its creation, UTC microseconds), and how far."""

    epoch: int
    seq: int

    def __str__(self) -> str:
        return f"{self.epoch:x}-{self.seq}"


def position_of(text: str) -> Position | None:
    """The inverse of `str(position)`; None of anything else."""
    found = _POSITION.fullmatch(text)
    return Position(int(found[1], 16), int(found[2])) if found else None


class _Kind(msgspec.Struct):
    type: str
    time: str = ""


class _Envelope(_Kind):
    data: Data = msgspec.field(default_factory=Data)


_kind = msgspec.json.Decoder(_Kind).decode
_event = msgspec.json.Decoder(_Envelope).decode


class Change(msgspec.Struct):
    """What happened to one entity since a moment: it was deleted as `gone` says, then these attributes changed.

    `after` says whether anything happened behind the deletion, that is, whether there may be an entity now.
    """

    attributes: set[str]
    gone: Gone | None = None
    after: bool = True


class Changes:
    """Changes by tenant and entity, in the order of the last one of each."""

    def __init__(self) -> None:
        self.of: dict[str, dict[str, Change]] = {}
        self.oldest = ""  # when the first event was made, RFC 3339
        self.count = 0  # entities

    def take(self, payload: bytes) -> None:
        """Fold one event in. What tells of no entity, or cannot be read, changes nothing."""
        try:
            if _kind(payload).type not in (CHANGED, DELETED):
                return
            event = _event(payload)
        except msgspec.MsgspecError:
            return
        self.oldest = self.oldest or event.time
        tenant = self.of.setdefault(event.data.tenant, {})
        for entity, attributes in event.data.entities.items():
            known = tenant.pop(entity, None)
            if known is None:
                self.count += 1
            if event.type == DELETED:
                gone = event.data.gone(entity) or (known.gone if known else None)
                tenant[entity] = Change(set(), gone, after=False)
            elif known is None:
                tenant[entity] = Change(set(attributes))
            else:
                known.attributes.update(attributes)
                known.after = True
                tenant[entity] = known

    def parts(self, most: int) -> Iterator["Changes"]:
        """The same changes, so many entities at a time."""
        if self.count <= most:
            yield self
            return
        for tenant, entities in self.of.items():
            ids = list(entities)
            for at in range(0, len(ids), most):
                part = Changes()
                part.oldest = self.oldest
                part.of[tenant] = {i: entities[i] for i in ids[at : at + most]}
                part.count = len(part.of[tenant])
                yield part
