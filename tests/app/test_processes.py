"""What a process does again when it failed, and that it stops when told."""

import asyncio

import pytest

from yong.app import processes


async def test_a_group_of_tasks_that_failed_is_run_again() -> None:
    """A follower of the outbox that failed once must not be missing until the next start."""
    times = 0
    again = asyncio.Event()

    async def fails() -> None:
        await asyncio.sleep(0)
        raise OSError("the disk is full")

    async def group() -> None:
        nonlocal times
        times += 1
        if times > 2:
            again.set()
            await asyncio.Event().wait()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(asyncio.Event().wait())
            tasks.create_task(fails())

    running = asyncio.create_task(processes.for_ever("followers", group))
    await asyncio.wait_for(again.wait(), 5)
    assert not running.done()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


async def test_the_word_to_stop_holds_for_a_task_that_fails_at_it() -> None:
    begun = asyncio.Event()

    async def stubborn() -> None:
        try:
            begun.set()
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            raise OSError("it failed at being stopped") from None

    running = asyncio.create_task(processes.for_ever("stubborn", stubborn))
    await begun.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(running, 5)
