"""Our processes: `yong up` has the nursery fork them, or runs each by itself."""

import click

from yong.app import processes
from yong.app.commands.words import configured, help_
from yong.app.nursery import live, serve
from yong.kernel.base.settings import load


@click.command(
    hidden=True, help=help_("运行一个进程（由 yong up 调用）", "Run one process (yong up does this)")
)
@click.argument("name", type=click.Choice(list(processes.RUN)))
def run(name: str) -> None:
    settings = configured()
    processes.load(settings)
    processes.RUN[name](settings)


@click.command(
    hidden=True,
    help=help_("派生各进程（由 yong up 调用）", "Fork the processes (yong up does this)"),
)
def nursery() -> None:
    name = serve(load, processes.load)
    if name:
        live(lambda: processes.RUN[name](configured()))
