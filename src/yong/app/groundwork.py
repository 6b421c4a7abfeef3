"""What a start does in the database, done by a process that has loaded what it takes.

The supervisor has loaded little, and would load for seconds what its nursery loads at the same time. So it has the nursery
fork a process that does `standing` and says line by line how far it is. Where there is no nursery, that is a program.
"""

import os
import select
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

import msgspec

from yong.app.nursery import Nursery
from yong.kernel.base.errors import Refused
from yong.kernel.base.text import Text
from yong.kernel.store import child

NAME = "standing"
_LOOK_S = 0.1


class Said(msgspec.Struct, frozen=True):
    """A line of the process: something for whoever watches, or how far it is, or why it does not go on."""

    what: Literal["told", "prepared", "open", "refused"]
    text: Text | None = None

    def line(self) -> str:
        return msgspec.json.encode(self).decode() + "\n"


class Groundwork:
    """The process at work; `until` follows it."""

    def __init__(
        self,
        nursery: Nursery | None,
        environment: dict[str, str],
        log: Path,
        tell: Callable[[Text], None],
        stopping: Callable[[], bool],
    ) -> None:
        self.log, self.tell, self.stopping = log, tell, stopping
        self._left = b""
        self._from, ours = os.pipe()
        try:
            with log.open("ab") as errors:
                forked = nursery.fork(NAME, ours, errors.fileno()) if nursery else None
                self.process: child.Child = forked or child.start(
                    [sys.executable, "-m", "yong.app.main", "run", NAME],
                    log,
                    environment=environment,
                    stdout=ours,
                )
        finally:
            os.close(ours)

    def until(self, what: Literal["prepared", "open"]) -> None:
        """Tell what it has to tell until it is so far, or the start is given up. Raises Refused."""
        for said in self._said():
            if said.what == "told" and said.text:
                self.tell(said.text)
            elif said.what == "refused":
                raise Refused(said.text)
            elif said.what == what:
                return
        if not self.stopping():
            raise Refused(
                Text("数据库准备未完成，见 {log}", "The database was not prepared, see {log}"), log=self.log
            )

    def end(self) -> None:
        """Have it end, wherever it is."""
        os.close(self._from)
        self.process.kill()
        self.process.wait()

    def _said(self) -> Iterator[Said]:
        while not self.stopping():
            line, found, rest = self._left.partition(b"\n")
            if found:
                self._left = rest
                yield msgspec.json.decode(line, type=Said)
            elif select.select([self._from], [], [], _LOOK_S)[0]:
                got = os.read(self._from, 65536)
                if not got:
                    return
                self._left += got
