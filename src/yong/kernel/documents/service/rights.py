"""Who may do what with a document: decided by what it belongs to, its owner, district, subject and labels."""

from yong.kernel.access import api as access
from yong.kernel.access.contracts import Caller
from yong.kernel.access.policies import Policies
from yong.kernel.base.city import City
from yong.kernel.base.errors import Forbidden, Invalid, NotFound, Problem, Unauthenticated
from yong.kernel.base.relation import Field, Level, Personal, Relation, Type
from yong.kernel.base.text import Text
from yong.kernel.documents import store
from yong.kernel.documents.contracts import DOCUMENT, About, Belongs
from yong.kernel.store.database import Database, Row

_UNKNOWN = Text("没有资源 {name}", "There is no Relation {name}")
_PURPOSE = Text(
    "文件含个人信息，请在 X-Purpose 中说明处理目的",
    "The document is about a person: state a purpose (X-Purpose)",
)
_NO_ROW = Text("没有这条记录，或您无权读取", "There is no such row, or none that you may see")


def target(city: City, belongs: Belongs | None) -> Relation:
    """The Relation that a document's rights are asked of: what it belongs to, else documents themselves.

    Raises Invalid for a Relation that is none.
    """
    found = city[Policies].relations.get(belongs.relation if belongs else DOCUMENT)
    if found is None:
        assert belongs is not None
        raise Invalid(
            None, problems=(Problem("/belongs/relation", _UNKNOWN.filled(name=belongs.relation[:100])),)
        )
    return found


def _content(personal: Personal, level: Level) -> Field:
    return Field(
        name="content", type=Type.TEXT, meaning=Text("内容", "Content"), level=level, personal=personal
    )


def some(city: City, caller: Caller, action: str) -> None:
    """Raise Unauthenticated or Forbidden unless the caller may do so with any document at all."""
    relations = city[Policies].relations
    if not any(access.allowed(city, caller, action, name) for name in (DOCUMENT, *relations)):
        raise access.refusal(caller, action, DOCUMENT)


def some_module(city: City, caller: Caller, action: str) -> None:
    """Raise Unauthenticated or Forbidden unless the caller may do so for any module at all."""
    if not any(access.allowed(city, caller, action, module.name) for module in city.registry.modules):
        raise access.refusal(caller, action, "documents")


async def may_keep(city: City, caller: Caller, about: About) -> None:
    """Raise unless the caller may keep a document like that, and sees the row that it is to belong to."""
    relation = target(city, about.belongs)
    await access.may_touch(
        city, caller, "documents.keep", relation, owner=about.owner, district=about.district, subject=about.subject,
        field=_content(about.personal, about.level),
    )  # fmt: skip
    if about.belongs is None or caller.account == f"module:{relation.module}":
        return  # a module writes its row and its documents in one transaction
    try:
        scope = access.scoped(city, relation, caller)
    except (Forbidden, Unauthenticated):
        scope = None
    found = scope is not None and len(relation.key) == 1 and await city[Database].fetchval(
        f'SELECT EXISTS (SELECT 1 FROM ({scope.sql}) r WHERE r."{relation.key[0]}"::text = ${len(scope.args) + 1})',
        *scope.args, about.belongs.id,
    )  # fmt: skip
    if not found:
        raise Invalid(None, problems=(Problem("/belongs/id", _NO_ROW),))


async def may(city: City, caller: Caller, action: str, row: Row, *, whatever_it_says: bool = False) -> bool:
    """Whether the caller may do so with a document; `whatever_it_says` leaves its labels out of account."""
    belongs = Belongs(row["belongs_to"], row["belongs_id"]) if row["belongs_to"] else None
    try:
        relation = target(city, belongs)
    except Invalid:  # of a module that is no longer here: whoever may by itself
        relation = target(city, None)
    field = None if whatever_it_says else _content(Personal(row["personal"]), Level(row["level"]))
    try:
        await access.may_touch(
            city, caller, action, relation,
            owner=row["owner_id"], district=row["district"], subject=row["subject"], field=field,
        )  # fmt: skip
    except (Forbidden, Unauthenticated):
        return False
    return True


async def reached(city: City, caller: Caller, action: str, id: str) -> Row:
    """A document with which the caller may do so.

    Raises NotFound where there is none, and where there is one that the caller may not open either; Forbidden with what
    is missing, Unauthenticated.
    """
    row = await store.one(city[Database], id[:100].replace("\0", ""))
    if row is not None and await may(city, caller, action, row):
        return row
    if row is not None and await may(city, caller, action, row, whatever_it_says=True):
        raise Forbidden(_PURPOSE)
    if row is not None and await may(city, caller, "documents.open", row):
        raise access.refusal(caller, action, DOCUMENT)
    some(city, caller, action)
    raise NotFound
