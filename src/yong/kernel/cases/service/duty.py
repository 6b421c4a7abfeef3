"""Who is responsible: the operation that sends a case to its unit, by class and place."""

from typing import Any

from yong.kernel.base.city import City
from yong.kernel.base.text import Text
from yong.kernel.cases.contracts import UNITS, Doing, Operation
from yong.kernel.cases.logic import best_duty
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


ASSIGN = Operation(
    name="cases.assign",
    title=Text("按责任清单派给责任单位", "Send to the unit that is responsible for the class and the place"),
    handler=assign,
)
