"""`yong demo`."""

import asyncio

import click

from yong.app import demo as demonstration
from yong.app import demo_cases
from yong.app.commands.inside import in_city
from yong.app.commands.words import configured, help_, language, say


@click.group(
    invoke_without_command=True,
    help=help_("启动一座演示城市，Ctrl-C 结束", "Start a demo city that reports by itself; Ctrl-C ends it"),
)
@click.pass_context
def demo(context: click.Context) -> None:
    if context.invoked_subcommand is None:
        demonstration.run(configured(), say)


@demo.command(
    help=help_(
        "在运行中的演示城市里办理一件合成案件，走完全部阶段并逐步显示",
        "Take a synthetic case through all stages in the demo city that runs, and tell each step",
    )
)
def case() -> None:
    asyncio.run(in_city(demo_cases.walk, language(), say))
