"""What devices hand in: each change under its own id, once, for itself; what clashes is kept until somebody decides."""

from collections.abc import Mapping, Sequence
from typing import Any

import asyncpg
import msgspec
import structlog

from yong.kernel.access import api as access
from yong.kernel.access.contracts import Caller
from yong.kernel.base.city import City
from yong.kernel.base.errors import Conflict, Forbidden, Invalid, TooMany, Unavailable, YongError
from yong.kernel.base.ids import new_id
from yong.kernel.base.text import Text
from yong.kernel.records.service.writing import digest_of
from yong.kernel.records.sync import store
from yong.kernel.records.sync.contracts import (
    BODY_BYTES,
    KEEP_DAYS,
    Deed,
    Fault,
    Handed,
    HandedIn,
    Made,
    Outcome,
)
from yong.kernel.records.sync.own import DEEDS
from yong.kernel.store.database import Connection, Database, Row

_log = structlog.get_logger("records.sync")
_REUSED = Text("此编号已用于另一项修改", "That id was used for another change")
_UNKNOWN = Text("没有这种修改：{kind}", "There is no change of the kind {kind}")
_GIVEN_UP = Text("此设备已停用，不再接收其数据", "This device was given up; nothing is taken from it")
_LARGE = Text("内容过大", "Too large")
_TAKEN = Text("键或唯一值已被占用", "A key or unique value is already taken")
_LATER = Text("未能处理，请稍后再交", "It could not be done now; hand it in again later")


async def hand_in(
    city: City, caller: Caller, device: str, changes: Sequence[Mapping[str, Any]]
) -> list[HandedIn]:
    """Do changes in their order, each for itself: what is wrong with one does not hold up the others."""
    if await store.given_up(city[Database], caller.account, device):
        raise Forbidden(_GIVEN_UP)
    answers = [await _one(city, caller, device, change) for change in changes]
    async with city[Database].transaction() as connection:
        await store.tidy(connection, caller.account, KEEP_DAYS)
    return answers


async def _one(city: City, caller: Caller, device: str, change: Mapping[str, Any]) -> HandedIn:
    try:
        made = msgspec.convert(change, Handed)
    except msgspec.ValidationError as error:
        said = change.get("id")
        id_ = said if isinstance(said, str) and len(said) <= 64 else None
        return HandedIn(id=id_, state="refused", error=_unfit(error).in_(caller.language))
    digest = digest_of([made.kind, made.made_at, made.place, made.body])
    if (known := await store.handed(city[Database], caller.account, made.id)) is not None:
        return _again(known, digest, caller)
    try:
        outcome = await _done(city, caller, device, made, digest)
    except asyncpg.UniqueViolationError:  # the same arrived twice at this moment: the other one was it
        known = await store.handed(city[Database], caller.account, made.id)
        return _again(known, digest, caller) if known else _later(made, caller, _LATER)
    except (Unavailable, TooMany) as error:
        return _later(made, caller, error.detail)
    except Exception as error:
        _log.error("a change that was handed in was not done", kind=made.kind, change=made.id, exc_info=error)
        return _later(made, caller, _LATER)
    known = await store.handed(city[Database], caller.account, made.id)
    assert known is not None, f"{made.kind} did not keep its outcome {outcome.state}"
    return _shown(known, caller)


async def _done(city: City, caller: Caller, device: str, made: Handed, digest: bytes) -> Outcome:
    async def keep(connection: Connection, outcome: Outcome) -> None:
        await _keep(connection, caller, device, made, digest, outcome)

    about = Made(id=made.id, kind=made.kind, device=device, made_at=made.made_at, place=made.place)
    try:
        deed = deeds(city).get(made.kind)
        if deed is None:
            raise Invalid(_UNKNOWN, kind=made.kind)
        if len(msgspec.json.encode(made.body)) > BODY_BYTES:
            raise Invalid(_LARGE)
        try:
            body: Any = msgspec.convert(made.body, deed.body)
        except msgspec.ValidationError as error:
            raise Invalid(_unfit(error)) from None
        try:
            outcome: Outcome = await deed.handler(city, caller, about, body, keep)
        except asyncpg.UniqueViolationError:
            if await store.handed(city[Database], caller.account, made.id):
                raise
            raise Conflict(_TAKEN) from None
    except (Unavailable, TooMany):
        raise
    except YongError as error:
        faults = tuple((p.pointer, p.detail) for p in error.problems)
        outcome = Outcome(state="refused", error=error.detail, problems=faults)
        async with city[Database].transaction() as connection:
            await keep(connection, outcome)
    return outcome


def _unfit(error: msgspec.ValidationError) -> Text:
    return Text(f"不符合要求：{error}", f"It does not fit: {error}")


def deeds(city: City) -> dict[str, Deed]:
    """What may be handed in, by its name."""
    return {deed.name: deed for deed in (*DEEDS, *(d for _, d in city.registry.of(Deed)))}


async def _keep(
    connection: Connection, caller: Caller, device: str, made: Handed, digest: bytes, outcome: Outcome
) -> None:
    place = None if made.place is None else msgspec.to_builtins(made.place)
    clashes = [
        {
            "id": new_id(), "account": caller.account, "change_id": made.id, "kind": made.kind, "relation": c.relation,
            "record": c.record, "field": c.field, "mine": c.mine, "their_by": c.their_by, "their_at": c.their_at,
            "told": c.told, "made_at": made.made_at, "place": place,
        }
        for c in outcome.clashes
    ]  # fmt: skip
    answer: dict[str, Any] = {"told": outcome.told, "conflicts": [c["id"] for c in clashes]}
    if outcome.error is not None:
        answer["error"] = [outcome.error.zh, outcome.error.en]
        answer["errors"] = [[pointer, text.zh, text.en] for pointer, text in outcome.problems]
    undone = outcome.state in ("conflict", "refused")
    await store.keep(
        connection,
        {
            "account": caller.account, "id": made.id, "device": device, "kind": made.kind, "target": outcome.target,
            "version": outcome.version, "digest": digest, "made_at": made.made_at, "place": place, "state": outcome.state,
            "answer": answer, "body": made.body if undone else None,
        },
    )  # fmt: skip
    await store.keep_clashes(connection, clashes)
    facts = {
        "change": made.id, "device": device, "kind": made.kind, "state": outcome.state, "made_at": made.made_at.isoformat(),
        "conflicts": len(clashes),
    }  # fmt: skip
    await access.audit(connection, caller, "records.hand_in", (outcome.target or made.kind)[:400], facts)


def _again(known: Row, digest: bytes, caller: Caller) -> HandedIn:
    if bytes(known["digest"]) != digest:
        return HandedIn(id=known["id"], state="refused", error=_REUSED.in_(caller.language))
    return msgspec.structs.replace(_shown(known, caller), again=True)


def _later(made: Handed, caller: Caller, why: Text) -> HandedIn:
    return HandedIn(id=made.id, state="later", error=why.in_(caller.language))


def _shown(row: Row, caller: Caller) -> HandedIn:
    """The answer as it was written down, in the caller's language."""
    answer = row["answer"]
    at = 0 if caller.language == "zh" else 1
    return HandedIn(
        id=row["id"], state=row["state"], told=answer["told"], conflicts=answer["conflicts"],
        error=answer["error"][at] if "error" in answer else None,
        errors=[Fault(pointer=e[0], detail=e[1 + at]) for e in answer.get("errors", ())],
    )  # fmt: skip
