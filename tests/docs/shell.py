"""Pages with commands, done as their reader does them: block after block, in one shell."""

import re
import socket
import subprocess
from pathlib import Path
from typing import NamedTuple

END = "--- end of the step ---"


class Step(NamedTuple):
    """A block of commands and what the page says they print."""

    commands: str
    prints: str | None


def steps(page: Path) -> list[Step]:
    """The `sh` blocks of a page, each with the `text` block right below it."""
    found = re.findall(r"^```sh\n(.*?)^```\n(?:\n```text\n(.*?)^```)?", page.read_text("utf-8"), re.M | re.S)
    return [Step(commands, prints or None) for commands, prints in found]


def matches(pattern: str, printed: str) -> bool:
    """Whether what was printed is as the page says; `…` stands for anything."""
    anything = ".*".join(re.escape(part) for part in pattern.strip().split("…"))
    return re.fullmatch(anything, printed.strip(), re.S) is not None


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


class Shell:
    """One bash for all steps, so that variables stay."""

    def __init__(self, environment: dict[str, str], folder: Path) -> None:
        self.process = subprocess.Popen(
            ["bash"], cwd=folder, env=environment, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip

    def run(self, commands: str) -> tuple[str, int]:
        """What the commands print, without empty lines, and the last one's status."""
        assert self.process.stdin
        assert self.process.stdout
        # An answer of curl ends without a line break; on the page each is shown on a line of its own.
        shown = re.sub(r"^(curl .*)$", r"\1 && echo", commands.replace("\\\n", ""), flags=re.M)
        self.process.stdin.write(f"{shown}\nlast=$?; echo; echo '{END}' $last\n")
        self.process.stdin.flush()
        lines = []
        for line in self.process.stdout:
            if line.startswith(END):
                return "\n".join(x for x in lines if x.strip()), int(line.split()[-1])
            lines.append(line.rstrip("\n"))
        raise AssertionError("the shell ended:\n" + "\n".join(lines))

    def follow(self, todo: list[Step], places: dict[str, str]) -> None:
        """Do every step, with the real thing in place of what is written, and compare what it prints."""
        for step in todo:
            commands = step.commands
            for written, real in places.items():
                commands = commands.replace(written, real)
            printed, status = self.run(commands)
            assert status == 0, f"{commands}\n{printed}"
            if step.prints:
                assert matches(step.prints, printed), (
                    f"{commands}\nprints\n{printed}\ninstead of\n{step.prints}"
                )

    def close(self) -> None:
        assert self.process.stdin
        self.process.stdin.close()
        self.process.wait(30)
