"""`make bench`: start an install, measure, print a JSON line a figure, write the table for the docs."""

import sys
import traceback
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import NamedTuple

from scripts import debian

from bench import (
    cases,
    clocks,
    context,
    context_query,
    duplicates,
    features,
    history,
    ingest,
    live,
    locating,
    merging,
    notify,
    places,
    records,
    restart,
    tiles,
)
from bench.figure import Figure, table
from bench.install import Install, running
from yong.kernel.sensing.mqtt.door import endpoint

PAGE = Path(__file__).resolve().parents[1] / "docs" / "reference" / "speed.md"
HEAD = """# Speed 速度

Measured by `make bench` on two shared cores, load generator and all servers on the same machine, default
durability (every commit synced). The ceiling is measured in the same run; a ratio of 1 means as fast as the
parts allow. Runs on a shared machine vary by some 20 %, batches by more.

"""
NOTES = """
## What explains them

- *Single readings* are bound by nats-server: at 20,000 messages a second it takes some 85 to 100 % of a core, the
  writer 40 %, its PostgreSQL session 25 %, the publishers 30 %. In a burst it takes 31 microseconds of the server's
  time a message, at a steady rate 50 to 75: a thousand connections that each say one thing at a time cost a wake-up, a
  read and a write of its own for every message. Of a saturated load about five readings a thing share one update of
  its entity.
- *Latency* is taken with a thousand connections, each saying one thing at a time, at half the rate of the burst above:
  there both cores are busy to 95–100 %, and what waits, waits for a core (nats-server 75–85 % of one, the writer 43 %,
  its PostgreSQL 17 %, the publishers 32 %, the background worker 9 %, looking 8 %). It is no backlog that a burst
  leaves behind: on a fresh install it is the same. At 7,500 a second, half of what must be reached, they are busy to
  75–80 % and the 99th percentile was 80 to 180 ms in seven runs. What gave a third: the writer reads nothing while it
  commits a small batch, so that one read brings all that came meanwhile. Tried without gain: pulls that end with what
  there is, no copies for QoS 0, longer pauses between commits (60 ms against 30), streams with limits retention that
  are purged by sequence, fewer collections of garbage in the server (GOGC 400); one core for the server (GOMAXPROCS 1)
  gave a fifth. With the same rate over a hundred connections (gateways) the 99th percentile was 100 to 190 ms.
- *Batches* are bound by the writer's Python, some 4 microseconds a reading, half of them for checks and hashes. Late
  readings (older than what is known of their series) are looked up before they are inserted: 73,000 a second.
- *Strict mode* removes committed readings from the bus by purges; removed one by one, each with a record
  that is synced, a thousand publishers waited for minutes.
- *Batches of entities*: each entity of the measurement has three attributes, which become three rows of history, so
  10,000 entities a second are 30,000 observations. Both cores are busy, and whatever else works takes from it: the
  background worker did more for such a batch (75 microseconds an entity) than the process of HTTP (60), since replacing
  an entity told the search of its name anew. Events now tell whose name changed, which leaves the worker some 15. What
  Python does between reading and writing went from 33 microseconds an entity to 20, without the database's share
  of rows; 7 were the collector of garbage, which went over a batch under way again and again until it was told that two
  hundred thousand objects may live. Without history it was 13,000 when it was 8,948 with it.
- *Queries* of a type whose attribute is asked for often are led by an index over values (`context.sought`). It is no index
  of the entities' own table, since any over attributes there costs every reading its update in place (HOT). It holds
  what stayed as it is for a quarter of an hour, is filled every five minutes, and is believed of `settled` entities
  alone: whatever changes one takes that back in its own UPDATE, and a query walks to those that are not settled
  as before. Numbers lie in ranges a quarter of a power of two wide and within a range by id, so that a page of 20
  looks at 21 entities and some hundred entries instead of 2,000 entities: 0.15 ms of PostgreSQL against 0.8. An equality
  that nothing matches takes 0.4 ms against 65. Half of it was lost at first to plans: an array as a parameter is thought
  to be longer than it is, and PostgreSQL then plans anew each time (0.3 ms), so keys stand one by one. Beside equalities
  of numbers, texts, truth values and relationships, orders of numbers are served; patterns, negations, alternatives and
  sub-attributes walk. Right after a load of many entities, until autovacuum has told the planner of them (a minute), it was a third: 870 a second.
- *Queries that walk* take the entities of a type in the order of their ids until the page is full: at one match in a
  hundred 2,000 of them, of each 85 nanoseconds for the way and 235 for the condition as a path. Of things that report
  every minute that is what it stays: they are never settled. Tried without gain: simpler paths (a fifth), one
  statement for many queries (a tenth, of what is fixed), a column of bits beside the document (its place behind the
  document costs what it saves). Python takes 0.26 ms for a page, of which a tenth was for lists that were empty and
  for moments that nobody had asked for.
- *Settling* costs 100 to 120 microseconds an entity, once, and doubles none but the rows of types asked for. The
  first change after it is one that leaves its place; all others stay HOT.
- *Near* orders by the index of points; a box keeps it small. The type is no way in there: of a type that came
  after the last ANALYZE the planner expects one row and would read all of it (0.7 s of 300,000).
- *Notifications* are made, delivered and counted by one process: of ten thousand subscriptions it told a fifth of what
  one client that only posts reached. The way of each is its match, its row, its request and its outcome, the last
  two in batches.
- *Following changes* is bound by the change, not by who hears of it: what the same filter lets through is written once, and
  the process of HTTP spent 1.3 microseconds an event with 200 clients and 20 filters. It was measured beside other work
  that kept both cores busy; 2,400 changes a second ask for 300,000 events.
- *Locating* lays a raster of 256 by 256 over the areas of a kind, each tile with the polygons that touch it: a position
  is tested against one or two of them, all positions in one call of GEOS, without a tree and without a point object,
  whose making alone took 1.4 microseconds. Before, with a tree, it was 150,000 positions a second.
- *Deadlines* of a million clocks of eleven kinds of limits, a tenth of them stopped once, each with its hint and its
  yellow: the calendar is compiled into days worked before each day, so that a deadline is a few additions of whole arrays and no
  search in days. One at a time takes some 100 to 250 microseconds. Measured alone, in three runs 1.0 to 2.0 million a second, beside other work.
- *Duplicates* take 200 candidates from the index over open cases' positions, ask for them once more as the reader may see them, and weigh them as arrays:
  of some 10 ms the index takes half a millisecond.
- *Pages of features*: beside it pygeoapi answers from a GeoJSON file, its provider without a server, and reads the file for
  every page.
- *Restart*: the log to be redone is bounded by `max_wal_size` (256 MB), and its pages are not compressed: pglz made half
  as much of it and took twice as long. Our own processes load their code while PostgreSQL recovers. Half of a start was
  Python compiling what it imports, where PYTHONDONTWRITEBYTECODE is set: installing compiles it now, and the nursery
  prepares the database, so that code is loaded once.
- *Machines*: the table is from a machine whose bare parts do twice of what they did on the slowest that it was measured on (the smallest answer
  of HTTP 13,200 against 5,400 a second, a bare COPY 2.6 times, acknowledgements of the bus 1.5 times). There it imported 17,700
  records a second, upserted 8,900 entities, drew a tile in 56 ms and merged 200,000 points in 24 s: against the ceiling of its own run as fast.
- *Imports* spend their time in the checks of every value in Python and in JSON; COPY alone is fifty times faster.
"""


def bed(install: Install) -> ingest.Bed:
    return ingest.Bed(
        city=install.city,
        endpoint=endpoint(install.city),
        serve_url=install.serve_url,
        things=install.things,
        tokens=install.tokens,
        writer_pid=install.state.parts["writer"].pid,
    )


async def _ingest(install: Install) -> list[Figure]:
    return await ingest.figures(bed(install))


async def _strict(install: Install) -> list[Figure]:
    return await ingest.figures(bed(install), strict=True)


class Group(NamedTuple):
    """Figures that are measured together, on an install of their own: what one leaves behind slows no other.

    `alone` are figures of a group that starts its install itself.
    """

    figures: Callable[[Install], Awaitable[list[Figure]]] | None = None
    alone: Callable[[], Awaitable[list[Figure]]] | None = None
    needs: str | None = None
    durability: str = "default"


GROUPS = {
    "ingest": Group(_ingest),
    "strict": Group(_strict, durability="strict"),
    "records": Group(records.figures, needs="wrk"),
    "context": Group(context.figures, needs="wrk"),
    "context_query": Group(context_query.figures, needs="wrk"),
    "features": Group(features.figures, needs="wrk"),
    "tiles": Group(tiles.figures),
    "history": Group(history.figures),
    "notify": Group(notify.figures),
    "live": Group(live.figures),
    "locating": Group(locating.figures),
    "merging": Group(merging.figures),
    "places": Group(places.figures),
    "cases": Group(cases.figures, needs="wrk"),
    "duplicates": Group(duplicates.figures),
    "clocks": Group(alone=clocks.figures),
    "restart": Group(alone=restart.figures),
}


async def _figures(group: Group) -> list[Figure]:
    if group.alone:
        return await group.alone()
    assert group.figures
    async with running(group.durability) as install:
        return await group.figures(install)


async def main(wanted: list[str]) -> int:
    """Measure groups of figures; 1 when one of them could not be measured, which keeps none of the others back."""
    measured: list[Figure] = []
    left_out: list[str] = []
    for name in wanted:
        group = GROUPS[name]
        if group.needs and debian.want({group.needs: group.needs}):
            print(f"缺少 · Missing: {group.needs}; {name} is not measured", file=sys.stderr)
            left_out.append(f"{name} ({group.needs} is missing)")
            continue
        try:
            figures = await _figures(group)
        except Exception as error:
            traceback.print_exc()
            left_out.append(f"{name} ({type(error).__name__})")
            continue
        for figure in figures:
            print(figure.line(), flush=True)
            measured.append(figure)
    if wanted == list(GROUPS):
        missing = f"\nNot measured in this run: {', '.join(left_out)}.\n" if left_out else ""
        PAGE.write_text(HEAD + table(measured) + missing + NOTES, "utf-8")
    return 1 if left_out else 0


if __name__ == "__main__":
    import uvloop

    sys.exit(uvloop.run(main(sys.argv[1:] or list(GROUPS))))
