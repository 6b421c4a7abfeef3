"""The ordeal: an install, load, faults one after the other, and the judgement."""

import contextlib
from collections import Counter
from collections.abc import Collection
from pathlib import Path

import msgspec
from tests.chaos.book import Verdict
from tests.chaos.faults import FAULTS, Measure
from tests.chaos.instance import Install
from tests.chaos.means import Ballast, Clock, Impossible, small_disk
from tests.chaos.told import Heard
from tests.chaos.trial import Tell, Trial

DISK_MB = 900  # of an install that is to be full


class Result(msgspec.Struct):
    """What an ordeal came to."""

    kills: dict[str, int]
    pauses: dict[str, int]
    skipped: dict[str, str]  # faults that this machine does not allow, and why
    doors: dict[str, Verdict]
    heard: Heard  # by a subscriber
    answers: dict[int, int]  # of HTTP while something was away, by status
    slowest_s: float  # from the end of a fault until every device was served again

    @property
    def total(self) -> Verdict:
        verdicts = self.doors.values()
        return Verdict(*(sum(getattr(v, name) for v in verdicts) for name in Verdict.__struct_fields__))


async def ordeal(home: Path, faults: Collection[str], much: Measure, *, tell: Tell, seed: int = 1) -> Result:
    """Let `faults` (of FAULTS, in its order) happen to an install under load, and judge the books.

    Raises AssertionError when something acknowledged is missing, anything is there twice or out of order,
    a device is not served again, or the install does not come to rest.
    """
    skipped: dict[str, str] = {}
    with contextlib.ExitStack() as stack:
        clock = ballast = None
        if "disk" in faults:
            try:
                stack.enter_context(small_disk(home, DISK_MB))
                ballast = Ballast(home)
            except Impossible as why:
                skipped["disk"] = str(why)
        if "clock" in faults:
            try:
                clock = Clock(home)
            except Impossible as why:
                skipped["clock"] = str(why)
        trial = Trial(Install(home, clock.environment if clock else None), tell, seed)
        trial.ballast, trial.clock = ballast, clock
        for name, why in skipped.items():
            tell(f"left out: {name}: {why}")
        await trial.install.up()
        try:
            async with trial.under_load():
                for name in FAULTS:
                    if name in faults and name not in skipped:
                        await FAULTS[name](trial, much)
            await trial.settled()
            return await _judged(trial, skipped)
        except BaseException:
            tell(trial.install.logs())
            raise
        finally:
            await trial.subscriber.close()
            trial.install.down()


async def _judged(trial: Trial, skipped: dict[str, str]) -> Result:
    doors = {door.name: await door.judged(trial.excuse) for door in trial.doors}
    [dead] = await trial.install.fetch("SELECT count(*) AS n FROM sensing.dead_letter")
    assert not dead["n"], "a fault made dead letters"
    [whole] = await trial.install.fetch("SELECT count(*) AS n FROM history.observation")
    # A process killed between its commit and its count leaves the count behind, never ahead.
    assert 0 < await trial.counted() <= whole["n"]
    install = trial.install
    answers = sum((door.answers for door in trial.doors), Counter())
    heard = await trial.heard()
    return Result(install.kills, install.pauses, skipped, doors, heard, dict(answers), trial.slowest_s)
