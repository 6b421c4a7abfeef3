"""Who may do what, and a Relation as one caller may see it, compiled to SQL.

Nothing reads a Relation past :func:`scoped`. Its SQL is a complete SELECT whose values are masked already,
so filters and sorting over it see only what the caller may see.
"""

from collections.abc import Iterable
from datetime import date

import msgspec

from yong.kernel.access.contracts import Caller, Mandate, Scope
from yong.kernel.access.policies import Policies
from yong.kernel.base.city import City
from yong.kernel.base.errors import Forbidden, Unauthenticated
from yong.kernel.base.relation import Field, Mask, Relation, Type
from yong.kernel.base.text import Text
from yong.kernel.store.database import Database

STRONG = frozenset({"totp", "oidc", "key", "module"})  # factors that make a staff mandate count
EVERYBODY = Mandate(id="everybody", role="access.anonymous")
_DENIED = Text("不允许对 {target} 执行 {action}", "{action} on {target} is not allowed")


def effective(policies: Policies, caller: Caller) -> tuple[Mandate, ...]:
    """The mandates that count now: not run out, and for staff roles only with a second factor."""
    today = date.today()  # noqa: DTZ011  # a mandate's last day is a day where the city is
    strong = bool(caller.factors & STRONG)
    held = []
    for mandate in caller.mandates:
        role = policies.roles.get(mandate.role)
        staff = role.staff if role else not mandate.role.endswith(".system")
        if (mandate.until is None or mandate.until >= today) and (strong or not staff):
            held.append(mandate)
    return (*held, EVERYBODY)


def allowed(city: City, caller: Caller, action: str, target: str, *, purpose: str | None = None) -> bool:
    """Whether any mandate of the caller permits `action` on a module or Relation at all."""
    policies = city[Policies]
    purpose = purpose or caller.purpose
    return any(policies.permits(m.role, action, target, purpose=purpose) for m in effective(policies, caller))


def authorize(city: City, caller: Caller, action: str, target: str, *, purpose: str | None = None) -> None:
    """Raise Unauthenticated or Forbidden unless :func:`allowed`."""
    if not allowed(city, caller, action, target, purpose=purpose):
        raise refusal(caller, action, target)


def refusal(caller: Caller, action: str, target: str) -> Unauthenticated | Forbidden:
    """The error that says no: who is not known is asked to sign in."""
    if caller.account == "anonymous":
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
) -> None:
    """Raise unless some mandate permits `action` on a row of that owner, district and subject."""
    policies = city[Policies]
    for mandate in effective(policies, caller):
        if not policies.permits(mandate.role, action, relation.name, purpose=caller.purpose):
            continue
        if mandate.own and (subject is None or subject != caller.party):
            continue
        if mandate.district and not (district or "").startswith(mandate.district):
            continue
        if mandate.party and not await city[Database].fetchval(
            "SELECT EXISTS (SELECT 1 FROM access.party WHERE id = $1 AND ancestors @> ARRAY[$2])",
            owner,
            mandate.party,
        ):
            continue
        return
    raise refusal(caller, action, relation.name)


class _Key(msgspec.Struct, frozen=True):
    relation: str
    action: str
    purpose: str | None
    party: str | None
    mandates: tuple[tuple[str, str | None, str | None, bool], ...]


class Scopes:
    """Compiled scopes, kept while the policies stand; a City part."""

    def __init__(self) -> None:
        self.version = -1
        self.kept: dict[_Key, Scope | None] = {}


def scoped(
    city: City,
    relation: Relation,
    caller: Caller,
    *,
    purpose: str | None = None,
    action: str = "records.read",
) -> Scope:
    """A Relation as `caller` may see it for `purpose`.

    Raises Unauthenticated or Forbidden when no mandate lets the caller see any row.
    """
    policies, scopes = city[Policies], city[Scopes]
    if scopes.version != policies.version or len(scopes.kept) > 50_000:
        scopes.kept.clear()
        scopes.version = policies.version
    purpose = purpose or caller.purpose
    mandates = effective(policies, caller)
    key = _Key(
        relation.name,
        action,
        purpose,
        caller.party if any(m.own for m in mandates) else None,
        tuple((m.role, m.party, m.district, m.own) for m in mandates),
    )
    if key not in scopes.kept:
        scopes.kept[key] = _compiled(policies, relation, caller, mandates, purpose, action)
    scope = scopes.kept[key]
    if scope is None:
        raise refusal(caller, action, relation.name)
    return scope


def _compiled(
    policies: Policies,
    relation: Relation,
    caller: Caller,
    mandates: Iterable[Mandate],
    purpose: str | None,
    action: str,
) -> Scope | None:
    args: list[object] = []
    rows: dict[Mandate, str] = {}
    for mandate in mandates:
        if not policies.permits(mandate.role, action, relation.name, purpose=purpose):
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
        personal, level = field.personal.value, field.level.value

        def sees(mandate: Mandate, act: str, p: str = personal, lv: str = level) -> bool:
            return policies.permits(mandate.role, act, relation.name, purpose=purpose, personal=p, level=lv)

        clear = _any(c for m, c in rows.items() if sees(m, action))
        shaded = any(sees(m, "records.read_masked") for m in rows)
        if clear == "FALSE" and not shaded and field.name not in relation.key:
            absent.add(field.name)
            continue
        fields.append(field.name)
        if clear in ("TRUE", every):
            columns.append(f'r."{field.name}"')
        else:
            masked.add(field.name)
            columns.append(f'CASE WHEN {clear} THEN r."{field.name}" {_mask(field)} END AS "{field.name}"')
        audited = audited or (personal != "no" and clear != "FALSE")
    columns += [f'r."{k}"' for k in relation.key if k not in fields]
    sql, used = _numbered(f"SELECT {', '.join(columns)} FROM {relation.name} r WHERE {every}", args)
    return Scope(
        sql=sql,
        args=used,
        fields=tuple(fields),
        masked=frozenset(masked),
        absent=frozenset(absent),
        audited=audited,
    )


def _condition(relation: Relation, mandate: Mandate, caller: Caller, args: list[object]) -> str | None:
    """The rows of a mandate as SQL; None when the Relation lacks the column its scope needs."""
    parts = []
    if mandate.party is not None:
        if relation.owner is None:
            return None
        args.append(mandate.party)
        parts.append(
            f'r."{relation.owner}" IN (SELECT id FROM access.party WHERE ancestors @> ARRAY[{_mark(args)}::text])'
        )
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
    """The ELSE branch that shows a masked value; none shows null."""
    column = f'r."{field.name}"'
    if field.type in (Type.TEXT, Type.CODE, Type.REFERENCE):
        masks = {
            Mask.NAME: f"ELSE left({column}, 1) || repeat('*', greatest(char_length({column}) - 1, 1))",
            Mask.PHONE: f"ELSE CASE WHEN char_length({column}) >= 8 "
            f"THEN left({column}, 3) || '****' || right({column}, 4) ELSE '****' END",
            Mask.CITIZEN_NUMBER: f"ELSE CASE WHEN char_length({column}) = 18 "
            f"THEN left({column}, 6) || '**********' || right({column}, 2) ELSE '****' END",
        }
        return masks.get(field.mask, "")
    if field.mask is Mask.DAY and field.type is Type.DATE:
        return f"ELSE date_trunc('month', {column}::timestamp)::date"
    if field.mask is Mask.DAY and field.type is Type.MOMENT:
        return f"ELSE date_trunc('month', {column}, 'UTC')"
    if field.mask is Mask.PLACE and field.type is Type.GEOMETRY:
        rounded = ", ".join(f"round(({column}->'coordinates'->>{i})::numeric, 2)" for i in (0, 1))
        return (
            f"ELSE CASE WHEN {column}->>'type' = 'Point' THEN "
            f"jsonb_build_object('type', 'Point', 'coordinates', jsonb_build_array({rounded})) END"
        )
    return ""
