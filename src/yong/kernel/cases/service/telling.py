"""The log of cases, told to programs that look for patterns in it."""

from collections.abc import AsyncIterator, Sequence
from itertools import groupby

from yong.kernel.access.contracts import Caller
from yong.kernel.base.city import City
from yong.kernel.cases import store
from yong.kernel.cases.logs import FOOT, HEAD, trace
from yong.kernel.cases.service.cases import RELATION
from yong.kernel.records import api as records
from yong.kernel.records.contracts import Filter
from yong.kernel.store.database import Database

_PAGE = 500


async def xes(city: City, caller: Caller, filters: Sequence[Filter], limit: int) -> AsyncIterator[str]:
    """Pieces of an XES file; the first page is read before anything is told, so that refusals are answers."""
    first = await records.listing(
        city, caller, RELATION, filters=filters, sort="opened_at", limit=min(limit, _PAGE)
    )

    async def pieces() -> AsyncIterator[str]:
        page, left = first, limit
        yield HEAD
        while True:
            items = page.items[:left]
            left -= len(items)
            rows = await store.logs_of(city[Database], [item.id for item in items])
            logs = {case: [dict(r) for r in of] for case, of in groupby(rows, key=lambda r: r["case_id"])}
            yield "".join(trace(item.values, logs.get(item.id, [])) for item in items)
            if page.cursor is None or left <= 0:
                break
            page = await records.listing(
                city,
                caller,
                RELATION,
                filters=filters,
                sort="opened_at",
                cursor=page.cursor,
                limit=min(left, _PAGE),
            )
        yield FOOT

    return pieces()
