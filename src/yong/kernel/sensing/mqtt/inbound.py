"""What things say beside observations: their state and their answers, committed in the same transaction."""

from collections.abc import Sequence

from yong.kernel.sensing import commands
from yong.kernel.sensing.mqtt.endpoint import thing_of
from yong.kernel.sensing.mqtt.reader import Message
from yong.kernel.sensing.mqtt.writer import Commit, Settle
from yong.kernel.store.database import Connection

_LONGEST_STATE = 64


def commit(observe: Commit) -> Commit:
    """A writer's commit: `observe` gets the messages of `obs.…`, the others are dealt with here."""

    async def both(connection: Connection, messages: Sequence[Message]) -> Settle | None:
        observations: list[Message] = []
        said: dict[str, str] = {}
        answers: list[tuple[str, bytes]] = []
        for message in messages:
            kind, _, rest = message.subject.partition(".")
            if kind == "obs":
                observations.append(message)
            elif kind == "state":
                said[thing_of(rest)] = (
                    message.payload[:_LONGEST_STATE].decode("utf-8", "replace").replace("\0", "")
                )
            else:
                answers.append((thing_of(rest), message.payload))
        if said:
            await _say(connection, said)
        if answers:
            await commands.acknowledge(connection, answers)
        return await observe(connection, observations) if observations else None

    return both


async def _say(connection: Connection, said: dict[str, str]) -> None:
    """The last word of each thing about itself; its last will says `offline`. Rows in order: see `connected`."""
    things = sorted(said)
    await connection.execute(
        """INSERT INTO sensing.presence (thing, said, said_at)
           SELECT thing, said, now() FROM unnest($1::text[], $2::text[]) AS t (thing, said)
           ON CONFLICT (thing) DO UPDATE SET said = excluded.said, said_at = excluded.said_at""",
        things,
        [said[t] for t in things],
    )
