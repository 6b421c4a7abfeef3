"""What is kept in memory has a bound, and one answer serves all who ask for it at once."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yong.kernel.base.city import City
from yong.kernel.base.kept import Flights, Kept
from yong.kernel.base.module import Registry
from yong.kernel.base.settings import Settings


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 40)), max_size=60))
def test_never_more_is_kept_than_there_is_room_for(puts: list[tuple[int, int]]) -> None:
    kept: Kept[int, bytes] = Kept(5, most_bytes=100, size=len)
    for key, size in puts:
        kept.put(key, bytes(size))
        held = [thing for k in range(10) if (thing := kept.get(k)) is not None]
        assert len(held) == len(kept) <= 5
        assert sum(map(len, held)) == kept.bytes <= 100
        assert kept.get(key) == bytes(size)  # the newest fits alone


def test_what_was_asked_for_longest_ago_goes_first_and_what_is_too_large_goes_at_once() -> None:
    kept: Kept[str, bytes] = Kept(2, most_bytes=10, size=len)
    kept.put("a", b"1")
    kept.put("b", b"2")
    kept.get("a")
    kept.put("c", b"3")
    assert (kept.get("a"), kept.get("b"), kept.get("c")) == (b"1", None, b"3")
    assert kept.put("whale", bytes(11)) == bytes(11)
    assert kept.get("whale") is None
    assert kept.bytes == 0


async def test_those_who_ask_while_an_answer_is_on_its_way_share_the_next_one() -> None:
    flights, begun, gate = Flights(), [0], asyncio.Event()

    async def run() -> int:
        begun[0] += 1
        mine = begun[0]
        await gate.wait()
        return mine

    first = asyncio.create_task(flights.share("q", run))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    later = [asyncio.create_task(flights.share("q", run)) for _ in range(5)]
    await asyncio.sleep(0.01)
    gate.set()
    assert await first == 1
    assert await asyncio.gather(*later) == [2] * 5  # one answer, and none older than the question


async def test_what_goes_wrong_in_flight_is_told_to_all_and_kept_for_none() -> None:
    flights = Flights()

    async def fails() -> int:
        raise ValueError("no")

    results = await asyncio.gather(*(flights.share("q", fails) for _ in range(3)), return_exceptions=True)
    assert all(isinstance(r, ValueError) for r in results)

    async def works() -> int:
        return 7

    assert await flights.share("q", works) == 7


async def test_what_a_city_holds_is_closed_in_reverse_even_where_one_of_it_fails() -> None:
    city = City(Settings(), Registry(()))
    closed: list[str] = []

    def closing(name: str, *, fails: bool = False) -> Callable[[], Awaitable[None]]:
        async def close() -> None:
            closed.append(name)
            if fails:
                raise OSError(name)

        return close

    city.at_end(closing("first"))
    city.at_end(closing("second", fails=True))
    city.at_end(closing("third"))
    with pytest.raises(OSError, match="second"):
        await city.end()
    assert closed == ["third", "second", "first"]
    await city.end()
    assert len(closed) == 3


def test_a_part_is_made_once() -> None:
    city = City(Settings(), Registry(()))
    assert city.part(Flights) is city.part(Flights)
