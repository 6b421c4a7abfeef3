"""`yong reset`."""

import click

from yong.app import supervise
from yong.app.commands.words import configured, help_, language, say
from yong.kernel.base.text import Text


@click.command(help=help_("删除全部数据，从头开始", "Delete all data and start over"))
@click.option("--yes", is_flag=True, help=help_("不再询问", "Do not ask"))
def reset(yes: bool) -> None:
    settings = configured()
    if not yes:
        click.confirm(
            Text("删除 {home} 中的全部数据？", "Delete all data in {home}?")
            .filled(home=settings.home)
            .in_(language()),
            abort=True,
        )
    supervise.erase(settings)
    say(Text("已清空 {home}", "{home} is empty now"), home=settings.home)
