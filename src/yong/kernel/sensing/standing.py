"""How sensing stands, for status and readiness: it says nothing of any one thing, so anybody may ask."""

import msgspec

from yong.kernel.base import clock
from yong.kernel.base.text import Text
from yong.kernel.sensing.contracts import GateState
from yong.kernel.store.database import Database

_GATE_SILENT_S = 30.0  # the gate tells of itself every five seconds
_SILENT = Text("看门进程没有回报", "The process that keeps the door does not report")


async def gate(database: Database) -> GateState:
    """What the gate of the MQTT door says, for anybody: it names no thing. One that fell silent is shut."""
    row = await database.fetchrow(
        "SELECT open, code, reason_zh, reason_en, since, checked_at, admitted, refused FROM sensing.gate"
    )
    assert row is not None
    said = GateState(
        open=row["open"],
        code=row["code"],
        reason=Text(row["reason_zh"], row["reason_en"]),
        since=row["since"],
        checked_at=row["checked_at"],
        admitted=row["admitted"],
        refused=row["refused"],
    )
    if said.open and (clock.now() - said.checked_at).total_seconds() > _GATE_SILENT_S:
        return msgspec.structs.replace(said, open=False, code="silent", reason=_SILENT, since=said.checked_at)
    return said


async def waiting_letters(database: Database) -> int:
    """How many messages are laid aside and not dealt with."""
    found: int = await database.fetchval("SELECT count(*) FROM sensing.dead_letter WHERE replayed_at IS NULL")
    return found
