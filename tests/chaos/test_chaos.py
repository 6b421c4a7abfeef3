"""A whole install under load: every process killed 20 times, every other fault once, in short.

The long form: `python -m tests.chaos 100`.
"""

import asyncio
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.chaos.faults import Measure
from tests.chaos.instance import PARTS
from tests.chaos.ordeal import Result, ordeal

KILLS = 20
SHORT = Measure(rounds=1, volleys=KILLS - 1, pause_s=1.0, full_s=3.0, killed_when_full=("writer",))


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="yong-chaos-"))  # short: sockets lie in it
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def result(home: Path) -> Result:
    """One install through all that this machine allows; it raises when a book does not hold."""
    return asyncio.run(ordeal(home, ("kill", "pause", "bus", "disk", "clock"), SHORT, tell=print))


@pytest.mark.timeout(1200)  # a machine that does other things too takes its time
def test_every_process_killed_under_load_loses_and_doubles_nothing(result: Result) -> None:
    assert all(result.kills[part] >= KILLS for part in PARTS), result.kills
    for door, verdict in result.doors.items():
        if door == "foreign":
            assert verdict.kept == 0
        else:
            assert verdict.kept >= verdict.acknowledged - verdict.lost > 20, (door, verdict)


def test_a_subscriber_is_told_the_newest_of_everything_in_order(result: Result) -> None:
    assert result.heard.notifications > 20
    assert result.heard.refused > 0
    assert result.heard.waiting == 0
    print(result.heard)


def test_every_process_paused_under_load_goes_on(result: Result) -> None:
    assert all(result.pauses[part] >= 1 for part in PARTS), result.pauses


def test_the_bus_folder_deleted_under_load_loses_nothing_committed(result: Result) -> None:
    assert all(verdict.lost == 0 for door, verdict in result.doors.items() if door != "mqtt")
    print("acknowledged, not yet committed, and lost with the folder:", result.doors["mqtt"].lost)


@pytest.mark.parametrize("fault", ["disk", "clock"])
def test_a_full_disk_and_a_clock_that_jumps_are_survived(result: Result, fault: str) -> None:
    if fault in result.skipped:
        pytest.skip(result.skipped[fault])
    assert result.total.acknowledged > 500
