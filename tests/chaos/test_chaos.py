"""A whole install under load, every process killed in turn. The long form: `python -m tests.chaos 20`."""

import shutil
import tempfile
from pathlib import Path

import pytest
from tests.chaos.instance import PARTS
from tests.chaos.ordeal import ordeal


@pytest.mark.timeout(400)
async def test_every_process_killed_under_load_loses_and_doubles_nothing() -> None:
    folder = Path(tempfile.mkdtemp(prefix="yong-chaos-"))
    try:
        result = await ordeal(folder, rounds=1)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    assert all(result.kills[part] >= 1 for part in PARTS), result.kills
    assert result.acknowledged > 500
