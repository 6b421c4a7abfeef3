"""What is scored of a case: its course, the turns of units, the steps of posts. Pure."""

from collections.abc import Sequence
from datetime import datetime

from yong.domains.cityops.contracts import Course, Deed, Turn
from yong.kernel.cases.contracts import CaseShown, TaskShown

_INSPECTOR = "cases.inspector"


def _done(case: CaseShown, element: str, *outcomes: str) -> list[TaskShown]:
    """The tasks of an element that ended so, in the order in which they were done."""
    found = [
        t for t in case.tasks
        if t.element == element and t.state == "done" and t.done_at is not None and (not outcomes or t.outcome in outcomes)
    ]  # fmt: skip
    return sorted(found, key=lambda t: (t.done_at or t.opened_at, t.id))


def _moment(task: TaskShown) -> datetime:
    return task.done_at or task.opened_at


def _reworks(case: CaseShown) -> list[datetime]:
    """When it was said that the work is to be done again."""
    found = [*_done(case, "check", "fail"), *_done(case, "close", "rework")]
    return sorted(_moment(task) for task in found)


def _undone(at: datetime, moments: Sequence[datetime], next_same: Sequence[datetime]) -> bool:
    """Whether something that was done was undone before the like of it was done again."""
    later = min((m for m in moments if m >= at), default=None)
    again = min((m for m in next_same if m > at), default=None)
    return later is not None and (again is None or later <= again)


def turns_of(case: CaseShown) -> list[Turn]:
    """Each time that a unit was given the case. Its due moment is the one that stood when it was done, or stands."""
    reworks = _reworks(case)
    tasks = [t for t in case.tasks if t.element == "handle"]
    done = [_moment(t) for t in _done(case, "handle", "done")]
    found = []
    for task in tasks:
        handled = task.state == "done" and task.outcome == "done" and task.done_at is not None
        returned = task.state == "done" and task.outcome == "wrong_unit"
        ended = task.done_at if task.state != "open" else None
        found.append(
            Turn(
                task=task.id, case_id=case.id, number=case.number, class_=case.class_, district=case.district or "",
                unit_id=task.party or case.owner or "", begun_at=task.opened_at, due_at=task.due_at, ended_at=ended,
                outcome=task.outcome if task.state == "done" else ("dropped" if task.state == "dropped" else None),
                handled=handled, in_time=handled and (task.due_at is None or _moment(task) <= task.due_at),
                reworked=handled and _undone(_moment(task), reworks, done), returned=returned,
                theirs=not returned and task.state != "dropped",
                hours=_hours(task.opened_at, ended) if ended else None,
            )
        )  # fmt: skip
    return found


def _hours(since: datetime, until: datetime) -> float:
    return max(0.0, (until - since).total_seconds() / 3600)


def course_of(case: CaseShown, turns: Sequence[Turn]) -> Course:
    """The course of a case. It is in time when what was handled last was, and the case is closed as solved."""
    filed, rejected = _done(case, "file", "file"), _done(case, "file", "reject")
    theirs = sorted((t for t in turns if t.theirs), key=lambda t: (t.begun_at, t.task))
    last = [t for t in theirs if t.begun_at == theirs[-1].begun_at]
    handled = [t.ended_at for t in last if t.handled and t.ended_at is not None]
    due = [t.due_at for t in last if t.due_at is not None]
    solved = case.state == "closed" and case.outcome == "solved"
    return Course(
        case_id=case.id, number=case.number, class_=case.class_, source=case.source, district=case.district or "",
        cell=case.cell, owner_id=case.unit or case.owner or "", unit_id=case.unit, opened_at=case.opened_at,
        filed_at=_moment(filed[0]) if filed else None, rejected_at=_moment(rejected[-1]) if rejected else None,
        due_at=max(due) if due else None, handled_at=max(handled) if handled and len(handled) == len(last) else None,
        closed_at=case.closed_at, state=case.state, outcome=case.outcome,
        in_time=solved and bool(last) and all(t.in_time for t in last),
        reworks=len(_reworks(case)), returns=sum(t.returned for t in turns),
    )  # fmt: skip


def deeds_of(case: CaseShown, turns: Sequence[Turn]) -> list[Deed]:
    """Every step that a post did, an inspector's own report too."""
    found = [
        _deed(case, task, turns) for task in case.tasks if task.state == "done" and task.done_at and task.role
    ]
    if case.source == "inspector":
        found.append(
            Deed(
                task=f"{case.id}:report", case_id=case.id, number=case.number, district=case.district or "",
                owner_id=case.owner or "", post=_INSPECTOR, element="report", outcome=None, begun_at=case.opened_at,
                done_at=case.opened_at, hours=0.0, effective=not _done(case, "file", "reject"),
            )
        )  # fmt: skip
    return found


def _deed(case: CaseShown, task: TaskShown, turns: Sequence[Turn]) -> Deed:
    at = _moment(task)
    same = [_moment(t) for t in _done(case, task.element)]
    undoing = {
        "verify": _done(case, "file", "reject") if task.outcome == "confirm" else [],
        "file": _done(case, "dispatch", "back"),
        "dispatch": _done(case, "handle", "wrong_unit") if task.outcome == "dispatch" else [],
        "check": _done(case, "close", "rework") if task.outcome == "pass" else [],
    }.get(task.element, [])
    undone = _undone(at, [_moment(t) for t in undoing], same)
    if task.element == "handle":
        undone = any(t.reworked for t in turns if t.task == task.id)
    return Deed(
        task=task.id, case_id=case.id, number=case.number, district=case.district or "",
        owner_id=task.party or case.owner or "", post=task.role or "", element=task.element, outcome=task.outcome,
        begun_at=task.opened_at, done_at=at, hours=_hours(task.opened_at, at), effective=not undone,
    )  # fmt: skip
