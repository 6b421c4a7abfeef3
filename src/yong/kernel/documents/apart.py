"""Work on what others wrote, in a process of its own: with limits of time and memory, and gone when it is done.

Typst, pyHanko and Pillow read data of strangers. What one of them does with it then costs a process, not the server.
"""

import asyncio
import os
import sys
from typing import NoReturn

import msgspec

from yong.kernel.base.errors import Invalid, Unavailable
from yong.kernel.base.text import Text

AT_ONCE = 2
_REFUSED = 3  # the status of a worker that says on its standard error why it refuses
_FAILED = Text("处理文件的进程出错", "The process that works on the file failed")
_SLOW = Text("未能在 {n} 秒内完成", "It was not done within {n} seconds")
_LARGE = Text("结果超过 {n} MiB", "The result is over {n} MiB")
_KEPT = ("PATH", "PYTHONPATH", "LANG", "LC_ALL", "SYSTEMROOT", "HOME", "TMPDIR")


class Turns:
    """How many such processes there are at once. A City part."""

    def __init__(self) -> None:
        self.turn = asyncio.Semaphore(AT_ONCE)


async def run(
    turns: Turns, worker: str, request: object, *, within_s: float, most_bytes: int, memory_bytes: int
) -> bytes:
    """What a worker (a module of this package) answers to a request.

    Raises Invalid with its words where it refuses, takes too long or gives too much; Unavailable where it fails.
    """
    command = (
        sys.executable,
        "-P",
        "-m",
        f"yong.kernel.documents.{worker}",
        str(int(within_s) + 1),
        str(memory_bytes),
    )
    environment = {name: os.environ[name] for name in _KEPT if name in os.environ}
    environment |= {
        "HTTPS_PROXY": "http://127.0.0.1:9",
        "HTTP_PROXY": "http://127.0.0.1:9",
    }  # nothing is fetched
    async with turns.turn:
        process = await asyncio.create_subprocess_exec(
            *command, env=environment, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        try:
            async with asyncio.timeout(within_s):
                out, said = await process.communicate(msgspec.json.encode(request))
        except TimeoutError:
            raise Invalid(_SLOW, n=int(within_s)) from None
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
    if process.returncode == _REFUSED:
        raise Invalid(_words(said))
    if process.returncode:
        raise Unavailable(_FAILED)
    if len(out) > most_bytes:
        raise Invalid(_LARGE, n=most_bytes >> 20)
    return out


def _words(said: bytes) -> Text:
    try:
        return msgspec.json.decode(said.splitlines()[-1], type=Text)
    except (IndexError, msgspec.MsgspecError):
        return _FAILED


def limited() -> None:
    """In the worker: no more than the time and memory on its command line, no file written."""
    try:
        import resource
    except ImportError:  # no such limits on this system
        return
    seconds, memory = int(sys.argv[1]), int(sys.argv[2])
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    if sys.platform == "linux":
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))


def refuse(why: Text) -> NoReturn:
    """In the worker: say why and end."""
    sys.stderr.buffer.write(msgspec.json.encode(why) + b"\n")
    sys.stderr.flush()
    os._exit(_REFUSED)
