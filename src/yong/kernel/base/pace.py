"""How often one address may do something here, in this process: a brake, not a lock."""

import time

from yong.kernel.base.city import City
from yong.kernel.base.errors import TooMany

_KEPT = 50_000


class Paces:
    """When each address did what. A City part."""

    def __init__(self) -> None:
        self.done: dict[tuple[str, str], list[float]] = {}


def step(city: City, what: str, client: str, *, most: int, seconds: float) -> None:
    """Count one; raises TooMany after `most` within `seconds`, which is not counted."""
    done = city.part(Paces).done
    now, key = time.monotonic(), (what, client)
    while len(done) > _KEPT:  # the address that came first goes, not everybody's count
        del done[next(iter(done))]
    recent = [t for t in done.get(key, ()) if now - t < seconds]
    if len(recent) >= most:
        done[key] = recent
        raise TooMany(retry_after_s=int(seconds - (now - recent[0])) + 1)
    done[key] = [*recent, now]
