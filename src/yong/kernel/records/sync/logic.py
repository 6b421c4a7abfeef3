"""How what two people changed comes together. Pure."""

import zlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import pairwise

import msgspec

Held = dict[str, dict[str, int]]
"""Of every Relation the ids that a device holds, each with a tag of what it was given."""


class State(msgspec.Struct, frozen=True, kw_only=True):
    """A record as it was from one version on; `mine`: that version was made by an earlier change of the same device."""

    version: int
    values: Mapping[str, object]
    by: str
    at: datetime
    mine: bool = False


class Merge(msgspec.Struct, frozen=True, kw_only=True):
    """The fields whose new values stand, and those that somebody else changed to something else: with the state that did."""

    stand: tuple[str, ...]
    clash: tuple[tuple[str, State], ...]
    beside: bool  # somebody else changed it meanwhile


def merged(states: Sequence[State], fresh: Mapping[str, object]) -> Merge:
    """Bring together what a device changed (`fresh`) on the first of the states, and what became of the record since.

    A field that nobody else changed takes the device's value; so does one that has it already. One that changed since, but by
    the device's own earlier changes alone, is its own to change again.
    """
    stand: list[str] = []
    clash: list[tuple[str, State]] = []
    for name, value in fresh.items():
        other = _changed_by_others(states, name)
        if other is None or states[-1].values.get(name) == value:
            stand.append(name)
        else:
            clash.append((name, other))
    beside = any(not later.mine for later in states[1:])
    return Merge(stand=tuple(stand), clash=tuple(clash), beside=beside)


def _changed_by_others(states: Sequence[State], name: str) -> State | None:
    """The last state in which somebody else gave a field the value that it has, none where it is as it was or one's own."""
    if states[-1].values.get(name) == states[0].values.get(name) and all(
        s.values.get(name) == states[0].values.get(name) for s in states if s.mine
    ):
        return None
    for before, later in reversed([*pairwise(states)]):
        if before.values.get(name) != later.values.get(name):
            return None if later.mine else later
    return None


def difference(
    before: Held, now: Held, most: int
) -> tuple[list[tuple[str, str]], list[tuple[str, str]], bool]:
    """What a device lacks and what it holds too much, at most so many of each, and whether there is more."""
    fresh = [
        (relation, id_)
        for relation, rows in now.items()
        for id_, tag in rows.items()
        if before.get(relation, {}).get(id_) != tag
    ]
    gone = [
        (relation, id_)
        for relation, rows in before.items()
        for id_ in rows
        if id_ not in now.get(relation, {})
    ]
    return fresh[:most], gone[:most], len(fresh) > most or len(gone) > most


def after(before: Held, given: Sequence[tuple[str, str, int]], gone: Sequence[tuple[str, str]]) -> Held:
    """What a device holds once it has taken an answer."""
    held = {relation: {**rows} for relation, rows in before.items()}
    for relation, id_, tag in given:
        held.setdefault(relation, {})[id_] = tag
    for relation, id_ in gone:
        held.get(relation, {}).pop(id_, None)
    return held


def packed(held: Held) -> bytes:
    return zlib.compress(msgspec.msgpack.encode(held), 1)


def unpacked(payload: bytes | None) -> Held:
    return msgspec.msgpack.decode(zlib.decompress(payload), type=Held) if payload else {}
