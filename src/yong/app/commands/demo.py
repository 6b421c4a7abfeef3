"""`yong demo`."""

import click

from yong.app import demo as demonstration
from yong.app.commands.words import configured, help_, say


@click.command(
    help=help_("启动一座演示城市，Ctrl-C 结束", "Start a demo city that reports by itself; Ctrl-C ends it")
)
def demo() -> None:
    demonstration.run(configured(), say)
