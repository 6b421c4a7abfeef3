"""`make bench`: start an install, measure, print a JSON line a figure, write the table for the docs."""

import shutil
import sys
from pathlib import Path

from bench import context, history, ingest, records
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
  time a message, at a steady rate 50: a thousand connections that each say one thing at a time cost a wake-up, a read
  and a write of its own for every message. Of a saturated load about five readings a thing share one update of
  its entity.
- *Latency* is taken with a thousand connections at half of that rate, where both cores are busy to 95 %: what is
  stored waits 40 to 80 ms to be taken and 40 to 50 ms for its commit, and the tail is the wait for a core. With the
  same rate over a hundred connections (gateways) the 99th percentile was 100 to 190 ms. Tried without gain: streams
  with limits retention that are purged by sequence, no copies for QoS 0, larger and smaller pauses between
  commits (10, 60 ms against 30), fewer collections of garbage in the server (GOGC 400); one core for the server
  (GOMAXPROCS 1) gave a fifth.
- *Batches* are bound by the writer's Python, some 4 microseconds a reading, half of them for checks and hashes. Late
  readings (older than what is known of their series) are looked up before they are inserted: 73,000 a second.
- *Strict mode* removes committed readings from the bus by purges; removed one by one, each with a record
  that is synced, a thousand publishers waited for minutes.
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


async def main(wanted: set[str]) -> None:
    figures: list[Figure] = []

    def told(more: list[Figure]) -> None:
        for figure in more:
            print(figure.line(), flush=True)
        figures.extend(more)

    if wanted & {"ingest", "records", "context", "history"}:
        async with running() as install:
            for name, asked in (("records", records.figures), ("context", context.figures)):
                if name not in wanted:
                    continue
                if shutil.which("wrk"):
                    told(await asked(install))
                else:
                    print(
                        f"wrk is missing (Debian: apt-get install wrk); {name} is not measured",
                        file=sys.stderr,
                    )
            if "history" in wanted:
                told(await history.figures(install))
            if "ingest" in wanted:
                told(await ingest.figures(bed(install)))
    if "strict" in wanted:
        async with running("strict") as install:
            told(await ingest.figures(bed(install), strict=True))
    if wanted == ALL:
        PAGE.write_text(HEAD + table(figures) + NOTES, "utf-8")


ALL = {"records", "context", "history", "ingest", "strict"}

if __name__ == "__main__":
    import uvloop

    uvloop.run(main(set(sys.argv[1:]) or ALL))
