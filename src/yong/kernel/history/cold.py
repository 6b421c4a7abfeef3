"""The engine over sealed days: DuckDB in process, which reads the cold folder and nothing else.

Each query has a cursor of its own in a thread, so that the event loop never waits; it is interrupted when its
time is over or nobody waits for it any more.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import Any, TypeVar

import duckdb

from yong.kernel.base.errors import Invalid, TooLarge
from yong.kernel.base.settings import Settings
from yong.kernel.base.text import Text
from yong.kernel.history import parquet
from yong.kernel.history.sealing import folder_of

T = TypeVar("T")
Cursor = duckdb.DuckDBPyConnection

TIMEOUT_S = 30.0
_AT_ONCE = 2
_THREADS = 2
_RANGES = 8
_TOO_LONG = Text(
    "查询超过 {n} 秒，请缩小范围或指定周期", "The query took more than {n} s; narrow it or give a period"
)
_TOO_LARGE = Text("数值过大，无法计算", "Some numbers are too large for what was asked")
_TOO_MUCH = Text(
    "查询需要的内存超过上限，请缩小范围", "The query needs more memory than it may use; narrow it"
)


class Cold:
    """The sealed days as one process reads them; a City part."""

    def __init__(self, settings: Settings) -> None:
        self.folder = folder_of(settings)
        self._memory_mb = settings.history_memory_mb
        self._engine: duckdb.DuckDBPyConnection | None = None
        self._lock = Lock()
        self._threads = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="history")

    async def close(self) -> None:
        """Stop the threads and let the engine go."""
        await asyncio.to_thread(self._threads.shutdown, wait=True, cancel_futures=True)
        if self._engine is not None:
            self._engine.close()

    async def run(self, work: Callable[[Cursor], T], *, timeout_s: float = TIMEOUT_S) -> T:
        """Do `work` with a cursor in a thread. Raises Invalid when it takes too long, TooLarge for memory."""
        cursors: list[Cursor] = []
        stopped = False

        def in_thread() -> T:
            cursor = self._cursor()
            cursors.append(cursor)
            try:
                if stopped:
                    raise duckdb.InterruptException("nobody waits")
                return work(cursor)
            finally:
                cursor.close()

        future = asyncio.get_running_loop().run_in_executor(self._threads, in_thread)
        try:
            return await asyncio.wait_for(asyncio.shield(future), timeout_s)
        except TimeoutError:
            raise Invalid(_TOO_LONG, n=int(timeout_s)) from None
        except duckdb.OutOfRangeException:
            raise Invalid(_TOO_LARGE) from None
        except duckdb.OutOfMemoryException:
            raise TooLarge(_TOO_MUCH) from None
        finally:
            stopped = True
            if not future.done():
                for cursor in cursors:
                    cursor.interrupt()
                future.add_done_callback(_heard)

    async def holds(self, file: str, series: Sequence[int]) -> bool:
        """Whether a sealed day's file has readings of any of the series."""
        sql = f"SELECT 1 FROM {self.files([file])} WHERE {among(series)} LIMIT 1"
        return await self.run(lambda cursor: cursor.execute(sql).fetchone() is not None)

    def files(self, names: Iterable[str]) -> str:
        """Sealed files as a source in SQL. Names come from history.sealed_day, which checks their form."""
        paths = ", ".join(f"'{parquet.quoted(self.folder / name)}'" for name in names)
        return f"read_parquet([{paths}])"

    def _cursor(self) -> Cursor:
        with self._lock:
            if self._engine is None:
                self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                self._engine = parquet.engine(self.folder, memory_mb=self._memory_mb, threads=_THREADS)
            return self._engine.cursor()


def among(series: Sequence[int]) -> str:
    """The condition that a row is of one of the series, as ranges where that is short: a scan pays for each name."""
    numbers = sorted({int(number) for number in series})
    if not numbers:
        return "FALSE"
    gaps = [n for n in range(1, len(numbers)) if numbers[n] != numbers[n - 1] + 1]
    if len(gaps) >= _RANGES:
        return f"series IN ({', '.join(map(str, numbers))})"
    edges = zip([0, *gaps], [*gaps, len(numbers)], strict=True)
    ranges = [f"series BETWEEN {numbers[first]} AND {numbers[past - 1]}" for first, past in edges]
    return f"({' OR '.join(ranges)})"


def _heard(future: "asyncio.Future[Any]") -> None:
    """Take the error of a query that nobody waits for."""
    if not future.cancelled():
        future.exception()
