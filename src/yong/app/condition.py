"""How a running install is doing (`yong status`)."""

import shutil
import time
from pathlib import Path

import msgspec
import nats
import psutil

from yong.app import backup, bootstrap, supervise
from yong.kernel.base.settings import Settings
from yong.kernel.base.text import Text
from yong.kernel.bus import embedded as nats_embedded
from yong.kernel.bus.bus import once
from yong.kernel.search import api as search
from yong.kernel.search.contracts import State
from yong.kernel.sensing import api as sensing
from yong.kernel.sensing.contracts import GateState
from yong.kernel.store import jobs, migrate, outbox, place
from yong.kernel.store.database import TROUBLE, Database

_LOW_DISK_GB = 2.0
_RELAY_LAG_S = 60.0
_STEADY_S = 60.0


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
    try:
        parts += await _stored(settings)
    except TROUBLE as error:
        parts.append(_away("database", error))
    try:
        parts.append(Part("bus", True, await _bus(settings)))
    except (OSError, nats.errors.Error) as error:
        parts.append(_away("bus", error))
    parts += [disk(settings.home), _backup(settings.home)]
    return Condition(all(p.healthy for p in parts), parts)


def _processes(settings: Settings) -> list[Part]:
    state = supervise.state(settings.home)
    if state is None or not psutil.pid_exists(state.supervisor):
        return [
            Part("supervisor", False, Text("未运行；用 yong up 启动", "Not running; start it with yong up"))
        ]
    parts = [Part("supervisor", True, Text(f"进程 {state.supervisor}", f"process {state.supervisor}"))]
    for name, part in state.parts.items():
        alive = psutil.pid_exists(part.pid) and psutil.Process(part.pid).status() != psutil.STATUS_ZOMBIE
        looping = part.failing and time.time() - part.since < _STEADY_S
        parts.append(
            Part(
                name,
                alive and not looping,
                Text(
                    f"进程 {part.pid}，重启 {part.restarts} 次" + ("，反复结束，见其日志" if looping else ""),
                    f"process {part.pid}, {part.restarts} restarts"
                    + (", keeps ending: see its log" if looping else ""),
                ),
            )
        )
    return parts


def _away(name: str, error: Exception) -> Part:
    return Part(name, False, Text(f"无法连接：{error}", f"Cannot be reached: {error}"))


async def _stored(settings: Settings) -> list[Part]:
    """What the database knows: itself, migrations, the relay's lag, jobs, dead letters, the MQTT gate."""
    database = await Database.open(place.serve_url(settings), size=1, name="yong status")
    try:
        lacking, unknown = await migrate.pending(database, migrate.needed(bootstrap.registry(settings)))
        parts = [Part("database", True, Text("可以连接", "Reached")), _migrations(lacking, unknown)]
        if lacking:
            return parts  # the tables that the rest asks may be missing
        outbound = await outbox.waiting(database)
        todo, dead = await jobs.waiting(database)
        letters = await sensing.waiting_letters(database)
        found = await search.condition(database)
        gate = await sensing.gate(database)
    finally:
        await database.close()
    return [
        *parts,
        _relay(outbound),
        Part("jobs", True, Text(f"待办 {todo}，失败 {dead}", f"{todo} to do, {dead} dead")),
        Part("dead letters", True, Text(f"待处理 {letters}", f"{letters} waiting")),
        _search(found),
        _gate(gate),
    ]


def _relay(outbound: outbox.Waiting) -> Part:
    zh = f"待发事件 {outbound.events}（最久 {outbound.oldest_s:.0f} 秒"
    en = f"{outbound.events} events waiting (oldest {outbound.oldest_s:.0f} s"
    if not (healthy := outbound.oldest_s < _RELAY_LAG_S):
        zh, en = f"{zh}，滞后的读者：{outbound.reader}", f"{en}, the reader behind: {outbound.reader}"
    return Part("relay", healthy, Text(zh + "）", en + ")"))


def _migrations(lacking: list[str], unknown: list[str]) -> Part:
    if lacking:
        shown = ", ".join(lacking[:5])
        return Part(
            "migrations",
            False,
            Text(
                f"{len(lacking)} 项未执行（{shown}）；用 yong up 执行",
                f"{len(lacking)} are due ({shown}); yong up does them",
            ),
        )
    if unknown:
        return Part(
            "migrations",
            False,
            Text(
                f"数据库比程序新（{unknown[-1]}）；请安装与之相符的版本",
                f"The database is newer than the program ({unknown[-1]}); install the version that fits",
            ),
        )
    return Part("migrations", True, Text("与程序相符", "As the program needs them"))


def _search(state: State) -> Part:
    """The index: how much it holds, how far it is behind, whether it is being made."""
    if state.rebuilding or not state.ready:
        made = state.in_the_making or 0
        told = Text(f"正在建立索引，已有 {made} 条", f"The index is being made, {made} rows so far")
        return Part("search", True, told)
    return Part(
        "search",
        state.lag_s < _RELAY_LAG_S,
        Text(
            f"{state.rows} 条，待收录事件 {state.events}（最久 {state.lag_s:.0f} 秒）",
            f"{state.rows} rows, {state.events} events to be taken in (oldest {state.lag_s:.0f} s)",
        ),
    )


def _gate(gate: GateState) -> Part:
    since = f"{gate.since:%Y-%m-%d %H:%M:%SZ}"
    return Part(
        "mqtt gate",
        gate.open,
        Text(
            f"{gate.reason.zh}（{gate.code}，自 {since}）；已接纳 {gate.admitted}，拒绝 {gate.refused}",
            f"{gate.reason.en} ({gate.code}, since {since}); {gate.admitted} admitted, {gate.refused} refused",
        ),
    )


def _backup(home: Path) -> Part:
    try:
        made_at = msgspec.json.decode((home / "run" / backup.LAST).read_bytes(), type=dict[str, str])[
            "made_at"
        ]
    except (OSError, KeyError, msgspec.MsgspecError):
        return Part("backup", True, Text("尚未备份", "None made here yet"))
    return Part("backup", True, Text(f"上次备份 {made_at[:19]}Z", f"Last made {made_at[:19]}Z"))


async def _bus(settings: Settings) -> Text:
    async with once(nats_embedded.url(settings), "yong status") as connection:
        info = await connection.jetstream().account_info()
    return Text(
        f"{info.streams} 个流，占用 {info.storage >> 20} MiB",
        f"{info.streams} streams, {info.storage >> 20} MiB",
    )


def disk(home: Path) -> Part:
    """Room on the disk of a home."""
    place_ = next(p for p in (home, *home.parents) if p.exists())
    free_gb = shutil.disk_usage(place_).free / 1e9
    room = Text(f"剩余 {free_gb:.1f} GB", f"{free_gb:.1f} GB free")
    if free_gb >= _LOW_DISK_GB:
        return Part("disk", True, room)
    more = Text("；请腾出空间", "; make room")
    return Part("disk", False, Text(room.zh + more.zh, room.en + more.en))
