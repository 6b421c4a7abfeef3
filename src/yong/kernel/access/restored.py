"""Restores on purpose, as the anchor file tells of them, and which anchors still bind the chain after one.

Restoring a backup takes the trail back to an older head. The anchors beyond it stay in the file, followed by
a line that says where the chain was taken back to, when, and of when the backup is. The restored database
holds an entry `access.restore` with the same id: a line without its entry is a finding, and a chain that ends
before an anchor without such a line is a cut, as ever.
"""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import msgspec

from yong.kernel.base.text import Text

ACTION = "access.restore"

_TOLD = Text(
    "于 {at} 从 {made_at} 的备份恢复：链回到第 {position} 条，其后旧条目（至第 {lost} 条）已不在",
    "restored from the backup of {made_at} at {at}: the chain went back to {position}, "
    "the entries after it (up to {lost}) are gone",
)


class Restored(msgspec.Struct, frozen=True, kw_only=True):
    """Which restore: the id of its entry in the trail, and when the backup was made."""

    id: str
    made_at: datetime


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the anchor file: the chain's head at a moment, with `restored` the head it was taken back to."""

    position: int
    hash: str
    at: datetime
    restored: Restored | None = None


class Restore(msgspec.Struct, frozen=True, kw_only=True):
    """A restore that the anchor file tells of; `lost` is the last anchored position before it."""

    id: str
    made_at: datetime
    at: datetime
    position: int
    lost: int

    @property
    def told(self) -> Text:
        """What to tell a person."""
        return _TOLD.filled(
            at=f"{self.at:%Y-%m-%d %H:%M:%SZ}",
            made_at=f"{self.made_at:%Y-%m-%d %H:%M:%SZ}",
            position=self.position,
            lost=max(self.lost, self.position),
        )


def restores(file: Path) -> list[Restore]:
    """Every restore the anchor file tells of, oldest first."""
    found: list[Restore] = []
    newest = 0
    for line in _lines(file):
        if line.restored is None:
            newest = max(newest, line.position)
            continue
        found.append(
            Restore(
                id=line.restored.id,
                made_at=line.restored.made_at,
                at=line.at,
                position=line.position,
                lost=newest,
            )
        )
        newest = line.position
    return found


def binding(file: Path) -> Iterator[Line]:
    """The lines that the chain must still match, by position: no restore after them went further back."""
    back = [r.position for r in restores(file)]
    for i in range(len(back) - 2, -1, -1):
        back[i] = min(back[i], back[i + 1])
    seen = 0
    for line in _lines(file):
        seen += line.restored is not None
        if (seen == len(back) or line.position <= back[seen]) and line.position > 0:
            yield line


def joined(present: bytes, of_backup: bytes, line: Line) -> bytes:
    """The anchor file after a restore.

    The present file goes on when it began as the backup's did (it only ever grows); anchors of another
    install say nothing of this chain, then the backup's own go on.
    """
    kept = present if present.startswith(of_backup) else of_backup
    return kept + b"\n" + msgspec.json.encode(line) + b"\n"


def _lines(file: Path) -> Iterator[Line]:
    """Line by line: a year of anchors is too many to hold."""
    if not file.exists():
        return
    with file.open("rb") as lines:
        for line in lines:
            try:
                yield msgspec.json.decode(line, type=Line)
            except msgspec.MsgspecError:
                continue  # a line cut off by a power loss
