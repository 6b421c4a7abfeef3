"""`python -m tests.chaos [ROUNDS]`: the long form of the ordeal, told fault by fault. Ends with 1 on loss."""

import argparse
import asyncio
import math
import shutil
import signal
import sys
import tempfile
import time
import traceback
from pathlib import Path

from scripts import debian
from tests.chaos.faults import FAULTS, Measure
from tests.chaos.instance import PARTS
from tests.chaos.means import COMPILER
from tests.chaos.ordeal import Result, ordeal


def main() -> int:
    """Run what the command line asks for; the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument(
        "rounds", nargs="?", type=int, default=100, help="in which every process is killed (100)"
    )
    parser.add_argument(
        "--volleys",
        type=int,
        default=0,
        help="further rounds, each killing the next one as soon as it lives (0)",
    )
    parser.add_argument(
        "--minutes", type=float, default=math.inf, help="after which no new round of kills begins (none)"
    )
    parser.add_argument("--faults", default=",".join(FAULTS), help=f"of {','.join(FAULTS)} (all)")
    parser.add_argument("--parts", default=",".join(PARTS), help="that are killed and paused (all)")
    parser.add_argument("--pause", type=float, default=60.0, help="seconds that each process is paused (60)")
    parser.add_argument("--full", type=float, default=60.0, help="seconds that the disk is full (60)")
    parser.add_argument("--seed", type=int, default=1, help="of the order of kills and pauses (1)")
    asked = parser.parse_args()
    faults = asked.faults.split(",")
    if unknown := set(faults) - FAULTS.keys():
        parser.error(f"there is no fault {', '.join(sorted(unknown))}")
    parts = tuple(asked.parts.split(","))
    if strange := set(parts) - set(PARTS):
        parser.error(f"there is no part {', '.join(sorted(strange))}")
    if "clock" in faults:
        debian.want(COMPILER)  # what is missing then leaves the fault out, and is told
    folder = Path(tempfile.mkdtemp(prefix="yong-chaos-"))
    began = time.monotonic()

    def tell(line: str) -> None:
        print(f"{time.monotonic() - began:7.1f} s  {line}", flush=True)

    try:
        much = Measure(
            rounds=asked.rounds,
            volleys=asked.volleys,
            kill_s=asked.minutes * 60,
            parts=parts,
            pause_s=asked.pause,
            full_s=asked.full,
        )
        result = asyncio.run(ordeal(folder, faults, much, tell=tell, seed=asked.seed))
    except (Exception, SystemExit):  # the latter: `yong up` did not start
        traceback.print_exc()
        print("FAILED", flush=True)
        return 1
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    report(result)
    return 0


def report(result: Result) -> None:
    """The books, door by door."""
    print("killed ", ", ".join(f"{part} {n}" for part, n in result.kills.items()))
    print("paused ", ", ".join(f"{part} {n}" for part, n in result.pauses.items()))
    for fault, why in result.skipped.items():
        print(f"left out: {fault}: {why}")
    print(f"{'door':10}{'acknowledged':>14}{'kept':>10}{'repeated':>10}{'missing':>9}")
    for name, verdict in {**result.doors, "all": result.total}.items():
        print(f"{name:10}{verdict.acknowledged:14}{verdict.kept:10}{verdict.repeats:10}{verdict.lost:9}")
    if result.total.lost:
        print("missing: acknowledged, not yet committed, and lost with the bus's folder")
    print("nothing else is missing, nothing is there twice, and the order of every thing holds")
    heard = result.heard
    print(
        f"a subscriber was told {heard.notifications} times ({heard.again} came twice, {heard.refused} it refused,"
        f" {heard.waiting} wait), of every entity the newest, nothing older behind something newer"
    )
    print("HTTP while something was away:", result.answers)
    print(f"slowest: {result.slowest_s:.1f} s until everybody was served again")


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # what was started is stopped
    sys.exit(main())
