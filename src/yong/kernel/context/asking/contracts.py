"""What is asked, and what is answered."""

import msgspec

from yong.kernel.context.asking.geo import GeoQuery
from yong.kernel.context.ngsild.shown import Whole

MOST = 1000  # entities of one page


class Selector(msgspec.Struct, frozen=True, kw_only=True):
    """Which entities are meant (clause 5.2.33): by type, and by ids or else by a pattern of ids.

    `type` is a tree of `asking.types`, None for every type.
    """

    type: object | None = None
    ids: tuple[str, ...] = ()
    pattern: str | None = None


class Ask(msgspec.Struct, frozen=True, kw_only=True):
    """A query (clause 5.7.2). Names are those under which attributes and types are stored.

    `selectors` are alternatives, none means all; `attrs` asks for entities that have one of them. `q` and `scopes`
    are trees of the languages. `among` narrows everything to some ids. `after` continues behind an entity in the order of ids, which a query has unless it
    asks what is near: that comes nearest first, and goes on by `offset`. Without `moments` nobody asks when an entity
    was made or changed.
    """

    selectors: tuple[Selector, ...] = ()
    attrs: tuple[str, ...] = ()
    q: object | None = None
    scopes: object | None = None
    geo: GeoQuery | None = None
    among: tuple[str, ...] | None = None
    limit: int = 20
    offset: int = 0
    after: str | None = None
    count: bool = False
    moments: bool = True


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """Entities found; how many there are in all, where that was asked; whether more follow."""

    entities: tuple[Whole, ...]
    count: int | None = None
    more: bool = False
