"""Who may do what, and a Relation as one caller may see it, compiled to SQL.

Nothing reads a Relation past :func:`scoped`. Its SQL is a complete SELECT whose values are masked already,
so filters and sorting over it see only what the caller may see.
"""

import time
from collections.abc import Iterable
from datetime import date
from typing import Any

from yong.kernel.access.contracts import ANONYMOUS, Caller, Mandate, Scope
from yong.kernel.access.policies import Policies, Question
from yong.kernel.base.city import City
from yong.kernel.base.errors import Forbidden, Invalid, Unauthenticated
from yong.kernel.base.relation import Field, Mask, Personal, Relation, Type
from yong.kernel.base.text import Text
from yong.kernel.store.database import Database

STRONG = frozenset({"totp", "oidc_mfa", "key", "module"})  # factors that make a staff mandate count
EVERYBODY = Mandate(id="everybody", role="access.anonymous")
_DENIED = Text("不允许对 {target} 执行 {action}", "{action} on {target} is not allowed")
_UNKNOWN_PURPOSE = Text(
    "没有处理目的 {p}；GET /purposes 列出可用的", "There is no purpose {p}; GET /purposes lists them"
)
_KEPT = 50_000
_DAY_S, _CHINA_S, _EPOCH_DAY = 86_400, 8 * 3600, date(1970, 1, 1).toordinal()


def _today() -> int:
    """The day in China, as an ordinal; a mandate's last day is a day where the city is."""
    return int((time.time() + _CHINA_S) // _DAY_S) + _EPOCH_DAY


def effective(policies: Policies, caller: Caller) -> tuple[Mandate, ...]:
    """The mandates that count now: not run out, and for staff roles only with a second factor.

    A role that no module declares counts for nothing; a module's own role only for that module's own work.
    """
    today = _today()
    strong = not STRONG.isdisjoint(caller.factors)
    held = []
    for mandate in caller.mandates:
        if mandate.until is not None and mandate.until.toordinal() < today:
            continue
        role = policies.roles.get(mandate.role)
        if role is not None:
            if strong or not role.staff:
                held.append(mandate)
        elif (
            "module" in caller.factors and caller.account == f"module:{mandate.role.removesuffix('.system')}"
        ):
            held.append(mandate)
    return (*held, EVERYBODY)


def question(
    caller: Caller,
    mandate: Mandate,
    action: str,
    target: str,
    purpose: str | None,
    field: Field | None = None,
) -> Question:
    """What the policies are asked for one mandate: about a row, or about a field of it."""
    return Question(
        role=mandate.role,
        action=action,
        target=target,
        purpose=purpose,
        personal=field.personal.value if field else "no",
        level=field.level.value if field else "general",
        scoped=mandate.own or mandate.party is not None or mandate.district is not None,
        own=mandate.own,
        factors=caller.factors,
    )


def stated(policies: Policies, purpose: str | None) -> str | None:
    """The purpose as stated, none where it is empty. Raises Invalid for one that no module declares."""
    if not purpose:
        return None
    if purpose not in policies.purposes:
        raise Invalid(_UNKNOWN_PURPOSE, p=purpose[:100])
    return purpose


class Scopes:
    """What was decided and compiled, kept while the policies stand and the day lasts; a City part."""

    def __init__(self) -> None:
        self.stands: tuple[int, int] | None = None
        self.kept: dict[tuple[object, ...], Any] = {}

    def of(self, policies: Policies) -> dict[tuple[object, ...], Any]:
        """The answers that still hold, at most so many."""
        stands = (policies.version, _today())
        if self.stands != stands or len(self.kept) >= _KEPT:
            self.kept, self.stands = {}, stands
        return self.kept


def allowed(city: City, caller: Caller, action: str, target: str, *, purpose: str | None = None) -> bool:
    """Whether any mandate of the caller permits `action` on a module or Relation at all."""
    policies = city[Policies]
    purpose = stated(policies, purpose or caller.purpose)
    kept = city[Scopes].of(policies)
    key = (caller.mandates, caller.factors, caller.account, action, target, purpose)
    known = kept.get(key)
    if known is None:
        known = kept[key] = any(
            policies.permits(question(caller, m, action, target, purpose))
            for m in effective(policies, caller)
        )
    return bool(known)


def authorize(city: City, caller: Caller, action: str, target: str, *, purpose: str | None = None) -> None:
    """Raise Unauthenticated or Forbidden unless :func:`allowed`; Invalid for an unknown purpose."""
    if not allowed(city, caller, action, target, purpose=purpose):
        raise refusal(caller, action, target)


def signed_in(caller: Caller) -> None:
    """Raise Unauthenticated for nobody: what tells of no one and is for all who are somebody."""
    if caller.account == ANONYMOUS.account:
        raise Unauthenticated()


def refusal(caller: Caller, action: str, target: str) -> Unauthenticated | Forbidden:
    """The error that says no: who is not known is asked to sign in."""
    if caller.account == ANONYMOUS.account:
        return Unauthenticated()
    return Forbidden(_DENIED, action=action, target=target)


async def may_touch(
    city: City,
    caller: Caller,
    action: str,
    relation: Relation,
    *,
    owner: str | None,
    district: str | None,
    subject: str | None = None,
    field: Field | None = None,
) -> None:
    """Raise unless some mandate permits `action` on a row of that owner, district and subject.

    `field` says how what is touched is labelled; without it nothing about persons is.
    """
    if not await touches(
        city, caller, action, relation, owner=owner, district=district, subject=subject, field=field
    ):
        raise refusal(caller, action, relation.name)


async def touches(
    city: City,
    caller: Caller,
    action: str,
    relation: Relation,
    *,
    owner: str | None,
    district: str | None,
    subject: str | None = None,
    field: Field | None = None,
) -> bool:
    """Whether some mandate permits `action` on a row of that owner, district and subject."""
    policies = city[Policies]
    purpose = stated(policies, caller.purpose)
    for mandate in effective(policies, caller):
        if mandate.own and (subject is None or subject != caller.party):
            continue
        if mandate.district is not None and not (district or "").startswith(mandate.district):
            continue
        if not policies.permits(question(caller, mandate, action, relation.name, purpose, field)):
            continue
        if mandate.party is None or await _within(city, owner, mandate.party):
            return True
    return False


async def holds(city: City, caller: Caller, role: str, *, party: str | None, district: str | None) -> bool:
    """Whether the caller holds a role, in force today, whose mandate reaches a party and a district.

    What is for no party is for whoever holds the role, wherever they belong.
    """
    for mandate in effective(city[Policies], caller):
        if mandate.role != role or mandate.own:
            continue
        if mandate.district is not None and not (district or "").startswith(mandate.district):
            continue
        if mandate.party is None or party is None or await _within(city, party, mandate.party):
            return True
    return False


async def _within(city: City, party: str | None, of: str) -> bool:
    """Whether a party is another one or below it in the tree."""
    if party == of:
        return True
    found: bool = await city[Database].fetchval(
        "SELECT EXISTS (SELECT 1 FROM access.party WHERE id = $1 AND ancestors @> ARRAY[$2])", party, of
    )
    return found


def scoped(
    city: City,
    relation: Relation,
    caller: Caller,
    *,
    purpose: str | None = None,
    action: str = "records.read",
) -> Scope:
    """A Relation as `caller` may see it for `purpose`.

    Raises Unauthenticated or Forbidden when no mandate lets the caller see any row, Invalid for a purpose
    that no module declares.
    """
    policies = city[Policies]
    purpose = stated(policies, purpose or caller.purpose)
    kept = city[Scopes].of(policies)
    key = (caller.mandates, caller.factors, caller.account, caller.party, relation.name, action, purpose)
    if key not in kept:
        kept[key] = compiled(policies, relation, caller, purpose, action)
    scope: Scope | None = kept[key]
    if scope is None:
        raise refusal(caller, action, relation.name)
    return scope


def over(scope: Scope, relation: Relation, source: str) -> str:
    """The scope's SQL over another source of the Relation's columns, its scope columns among them.

    For a Relation whose rows lie elsewhere too: the same rows and fields are hidden, the same values masked.
    """
    head, found, tail = scope.sql.partition(f" FROM {relation.name} r")
    if not found:
        raise ValueError(f"{relation.name} is not what this scope reads")
    return f"{head} FROM ({source}) r{tail}"


def compiled(
    policies: Policies, relation: Relation, caller: Caller, purpose: str | None, action: str
) -> Scope | None:
    """The scope's SQL, folded where a condition always holds; None where nothing is visible."""
    args: list[object] = []
    rows: dict[Mandate, str] = {}
    for mandate in effective(policies, caller):
        if not policies.permits(question(caller, mandate, action, relation.name, purpose)):
            continue
        condition = _condition(relation, mandate, caller, args)
        if condition is not None:
            rows[mandate] = condition
    if not rows:
        return None
    every = _any(rows.values())
    columns: list[str] = []
    fields: list[str] = []
    masked: set[str] = set()
    absent: set[str] = set()
    audited = False
    for field in relation.fields:

        def holding(act: str, f: Field = field) -> list[str]:
            """The conditions of the mandates that may do so with this field."""
            return [
                c for m, c in rows.items()
                if policies.permits(question(caller, m, act, relation.name, purpose, f))
            ]  # fmt: skip

        clear, shade = holding(action), holding("records.read_masked")
        if not clear and not shade and field.name not in relation.key:
            absent.add(field.name)
            continue
        fields.append(field.name)
        audited = audited or (field.personal is not Personal.NO and bool(clear))
        if _any(clear) in ("TRUE", every):
            columns.append(f'r."{field.name}"')
            continue
        masked.add(field.name)
        columns.append(_partly(field, _any(clear), _any(shade), _any((*clear, *shade)) in ("TRUE", every)))
    columns += [f'r."{k}"' for k in relation.key if k not in fields]
    where = "" if every == "TRUE" else f" WHERE {every}"
    sql, used = _numbered(f"SELECT {', '.join(columns)} FROM {relation.name} r{where}", args)
    return Scope(
        sql=sql,
        args=used,
        fields=tuple(fields),
        masked=frozenset(masked),
        absent=frozenset(absent),
        audited=audited,
    )


def _partly(field: Field, clear: str, shade: str, everywhere: bool) -> str:
    """A field that is clear in some rows or none, masked in those of `shade`, null in all others.

    `everywhere` says that no visible row is left for the last case.
    """
    column = f'r."{field.name}"'
    mask = _mask(field)
    if mask and clear == "FALSE" and everywhere:
        return f'{mask} AS "{field.name}"'
    branches = f"WHEN {clear} THEN {column}"
    if mask and shade != "FALSE":
        branches += f" ELSE {mask}" if everywhere else f" WHEN {shade} THEN {mask}"
    return f'CASE {branches} END AS "{field.name}"'


def _condition(relation: Relation, mandate: Mandate, caller: Caller, args: list[object]) -> str | None:
    """The rows of a mandate as SQL; None when the Relation lacks the column its scope needs."""
    parts = []
    if mandate.party is not None:
        if relation.owner is None:
            return None
        args.append(mandate.party)
        within = f"SELECT id FROM access.party WHERE ancestors @> ARRAY[{_mark(args)}::text]"
        has = f'r."{relation.owner}" IN ({within})'
        parts.append(f'({has} OR r."{relation.beside}" && ARRAY({within}))' if relation.beside else has)
    if mandate.district is not None:
        if relation.district is None:
            return None
        args.append(mandate.district)
        parts.append(f'starts_with(r."{relation.district}", {_mark(args)}::text)')
    if mandate.own:
        if relation.subject is None or caller.party is None:
            return None
        args.append(caller.party)
        parts.append(f'r."{relation.subject}" = {_mark(args)}::text')
    return "(" + " AND ".join(parts) + ")" if parts else "TRUE"


def _mark(args: list[object]) -> str:
    """The place of the last argument in SQL, until it is known which ones the folded SQL still needs."""
    return f"\x00{len(args) - 1}\x00"


def _numbered(sql: str, args: list[object]) -> tuple[str, tuple[object, ...]]:
    """SQL with its marks numbered from $1, and the arguments in that order."""
    pieces = sql.split("\x00")
    used: dict[int, int] = {}
    out = [
        piece if i % 2 == 0 else f"${used.setdefault(int(piece), len(used) + 1)}"
        for i, piece in enumerate(pieces)
    ]
    return "".join(out), tuple(args[i] for i in used)


def _any(conditions: Iterable[str]) -> str:
    """Conditions joined by OR, folded where one is always true."""
    distinct = list(dict.fromkeys(conditions))
    if not distinct:
        return "FALSE"
    return "TRUE" if "TRUE" in distinct else "(" + " OR ".join(distinct) + ")"


def _mask(field: Field) -> str:
    """The SQL of a masked value; none where it is null."""
    column = f'r."{field.name}"'
    if field.type in (Type.TEXT, Type.CODE, Type.REFERENCE):
        masks = {
            Mask.NAME: f"left({column}, 1) || repeat('*', greatest(char_length({column}) - 1, 1))",
            Mask.PHONE: f"CASE WHEN char_length({column}) >= 11 "
            f"THEN left({column}, 3) || '****' || right({column}, 4) ELSE left({column}, 0) || '****' END",
            Mask.CITIZEN_NUMBER: f"CASE WHEN char_length({column}) = 18 "
            f"THEN left({column}, 6) || '**********' || right({column}, 2) ELSE left({column}, 0) || '****' END",
        }
        return masks.get(field.mask, "")
    if field.mask is Mask.DAY and field.type is Type.DATE:
        return f"date_trunc('month', {column}::timestamp)::date"
    if field.mask is Mask.DAY and field.type is Type.MOMENT:
        return f"date_trunc('month', {column}, 'UTC')"
    if field.mask is Mask.PLACE and field.type is Type.GEOMETRY:
        rounded = ", ".join(f"round(({column}->'coordinates'->>{i})::numeric, 2)" for i in (0, 1))
        return (
            f"CASE WHEN {column}->>'type' = 'Point' THEN "
            f"jsonb_build_object('type', 'Point', 'coordinates', jsonb_build_array({rounded})) END"
        )
    return ""
