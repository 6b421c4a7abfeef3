"""The standard's operations on entities (ETSI GS CIM 009 clauses 5.6, 5.7.1), for callers who may."""

from collections.abc import Mapping, Sequence
from typing import Literal

import msgspec

from yong.kernel.access import api as access
from yong.kernel.access.contracts import Caller
from yong.kernel.access.policies import Policies
from yong.kernel.base.city import City
from yong.kernel.base.errors import Conflict, Forbidden, NotFound, Unauthenticated, YongError
from yong.kernel.base.text import Text
from yong.kernel.context.contracts import RELATION, TENANT_RELATION
from yong.kernel.context.ngsild import changes
from yong.kernel.context.ngsild.attributes import Instances
from yong.kernel.context.ngsild.changes import Body, Report
from yong.kernel.context.ngsild.fragments import Fragment
from yong.kernel.context.ngsild.ids import shown
from yong.kernel.context.ngsild.shown import Whole
from yong.kernel.context.recorded import reading as recorded
from yong.kernel.context.recorded import registers
from yong.kernel.context.service import reading, writing
from yong.kernel.context.service.writing import NO_ENTITY, WRITE, Command, Operation, Written

_THERE = Text("对象 {id} 已存在", "Entity {id} exists already")
Verb = Literal["create", "upsert", "replace", "update", "append", "merge", "delete"]
_VERBS: Mapping[str, registers.Verb] = {
    "create": "create", "upsert": "create", "replace": "create", "delete": "delete",
}  # fmt: skip


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where entities are written: the tenant, and whose those are that are made (else the caller's own)."""

    tenant: str = ""
    owner: str | None = None
    district: str | None = None


HERE = Place()


def may_write(city: City, caller: Caller, tenant: str = "") -> None:
    """Raise Unauthenticated or Forbidden unless the caller may write any entity."""
    access.authorize(city, caller, WRITE, TENANT_RELATION if tenant else RELATION)


def may_read(city: City, caller: Caller, tenant: str = "", *, of_records: bool = False) -> None:
    """Raise Unauthenticated or Forbidden unless the caller may see any entity; `of_records`, or any record as one."""
    try:
        reading.rows_of(city, caller, tenant)
    except (Unauthenticated, Forbidden):
        if tenant or not of_records or not any(recorded.all_readable(city, caller)):
            raise


async def whole(city: City, caller: Caller, id: str, *, tenant: str = "") -> Whole:
    """An entity as it is stored, or made of a record. Raises NotFound when there is none that the caller may see."""
    found = None if tenant else await recorded.whole(city, caller, id)
    return found or await reading.whole(city, caller, id, tenant)


async def create_entity(city: City, caller: Caller, fragment: Fragment, *, place: Place = HERE) -> None:
    """Make an entity. Raises Conflict when there is one of that id."""
    assert fragment.id is not None
    await _do(city, caller, "context.create", fragment.id, _create(fragment), place, "create")


async def replace_entity(
    city: City, caller: Caller, id: str, fragment: Fragment, *, place: Place = HERE
) -> None:
    """Put the fragment's attributes in place of all there are."""

    def operation(body: Body | None) -> tuple[Body | None, Report]:
        return changes.replaced(_there(body, id), fragment), Report()

    await _do(city, caller, "context.replace", id, operation, place)


async def merge_entity(
    city: City,
    caller: Caller,
    id: str,
    fragment: Fragment,
    *,
    place: Place = HERE,
    observed_at: str | None = None,
) -> None:
    """Merge the fragment into an entity, member by member; null takes away."""

    def operation(body: Body | None) -> tuple[Body | None, Report]:
        return changes.merged(_there(body, id), fragment, observed_at=observed_at), Report()

    await _do(city, caller, "context.merge", id, operation, place)


async def delete_entity(city: City, caller: Caller, id: str, *, place: Place = HERE) -> None:
    """Delete an entity. Its past stays in history."""
    await _do(city, caller, "context.delete", id, _delete(id), place, "delete")


async def append_attributes(
    city: City, caller: Caller, id: str, fragment: Fragment, *, overwrite: bool = True, place: Place = HERE
) -> Report:
    """Add attributes to an entity, over those it has unless `overwrite` is off; what was done and what not."""
    written = await _do(city, caller, "context.append", id, _append(id, fragment, overwrite=overwrite), place)
    return written.report


async def update_attributes(
    city: City, caller: Caller, id: str, fragment: Fragment, *, place: Place = HERE
) -> Report:
    """Replace attributes that an entity has; what was done and what not."""

    def operation(body: Body | None) -> tuple[Body | None, Report]:
        report = Report()
        return changes.updated(_there(body, id), fragment, report), report

    return (await _do(city, caller, "context.update", id, operation, place)).report


async def update_attribute(
    city: City, caller: Caller, id: str, name: str, given: Instances, *, place: Place = HERE
) -> None:
    """Update members of one attribute. Raises NotFound without that attribute (or instance)."""

    def operation(body: Body | None) -> tuple[Body | None, Report]:
        return changes.partly_updated(_there(body, id), shown(id), name, given), Report()

    await _do(city, caller, "context.update", id, operation, place)


async def replace_attribute(
    city: City, caller: Caller, id: str, name: str, given: Instances, *, place: Place = HERE
) -> None:
    """Put an attribute in place of the one there is. Raises NotFound without that attribute (or instance)."""

    def operation(body: Body | None) -> tuple[Body | None, Report]:
        return changes.partly_updated(_there(body, id), shown(id), name, given, whole=True), Report()

    await _do(city, caller, "context.replace", id, operation, place)


async def delete_attribute(
    city: City,
    caller: Caller,
    id: str,
    name: str,
    *,
    dataset: str = "",
    every: bool = False,
    place: Place = HERE,
) -> None:
    """Take an instance of an attribute away, or every one. Raises NotFound when it is not there."""

    def operation(body: Body | None) -> tuple[Body | None, Report]:
        return changes.without(_there(body, id), shown(id), name, dataset, every=every), Report()

    await _do(city, caller, "context.delete", id, operation, place)


async def batch(
    city: City,
    caller: Caller,
    verb: Verb,
    items: Sequence[Fragment],
    *,
    overwrite: bool = True,
    place: Place = HERE,
) -> list[Written | BaseException]:
    """Do one thing to many entities: for each what became of it, or its error.

    `upsert` makes those that are not there and puts the given attributes over those of the others, `replace`
    makes or replaces whole entities, `update` needs them to be there and so does `append`.
    """
    may_write(city, caller, place.tenant)
    if verb in ("update", "append", "merge", "delete"):
        await reading.known_tenant(city, place.tenant)
    owner, district = _whose(city, caller, place)
    commands = [
        Command(
            caller=caller,
            action=f"context.{verb}",
            id=str(item.id),
            operation=_in_batch(city, verb, item, overwrite),
            tenant=place.tenant,
            owner=owner,
            district=district,
        )
        for item in items
    ]
    return await writing.commit(city, commands)


def _in_batch(city: City, verb: Verb, item: Fragment, overwrite: bool) -> Operation:
    id_ = str(item.id)
    try:
        registers.refuse(city, id_, _VERBS.get(verb, "change"))
    except YongError as error:
        return _refused(error)
    match verb:
        case "create":
            return _create(item)
        case "delete":
            return _delete(id_)
        case "update" | "append":
            return _append(id_, item, overwrite=overwrite)
        case "merge":
            return lambda body: (changes.merged(_there(body, id_), item), Report())
        case "upsert":
            return lambda body: (
                (changes.created(item), Report()) if body is None else _append(id_, item)(body)
            )
        case "replace":
            return lambda body: (
                changes.created(item) if body is None else changes.replaced(body, item),
                Report(),
            )


def _refused(error: YongError) -> Operation:
    def operation(body: Body | None) -> tuple[Body | None, Report]:
        raise error

    return operation


def _create(fragment: Fragment) -> Operation:
    def operation(body: Body | None) -> tuple[Body | None, Report]:
        if body is not None:
            raise Conflict(_THERE, id=shown(str(fragment.id)))
        return changes.created(fragment), Report()

    return operation


def _delete(id: str) -> Operation:
    def operation(body: Body | None) -> tuple[Body | None, Report]:
        _there(body, id)
        return None, Report()

    return operation


def _append(id: str, fragment: Fragment, *, overwrite: bool = True) -> Operation:
    def operation(body: Body | None) -> tuple[Body | None, Report]:
        report = Report()
        return changes.appended(_there(body, id), fragment, report, overwrite=overwrite), report

    return operation


def _there(body: Body | None, id: str) -> Body:
    if body is None:
        raise NotFound(NO_ENTITY, id=shown(id)[:200])
    return body


async def _do(
    city: City,
    caller: Caller,
    action: str,
    id: str,
    operation: Operation,
    place: Place,
    verb: registers.Verb = "change",
) -> Written:
    may_write(city, caller, place.tenant)
    registers.refuse(city, id, verb)
    owner = district = None
    if action == "context.create":
        owner, district = _whose(city, caller, place)
    else:
        await reading.known_tenant(city, place.tenant)
    return await writing.change(
        city,
        Command(
            caller=caller,
            action=action,
            id=id,
            operation=operation,
            tenant=place.tenant,
            owner=owner,
            district=district,
        ),
    )


def _whose(city: City, caller: Caller, place: Place) -> tuple[str | None, str | None]:
    """Whose new entities are: as stated, else the caller's party's, in the district of a mandate held for one."""
    held = access.effective(city[Policies], caller)
    owner = place.owner or caller.party or next((m.party for m in held if m.party), None)
    district = place.district or next((m.district for m in held if m.district), None)
    return owner, district
