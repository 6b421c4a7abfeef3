"""The pure rules of following: what is folded, what waits within bounds, what a filter means."""

import msgspec
from following import Event
from hypothesis import given
from hypothesis import strategies as st

from yong.kernel.context.contracts import CHANGED, DELETED
from yong.kernel.context.live import frames
from yong.kernel.context.live.changes import Changes, Position, position_of
from yong.kernel.context.live.frames import Frame, Told, Waiting

_names = st.sampled_from(["a", "b", "c"])
_steps = st.lists(
    st.tuples(st.sampled_from(["x", "y", "z"]), st.one_of(st.none(), st.sets(_names, min_size=1))),
    max_size=30,
)
"""What happens to entities one after the other: these attributes change, or (None) it is deleted."""


def payload(entity: str, attributes: set[str] | None, tenant: str = "") -> bytes:
    data: dict[str, object] = {"entities": {entity: sorted(attributes or ())}, "tenant": tenant}
    if attributes is None:
        data |= {"types": {"T": [entity]}, "of": {entity: (None, "330203")}}
    kind = DELETED if attributes is None else CHANGED
    return msgspec.json.encode({"type": kind, "time": "2026-11-20T08:00:00+00:00", "data": data})


@given(st.integers(0, 2**60), st.integers(0, 10**17))
def test_a_position_reads_as_it_is_written(epoch: int, seq: int) -> None:
    assert position_of(str(Position(epoch, seq))) == Position(epoch, seq)


@given(st.text(max_size=40))
def test_no_text_breaks_the_reader_of_positions(text: str) -> None:
    found = position_of(text)
    assert found is None or position_of(str(found)) == found


@given(_steps)
def test_folding_forgets_nothing(steps: list[tuple[str, set[str] | None]]) -> None:
    changes = Changes()
    plain: dict[
        str, tuple[bool, set[str], bool]
    ] = {}  # deleted; attributes since; whether anything came after
    for entity, attributes in steps:
        changes.take(payload(entity, attributes))
        deleted, names, _ = plain.get(entity, (False, set(), True))
        plain[entity] = (True, set(), False) if attributes is None else (deleted, names | attributes, True)
    folded = changes.of.get("", {})
    assert {i: (c.gone is not None, c.attributes, c.after) for i, c in folded.items()} == plain
    assert changes.count == len(plain)


@given(_steps, st.integers(1, 4))
def test_parts_are_the_whole(steps: list[tuple[str, set[str] | None]], most: int) -> None:
    changes = Changes()
    for n, (entity, attributes) in enumerate(steps):
        changes.take(payload(entity, attributes, tenant="" if n % 2 else "other"))
    found: dict[str, dict[str, object]] = {}
    for part in changes.parts(most):
        assert part.count <= most
        for tenant, entities in part.of.items():
            found.setdefault(tenant, {}).update(entities)
    assert found == changes.of


def test_what_is_no_event_of_entities_changes_nothing() -> None:
    changes = Changes()
    for rubbish in (b"", b"{", b"[]", b'{"type":"other.Happened","data":{"entities":{"x":["a"]}}}',
                    b'{"type":"context.EntitiesChanged","data":{"entities":{"x":3}}}'):  # fmt: skip
        changes.take(rubbish)
    assert not changes.count


def events(text: bytes) -> list[Event]:
    found = []
    for block in text.decode().split("\n\n"):
        lines = dict(line.split(": ", 1) for line in block.split("\n") if line)
        if "data" in lines:
            found.append(Event(lines["event"], msgspec.json.decode(lines["data"]), lines.get("id")))
    return found


@given(_steps, st.integers(1, 3000), st.integers(1, 3))
def test_whoever_is_slow_ends_where_the_others_do(
    steps: list[tuple[str, set[str] | None]], bound: int, each: int
) -> None:
    """Applied one after the other, what waited gives the same state as all that was told, or says reset."""
    before, frames.COALESCE_BYTES = frames.COALESCE_BYTES, bound
    try:
        waiting = Waiting()
        state: dict[str, dict[str, object]] = {}
        for start in range(0, len(steps), each):
            batch = []
            for n, (entity, attributes) in enumerate(steps[start : start + each]):
                if attributes is None:
                    batch.append(Frame(entity, {"id": entity}, gone=True))
                    state.pop(entity, None)
                else:
                    values = dict.fromkeys(attributes, start + n)
                    batch.append(Frame(entity, {"id": entity}, {k: b"%d" % v for k, v in values.items()}))
                    state.setdefault(entity, {}).update(values)
            assert waiting.put(Told(batch, f"1-{start}"))
        text, count = waiting.take("1-9")
    finally:
        frames.COALESCE_BYTES = before
    reached: dict[str, dict[str, object]] = {}
    told = events(text)
    assert len(told) == count <= len(steps)
    for event in told:
        if event.kind == "deleted":
            reached.pop(event.data["id"], None)
        else:
            reached.setdefault(event.data["id"], {}).update(event.data["attributes"])
    assert reached == state
    if told:
        assert told[-1].id == f"1-{(len(steps) - 1) // each * each}"
    assert not waiting


def test_beyond_its_bound_a_reset_waits_and_then_what_came_after() -> None:
    waiting = Waiting()
    big = Frame("x", {"id": "x"}, {"a": b'"' + b"x" * frames.COALESCE_BYTES + b'"'})
    put = [waiting.put(Told([Frame(f"{n}", {"id": f"{n}"}, big.parts)], f"1-{n}")) for n in range(5)]
    assert put == [True, True, True, False, True]
    told = events(waiting.take("1-3")[0])
    assert [(e.kind, e.id) for e in told] == [("reset", "1-3"), ("changed", "1-4")]
