"""What people do with cases: open, act on a task, and what may be done to a case at any time."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from yong.kernel.access import api as access
from yong.kernel.access.contracts import Caller
from yong.kernel.access.policies import Policies
from yong.kernel.base import clock
from yong.kernel.base.city import City
from yong.kernel.base.errors import Conflict, Forbidden, Invalid, NotFound, Problem, YongError
from yong.kernel.base.ids import new_id
from yong.kernel.base.text import Text
from yong.kernel.cases import store
from yong.kernel.cases.contracts import Act, Choice, NewCase, Opened, State
from yong.kernel.cases.logic import faults_of
from yong.kernel.cases.service.acting import Command, change, change_many
from yong.kernel.cases.service.clocks import Clocks, Timing
from yong.kernel.cases.service.shelf import ready
from yong.kernel.cases.service.work import Work, must_be_open
from yong.kernel.geo import api as geo
from yong.kernel.store.database import Connection, Database

RELATION = "cases.case"
LINKS = 200
_DONE = Text("任务已办理或不存在", "The task is done already, or there is none")
_NO_CHOICE = Text("此处不能选择“{choice}”", "{choice} is not what can be done here")
_NEEDED = Text("必须填写", "This must be said")
_NO_PARTY = Text("没有这个单位", "There is no such unit")
_NOT_YOURS = Text("任务不在您的岗位上", "The task is not on your desk")
_TAKEN = Text("任务已由同事认领", "A colleague has taken the task")
_CLASS = Text("没有这个类别", "There is no such class")
_OUTSIDE = Text("位置不在本市范围内", "The place is not in this city")
_NO_DISTRICT = Text("请给出区划或位置", "Say the district or the place")
_STATE = Text("案件现在的状态不允许这样做", "The case's state does not allow this")
_SELF = Text("不能并入自身或已并案的案件", "A case is not merged into itself or into one that is merged")
_NO_COLLEAGUE = Text("这个账户不在这个岗位", "This account does not sit at that desk")
_ENDED = Text("任务没有人办理", "Nobody does this task by hand")


# ---------------------------------------------------------------- opening


async def open_case(
    city: City,
    caller: Caller,
    new: NewCase,
    key: str | None,
    reporter: str | None,
    at: datetime | None = None,
    **facts: Any,
) -> Opened:
    """A new case of a procedure; under the same key the one that is there already. `at`: when it was, of a past one."""
    shelved = await ready(city, new.procedure)
    problems = faults_of(shelved.sheet, new.data, shelved.sheet.fields, asked=())
    if problems:
        raise Invalid(None, problems=tuple(problems))
    district, cell = await _where(city, new)
    owner = new.owner or city.settings.reports_party
    await _parties(city, caller, [owner], "/owner")

    async def begin(connection: Connection, number: int, now: datetime, times: Timing) -> Work:
        row = {
            "id": new_id(),
            "number": f"{now.astimezone(clock.CHINA):%Y%m%d}{number:07d}",
            "procedure": shelved.name, "version": shelved.version, "marking": "", "stage": "", "outcome": None,
            "state": State.OPEN.value, "title": new.title, "description": new.description, "class": new.class_,
            "source": new.source, "urgent": new.urgent, "supervised": False, "owner_id": owner, "unit_id": None,
            "district": district, "cell": cell, "place": new.place,
            "location": {"type": "Point", "coordinates": list(new.location)} if new.location else None,
            "reporter": reporter or caller.party, "contact": new.contact, "data": dict(new.data), "merged_into": None,
            "opened_at": now, "closed_at": None, "due_at": None, "hint_at": None, "yellow_at": None,
            "due_unknown": False, "revision": 1, "asked_key": f"{caller.account} {key}" if key else None,
        }  # fmt: skip
        work = Work(shelved, row, [], Clocks(times, []), now)
        work.new = True
        work.log(caller, "opened", source=new.source, **facts)
        await work.start(city, connection, caller)
        return work

    command = Command(
        caller=caller, action="cases.open", new=begin, key=f"{caller.account} {key}" if key else None, at=at
    )
    made = await change(city, command)
    return Opened(id=made["id"], number=made["number"])


async def _where(city: City, new: NewCase) -> tuple[str, str | None]:
    """The district and unit grid of a case: where its place lies, else as said. Raises Invalid."""
    if new.location is None:
        if not new.district:
            raise Invalid(None, problems=(Problem("/district", _NO_DISTRICT),))
        return new.district, None
    found = await geo.locate_one(city, access.system_caller("cases"), *new.location)
    district = found.district.code if found.district else new.district
    if not district:
        raise Invalid(None, problems=(Problem("/location", _OUTSIDE),))
    return district, found.cell.code if found.cell else None


# ---------------------------------------------------------------- tasks


async def act(city: City, caller: Caller, task: str, said: Act) -> dict[str, Any]:
    """Do a task: choose what its element offers; the case goes on as its procedure says."""
    case = await store.case_of_task(city[Database], task)
    if case is None:
        raise NotFound(_DONE)
    return dict(await change(city, await acting(city, caller, case, task, said)))


async def act_on_many(
    city: City, caller: Caller, tasks: Sequence[str], said: Act
) -> list[dict[str, Any] | YongError]:
    """The same done with several tasks; each for itself."""
    commands = []
    for task in dict.fromkeys(tasks):
        case = await store.case_of_task(city[Database], task)
        commands.append(await acting(city, caller, case or "", task, said))
    answers = await change_many(city, commands)
    for answer in answers:
        if isinstance(answer, BaseException) and not isinstance(answer, YongError):
            raise answer
    return answers


async def acting(
    city: City, caller: Caller, case: str, task: str, said: Act, at: datetime | None = None
) -> Command:
    """A task done. `at`: when it was, of a case of the past; then it lies on nobody's desk any more."""
    await _parties(city, caller, said.units, "/units")

    async def apply(work: Work, connection: Connection) -> dict[str, Any]:
        found = work.tasks.get(task)
        if found is None:
            raise Conflict(_DONE)
        must_be_open(work)
        if at is None:
            await on_desk(city, caller, found)
        place = work.shelved.sheet.places[found["element"]]
        choice = next((c for c in place.choices if c.name == said.choice), None)
        if choice is None:
            raise Invalid(None, problems=(Problem("/choice", _NO_CHOICE.filled(choice=said.choice[:100])),))
        await _say(city, connection, work, found["party"], choice, said)
        work.finish(found, said.choice, caller.account)
        work.log(
            caller, "task.done", element=place.element, outcome=said.choice, note=said.note,
            task=task, **({"units": said.units} if said.units else {}),
        )  # fmt: skip
        if not any(
            t["element"] == place.element for t in work.tasks.values()
        ):  # the last of those side by side
            await work.go(city, connection, caller, place.element, said.choice)
        return {
            "id": work.id,
            "revision": work.row["revision"] + 1,
            "state": work.row["state"],
            "stage": work.row["stage"],
        }

    return Command(caller=caller, action="cases.act", case=case, revision=said.revision, apply=apply, at=at)


async def _say(
    city: City, connection: Connection, work: Work, party: str | None, choice: Choice, said: Act
) -> None:
    """Take over what is said with a choice, for the party whose task it is. Raises Invalid with everything that lacks or is wrong."""
    sheet = work.shelved.sheet
    fields = [f for f in sheet.fields if f.name in choice.fields]
    problems = faults_of(sheet, said.data, fields, asked=choice.fields)
    given = {"note": said.note, "unit": said.units, "class": said.class_ or work.row["class"]}
    problems += [
        Problem("/units" if n == "unit" else f"/{n}", _NEEDED) for n in choice.needs if not given.get(n)
    ]
    if said.class_ is not None and not await _class_known(connection, said.class_):
        problems.append(Problem("/class", _CLASS))
    if problems:
        raise Invalid(None, problems=tuple(problems))
    row = work.row
    row["class"] = said.class_ or row["class"]
    row["data"] = {**row["data"], **said.data}
    if choice.frees:
        _handled_by(row, [unit for unit in row["data"].get("units", ()) if unit != party])
    if said.units:
        _handled_by(row, said.units)


def _handled_by(row: dict[str, Any], units: Sequence[str]) -> None:
    """Have these units handle a case, the first of them leading; none: whoever is in charge of it."""
    row["unit_id"] = units[0] if units else None
    row["data"] = {name: value for name, value in row["data"].items() if name != "units"}
    if units:
        row["data"]["units"] = list(units)


async def _class_known(connection: Connection, code: str) -> bool:
    """Whether a class is kept; where a city keeps none, any word is one."""
    row = await connection.fetchrow(
        """SELECT EXISTS (SELECT 1 FROM cases.class WHERE ended_at IS NULL) AS kept,
                  EXISTS (SELECT 1 FROM cases.class WHERE id = $1 AND ended_at IS NULL) AS known""",
        code,
    )
    assert row is not None
    return bool(row["known"] or not row["kept"])


async def on_desk(city: City, caller: Caller, task: Mapping[str, Any]) -> None:
    """Raise Forbidden unless the task lies on a desk of the caller, and no colleague has taken it."""
    role = task["role"]
    if role is None:
        raise Forbidden(_ENDED)
    if not await access.holds(city, caller, role, party=task["party"], district=task["district"]):
        raise Forbidden(_NOT_YOURS)
    if task["assignee"] is not None and task["assignee"] != caller.account:
        raise Forbidden(_TAKEN)


async def take(city: City, caller: Caller, task: str, to: str | None) -> None:
    """Take a task for oneself, hand it to a colleague, or (`to` empty) put it back for all of the desk."""
    case = await store.case_of_task(city[Database], task)

    async def apply(work: Work, connection: Connection) -> None:
        found = work.tasks.get(task)
        if found is None:
            raise Conflict(_DONE)
        must_be_open(work)
        if found["assignee"] not in (None, caller.account):
            await steer(
                city, caller, work
            )  # what a colleague has is taken from them by whoever steers the case
        else:
            await on_desk(city, caller, found)
        if to and to != caller.account:
            colleagues = await access.reached(
                city, access.system_caller("cases"), connection,
                role=found["role"], owner=found["party"], district=found["district"] or None,
            )  # fmt: skip
            if to not in colleagues:
                raise Invalid(None, problems=(Problem("/to", _NO_COLLEAGUE),))
        elif to:
            await on_desk(city, caller, {**found, "assignee": None})
        found["assignee"] = to or None
        work.changed[task] = found
        work.log(
            caller,
            "task.taken" if to else "task.put_back",
            element=found["element"],
            task=task,
            to=to or None,
        )

    await change(city, Command(caller=caller, action="cases.take", case=case or "", apply=apply))


# ---------------------------------------------------------------- the whole case


async def steer(city: City, caller: Caller, work: Work) -> None:
    """Raise unless the caller may steer this case: mark, transfer, suspend, merge, reopen."""
    await access.may_touch(
        city, caller, "cases.steer", city[Policies].relations[RELATION],
        owner=work.row["unit_id"] or work.row["owner_id"], district=work.row["district"],
    )  # fmt: skip


async def mark(
    city: City, caller: Caller, case: str, urgent: bool | None, supervised: bool | None, note: str
) -> None:
    """Mark a case urgent or supervised (督办), or take the mark away; with a word to those who handle it."""

    async def apply(work: Work, connection: Connection) -> None:
        await steer(city, caller, work)
        must_be_open(work)
        for name, value in (("urgent", urgent), ("supervised", supervised)):
            if value is not None and value != work.row[name]:
                work.row[name] = value
                work.log(caller, f"{name}.{'on' if value else 'off'}", note=note)

    await change(city, Command(caller=caller, action="cases.mark", case=case, apply=apply))


async def transfer(city: City, caller: Caller, case: str, unit: str, note: str) -> None:
    """Have another unit handle the case; what is open goes to its desk, the clock runs on."""
    await _parties(city, caller, [unit], "/unit")

    async def apply(work: Work, connection: Connection) -> None:
        await steer(city, caller, work)
        must_be_open(work)
        before, work.row["unit_id"] = work.row["unit_id"], unit
        work.row["data"] = {**work.row["data"], "units": [unit]}
        for task in work.tasks.values():
            desk = work.shelved.sheet.places[task["element"]].desk
            if desk and desk.unit == "handling" and task["party"] in (before, work.row["owner_id"]):
                task |= {"party": unit, "assignee": None}
                work.changed[task["id"]] = task
        work.log(caller, "transferred", note=note, before=before, to=unit)

    await change(city, Command(caller=caller, action="cases.transfer", case=case, apply=apply))


async def suspend(city: City, caller: Caller, case: str, note: str) -> None:
    """Stop a case and its clocks, for a hearing, an expert's review, whatever the law does not count."""

    async def apply(work: Work, connection: Connection) -> None:
        await steer(city, caller, work)
        suspended(caller, work, note)

    await change(city, Command(caller=caller, action="cases.suspend", case=case, apply=apply))


def suspended(caller: Caller, work: Work, note: str) -> None:
    must_be_open(work)
    work.row["state"] = State.SUSPENDED.value
    work.clocks.pause_all(work.now, note)
    work.log(caller, "suspended", note=note)


async def resume(city: City, caller: Caller, case: str, note: str | None) -> None:
    """Go on with a suspended case."""

    async def apply(work: Work, connection: Connection) -> None:
        await steer(city, caller, work)
        if work.row["state"] != State.SUSPENDED.value:
            raise Conflict(_STATE)
        work.row["state"] = State.OPEN.value
        work.clocks.resume_all(work.now)
        work.log(caller, "resumed", note=note)

    await change(city, Command(caller=caller, action="cases.resume", case=case, apply=apply))


async def reopen(city: City, caller: Caller, case: str, note: str) -> None:
    """Open a closed case again, where its procedure says, else at its beginning."""

    async def apply(work: Work, connection: Connection) -> None:
        await steer(city, caller, work)
        if work.row["state"] != State.CLOSED.value:
            raise Conflict(_STATE)
        work.row |= {"state": State.OPEN.value, "closed_at": None, "outcome": None}
        work.log(caller, "reopened", note=note)
        where = next((p.element for p in work.shelved.sheet.places.values() if p.reopen), None)
        await work.jump(city, connection, caller, where)

    await change(city, Command(caller=caller, action="cases.reopen", case=case, apply=apply))


async def merge(city: City, caller: Caller, case: str, into: str, note: str) -> None:
    """Say that a case is about the same as another: it ends there, and the other one shows it."""
    await visible(city, caller, into)
    if case == into:
        raise Invalid(None, problems=(Problem("/into", _SELF),))

    async def apply(work: Work, connection: Connection) -> None:
        await steer(city, caller, work)
        must_be_open(work)
        held = await connection.fetchval("SELECT state FROM cases.case_file WHERE id = $1 FOR SHARE", into)
        if held not in (State.OPEN.value, State.SUSPENDED.value):
            raise Invalid(None, problems=(Problem("/into", _SELF),))
        for task in [*work.tasks.values()]:
            work.finish(task, None, caller.account, "dropped")
        work.clocks.stop_all(work.now)
        work.row |= {"state": State.MERGED.value, "merged_into": into, "closed_at": work.now}
        work.log(caller, "merged", note=note, into=into)
        await store.link(connection, into, "duplicate", work.id, work.row["number"], caller.account, LINKS)

    await change(city, Command(caller=caller, action="cases.merge", case=case, apply=apply))


async def note(city: City, caller: Caller, case: str, text: str) -> None:
    """Write a word into the log of a case that the caller may see."""
    await visible(city, caller, case)

    async def apply(work: Work, connection: Connection) -> None:
        work.log(caller, "note", note=text)

    await change(city, Command(caller=caller, action="cases.note", case=case, apply=apply))


async def link(city: City, caller: Caller, case: str, kind: str, target: str, title: str) -> None:
    """Say that something belongs to a case: a thing, a record, a paper, another case."""
    await visible(city, caller, case)

    async def apply(work: Work, connection: Connection) -> None:
        if not await store.link(connection, work.id, kind, target, title, caller.account, LINKS):
            raise Conflict(Text("关联已达上限", "There are as many links as there may be"))
        work.log(caller, "linked", kind=kind, target=target)

    await change(city, Command(caller=caller, action="cases.link", case=case, apply=apply))


async def unlink(city: City, caller: Caller, case: str, kind: str, target: str) -> None:
    await visible(city, caller, case)

    async def apply(work: Work, connection: Connection) -> None:
        if not await store.unlink(connection, work.id, kind, target):
            raise NotFound
        work.log(caller, "unlinked", kind=kind, target=target)

    await change(city, Command(caller=caller, action="cases.unlink", case=case, apply=apply))


# ---------------------------------------------------------------- asking for more time


async def ask(city: City, caller: Caller, case: str, kind: str, amount: int | None, reason: str) -> str:
    """Ask to extend the limit, or to suspend; whoever steers the case says yes or no. The request's id."""
    if kind == "extend" and amount is None:
        raise Invalid(None, problems=(Problem("/amount", _NEEDED),))
    id_ = new_id()

    async def apply(work: Work, connection: Connection) -> None:
        must_be_open(work)
        if not any([await holds_any(city, caller, task) for task in work.tasks.values()]):
            raise Forbidden(_NOT_YOURS)
        if not await store.ask(connection, id_, work.id, kind, amount, reason, caller.account, caller.party):
            raise Conflict(
                Text("已有一个同类申请待批", "A request of that kind waits for its answer already")
            )
        work.log(caller, f"asked.{kind}", note=reason, request=id_, amount=amount)

    await change(city, Command(caller=caller, action="cases.ask", case=case, apply=apply))
    return id_


async def holds_any(city: City, caller: Caller, task: Mapping[str, Any]) -> bool:
    return task["role"] is not None and await access.holds(
        city, caller, task["role"], party=task["party"], district=task["district"]
    )


async def answer(
    city: City, caller: Caller, case: str, request: str, granted: bool, note: str | None
) -> None:
    """Say yes or no to a request; not the one who asked."""

    async def apply(work: Work, connection: Connection) -> None:
        await steer(city, caller, work)
        row = await store.answer(connection, request, "granted" if granted else "refused", caller.account)
        if row is None or row["case_id"] != work.id:
            raise NotFound
        if row["by_account"] == caller.account:
            raise Forbidden(Text("申请人不能自己批准", "Whoever asked does not answer"))
        work.log(caller, f"{'granted' if granted else 'refused'}.{row['kind']}", note=note, request=request)
        if granted and row["kind"] == "extend":
            work.clocks.extend(row["amount"])
        elif granted and work.row["state"] != State.SUSPENDED.value:  # unless it stands still already
            suspended(caller, work, row["reason"])

    await change(city, Command(caller=caller, action="cases.answer", case=case, apply=apply))


# ---------------------------------------------------------------- shared


async def visible(city: City, caller: Caller, case: str) -> None:
    """Raise NotFound unless the caller may see the case."""
    scope = access.scoped(city, city[Policies].relations[RELATION], caller, purpose="cases.handling")
    if not await city[Database].fetchval(
        f"SELECT 1 FROM ({scope.sql}) r WHERE r.id = ${len(scope.args) + 1}", *scope.args, case
    ):
        raise NotFound(Text("没有这个案件", "There is no such case"))


async def _parties(city: City, caller: Caller, parties: Sequence[str], pointer: str) -> None:
    known = await access.party_names(city, caller, parties)
    if any(p not in known for p in parties):
        raise Invalid(None, problems=(Problem(pointer, _NO_PARTY),))
