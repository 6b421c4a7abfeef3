"""`make bench`: start an install, measure, print a JSON line a figure, write the table for the docs."""

import shutil
import sys
from pathlib import Path

from bench import ingest, records
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

- *Single readings* are bound by nats-server: at 20,000 messages a second it takes some 85 % of a core, the writer 33 %,
  its PostgreSQL session 20 %. Of a saturated load about five readings a thing share one update of its entity.
- *Latency* misses its target in this run. On a fresh install a steady 20,000 messages a second were visible 50 to
  180 ms after sending (sampled twice a second); after the bursts of the throughput runs, on the same two cores, a
  backlog of seconds remains that half of the saturated rate does not work off. What it waits for has not been found.
- *Strict mode* is measured with 100 connections: with 1,000 the server that syncs every message stopped acknowledging
  (1,780 of 20,000 in a minute).
- *Imports* spend their time in the checks of every value in Python and in JSON; COPY alone is fifty times faster.
"""


STRICT_THINGS = 100  # with a thousand connections the server that syncs every message stalls: see speed notes


def bed(install: Install, things: int | None = None) -> ingest.Bed:
    return ingest.Bed(
        city=install.city,
        endpoint=endpoint(install.city),
        serve_url=install.serve_url,
        things=install.things[:things],
        tokens=install.tokens[:things],
        writer_pid=install.state.parts["writer"].pid,
    )


async def main(wanted: set[str]) -> None:
    figures: list[Figure] = []

    def told(more: list[Figure]) -> None:
        for figure in more:
            print(figure.line(), flush=True)
        figures.extend(more)

    if wanted & {"ingest", "records"}:
        async with running() as install:
            if "records" in wanted:
                if shutil.which("wrk"):
                    told(await records.figures(install))
                else:
                    print(
                        "wrk is missing (Debian: apt-get install wrk); records are not measured",
                        file=sys.stderr,
                    )
            if "ingest" in wanted:
                told(await ingest.figures(bed(install)))
    if "strict" in wanted:
        async with running("strict") as install:
            told(await ingest.figures(bed(install, STRICT_THINGS), strict=True))
    if wanted == ALL:
        PAGE.write_text(HEAD + table(figures) + NOTES, "utf-8")


ALL = {"records", "ingest", "strict"}

if __name__ == "__main__":
    import uvloop

    uvloop.run(main(set(sys.argv[1:]) or ALL))
