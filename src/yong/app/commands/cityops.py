"""`yong cityops`."""

import asyncio
from pathlib import Path

import click

from yong.app import pasts
from yong.app.commands.inside import in_city
from yong.app.commands.words import help_, language, say
from yong.kernel.base.text import Text


@click.group(help=help_("数字化城市管理", "Digital urban management"))
def cityops() -> None:
    pass


@cityops.command(
    "import",
    help=help_(
        "导入既往诉求文件 FILE（波士顿 311 的 CSV，可为 gzip），每件按原时间走完七个阶段；中断后再次运行即继续",
        "Import a FILE of past requests (Boston's 311 as CSV, gzipped or not): each goes through the seven stages as of "
        "then; run again it goes on where it was broken off",
    ),
)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--district",
    required=True,
    metavar="CODE",
    help=help_("城外位置计入的区划代码", "District that places outside of the city are counted to"),
)
@click.option(
    "--zone",
    default="America/New_York",
    show_default=True,
    metavar="ZONE",
    help=help_("文件中时间的时区", "Time zone of the file"),
)
@click.option(
    "--first", type=click.IntRange(1), metavar="N", help=help_("只导入最早的 N 件", "The N oldest alone")
)
@click.option(
    "--learn", is_flag=True, help=help_("随后从已办结的案件学习", "Learn from the closed cases afterwards")
)
def import_(file: Path, district: str, zone: str, first: int | None, learn: bool) -> None:
    done = asyncio.run(in_city(pasts.import_requests, file, district, zone, first, _through))
    say(
        Text(
            "{requests} 件：新 {fresh}，已有 {known}，走了 {steps} 步，办结 {closed}，拒绝 {refused}",
            "{requests} requests: {fresh} new, {known} known, {steps} steps taken, {closed} closed, {refused} refused",
        ),
        requests=done.requests, fresh=done.fresh, known=done.known, steps=done.steps, closed=done.closed,
        refused=done.refused,
    )  # fmt: skip
    for request, why in done.why:
        click.echo(f"  {request}: {why.in_(language())}", err=True)
    if learn:
        for one in asyncio.run(in_city(pasts.learn)):
            say(
                Text("已从 {n} 件案件学习（第 {version} 版）", "Learned from {n} cases (version {version})"),
                n=one.cases, version=one.version,
            )  # fmt: skip


def _through(many: int) -> None:
    say(Text("… {n} 件", "… {n} requests"), n=many)
