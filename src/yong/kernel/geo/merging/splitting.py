"""One component taken apart into what its last run joined. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from yong.kernel.base.errors import Conflict
from yong.kernel.base.ids import new_id
from yong.kernel.base.text import Text
from yong.kernel.geo.merging.conflation import Component, Link
from yong.kernel.geo.merging.contracts import RecordRef
from yong.kernel.geo.merging.plane import plane_of

_NOTHING = Text(
    "最近一次运行没有把不同的记录并入此部件",
    "The last run joined nothing in this component: there is nothing to undo",
)
Row = Mapping[str, Any]


def apart(
    component: Row, members: Sequence[Row], befores: Sequence[Row]
) -> tuple[list[str], list[Component], list[Link], list[tuple[RecordRef, RecordRef]]]:
    """The ids touched, the components and links instead, and the pairs of records that are different from now on.

    Records go back to the component that they were in before the run; one whose records are the same as then is
    exactly what it was. Those that were in none get one each. Raises Conflict where that changes nothing.
    """
    was = {
        (link["source"], link["record"]): before["component"]
        for before in befores
        for link in before["links"] or ()
    }
    groups: dict[str, list[Row]] = {}
    for row in members:
        groups.setdefault(was.get((row["source"], row["record"])) or new_id(), []).append(row)
    if len(groups) < 2:
        raise Conflict(_NOTHING)
    if component["id"] not in groups:  # the id stays with the first, so that it does not vanish
        first = next(iter(groups))
        if first not in was.values():
            groups[component["id"]] = groups.pop(first)
    known = {b["component"]: b for b in befores}
    components, links = [], []
    for id_, rows in groups.items():
        one, theirs = _as_it_was(id_, rows, known.get(id_)) or _anew(id_, rows, component)
        components.append(one)
        links += theirs
    refs = [(g, RecordRef(r["source"], r["record"])) for g, rows in groups.items() for r in rows]
    pairs = [(min(a, b), max(a, b)) for i, (g, a) in enumerate(refs) for h, b in refs[:i] if g != h]
    return [component["id"], *(g for g in groups if g != component["id"])], components, links, sorted(pairs)


def _as_it_was(id_: str, rows: Sequence[Row], before: Row | None) -> tuple[Component, list[Link]] | None:
    if before is None or before["was"] is None:
        return None
    then = {(x["source"], x["record"]) for x in before["links"] or ()}
    if then != {(r["source"], r["record"]) for r in rows}:
        return None
    was = before["was"]
    one = Component(
        id_, was["class"], was["name"], was["lon"], was["lat"], was["accuracy_m"], was["confidence"], was["records"],
        was["district"],
    )  # fmt: skip
    return one, [_link(x, id_, x["offset_m"]) for x in before["links"]]


def _anew(id_: str, rows: Sequence[Row], component: Row) -> tuple[Component, list[Link]]:
    lonlat = np.array([(r["lon"], r["lat"]) for r in rows])
    weight = np.array([1 / r["accuracy_m"] ** 2 for r in rows])
    forth, back = plane_of(lonlat)
    xy = forth(lonlat)
    middle = np.average(xy, axis=0, weights=weight)
    lon, lat = lonlat[0].tolist() if len(rows) == 1 else back(middle[None, :])[0].tolist()
    offsets = np.hypot(*(xy - middle).T).tolist()

    def most(column: str) -> str | None:
        said = [r[column] for r in rows if r[column] is not None]
        return max(said, key=said.count) if said else None

    one = Component(
        id_, most("class"), most("name"), round(lon, 9), round(lat, 9),
        round(float(np.sqrt(1 / weight.sum())), 4), 1.0 if len(rows) == 1 else component["confidence"], len(rows),
        most("district") or component["district"],
    )  # fmt: skip
    return one, [_link(r, id_, round(o, 4)) for r, o in zip(rows, offsets, strict=True)]


def _link(row: Row, component: str, offset_m: float) -> Link:
    return Link(
        row["source"], row["record"], component, row["lon"], row["lat"], row["accuracy_m"], offset_m,
        row["name"], row["class"], row["district"],
    )  # fmt: skip
