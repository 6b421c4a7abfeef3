"""Where the doors are: as the command says, else where the install of this home has them."""

import asyncio
import contextlib
import signal
from collections.abc import Sequence

from yong.app import supervise
from yong.app.conform.line import Address
from yong.kernel.base.errors import Invalid, NotFound
from yong.kernel.base.settings import Settings
from yong.kernel.base.text import Text

STREAMS = ("mqtt", "hj212", "sl651", "jtt808", "ais")


class Doors:
    """Addresses by name. `places` are written NAME=HOST:PORT, or NAME=tls://HOST:PORT. Raises Invalid for others."""

    def __init__(self, settings: Settings, url: str | None, places: Sequence[str]) -> None:
        self._settings, self._url = settings, url
        self._given = dict(map(_place, places))
        self._state = supervise.state(settings.home)

    @property
    def http(self) -> str:
        """The address of the HTTP interface. Raises NotFound when nothing says it."""
        if self._url:
            return self._url
        if self._state:
            return self._state.http.replace("0.0.0.0", "127.0.0.1")  # noqa: S104  # where to look, not where to listen
        raise NotFound(_NO_URL)

    def of(self, door: str) -> Address:
        """A stream door. Raises NotFound when nothing says where it is."""
        if door in self._given:
            return self._given[door]
        settings = self._settings
        if self._state and door == "mqtt":
            host, _, port = self._state.mqtt.rpartition(":")
            return Address(host, int(port), bool(settings.tls_certificate))
        port_ = settings.listeners.get(door)
        if self._state and port_:
            return Address(settings.tcp_host, port_)
        raise NotFound(_NO_DOOR, door=door)


def _place(given: str) -> tuple[str, Address]:
    name, _, place = given.partition("=")
    tls = place.startswith("tls://")
    host, _, port = place.removeprefix("tls://").rpartition(":")
    if name not in STREAMS or not host or not port.isdigit() or not 0 < int(port) < 65536:
        raise Invalid(_PLACE, given=given, names=", ".join(STREAMS))
    return name, Address(host.strip("[]"), int(port), tls)


async def until_stopped(seconds: float | None) -> None:
    """Wait for Ctrl-C or the end, or for so long."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(stopped.wait(), seconds)


_PLACE = Text(
    "{given} 应为 NAME=HOST:PORT，NAME 为 {names}", "{given} should be NAME=HOST:PORT, NAME one of {names}"
)
_NO_URL = Text("没有正在运行的系统，请给出 --url", "No install is running here; give --url")
_NO_DOOR = Text(
    "不知道入口 {door} 在哪里，请给出 --door {door}=HOST:PORT",
    "Where the door {door} is, is not known; give --door {door}=HOST:PORT",
)
