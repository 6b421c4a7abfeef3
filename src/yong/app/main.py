"""The command line: one install, from start to account."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

import click
import msgspec

from yong import __version__
from yong.app import backup as backups
from yong.app import bootstrap, condition, doctor, logs, processes, queue, supervise
from yong.app import demo as demonstration
from yong.kernel.access import api as access
from yong.kernel.access import audit as trail
from yong.kernel.access.audit import AuditReport
from yong.kernel.base import settings as base_settings
from yong.kernel.base.errors import YongError
from yong.kernel.base.settings import Settings
from yong.kernel.base.text import Language, Text
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
def run(name: str) -> None:
    processes.RUN[name](_settings())


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
        settings, place.serve_url(settings), name="yong jobs", connections=2
    ) as city:
        return await work(city, access.system_caller("access"), *arguments)


async def _verify(settings: Settings) -> AuditReport:
    url = place.serve_url(settings)
    async with bootstrap.running(settings, url, name="yong audit", connections=3) as city:
        return await trail.verify(city)


if __name__ == "__main__":
    main()
