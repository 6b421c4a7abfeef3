"""How an install is doing (`yong status`) and what stands in its way (`yong doctor`)."""

import shutil
import socket
import sys
from collections.abc import Awaitable, Mapping
from pathlib import Path

import asyncpg
import msgspec
import nats
import psutil

from yong.app import supervise
from yong.kernel.base import settings as base_settings
from yong.kernel.base.errors import Refused
from yong.kernel.base.settings import Settings
from yong.kernel.base.text import Text
from yong.kernel.bus import embedded as nats_embedded
from yong.kernel.bus.nkeys import Signer
from yong.kernel.store import embedded, jobs, outbox, place
from yong.kernel.store.database import Database

_LOW_DISK_GB = 2.0


class Part(msgspec.Struct, frozen=True):
    """One part and whether it is well."""

    name: str
    healthy: bool
    detail: Text


class Condition(msgspec.Struct, frozen=True):
    """The whole install."""

    healthy: bool
    parts: list[Part]


async def of(settings: Settings) -> Condition:
    """Every part's health, asked of the parts themselves."""
    parts = _processes(settings)
    parts.append(await _asked("database", _database(settings)))
    parts.append(await _asked("bus", _bus(settings)))
    parts.append(_disk(settings.home))
    return Condition(all(p.healthy for p in parts), parts)


def examine(environment: Mapping[str, str]) -> list[Part]:
    """What would keep an install from starting, each with its remedy."""
    found = [
        Part(
            "python",
            sys.version_info >= (3, 11),
            Text(
                f"Python {sys.version.split()[0]}（需要 ≥ 3.11）",
                f"Python {sys.version.split()[0]} (≥ 3.11 needed)",
            ),
        )
    ]
    try:
        settings = base_settings.load(environment)
    except Refused as error:
        return [*found, *(Part(p.pointer, False, p.detail) for p in error.problems)]
    found.append(Part("settings", True, Text("设置无误", "The settings are sound")))
    for name, binary in (("postgres", embedded.binaries() / "postgres"), ("nats-server", _nats_binary())):
        there = binary is not None and binary.exists()
        found.append(
            Part(
                name,
                there,
                Text("已安装", "Installed")
                if there
                else Text(
                    "缺少程序，请重新安装依赖", "The program is missing: install the dependencies again"
                ),
            )
        )
    running = supervise.state(settings.home) is not None
    ports = [("http_port", settings.http_host, settings.http_port)]
    if settings.nats_url:
        issuer = Signer(nats_embedded.seed(settings)).public
        found.append(
            Part(
                "nats_url",
                True,
                Text(f"auth_callout 的 issuer：{issuer}", f"issuer of auth_callout: {issuer}"),
            )
        )
    else:
        ports += [
            ("mqtt_port", settings.mqtt_host, settings.mqtt_port),
            ("nats_port", "127.0.0.1", settings.nats_port),
        ]
    for name, host, port in ports:
        free = running or port == 0 or _free(host, port)
        found.append(
            Part(
                name,
                free,
                Text(f"端口 {port} 可用", f"Port {port} is there for us")
                if free
                else Text(
                    f"端口 {port} 已被占用；用 YONG_{name.upper()} 另选一个",
                    f"Port {port} is taken; choose another with YONG_{name.upper()}",
                ),
            )
        )
    found.append(_disk(settings.home))
    return found


def _nats_binary() -> Path | None:
    try:
        return nats_embedded.binary()
    except Refused:
        return None


def _processes(settings: Settings) -> list[Part]:
    state = supervise.state(settings.home)
    if state is None or not psutil.pid_exists(state.supervisor):
        return [
            Part("supervisor", False, Text("未运行；用 yong up 启动", "Not running; start it with yong up"))
        ]
    parts = [Part("supervisor", True, Text(f"进程 {state.supervisor}", f"process {state.supervisor}"))]
    for name, part in state.parts.items():
        alive = psutil.pid_exists(part.pid) and psutil.Process(part.pid).status() != psutil.STATUS_ZOMBIE
        parts.append(
            Part(
                name,
                alive,
                Text(
                    f"进程 {part.pid}，重启 {part.restarts} 次",
                    f"process {part.pid}, {part.restarts} restarts",
                ),
            )
        )
    return parts


async def _asked(name: str, question: Awaitable[Text]) -> Part:
    try:
        return Part(name, True, await question)
    except (OSError, TimeoutError, asyncpg.PostgresError, nats.errors.Error) as error:
        return Part(name, False, Text(f"无法连接：{error}", f"Cannot be reached: {error}"))


async def _database(settings: Settings) -> Text:
    database = await Database.open(place.serve_url(settings), size=1, name="yong status")
    try:
        events, age_s = await outbox.waiting(database)
        todo, dead = await jobs.waiting(database)
    finally:
        await database.close()
    return Text(
        f"待发事件 {events}（最久 {age_s:.0f} 秒），待办任务 {todo}，失败任务 {dead}",
        f"{events} events waiting (oldest {age_s:.0f} s), {todo} jobs to do, {dead} dead jobs",
    )


async def _bus(settings: Settings) -> Text:
    connection = await nats.connect(
        nats_embedded.url(settings), allow_reconnect=False, connect_timeout=2, max_reconnect_attempts=0
    )
    try:
        info = await connection.jetstream().account_info()
    finally:
        await connection.close()
    return Text(
        f"{info.streams} 个流，占用 {info.storage >> 20} MiB",
        f"{info.streams} streams, {info.storage >> 20} MiB",
    )


def _disk(home: Path) -> Part:
    place_ = next(p for p in (home, *home.parents) if p.exists())
    free_gb = shutil.disk_usage(place_).free / 1e9
    return Part("disk", free_gb >= _LOW_DISK_GB, Text(f"剩余 {free_gb:.1f} GB", f"{free_gb:.1f} GB free"))


def _free(host: str, port: int) -> bool:
    with socket.socket() as s:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            s.bind((host, port))
        except OSError:
            return False
    return True
