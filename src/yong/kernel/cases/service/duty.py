"""Who is responsible: the unit that a case is sent to by class and place, the officer on duty whom a task is given to."""

from collections import Counter
from collections.abc import Collection
from typing import Any

from yong.kernel.access import api as access
from yong.kernel.base.city import City
from yong.kernel.base.text import Text
from yong.kernel.cases import store
from yong.kernel.cases.contracts import UNITS, Doing, Operation
from yong.kernel.cases.logic import best_duty, best_shift
from yong.kernel.cases.service.work import Work
from yong.kernel.store.database import Connection


async def assign(city: City, connection: Connection, doing: Doing) -> dict[str, Any]:
    """Send a case to the unit that the register of responsibilities names; where it names none, to nobody.

    What it says: `units`, the leading one first, and `assigned`, whether there is one.
    """
    rows = await connection.fetch(
        """SELECT procedure, class_prefix, area_prefix, party, rank FROM cases.duty
           WHERE ended_at IS NULL AND (procedure IS NULL OR procedure = $1) AND starts_with($2, coalesce(class_prefix, ''))
             AND starts_with($3, coalesce(area_prefix, ''))""",
        doing.procedure,
        doing.class_ or "",
        doing.cell or doing.district,
    )
    units = best_duty([dict(r) for r in rows], doing.procedure, doing.class_, doing.cell or doing.district)
    return {"assigned": bool(units), **({"units": units[:UNITS]} if units else {})}


async def share_out(city: City, connection: Connection, works: Collection[Work]) -> None:
    """Give the tasks that were just begun, and whose element says so, to those on duty; where nobody is they lie there."""
    fresh = [
        (work, task)
        for work in works
        for task in work.fresh()
        if (desk := work.shelved.sheet.places[task["element"]].desk) and desk.roster
    ]
    if not fresh:
        return
    lines = [dict(row) for row in await store.roster(connection, sorted({task["role"] for _, task in fresh}))]
    loads = (
        Counter(await store.loads(connection, sorted({line["account"] for line in lines})))
        if lines
        else Counter[str]()
    )
    hold: dict[tuple[str, str | None, str], set[str]] = {}
    own = access.system_caller("cases")
    for work, task in fresh:
        place = (task["role"], task["party"], task["district"])
        if lines and place not in hold:
            role, party, district = place
            hold[place] = set(
                await access.reached(city, own, connection, role=role, owner=party, district=district or None)
            )
        able = [line for line in lines if line["account"] in hold[place]] if lines else []
        row = work.row
        to = best_shift(able, loads, task, row["class"] or "", row["cell"] or row["district"], work.now)
        if to is not None:
            loads[to] += 1
            task["assignee"] = to
            work.log(
                own, "task.assigned", element=task["element"], task=task["id"], to=to, open_tasks=loads[to]
            )


ASSIGN = Operation(
    name="cases.assign",
    title=Text("按责任清单派给责任单位", "Send to the unit that is responsible for the class and the place"),
    handler=assign,
)
