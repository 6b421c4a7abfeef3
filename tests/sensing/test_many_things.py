"""A hundred thousand things: registered from a file, each with a credential of its own, found and counted at once."""

import random
import time

from yong.kernel.access import api as access
from yong.kernel.access import identity
from yong.kernel.base.city import City
from yong.kernel.records import api as records
from yong.kernel.records.contracts import Format
from yong.kernel.sensing import api as sensing
from yong.kernel.sensing.contracts import StateCount

THINGS = 100_000
SYSTEM = access.system_caller("sensing")


async def test_a_hundred_thousand_things(city: City) -> None:
    codes = [f"t-{n:06d}" for n in range(THINGS)]
    lines = "".join(f"{code},river,synthetic,330203\n" for code in codes)
    file = f"code,type,source,district\n{lines}".encode()
    report = await records.import_file(city, SYSTEM, "sensing.thing", file, Format.CSV)
    assert report.imported == THINGS
    tokens = await access.issue_credentials(city, access.system_caller("access"), codes)
    assert len(set(tokens.values())) == THINGS
    picked = random.Random(7).sample(codes, 300)
    began = time.perf_counter()
    for code, other in zip(picked, reversed(picked), strict=True):
        assert await identity.verify_device(city, code, tokens[code])
        assert not await identity.verify_device(city, code, tokens[other])
    assert (time.perf_counter() - began) / (
        2 * len(picked)
    ) < 0.01  # an index answers, whatever else runs here
    assert await sensing.counts(city, SYSTEM) == [StateCount("river", "never", THINGS)]
    [page] = [await sensing.states(city, SYSTEM, after=codes[-2])]
    assert [t.thing for t in page] == codes[-1:]
    for question in (
        {"text": "T-09999"},
        {"text": "nowhere"},
        {"state": "online"},
        {"after": codes[THINGS // 2]},
    ):
        began = time.perf_counter()
        found = await sensing.states(city, SYSTEM, **question)  # type: ignore[arg-type]  # one of its filters each
        assert time.perf_counter() - began < 3, question  # 0.03 to 0.15 s where nothing else runs
        assert len(found) == {"T-09999": 10, "nowhere": 0, "online": 0}.get(
            next(iter(question.values())), 100
        )
