"""`yong search`."""

import asyncio

import click

from yong.app import indexes
from yong.app.commands.inside import in_city
from yong.app.commands.words import help_, say
from yong.kernel.base.text import Text


@click.group(help=help_("检索", "Search"))
def search() -> None:
    pass


@search.command(
    help=help_(
        "由记录重建检索索引，完成前旧索引继续应答",
        "Make the index anew from what is recorded; the old one answers until it is done",
    )
)
def rebuild() -> None:
    say(
        Text("索引已重建，共 {n} 条", "The index is made anew and holds {n} rows"),
        n=asyncio.run(in_city(indexes.rebuild)),
    )
