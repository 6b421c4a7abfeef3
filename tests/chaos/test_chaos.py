"""A whole install under load, every process killed in turn. The long form: `python -m tests.chaos 20`."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.chaos.instance import PARTS
from tests.chaos.ordeal import ordeal, wipe


@pytest.fixture
def home() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="yong-chaos-"))  # short: sockets lie in it
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.timeout(400)
async def test_every_process_killed_under_load_loses_and_doubles_nothing(home: Path) -> None:
    result = await ordeal(home, rounds=1)
    assert all(result.kills[part] >= 1 for part in PARTS), result.kills
    assert result.acknowledged > 500
    assert result.lost == 0


@pytest.mark.timeout(300)
async def test_the_bus_folder_deleted_under_load_loses_nothing_committed(home: Path) -> None:
    result = await wipe(home)
    assert result.kept > 500
    print("acknowledged, not yet committed, and lost with the folder:", result.lost)
