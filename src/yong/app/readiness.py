"""Whether requests can be served, part by part: the database, its migrations, the bus."""

import asyncio
import time
from collections.abc import Mapping

import asyncpg
import msgspec
import nats

from yong.kernel.base.city import City
from yong.kernel.base.text import Text
from yong.kernel.bus import embedded
from yong.kernel.bus.bus import once
from yong.kernel.sensing import api as sensing
from yong.kernel.sensing.contracts import GateState
from yong.kernel.store import migrate
from yong.kernel.store.database import TROUBLE, Database

KEPT_S = 1.0  # asked at most so often, however many balancers ask
_WITHIN_S = 2.0

READY = "ready"
SAID: Mapping[str, Text] = {
    READY: Text("就绪", "ready"),
    "down": Text("无法连接", "cannot be reached"),
    "pending": Text(
        "迁移尚未执行；请用本版本重新运行 yong up", "migrations are due; run yong up of this version"
    ),
    "newer": Text(
        "数据库比程序新；请安装与之相符的版本",
        "the database is newer than the program; install the version that fits",
    ),
    "unknown": Text("数据库无法连接，不得而知", "not known while the database cannot be reached"),
}


class Readiness(msgspec.Struct, frozen=True):
    """The state of each part, a key of SAID, and what the MQTT gate says: that one stops no request."""

    parts: dict[str, str]
    gate: GateState | None

    @property
    def ready(self) -> bool:
        return all(state == READY for state in self.parts.values())


class Asked:
    """What was found last. A City part."""

    def __init__(self, city: City) -> None:
        self.needed = migrate.needed(city.registry)
        self.lock = asyncio.Lock()
        self.at = 0.0
        self.found: Readiness | None = None


async def of(city: City) -> Readiness:
    """How the parts are, asked at most once in KEPT_S for everybody together."""
    asked = city.part(Asked, lambda: Asked(city))
    async with asked.lock:
        if asked.found is None or time.monotonic() - asked.at >= KEPT_S:
            (stored, gate), bus = await asyncio.gather(_stored(city, asked.needed), _bus(city))
            asked.found = Readiness({**stored, "bus": bus}, gate)
            asked.at = time.monotonic()
        return asked.found


async def _stored(city: City, needed: dict[tuple[str, str], str]) -> tuple[dict[str, str], GateState | None]:
    try:
        async with asyncio.timeout(_WITHIN_S):
            lacking, unknown = await migrate.pending(city[Database], needed)
            state = "pending" if lacking else "newer" if unknown else READY
            gate = await sensing.gate(city[Database]) if state == READY else None
    except asyncpg.UndefinedTableError:
        return {"database": READY, "migrations": "pending"}, None
    except TROUBLE:
        return {"database": "down", "migrations": "unknown"}, None
    return {"database": READY, "migrations": state}, gate


async def _bus(city: City) -> str:
    """Signed in, with JetStream answering."""
    try:
        async with asyncio.timeout(_WITHIN_S):
            async with once(embedded.url(city.settings), "yong ready", _WITHIN_S) as connection:
                await connection.jetstream().account_info()
    except (OSError, nats.errors.Error):
        return "down"
    return READY
