"""`python -m tests.chaos [ROUNDS]`: the long form of the ordeal, told kill by kill."""

import asyncio
import shutil
import sys
import tempfile
import time
from pathlib import Path

from tests.chaos.ordeal import ordeal

if __name__ == "__main__":
    folder = Path(tempfile.mkdtemp(prefix="yong-chaos-"))
    began = time.monotonic()
    try:
        result = asyncio.run(ordeal(folder, int(sys.argv[1]) if len(sys.argv) > 1 else 20, tell=print))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(f"{time.monotonic() - began:.0f} s", result)
