"""Who can see this, and why: the answer of the policies and of the compiled scope, in words."""

import msgspec

from yong.kernel.access.contracts import Caller, Mandate
from yong.kernel.access.policies import Policies, Reason
from yong.kernel.access.scope import EVERYBODY, compiled, effective, question
from yong.kernel.base.city import City
from yong.kernel.base.errors import Invalid
from yong.kernel.base.relation import Relation
from yong.kernel.base.text import Text
from yong.kernel.store.database import Database

_SEEN = {
    "clear": Text("原值", "in clear"),
    "partly": Text("部分行为原值", "in clear in some rows"),
    "masked": Text("脱敏", "masked"),
    "absent": Text("不可见", "not visible"),
}


class MandateView(msgspec.Struct, frozen=True, kw_only=True):
    """One mandate: whether it counts and permits, which policies say so, and the rows it reaches."""

    role: str
    counts: bool  # not run out, and signed in strongly enough
    permitted: bool
    reasons: list[Reason]
    rows: Text


class FieldView(msgspec.Struct, frozen=True, kw_only=True):
    """One field: clear, partly, masked or absent, and the policies behind it."""

    name: str
    seen: str
    words: Text
    reasons: list[Reason]


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """Who can see this, and why. `row` says whether the row asked about is visible; null if none was."""

    visible: bool
    summary: Text
    mandates: list[MandateView]
    fields: list[FieldView]
    sql: str | None
    row: bool | None = None


async def explain(
    city: City,
    subject: Caller,
    relation: Relation,
    *,
    action: str,
    purpose: str | None,
    row: dict[str, str] | None = None,
) -> Explanation:
    """What a caller could do with a Relation and which policies decide. Raises Invalid for a wrong key."""
    policies = city[Policies]
    counting = effective(policies, subject)
    views = []
    for mandate in dict.fromkeys((*subject.mandates, EVERYBODY)):
        asked = question(subject, mandate, action, relation.name, purpose)
        permitted, reasons = policies.explain(asked)
        views.append(
            MandateView(
                role=mandate.role,
                counts=mandate in counting,
                permitted=permitted,
                reasons=reasons,
                rows=_rows(mandate, relation),
            )
        )
    scope = compiled(policies, relation, subject, purpose, action)
    if scope is None:
        nothing = Text("看不到任何行", "No row is visible")
        return Explanation(visible=False, summary=nothing, mandates=views, fields=[], sql=None)
    usable = [m for m in counting if policies.permits(question(subject, m, action, relation.name, purpose))]
    fields = []
    for field in relation.fields:
        clear = False
        reasons = []
        for mandate in usable:
            for act in (action, "records.read_masked"):
                asked = question(subject, mandate, act, relation.name, purpose, field)
                yes, why = policies.explain(asked)
                reasons += [r for r in why if r not in reasons]
                clear = clear or (yes and act == action)
        seen = "absent" if field.name in scope.absent else "clear"
        if field.name in scope.masked:
            seen = "partly" if clear else "masked"
        fields.append(FieldView(name=field.name, seen=seen, words=_SEEN[seen], reasons=reasons))
    found = None
    if row is not None:
        if set(row) != set(relation.key):
            raise Invalid(Text("键应为 {key}", "The key is {key}"), key=", ".join(relation.key))
        keys = " AND ".join(
            f'r."{k}"::text = ${n}' for n, k in enumerate(relation.key, start=len(scope.args) + 1)
        )
        sql = f"SELECT EXISTS (SELECT 1 FROM ({scope.sql}) AS r WHERE {keys})"
        found = bool(await city[Database].fetchval(sql, *scope.args, *(row[k] for k in relation.key)))
    rows = list(dict.fromkeys(v.rows for v in views if v.counts and v.permitted))
    summary = Text("；或".join(r.zh for r in rows), "; or ".join(r.en for r in rows))
    return Explanation(visible=True, summary=summary, mandates=views, fields=fields, sql=scope.sql, row=found)


def _rows(mandate: Mandate, relation: Relation) -> Text:
    """The rows that a mandate reaches, in words."""
    parts = []
    for wanted, column, words in (
        (
            mandate.party,
            relation.owner,
            Text(
                "归 {v} 及其下级所有（或共同办理）的行",
                "rows owned by {v} or a party below it, or shared with it",
            )
            if relation.beside
            else Text("归 {v} 及其下级所有的行", "rows owned by {v} or a party below it"),
        ),
        (
            mandate.district,
            relation.district,
            Text("区划代码以 {v} 开头的行", "rows whose area begins with {v}"),
        ),
        ("own" if mandate.own else None, relation.subject, Text("关于本人的行", "rows about oneself")),
    ):
        if wanted is None:
            continue
        if column is None:
            return Text("无（此资源没有相应的列）", "none (this Relation lacks the column for it)")
        parts.append(words.filled(v=wanted))
    if not parts:
        return Text("全市所有行", "all rows of the city")
    return Text("，且".join(p.zh for p in parts), " and ".join(p.en for p in parts))
