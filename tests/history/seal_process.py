"""A process that seals and is killed at a step: `seal_process.py STEP URL HOME`."""

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from datetime import UTC, timedelta
from types import ModuleType
from typing import Any

from yong.app import bootstrap
from yong.kernel.base import clock
from yong.kernel.base.settings import load
from yong.kernel.history import parquet, sealing

_AFTER = {
    "export": (sealing, "_export"),
    "make": (parquet, "make"),
    "synced": (parquet, "sync"),
    "compared": (parquet, "_compare"),
    "placed": (sealing, "_place"),
    "decided": (sealing, "_decide"),
    "tidied": (sealing, "_export_series"),
}


def _killing(module: ModuleType, name: str) -> None:
    """Have the process killed when the function has returned."""
    done: Callable[..., Any] = getattr(module, name)

    def wrapped(*arguments: Any) -> Any:
        result = done(*arguments)
        if asyncio.iscoroutine(result):
            return _awaited(result)
        os.kill(os.getpid(), signal.SIGKILL)
        return result

    setattr(module, name, wrapped)


async def _awaited(result: Any) -> None:
    await result
    os.kill(os.getpid(), signal.SIGKILL)


async def main(step: str, url: str, home: str) -> None:
    _killing(*_AFTER[step])
    async with bootstrap.running(load({"YONG_HOME": home}), url) as city:
        await sealing.seal(city, before=clock.now().astimezone(UTC).date() - timedelta(days=2))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
