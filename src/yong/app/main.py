"""The command line: one install, from start to account."""

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click
import msgspec

from yong import __version__
from yong.app import backup as backups
from yong.app import bootstrap, condition, doctor, indexes, logs, processes, queue, supervise
from yong.app import demo as demonstration
from yong.app.conform import doors, player, report, watch
from yong.kernel.access import api as access
from yong.kernel.access import audit as trail
from yong.kernel.access.audit import AuditReport
from yong.kernel.base import settings as base_settings
from yong.kernel.base.errors import YongError
from yong.kernel.base.settings import Settings
from yong.kernel.base.text import Language, Text
from yong.kernel.sensing.conformance import script
from yong.kernel.sensing.conformance.findings import About, Finding
from yong.kernel.store import place

T = TypeVar("T")


def language() -> Language:
    """The reader's language: YONG_LANGUAGE, else the locale, else Chinese."""
    chosen = os.environ.get("YONG_LANGUAGE") or os.environ.get("LC_ALL") or os.environ.get("LANG") or "zh"
    return (
        "zh"
        if chosen.lower().startswith(("zh", "c", "posix")) and not chosen.lower().startswith("en")
        else "en"
    )


def say(text: Text, **facts: object) -> None:
    click.echo((text.filled(**facts) if facts else text).in_(language()))


def _help(zh: str, en: str) -> str:
    return Text(zh, en).in_(language())


class Bilingual(click.Group):
    """A group whose errors are YongErrors told in the reader's language; exit status 1."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except YongError as error:
            click.echo(f"{error.title.in_(language())}: {error.detail.in_(language())}", err=True)
            for problem in error.problems:
                click.echo(f"  {problem.pointer}: {problem.detail.in_(language())}", err=True)
            raise SystemExit(1) from None


def _settings() -> Settings:
    settings = base_settings.load()
    logs.configure(settings)
    return settings


@click.group(cls=Bilingual, help=_help("甬：开放的城市操作系统", "Yong: an open city operating system"))
@click.version_option(__version__, prog_name="yong")
def main() -> None:
    pass


@main.command(help=_help("启动并守护整个系统，Ctrl-C 结束", "Start and watch everything; Ctrl-C ends it"))
def up() -> None:
    settings = _settings()
    supervise.Supervisor(settings, say).up(_where)


@main.command(
    help=_help("启动一座演示城市，Ctrl-C 结束", "Start a demo city that reports by itself; Ctrl-C ends it")
)
def demo() -> None:
    demonstration.run(_settings(), say)


def _where(settings: Settings) -> None:
    scheme = "https" if settings.tls_certificate else "http"
    say(
        Text(
            "就绪：{url}（MQTT {mqtt}）。数据在 {home}。Ctrl-C 结束。",
            "Ready: {url} (MQTT {mqtt}). Data in {home}. Ctrl-C ends it.",
        ),
        url=f"{scheme}://{settings.http_host}:{settings.http_port}/",
        mqtt=f"{settings.mqtt_host}:{settings.mqtt_port}",
        home=settings.home,
    )


@main.command(
    hidden=True, help=_help("运行一个进程（由 yong up 调用）", "Run one process (yong up does this)")
)
@click.argument("name", type=click.Choice(supervise.PROCESSES))
@click.option("--wait", is_flag=True, help=_help("读到一行后才开始", "Begin when a line is read"))
def run(name: str, wait: bool) -> None:
    settings = _settings()
    processes.load(name)
    if wait and not sys.stdin.readline():
        return  # whoever called it is gone
    processes.RUN[name](settings)


@main.command(help=_help("各部分是否健康", "How every part is"))
@click.option("--json", "as_json", is_flag=True, help=_help("输出 JSON", "Print JSON"))
def status(as_json: bool) -> None:
    settings = _settings()
    report = asyncio.run(condition.of(settings))
    if as_json:
        click.echo(msgspec.json.encode(report).decode())
    else:
        for part in report.parts:
            mark = "✓" if part.healthy else "✗"
            click.echo(f"{mark} {part.name:<12} {part.detail.in_(language())}")
    if not report.healthy:
        raise SystemExit(1)


@main.command("doctor", help=_help("说明哪里不对以及如何修正", "Say what is wrong and how to mend it"))
@click.option("--json", "as_json", is_flag=True, help=_help("输出 JSON", "Print JSON"))
def examine(as_json: bool) -> None:
    findings = doctor.examine(os.environ)
    if as_json:
        click.echo(msgspec.json.encode(findings).decode())
    else:
        for found in findings:
            click.echo(f"{doctor.MARKS[found.grade]} {found.name:<14} {found.detail.in_(language())}")
            if found.remedy:
                click.echo(f"  {'':<14} → {found.remedy.in_(language())}")
    if any(found.grade == "error" for found in findings):
        raise SystemExit(1)


@main.command(help=_help("删除全部数据，从头开始", "Delete all data and start over"))
@click.option("--yes", is_flag=True, help=_help("不再询问", "Do not ask"))
def reset(yes: bool) -> None:
    settings = _settings()
    if not yes:
        click.confirm(
            Text("删除 {home} 中的全部数据？", "Delete all data in {home}?")
            .filled(home=settings.home)
            .in_(language()),
            abort=True,
        )
    supervise.erase(settings)
    say(Text("已清空 {home}", "{home} is empty now"), home=settings.home)


def _passphrase(fresh: bool) -> str:
    words = backups.passphrase(os.environ)
    if words is None:
        asked: str = click.prompt(
            Text("备份口令（至少 12 个字符）", "Passphrase of the backup (at least 12 characters)").in_(
                language()
            ),
            hide_input=True,
            confirmation_prompt=fresh,
        )
        return asked
    return words


@main.command(
    help=_help(
        "把运行中的系统加密备份到 FOLDER（总线是缓冲，不备份）",
        "Back a running install up to FOLDER, encrypted (the bus is a buffer and is left out)",
    )
)
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
def backup(folder: Path) -> None:
    backups.backup(_settings(), folder, _passphrase(fresh=True))
    say(Text("已备份到 {folder}", "Backed up to {folder}"), folder=folder)


@main.command(help=_help("从 FOLDER 的备份恢复", "Restore the backup in FOLDER"))
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--force", is_flag=True, help=_help("覆盖已有数据", "Replace the data that is there"))
def restore(folder: Path, force: bool) -> None:
    backups.restore(_settings(), folder, _passphrase(fresh=False), force=force)
    say(Text("已从 {folder} 恢复", "Restored from {folder}"), folder=folder)


@main.command(
    help=_help(
        "升级内嵌 PostgreSQL 的大版本", "Move the data to the new major version of the embedded PostgreSQL"
    )
)
@click.option(
    "--from-binaries",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    required=True,
    help=_help("旧版本程序的文件夹", "Folder of the old version's programs"),
)
def upgrade(from_binaries: Path) -> None:
    before, after, kept = backups.upgrade(_settings(), from_binaries, say)
    say(
        Text("PostgreSQL {a} → {b}；旧数据留在 {kept}", "PostgreSQL {a} → {b}; the old data stays in {kept}"),
        a=before,
        b=after,
        kept=kept,
    )


@main.group(help=_help("审计", "The audit trail"))
def audit() -> None:
    pass


@audit.command(
    help=_help(
        "核验审计链：改动、删除、乱序、截断都会被发现",
        "Verify the chain: changed, dropped, reordered or cut entries are found",
    )
)
def verify() -> None:
    report = asyncio.run(_verify(_settings()))
    say(
        Text(
            "{n} 条已核验，{u} 条待封存，{a} 个锚点", "{n} entries verified, {u} not sealed yet, {a} anchors"
        ),
        n=report.entries,
        u=report.unsealed,
        a=report.anchors,
    )
    for restore in report.restores:
        click.echo(f"! {restore.told.in_(language())}")
    for finding in report.findings:
        click.echo(f"✗ {finding.position}: {finding.detail.in_(language())}")
    if not report.sound:
        raise SystemExit(1)


@main.group(help=_help("失败的后台任务", "Background jobs that failed for good"))
def jobs() -> None:
    pass


@jobs.command("list", help=_help("列出用尽重试的任务", "List the jobs that used up their retries"))
def list_dead() -> None:
    dead = asyncio.run(_in_city(queue.dead))
    for job in dead:
        arguments = msgspec.json.encode(job.arguments).decode()
        failed = f"{job.failed_at:%Y-%m-%d %H:%M:%SZ}" if job.failed_at else "–"
        click.echo(f"{job.id:>8}  {failed}  {job.name} {arguments}")
    if not dead:
        say(Text("没有失败的任务", "There is no dead job"))


@jobs.command(help=_help("重新执行任务 ID", "Try the job ID again"))
@click.argument("id", type=click.IntRange(1))
def retry(id: int) -> None:
    asyncio.run(_in_city(queue.retry, id))


@jobs.command(help=_help("放弃任务 ID", "Forget the job ID"))
@click.argument("id", type=click.IntRange(1))
def discard(id: int) -> None:
    asyncio.run(_in_city(queue.discard, id))


async def _in_city(work: Callable[..., Awaitable[T]], *arguments: int) -> T:
    """Work at a door, as whoever may use this machine's command line."""
    settings = _settings()
    async with bootstrap.running(
        settings, place.serve_url(settings), name="yong command", connections=2
    ) as city:
        return await work(city, access.system_caller("access"), *arguments)


async def _verify(settings: Settings) -> AuditReport:
    url = place.serve_url(settings)
    async with bootstrap.running(settings, url, name="yong audit", connections=3) as city:
        return await trail.verify(city)


@main.group(help=_help("检索", "Search"))
def search() -> None:
    pass


@search.command(
    help=_help(
        "由记录重建检索索引，完成前旧索引继续应答",
        "Make the index anew from what is recorded; the old one answers until it is done",
    )
)
def rebuild() -> None:
    say(
        Text("索引已重建，共 {n} 条", "The index is made anew and holds {n} rows"),
        n=asyncio.run(_in_city(indexes.rebuild)),
    )


@main.group(help=_help("检查设备是否符合接入规范", "Check whether a device conforms"))
def conform() -> None:
    pass


_thing = click.option("--thing", metavar="CODE", required=True, help=_help("设备编号", "The thing's code"))
_word = click.option(
    "--word", metavar="WORD", envvar="YONG_WORD",
    help=_help(
        "设备的口令、鉴权码或凭据，也可用变量 YONG_WORD",
        "The thing's password, code or credential; also by the variable YONG_WORD",
    ),
)  # fmt: skip
_door = click.option(
    "--door", "places", multiple=True, metavar="NAME=HOST:PORT",
    help=_help("入口的地址（tls://HOST:PORT 表示 TLS）；默认为本机正在运行的系统", "Where a door is (tls://HOST:PORT with TLS); by default that of the install running here"),
)  # fmt: skip
_json = click.option("--json", "as_json", is_flag=True, help=_help("输出 JSON", "Print JSON"))


@conform.command(
    "scripts",
    help=_help(
        "列出自带的脚本，或显示名为 NAME 的脚本",
        "List the scripts that come along, or show the one called NAME",
    ),
)
@click.argument("name", required=False)
def list_scripts(name: str | None) -> None:
    if name:
        click.echo(script.named(name), nl=False)
        return
    for one in script.references():
        click.echo(f"{one:<8} {script.read(script.named(one)).title.in_(language())}")


@conform.command(
    help=_help(
        "对入口播放脚本 SCRIPT（名称或文件），核对应答与入库结果",
        "Play SCRIPT (a name or a file) against its door; compare what is answered and what is kept",
    )
)
@click.argument("script_", metavar="SCRIPT")
@_thing
@_word
@click.option(
    "--key", metavar="KEY", envvar="YONG_KEY", required=True,
    help=_help("操作员的 API 密钥，也可用变量 YONG_KEY", "An operator's API key; also by the variable YONG_KEY"),
)  # fmt: skip
@click.option(
    "--url",
    metavar="URL",
    help=_help(
        "HTTP 地址；默认为本机正在运行的系统", "The HTTP address; by default that of the install running here"
    ),
)
@_door
@click.option(
    "--patience", metavar="FACTOR", type=click.FloatRange(0.1, 100), default=1.0,
    help=_help("等待时间的倍数，用于慢速线路", "Multiplies the times to wait, for slow lines"),
)  # fmt: skip
@_json
def play(
    script_: str,
    thing: str,
    word: str | None,
    key: str,
    url: str | None,
    places: tuple[str, ...],
    patience: float,
    as_json: bool,
) -> None:
    chosen = script.read(script.named(script_))
    where = doors.Doors(_settings(), url, places)

    async def played() -> report.Report:
        address = None if chosen.door == "http" else where.of(chosen.door)
        async with player.operator(where.http, key) as inside:
            return await player.Player(chosen, thing, word or "", address, inside, patience).play()

    _report(asyncio.run(played()), as_json)


@conform.command(
    "watch",
    help=_help(
        "旁听：设备连到本机端口，消息原样转给入口，逐条说明错误；Ctrl-C 结束",
        "Listen: a device connects to a port here, what it says goes on to its door, and what is wrong is told; Ctrl-C ends it",
    ),
)
@click.argument("door", metavar="DOOR", type=click.Choice(doors.STREAMS))
@_thing
@_word
@click.option(
    "--host",
    metavar="ADDRESS",
    default="127.0.0.1",
    show_default=True,
    help=_help("监听的地址", "The address to listen on"),
)
@click.option(
    "--port",
    metavar="PORT",
    default=0,
    help=_help("监听的端口；0 为任一空闲端口", "The port to listen on; 0 for any free one"),
)
@click.option(
    "--seconds",
    metavar="SECONDS",
    type=float,
    help=_help("旁听多久；默认到 Ctrl-C", "For how long; by default until Ctrl-C"),
)
@_door
@_json
def listen(
    door: str,
    thing: str,
    word: str | None,
    host: str,
    port: int,
    seconds: float | None,
    places: tuple[str, ...],
    as_json: bool,
) -> None:
    address = doors.Doors(_settings(), None, places).of(door)

    def tell(number: int, found: Sequence[Finding]) -> None:
        for line in () if as_json else report.told(found, language()):
            click.echo(f"{number}{line}")

    async def watched() -> report.Report:
        one = watch.Watch(door, About(thing=thing, word=word), address, tell)
        stands = await one.open(host, port)
        text = Text("旁听 {here}，转给 {there}", "Listening on {here}, forwarding to {there}")
        here, there = f"{host}:{stands}", f"{address.host}:{address.port}"
        click.echo(text.filled(here=here, there=there).in_(language()), err=True)
        await doors.until_stopped(seconds)
        return await one.close()

    _report(asyncio.run(watched()), as_json)


def _report(found: report.Report, as_json: bool) -> None:
    """Print a report; exit status 1 when the device does not conform."""
    if as_json:
        click.echo(msgspec.json.encode(found.document()).decode())
    else:
        for line in report.lines(found, language()):
            click.echo(line)
    if not found.conforms:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
