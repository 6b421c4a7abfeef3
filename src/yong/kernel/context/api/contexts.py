"""JSON-LD contexts: those in force for a request, and those kept here (clause 5.13)."""

from typing import Any

from yong.kernel.access import api as access
from yong.kernel.access.contracts import Caller
from yong.kernel.base.city import City
from yong.kernel.context.contracts import RELATION
from yong.kernel.context.jsonld import shelf
from yong.kernel.context.jsonld.names import CORE, Names
from yong.kernel.context.jsonld.shelf import Stored
from yong.kernel.context.recorded import reading as recorded
from yong.kernel.store.database import Database

MANAGE = "context.manage_contexts"


async def names(city: City, caller: Caller, context: Any) -> Names:
    """The names of a context that a caller uses, None for the core context alone.

    Raises Invalid for what is no context, ContextUnavailable for one that is not here and may not be fetched.
    """
    if context is None:
        return CORE
    _may_read(city, caller)
    return await shelf.names_of(city, context)


async def contexts(city: City, caller: Caller, kind: str | None = None) -> list[Stored]:
    """The contexts kept here, the newest first."""
    _may_read(city, caller)
    return await shelf.listing(city, kind)


async def one_context(city: City, caller: Caller, id: str) -> Stored:
    """A context kept here, by its id or address. Raises NotFound."""
    _may_read(city, caller)
    return await shelf.read(city, id)


def may_manage_contexts(city: City, caller: Caller) -> None:
    """Raise Unauthenticated or Forbidden unless the caller may keep contexts here."""
    access.authorize(city, caller, MANAGE, "context")


async def add_context(city: City, caller: Caller, document: Any) -> str:
    """Keep a context for everybody; its id. Raises Invalid for what is none."""
    may_manage_contexts(city, caller)
    body = shelf.body_of(document)
    async with city[Database].transaction() as connection:
        id_ = await shelf.add(city, connection, body)
        await access.audit(connection, caller, MANAGE, f"jsonld_context:{id_}", {"made": True})
    return id_


async def delete_context(city: City, caller: Caller, id: str, *, reload: bool = False) -> None:
    """Delete a context kept here, or fetch it anew where it came from elsewhere. Raises NotFound."""
    may_manage_contexts(city, caller)
    async with city[Database].transaction() as connection:
        if reload:
            await shelf.reload(city, connection, id)
        else:
            await shelf.delete(city, connection, id)
        facts = {"reloaded": True} if reload else {"deleted": True}
        await access.audit(connection, caller, MANAGE, f"jsonld_context:{id[:200]}", facts)


def _may_read(city: City, caller: Caller) -> None:
    """Whoever is known and may read or write entities, or records as such, may use the contexts of their names."""
    mine = (("context.write", RELATION), (MANAGE, "context"))
    if any(access.allowed(city, caller, action, target) for action, target in mine):
        return
    if caller.account != "anonymous" and any(recorded.all_readable(city, caller)):
        return
    access.authorize(city, caller, "records.read", RELATION)
