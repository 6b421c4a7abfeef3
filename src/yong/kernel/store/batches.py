"""Requests that arrive together are answered by one statement: under load a query carries many."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

Item = TypeVar("Item")
Answer = TypeVar("Answer")


class Batcher(Generic[Item, Answer]):
    """Collects items for `run`, which answers each with a value or an exception, in order.

    At most `flights` batches are on their way; what arrives meanwhile is the next batch, of at most `most`.
    """

    def __init__(
        self,
        run: Callable[[Sequence[Item]], Awaitable[Sequence[Answer | BaseException]]],
        *,
        most: int = 200,
        flights: int = 2,
        waiting: int = 20_000,
    ) -> None:
        self._run, self._most, self._flights, self._waiting = run, most, flights, waiting
        self._queue: deque[tuple[Item, asyncio.Future[Answer]]] = deque()
        self._flying: set[asyncio.Task[None]] = set()

    @property
    def full(self) -> bool:
        return len(self._queue) >= self._waiting

    def submit(self, item: Item) -> "asyncio.Future[Answer]":
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._queue.append((item, future))
        if len(self._flying) < self._flights:
            task = asyncio.create_task(self._fly())
            self._flying.add(task)
            task.add_done_callback(self._flying.discard)
        return future

    async def _fly(self) -> None:
        await asyncio.sleep(0)  # let the others of this tick come aboard
        while self._queue:
            batch = [self._queue.popleft() for _ in range(min(self._most, len(self._queue)))]
            batch = [(item, future) for item, future in batch if not future.done()]
            if not batch:
                continue
            try:
                answers = await self._run([item for item, _ in batch])
            except BaseException as error:
                answers = [error] * len(batch)
            for (_, future), answer in zip(batch, answers, strict=True):
                if future.done():
                    continue
                if isinstance(answer, asyncio.CancelledError):
                    future.cancel()
                elif isinstance(answer, BaseException):
                    future.set_exception(answer)
                else:
                    future.set_result(answer)
