"""The service requests of Boston as promises, and how far derived targets agree with them."""

import csv
import gzip
from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from yong.kernel.cases.clocks.learning import Law, Promise

BOSTON = ZoneInfo("America/New_York")


def promises_of(file: Path) -> list[Promise]:
    """Those with a target, in the order of their opening."""
    with gzip.open(file, "rt", encoding="utf-8", newline="") as lines:
        found = [
            Promise(
                (f"{row['TYPE']} / {row['QUEUE']}", row["TYPE"], row["REASON"]),
                _moment(row["OPEN_DT"]),
                _moment(row["TARGET_DT"]),
            )
            for row in csv.DictReader(lines)
            if row["TARGET_DT"]
        ]
    return sorted(found, key=lambda promise: promise.opened_at)


def _moment(text: str) -> datetime:
    return datetime.strptime(text, "%m/%d/%Y %I:%M:%S %p").replace(tzinfo=BOSTON)


def agreement(law: Law, promises: Sequence[Promise]) -> tuple[float, Counter[str]]:
    """The share that agrees to the day, and the causes of the rest.

    A limit changed where at least half of the class's cases agree on another one; where the target is a day or two off it
    is the calendar; else it was given by hand.
    """
    missed: Counter[str] = Counter()
    others: dict[str, list[tuple[Promise, int]]] = defaultdict(list)
    classes: Counter[str] = Counter()
    for promise in promises:
        target = law.target(promise.classes, promise.opened_at)
        classes[promise.classes[0]] += 1
        if target is None:
            missed["class unseen"] += 1
            continue
        off = (promise.target_at.date() - target.astimezone(BOSTON).date()).days
        if off:
            others[promise.classes[0]].append((promise, off))
    for name, cases in others.items():
        changed = len(cases) * 2 >= classes[name]
        for _, off in cases:
            missed["limit changed" if changed else "calendar" if abs(off) <= 2 else "given by hand"] += 1
    return 1 - sum(missed.values()) / len(promises), missed
