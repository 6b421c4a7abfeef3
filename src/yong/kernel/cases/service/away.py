"""What people do with cases away from the network, handed in afterwards.

A task's id stands for one visit of the case to a desk, so it is the version that was worked on: where the task is over, or
the case has moved on, that is a conflict. It is told what happened, and what was written on site is kept in the log.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from yong.kernel.access import api as access
from yong.kernel.access.contracts import Caller
from yong.kernel.base import clock
from yong.kernel.base.city import City
from yong.kernel.base.errors import Conflict, Invalid, NotFound
from yong.kernel.base.text import Text
from yong.kernel.cases import store
from yong.kernel.cases.contracts import STATES, Act, NewCase, NoteAway, State, TakenAway, TaskAway
from yong.kernel.cases.service import cases
from yong.kernel.cases.service.acting import Command, change
from yong.kernel.cases.service.work import Work, must_be_open
from yong.kernel.records.sync.contracts import Clash, Deed, Keep, Made, Outcome
from yong.kernel.store.database import Connection, Database

RELATION = "cases.open_task"
_DROPPED = Text("任务已不需要办理", "The task needs not be done any more")
_DONE = Text("任务已由 {by} 于 {at} 办理：{outcome}", "{by} did the task at {at}: {outcome}")
_ASSIGNED = Text("任务已由 {by} 认领", "{by} has taken the task")
_NOW = Text("；案件现在：{state}，{stage}", ". The case is now {state}, {stage}")
_LATE = Text(
    "离线作出的“{choice}”没有生效。{why}",
    "What was chosen away from the network ({choice}) did not count. {why}",
)


def facts(made: Made) -> dict[str, Any]:
    """When and where something was done, by the device's word, for the log."""
    place = {} if made.place is None else {"place": msgspec.to_builtins(made.place)}
    return {"change": made.id, "made_at": made.made_at.isoformat(), **place}


async def _act(city: City, caller: Caller, made: Made, body: TaskAway, keep: Keep) -> Outcome:
    access.authorize(city, caller, "cases.act", "cases")
    case = await store.case_of_task(city[Database], body.task)
    if case is None:
        raise NotFound
    await cases.visible(city, caller, case)
    said = Act(choice=body.choice, note=body.note, units=body.units, class_=body.class_, data=body.data)
    doing = await cases.acting(city, caller, case, body.task, said)

    async def apply(work: Work, connection: Connection) -> Outcome:
        target = f"case:{work.id}"
        found = work.tasks.get(body.task)
        happened = await _moved_on(city, caller, work, connection, body.task, found)
        if happened is not None:
            outcome = _kept(caller, work, made, body, happened)
        else:
            beside = (
                body.revision not in (None, work.row["revision"])
                and body.seen_at is not None
                and await store.others_since(connection, work.id, caller.account, body.seen_at)
            )
            assert doing.apply is not None
            answer = await doing.apply(work, connection)
            for line in work.happened:
                if line["what"] == "task.done" and line["facts"].get("task") == body.task:
                    line["facts"] |= facts(made)
            told = {"case": work.id, "number": work.row["number"], **answer}
            outcome = Outcome(state="merged" if beside else "done", told=told, target=target)
        await keep(connection, outcome)
        return outcome

    outcome: Outcome = await change(city, Command(caller=caller, action="cases.act", case=case, apply=apply))
    return outcome


async def _moved_on(
    city: City, caller: Caller, work: Work, connection: Connection, task: str, found: Mapping[str, Any] | None
) -> tuple[Text, str | None, Any] | None:
    """What happened to a task meanwhile that leaves nothing to do, who did it and when; none where it waits still."""
    now = _both(
        _NOW, state=STATES[State(work.row["state"])], stage=work.shelved.sheet.stage(work.row["stage"])
    )
    if found is not None:
        other = found["assignee"] not in (None, caller.account)
        if work.row["state"] == State.OPEN.value and not other:
            return None
        if not other:
            return _joined(_DROPPED, now), None, None
        names = await access.names(city, caller, [found["assignee"]])
        taken = _ASSIGNED.filled(by=names.get(found["assignee"], "…"))
        return _joined(taken, now), found["assignee"], None
    row = await store.task_of(connection, task)
    if row is None or row["case_id"] != work.id:
        raise NotFound
    if row["state"] == "dropped":
        return _joined(_DROPPED, now), row["done_by"], row["done_at"]
    names = await access.names(city, caller, [row["done_by"]])
    place = work.shelved.sheet.places.get(row["element"])
    title = next((c.title for c in (place.choices if place else ()) if c.name == row["outcome"]), None)
    title = title or Text(str(row["outcome"]), str(row["outcome"]))
    at = f"{row['done_at'].astimezone(clock.CHINA):%Y-%m-%d %H:%M}"
    by = names.get(row["done_by"], "…")
    done = _both(_DONE, by=by, at=at, outcome=title)
    return _joined(done, now), row["done_by"], row["done_at"]


def _both(text: Text, **facts: Text | str) -> Text:
    """A text with what fills it said in its own language."""
    zh = {name: fact.zh if isinstance(fact, Text) else fact for name, fact in facts.items()}
    en = {name: fact.en if isinstance(fact, Text) else fact for name, fact in facts.items()}
    return Text(text.zh.format(**zh), text.en.format(**en))


def _joined(first: Text, then: Text) -> Text:
    return Text(first.zh + then.zh, first.en + then.en)


def _kept(
    caller: Caller, work: Work, made: Made, body: TaskAway, happened: tuple[Text, str | None, Any]
) -> Outcome:
    """What was done too late stays with the case as a note, and is told as a conflict."""
    why, by, at = happened
    places = work.shelved.sheet.places.values()
    title = next((c.title for p in places for c in p.choices if c.name == body.choice), None)
    choice = title or Text(body.choice, body.choice)
    work.log(caller, "note", note=body.note or None, task=body.task, too_late=body.choice, **facts(made))
    said = _both(_LATE, choice=choice, why=why)
    told = {
        "case": work.id, "number": work.row["number"], "state": work.row["state"], "stage": work.row["stage"],
        "zh": said.zh, "en": said.en, "note_kept": bool(body.note),
    }  # fmt: skip
    clash = Clash(
        relation=RELATION, record=body.task, field=None, mine={"choice": body.choice, "note": body.note},
        their_by=by, their_at=at, told=told,
    )  # fmt: skip
    return Outcome(state="conflict", told=told, target=f"case:{work.id}", clashes=(clash,))


async def _open(city: City, caller: Caller, made: Made, body: NewCase, keep: Keep) -> Outcome:
    access.authorize(city, caller, "cases.open", "cases")
    opened = await cases.open_case(city, caller, body, f"away/{made.id}", None, **facts(made))
    told = {"case": opened.id, "number": opened.number}
    outcome = Outcome(state="done", told=told, target=f"case:{opened.id}")
    async with city[Database].transaction() as connection:
        await keep(connection, outcome)
    return outcome


async def _note(city: City, caller: Caller, made: Made, body: NoteAway, keep: Keep) -> Outcome:
    access.authorize(city, caller, "cases.act", "cases")
    await cases.visible(city, caller, body.case)

    async def apply(work: Work, connection: Connection) -> Outcome:
        work.log(caller, "note", note=body.note, **facts(made))
        told = {"case": work.id, "number": work.row["number"]}
        outcome = Outcome(state="done", told=told, target=f"case:{work.id}")
        await keep(connection, outcome)
        return outcome

    outcome: Outcome = await change(
        city, Command(caller=caller, action="cases.note", case=body.case, apply=apply)
    )
    return outcome


async def _take(city: City, caller: Caller, made: Made, body: TakenAway, keep: Keep) -> Outcome:
    access.authorize(city, caller, "cases.act", "cases")
    case = await store.case_of_task(city[Database], body.task)
    if case is None:
        raise NotFound

    async def apply(work: Work, connection: Connection) -> Outcome:
        found = work.tasks.get(body.task)
        happened = await _moved_on(city, caller, work, connection, body.task, found)
        if happened is not None:
            raise Conflict(happened[0])  # there is nothing of it to keep
        if found is None:
            raise Invalid
        must_be_open(work)
        await cases.on_desk(city, caller, found)
        found["assignee"] = None if body.back else caller.account
        work.changed[body.task] = found
        what = "task.put_back" if body.back else "task.taken"
        work.log(caller, what, element=found["element"], task=body.task, to=found["assignee"], **facts(made))
        told = {"case": work.id, "number": work.row["number"]}
        outcome = Outcome(state="done", told=told, target=f"case:{work.id}")
        await keep(connection, outcome)
        return outcome

    await cases.visible(city, caller, case)
    outcome: Outcome = await change(city, Command(caller=caller, action="cases.take", case=case, apply=apply))
    return outcome


DEEDS = (
    Deed(name="cases.act", title=Text("办理任务", "Do a task"), body=TaskAway, handler=_act),
    Deed(name="cases.open", title=Text("登记案件", "Open a case"), body=NewCase, handler=_open),
    Deed(name="cases.note", title=Text("写备注", "Write a note"), body=NoteAway, handler=_note),
    Deed(name="cases.take", title=Text("认领任务", "Take a task"), body=TakenAway, handler=_take),
)
