"""The door of sensing: readings in, how things are, commands down, dead letters."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import msgspec

from yong.kernel.access import api as access
from yong.kernel.access.contracts import Caller
from yong.kernel.access.policies import Policies
from yong.kernel.base import clock
from yong.kernel.base.city import City
from yong.kernel.base.errors import Conflict, Invalid, NotFound, TooLarge, TooMany, Unauthenticated, YongError
from yong.kernel.base.relation import Relation
from yong.kernel.base.text import Text
from yong.kernel.sensing import commands, service
from yong.kernel.sensing.commands import Command
from yong.kernel.sensing.contracts import CommitResult, DeadLetter, Incoming, Refusal, Replayed, ThingType
from yong.kernel.sensing.mqtt import door
from yong.kernel.sensing.mqtt.reader import Message
from yong.kernel.sensing.service import Things
from yong.kernel.sensing.standing import gate as gate
from yong.kernel.sensing.standing import waiting_letters as waiting_letters
from yong.kernel.sensing.states import State as State
from yong.kernel.sensing.states import counts as counts
from yong.kernel.sensing.states import states as states
from yong.kernel.sensing.tcp import words
from yong.kernel.sensing.tcp.ais import source
from yong.kernel.sensing.tcp.contracts import Listener
from yong.kernel.sensing.tcp.server import listen
from yong.kernel.store.database import Connection, Database

THING = "sensing.thing"
HELD_REPORTS = 20_000  # messages by HTTP that wait for their commit
FLUSHED = 2_000  # of them in one transaction
MOST_REPORTS = 5_000  # messages in one call of report_many
MOST_DEAD_LETTERS = 100_000
_NO_LETTER = Text("没有这封死信，或已重放", "No such dead letter, or replayed already")
_NO_THING = Text("没有设备 {thing}", "There is no thing {thing}")


class Reports:
    """Messages that arrived by HTTP together and share one transaction. A City part."""

    def __init__(self) -> None:
        self.waiting: list[tuple[Incoming, asyncio.Future[YongError | None]]] = []
        self.flushing: asyncio.Task[None] | None = None


async def open_parts(city: City) -> None:
    """Put sensing's parts into a City."""
    city.put(Things, Things(city))
    city.put(Reports, Reports())


def types(city: City, caller: Caller) -> list[ThingType]:
    """What types of things the install knows, by name, with what they report and understand; for who is signed in."""
    access.signed_in(caller)
    access.authorize(city, caller, "sensing.types", "sensing")
    return sorted(city[Things].types.values(), key=lambda t: t.name)


# ---------------------------------------------------------------- readings


async def report(
    city: City, caller: Caller, thing: str, token: str | None, adapter: str, payload: bytes
) -> None:
    """Take a message in for a thing, by its own credential or for a caller who may; returns once committed.

    Raises what the format's decoder raises (the message is laid aside as a dead letter as well),
    Unauthenticated for a wrong credential, NotFound for a thing that the caller may not report for,
    TooMany when more wait than are written.
    """
    if token is not None:
        if not await access.verify_device(city, thing, token):
            raise Unauthenticated(Text("设备凭据无效", "The device's credential is not valid"))
    elif thing not in await _reportable(city, caller, [thing]):
        raise NotFound(_NO_THING, thing=thing)
    reports = city[Reports]
    if len(reports.waiting) >= HELD_REPORTS:
        raise TooMany(Text("上报过多，请稍后再试", "Too much is being reported; try again"))
    future: asyncio.Future[YongError | None] = asyncio.get_running_loop().create_future()
    reports.waiting.append((Incoming(adapter, thing, payload, clock.micros(clock.now())), future))
    if reports.flushing is None or reports.flushing.done():
        reports.flushing = asyncio.create_task(_flush(city, reports))
    wrong = await future
    if wrong is not None:
        raise wrong


async def _flush(city: City, reports: Reports) -> None:
    while reports.waiting:
        batch, reports.waiting = reports.waiting[:FLUSHED], reports.waiting[FLUSHED:]
        try:
            errors = (await service.commit_now(city, [m for m, _ in batch])).errors
        except Exception as error:  # whoever waits is told, whatever it is
            for _, future in batch:
                if not future.done():
                    future.set_exception(error)
            continue
        for index, (_, future) in enumerate(batch):
            if not future.done():
                future.set_result(errors.get(index))


async def report_many(city: City, caller: Caller, messages: Sequence[Incoming]) -> CommitResult:
    """Take messages of many things in at once, for an application that may; what became of each.

    A thing that the caller may not report for is refused like one that is not registered. Raises TooLarge
    for more than 5,000 messages.
    """
    if len(messages) > MOST_REPORTS:
        raise TooLarge(Text("一次至多 {n} 条消息", "At most {n} messages at once"), n=MOST_REPORTS)
    may = await _reportable(city, caller, sorted({m.thing for m in messages}))
    mine = [i for i, m in enumerate(messages) if m.thing in may]
    result = (await service.commit_now(city, [messages[i] for i in mine])).result if mine else CommitResult()
    others = [
        Refusal(index=i, thing=m.thing, code=NotFound.code, reason=_NO_THING.filled(thing=m.thing))
        for i, m in enumerate(messages)
        if m.thing not in may
    ]
    refused = [msgspec.structs.replace(r, index=mine[r.index]) for r in result.refused] + others
    return msgspec.structs.replace(result, refused=tuple(sorted(refused, key=lambda r: r.index)))


async def _reportable(city: City, caller: Caller, things: Sequence[str]) -> set[str]:
    """Those of `things` that the caller may report for. Raises Forbidden when that is none at all."""
    scope = access.scoped(city, _thing(city), caller, action="sensing.report")
    fit = [t for t in things if "\0" not in t]
    rows = await city[Database].fetch(
        f"SELECT code FROM ({scope.sql}) t WHERE code = ANY(${len(scope.args) + 1}::text[])", *scope.args, fit
    )
    return {row["code"] for row in rows}


# ---------------------------------------------------------------- things


def _thing(city: City) -> Relation:
    return city[Policies].relations[THING]


async def totals(city: City) -> dict[str, int]:
    """Counts that say nothing of any one thing: readings kept, things registered, reporting, laid aside."""
    row = await city[Database].fetchrow(
        """SELECT (SELECT coalesce(sum(readings), 0)::bigint FROM sensing.thing_state) AS observations,
                  (SELECT count(*) FROM sensing.thing WHERE ended_at IS NULL) AS things,
                  (SELECT count(*) FROM sensing.thing_state WHERE last_seen_at > now() - interval '5 minutes') AS reporting,
                  (SELECT count(*) FROM sensing.dead_letter WHERE replayed_at IS NULL) AS dead_letters"""
    )
    assert row is not None
    return dict(row)


# ---------------------------------------------------------------- commands


async def send_command(
    city: City,
    caller: Caller,
    thing: str,
    name: str,
    arguments: dict[str, Any],
    *,
    timeout_s: float = 60,
    idempotency_key: str | None = None,
) -> Command:
    """Tell a thing to do something; the command as it stands, queued."""
    access.authorize(city, caller, "sensing.command", THING)
    async with city[Database].transaction() as connection:
        await _seen(city, connection, caller, thing)
        command = await commands.place(
            connection,
            by=caller.account,
            thing=thing,
            name=name,
            arguments=arguments,
            timeout_s=timeout_s,
            idempotency_key=idempotency_key,
        )
        await access.audit(
            connection, caller, "sensing.command", f"thing:{thing}", {"command": command.id, "name": name}
        )
    return command


async def command_history(city: City, caller: Caller, thing: str, *, limit: int = 100) -> list[Command]:
    """A thing's commands, newest first."""
    access.authorize(city, caller, "sensing.read", THING)
    async with city[Database].transaction() as connection:
        await _seen(city, connection, caller, thing)
        return await commands.history(connection, thing, limit=limit)


async def _seen(city: City, connection: Connection, caller: Caller, thing: str) -> None:
    """Raise NotFound unless the caller may see the thing."""
    scope = access.scoped(city, _thing(city), caller)
    if not await connection.fetchval(
        f"SELECT 1 FROM ({scope.sql}) t WHERE code = ${len(scope.args) + 1}::text", *scope.args, thing
    ):
        raise NotFound(_NO_THING, thing=thing)


# ---------------------------------------------------------------- device protocols


async def enrol(city: City, caller: Caller, thing: str, listener: str, word: str | None = None) -> str:
    """Let a thing in at a device protocol's listener; the word it has to say, a new one unless given.

    Raises NotFound for a thing or a listener that there is not, Invalid for a word that the protocol cannot carry.
    """
    access.authorize(city, caller, "access.issue_credentials", THING)
    known = next((one for _, one in city.registry.of(Listener) if one.name == listener), None)
    if known is None:
        raise NotFound(
            Text("没有设备协议 {listener}", "There is no device protocol {listener}"), listener=listener
        )
    word = words.chosen(known, word)
    async with city[Database].transaction() as connection:
        await _seen(city, connection, caller, thing)
        await words.enrol(connection, city, known, thing, word)
        await access.audit(connection, caller, "sensing.enrol", f"thing:{thing}", {"listener": listener})
    return word


async def dismiss(city: City, caller: Caller, thing: str) -> int:
    """Let a thing in at no listener any more, and end its connections; how many words it had."""
    access.authorize(city, caller, "access.issue_credentials", THING)
    async with city[Database].transaction() as connection:
        await _seen(city, connection, caller, thing)
        count = await words.revoke(connection, thing)
        await access.audit(connection, caller, "sensing.dismiss", f"thing:{thing}", {"words": count})
    return count


# ---------------------------------------------------------------- dead letters


async def dead_letters(
    city: City, caller: Caller, *, thing: str | None = None, before: int | None = None, limit: int = 100
) -> list[DeadLetter]:
    """Messages laid aside, newest first."""
    access.authorize(city, caller, "sensing.dead_letters", THING)
    rows = await city[Database].fetch(
        """SELECT id, thing, adapter, code, reason_zh, reason_en, at, size, replayed_at FROM sensing.dead_letter
           WHERE ($1::text IS NULL OR thing = $1) AND ($2::bigint IS NULL OR id < $2) ORDER BY id DESC LIMIT $3""",
        thing,
        before,
        min(max(limit, 1), 1000),
    )
    return [
        DeadLetter(
            id=r["id"],
            thing=r["thing"],
            adapter=r["adapter"],
            code=r["code"],
            reason=Text(r["reason_zh"], r["reason_en"]),
            at=r["at"],
            size=r["size"],
            replayed_at=r["replayed_at"],
        )
        for r in rows
    ]


async def dead_letter_payload(city: City, caller: Caller, id: int) -> bytes:
    """The bytes of a dead letter, at most 64 KiB of them."""
    access.authorize(city, caller, "sensing.dead_letters", THING)
    payload = await city[Database].fetchval("SELECT payload FROM sensing.dead_letter WHERE id = $1", id)
    if payload is None:
        raise NotFound()
    return bytes(payload)


async def replay(city: City, caller: Caller, id: int) -> CommitResult:
    """Take a dead letter in again, now that its reason may be gone.

    Raises NotFound when there is none to replay, Conflict with the reason when it is still refused.
    """
    access.authorize(city, caller, "sensing.dead_letters", THING)
    row = await city[Database].fetchrow(
        "SELECT thing, adapter, payload, size, at FROM sensing.dead_letter WHERE id = $1 AND replayed_at IS NULL",
        id,
    )
    if row is None:
        raise NotFound(_NO_LETTER)
    if row["size"] > len(row["payload"]):
        raise Invalid(Text("原消息过长，未完整保存", "The message was too long to be kept whole"))
    city[Things].forget()
    message = Incoming(row["adapter"], row["thing"], row["payload"], clock.micros(row["at"]))
    batch = await service.take(city, [message])
    async with city[Database].transaction() as connection:
        done = await connection.execute(
            "UPDATE sensing.dead_letter SET replayed_at = now() WHERE id = $1 AND replayed_at IS NULL", id
        )
        if done.endswith(" 0"):
            raise NotFound(_NO_LETTER)
        committed = await service.write(city, connection, batch)
        if committed.errors:
            why = committed.errors[0].detail
            raise Conflict(Text(f"仍不能接收：{why.zh}", f"It still cannot be taken in: {why.en}"))
        await access.audit(connection, caller, "sensing.replay", f"dead_letter:{id}")
    service.settle(city, committed)
    return committed.result


async def replay_all(
    city: City, caller: Caller, *, thing: str | None = None, code: str | None = None
) -> Replayed:
    """Take dead letters in again, oldest first, at most 1,000 in a call: those of a thing, or with one reason."""
    access.authorize(city, caller, "sensing.dead_letters", THING)
    rows = await city[Database].fetch(
        """SELECT id FROM sensing.dead_letter WHERE replayed_at IS NULL AND size = octet_length(payload)
           AND ($1::text IS NULL OR thing = $1) AND ($2::text IS NULL OR code = $2) ORDER BY id LIMIT 1000""",
        thing,
        code,
    )
    taken = refused = 0
    for row in rows:
        try:
            await replay(city, caller, row["id"])
            taken += 1
        except YongError:
            refused += 1
    return Replayed(taken=taken, refused=refused)


async def forget_dead_letters(city: City, caller: Caller) -> int:
    """Throw away what nobody wanted for 30 days, what was replayed a week ago, and the oldest beyond 100,000."""
    access.authorize(city, caller, "sensing.dead_letters", THING)
    async with city[Database].transaction() as connection:
        done = await connection.execute(
            """DELETE FROM sensing.dead_letter WHERE at < now() - interval '30 days'
                 OR replayed_at < now() - interval '7 days'
                 OR id <= (SELECT id FROM sensing.dead_letter ORDER BY id DESC OFFSET $1 LIMIT 1)""",
            MOST_DEAD_LETTERS,
        )
        forgotten = int(done.split()[-1])
        if forgotten:
            await access.audit(connection, caller, "sensing.discard", "dead_letter", {"count": forgotten})
    return forgotten


async def discard(city: City, caller: Caller, id: int) -> None:
    """Throw a dead letter away."""
    access.authorize(city, caller, "sensing.dead_letters", THING)
    async with city[Database].transaction() as connection:
        done = await connection.execute("DELETE FROM sensing.dead_letter WHERE id = $1", id)
        if done.endswith(" 0"):
            raise NotFound()
        await access.audit(connection, caller, "sensing.discard", f"dead_letter:{id}")


# ---------------------------------------------------------------- the MQTT door


async def keep_door(city: City) -> None:
    """The gate, the callout, presence and commands, until cancelled."""

    async def verify(pairs: Sequence[tuple[str, str]]) -> Sequence[bool]:
        return await access.verify_devices(city, pairs)

    async def revoked(since: datetime) -> Sequence[str]:
        return await access.revoked_since(city, since)

    await door.run_door(city, verify, revoked)


async def keep_listening(city: City) -> None:
    """The device protocols' listeners over TCP, until cancelled."""
    await listen(city)


async def keep_reading_ais(city: City) -> None:
    """Read the AIS receivers that the settings name, until cancelled."""
    await source.read(city, city.settings.ais_receivers)


async def keep_writing(city: City) -> None:
    """The writer, until cancelled."""

    async def observe(connection: Connection, messages: Sequence[Message]) -> Callable[[], None]:
        batch = [service.incoming(m.subject, m.payload, m.stored_us) for m in messages]
        committed = await service.commit(city, connection, batch)
        return lambda: service.settle(city, committed)

    await door.run_writer(city, observe)
