"""The book that a door's devices keep of what was acknowledged, and its comparison with the database."""

from collections.abc import Sequence

import msgspec
from tests.chaos.instance import Install

Excuse = tuple[int, int]
"""Two moments (µs): what was acknowledged between them may be missing."""


class Verdict(msgspec.Struct):
    """What the books of one door, or of all, came to."""

    acknowledged: int = 0
    kept: int = 0
    repeats: int = 0
    lost: int = 0  # excused: with the bus's folder, and never otherwise


class Book:
    """What each thing had acknowledged: number of the reading → its moment in microseconds."""

    def __init__(self) -> None:
        self.acknowledged: dict[str, dict[int, int]] = {}
        self.repeats = 0

    def write(self, thing: str, number: int, moment: int) -> None:
        """A reading was acknowledged."""
        self.acknowledged.setdefault(thing, {})[number] = moment

    def counts(self) -> dict[str, int]:
        return {thing: len(numbers) for thing, numbers in self.acknowledged.items()}

    @property
    def total(self) -> int:
        return sum(map(len, self.acknowledged.values()))

    async def judged(self, install: Install, attribute: str, excuse: Excuse | None = None) -> Verdict:
        """Nothing acknowledged is missing, nothing doubled, and order per thing holds, in history and in state.

        The readings of a thing are the values of `attribute`, numbered from zero in the order of their moments.
        Raises AssertionError with what is wrong.
        """
        things = sorted(self.acknowledged)
        rows = await install.fetch(
            """SELECT s.entity, o.observed_at, o.value::int AS number, count(*) AS times
               FROM history.observation o JOIN history.series s ON s.id = o.series
               WHERE s.attribute = $1 AND s.entity = ANY($2::text[]) GROUP BY 1, 2, 3 ORDER BY 1, 2""",
            attribute,
            things,
        )
        assert not [r for r in rows if r["times"] > 1], "a reading is there twice"
        kept: dict[str, dict[int, int]] = {}
        for row in rows:
            numbers = kept.setdefault(row["entity"], {})
            assert row["number"] not in numbers, f"{row['entity']}: a reading is there at two moments"
            numbers[row["number"]] = row["observed_at"]
        lost = 0
        for thing, acknowledged in self.acknowledged.items():
            there = kept.get(thing, {})
            missing = {n: m for n, m in acknowledged.items() if n not in there}
            if excuse:
                excused = {n for n, m in missing.items() if excuse[0] <= m <= excuse[1]}
                lost += len(excused)
                missing = {n: m for n, m in missing.items() if n not in excused}
            assert not missing, f"{thing}: acknowledged and not there: {sorted(missing)[:10]}"
            assert all(there[n] == m for n, m in acknowledged.items() if n in there), (
                f"{thing}: another moment"
            )
            assert list(there) == sorted(there), f"{thing}: the order is lost"
        state = await shown(install, attribute, things)
        newest = {thing: max(numbers) for thing, numbers in kept.items()}
        assert state == newest, (
            f"the state is not the newest reading: {set(state.items()) ^ set(newest.items())}"
        )
        return Verdict(self.total, len(rows), self.repeats, lost)


async def shown(install: Install, attribute: str, things: Sequence[str]) -> dict[str, int]:
    """The number of the reading that each thing's entity shows."""
    rows = await install.fetch(
        """SELECT id, (doc->$1->>'value')::float::int AS number FROM context.entity
           WHERE id = ANY($2::text[]) AND doc ? $1""",
        attribute,
        things,
    )
    return {row["id"]: row["number"] for row in rows}
