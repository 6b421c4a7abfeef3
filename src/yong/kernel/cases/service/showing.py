"""A case as its reader sees it: what it is, who has it, why it is due then, what it went through."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from yong.kernel.access import api as access
from yong.kernel.access.contracts import Caller
from yong.kernel.access.policies import Policies
from yong.kernel.base.city import City
from yong.kernel.base.errors import NotFound
from yong.kernel.base.text import Text
from yong.kernel.cases import store
from yong.kernel.cases.contracts import (
    CaseShown,
    ChoiceShown,
    FieldShown,
    HappeningShown,
    LinkShown,
    RequestShown,
    State,
    TaskShown,
)
from yong.kernel.cases.service.cases import RELATION, holds_any
from yong.kernel.cases.service.clocks import shown
from yong.kernel.cases.service.shelf import Shelved, ready
from yong.kernel.records import api as records
from yong.kernel.records.contracts import Filter, Page
from yong.kernel.store.database import Database, Row

PURPOSE = "cases.handling"
_NO_CASE = Text("没有这个案件", "There is no such case")
_STEER = ("mark", "transfer", "suspend", "merge")

WHAT = {
    "opened": Text("登记", "Opened"),
    "closed": Text("办结", "Closed"),
    "reopened": Text("重新打开", "Reopened"),
    "merged": Text("并案", "Merged into another"),
    "transferred": Text("转办", "Transferred"),
    "suspended": Text("挂起", "Suspended"),
    "resumed": Text("恢复", "Resumed"),
    "note": Text("备注", "Note"),
    "decided": Text("按决策表判定", "Decided by a table"),
    "document": Text("附件", "Document"),
    "document.withdrawn": Text("撤回遮盖副本", "Covered copy withdrawn"),
    "linked": Text("关联", "Linked"),
    "unlinked": Text("取消关联", "Unlinked"),
    "passed": Text("经过", "Passed"),
    "task.taken": Text("认领", "Taken"),
    "task.assigned": Text("按值班表分派", "Given to who is on duty"),
    "task.put_back": Text("退回待领", "Put back"),
    "urgent.on": Text("标为紧急", "Marked urgent"),
    "urgent.off": Text("取消紧急", "No longer urgent"),
    "supervised.on": Text("督办", "Put under supervision"),
    "supervised.off": Text("取消督办", "No longer under supervision"),
    "clock.start": Text("开始计时", "Clock started"),
    "clock.pause": Text("暂停计时", "Clock stopped for the time being"),
    "clock.resume": Text("恢复计时", "Clock runs again"),
    "clock.stop": Text("停止计时", "Clock stopped"),
    "clock.hint": Text("到期提示", "Due soon"),
    "clock.yellow": Text("黄牌警告", "Yellow: most of the time is over"),
    "clock.red": Text("红牌：超期", "Red: past the limit"),
    "asked.extend": Text("申请延期", "Asked for more time"),
    "asked.suspend": Text("申请挂起", "Asked to suspend"),
    "granted.extend": Text("同意延期", "More time granted"),
    "refused.extend": Text("不同意延期", "More time refused"),
    "granted.suspend": Text("同意挂起", "Suspension granted"),
    "refused.suspend": Text("不同意挂起", "Suspension refused"),
    "moved": Text("转入流程新版本", "Moved to another version of the procedure"),
}


async def inbox(
    city: City, caller: Caller, filters: Sequence[Filter], sort: str, cursor: str | None, limit: int
) -> Page:
    """A page of open tasks, each with what its element is called in the reader's language."""
    page = await records.listing(
        city,
        caller,
        "cases.open_task",
        filters=filters,
        sort=sort,
        cursor=cursor,
        limit=limit,
        purpose=PURPOSE,
    )
    for item in page.items:
        values = item.values
        shelved = await ready(city, str(values["procedure"]), int(str(values["version"])))
        place = shelved.sheet.places.get(str(values["element"]))
        values["element_title"] = place.title.in_(caller.language) if place else values["element"]
    return page


async def case(city: City, caller: Caller, id_: str) -> CaseShown:
    """One case with everything about it. Raises NotFound where there is none that the caller may see."""
    scope = await records.present(city, caller, RELATION, id_, purpose=PURPOSE)
    row = await city[Database].fetchrow(
        f"SELECT * FROM ({scope.sql}) r WHERE r.id = ${len(scope.args) + 1}", *scope.args, id_
    )
    if row is None:
        raise NotFound(_NO_CASE)
    shelved = await ready(city, row["procedure"], row["version"])
    tasks = await store.tasks(city[Database], id_)
    clocks, requests, links = await store.parts(city[Database], id_)
    log = await store.log(city[Database], id_)
    names = await _Names.of(city, caller, row, tasks, requests, log)
    sheet, language = shelved.sheet, caller.language
    open_ = [t for t in tasks if t["state"] == "open"]
    return CaseShown(
        id=id_, number=row["number"], procedure=row["procedure"], procedure_title=sheet.title.in_(language),
        version=row["version"], revision=row["revision"], state=row["state"], stage=row["stage"],
        stage_title=sheet.stage(row["stage"]).in_(language), outcome=row["outcome"], title=row.get("title"),
        description=row.get("description"), class_=row["class"], source=row["source"], urgent=row["urgent"],
        supervised=row["supervised"], owner=row["owner_id"], unit=row["unit_id"], unit_name=names.party(row["unit_id"]),
        district=row["district"], cell=row["cell"], place=row.get("place"), location=row.get("location"),
        contact=row.get("contact"), opened_at=row["opened_at"], closed_at=row["closed_at"], due_at=row["due_at"],
        merged_into=row["merged_into"], may=await _may(city, caller, row, open_),
        waiting=sorted({t["element"] for t in open_}),
        passed=dict(Counter(h["element"] for h in log if h["element"])),
        fields=_fields(shelved, row.get("data"), caller),
        tasks=[await _task(city, caller, shelved, t, names, row["state"]) for t in tasks],
        clocks=[shown(k, language) for k in clocks],
        requests=[
            RequestShown(
                id=r["id"], kind=r["kind"], amount=r["amount"], reason=r["reason"],
                by=names.account(r["by_account"]), made_at=r["made_at"], answer=r["answer"],
            )
            for r in requests
        ],
        links=[LinkShown(kind=k["kind"], target=k["target"], title=k["title"]) for k in links],
        log=[_happening(shelved, h, names, caller) for h in log],
    )  # fmt: skip


async def _may(city: City, caller: Caller, row: Row, open_: Sequence[Row]) -> list[str]:
    """What the reader may do with the case as a whole."""
    state, may = row["state"], ["note", "link"]
    if await access.touches(
        city, caller, "cases.steer", city[Policies].relations[RELATION],
        owner=row["unit_id"] or row["owner_id"], district=row["district"],
    ):  # fmt: skip
        may += {
            State.OPEN.value: _STEER,
            State.SUSPENDED.value: ("resume",),
            State.CLOSED.value: ("reopen",),
        }.get(state, ())
        may.append("answer")
    if state == State.OPEN.value and any([await holds_any(city, caller, dict(t)) for t in open_]):
        may.append("ask")
    return sorted(may)


async def _task(
    city: City, caller: Caller, shelved: Shelved, row: Row, names: "_Names", state: str
) -> TaskShown:
    place = shelved.sheet.places.get(row["element"])
    mine = (
        row["state"] == "open"
        and row["assignee"] in (None, caller.account)
        and await holds_any(city, caller, dict(row))
    )
    return TaskShown(
        id=row["id"], element=row["element"], title=place.title.in_(caller.language) if place else row["element"],
        role=row["role"], party=row["party"], party_name=names.party(row["party"]), assignee=row["assignee"],
        assignee_name=names.account(row["assignee"]) if row["assignee"] else None, state=row["state"],
        outcome=row["outcome"], opened_at=row["opened_at"], due_at=row["due_at"], done_at=row["done_at"], mine=mine,
        choices=[
            ChoiceShown(
                name=c.name, title=c.title.in_(caller.language), needs=list(c.needs), fields=list(c.fields)
            )
            for c in (place.choices if place and mine and state == State.OPEN else ())  # nothing while it stands still
        ],
    )  # fmt: skip


def _fields(shelved: Shelved, data: Any, caller: Caller) -> list[FieldShown]:
    said = data if isinstance(data, dict) else {}
    return [
        FieldShown(
            name=f.name, kind=f.kind.value, title=f.title.in_(caller.language), required=f.required,
            value=said.get(f.name), choices=[(code, title.in_(caller.language)) for code, title in f.choices],
        )
        for f in shelved.sheet.fields
    ]  # fmt: skip


def _happening(shelved: Shelved, row: Row, names: "_Names", caller: Caller) -> HappeningShown:
    place = shelved.sheet.places.get(row["element"] or "")
    known = WHAT.get(row["what"], Text(row["what"], row["what"]))
    title = known.in_(caller.language)
    if place is not None and row["what"] in ("task.done", "passed"):
        title = place.title.in_(caller.language)
    outcome = row["outcome"]
    if place is not None and outcome:
        outcome = next((c.title.in_(caller.language) for c in place.choices if c.name == outcome), outcome)
    return HappeningShown(
        id=row["id"], at=row["at"], what=row["what"], title=title, element=row["element"], outcome=outcome,
        by=names.account(row["account"]), party=names.party(row["party"]), note=row["note"], facts=row["facts"],
    )  # fmt: skip


class _Names:
    """What accounts and parties are called, for a reader."""

    def __init__(self, accounts: dict[str, str], parties: dict[str, Text], caller: Caller) -> None:
        self._accounts, self._parties, self._language = accounts, parties, caller.language

    @classmethod
    async def of(
        cls,
        city: City,
        caller: Caller,
        case: Row,
        tasks: Sequence[Row],
        requests: Sequence[Row],
        log: Sequence[Row],
    ) -> "_Names":
        accounts = (
            {h["account"] for h in log} | {t["assignee"] for t in tasks} | {r["by_account"] for r in requests}
        )
        parties = (
            {case["unit_id"], case["owner_id"]} | {t["party"] for t in tasks} | {h["party"] for h in log}
        )
        return cls(
            await access.names(city, caller, {a for a in accounts if a}),
            await access.party_names(city, caller, {p for p in parties if p}),
            caller,
        )

    def account(self, id_: str) -> str:
        return self._accounts.get(id_, "" if id_.startswith("module:") else "…")

    def party(self, id_: str | None) -> str | None:
        if id_ is None:
            return None
        known = self._parties.get(id_)
        return known.in_(self._language) if known else id_
