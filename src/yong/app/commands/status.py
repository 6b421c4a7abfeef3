"""`yong status`."""

import asyncio

import click
import msgspec

from yong.app import condition
from yong.app.commands.words import configured, help_, language


@click.command(help=help_("各部分是否健康", "How every part is"))
@click.option("--json", "as_json", is_flag=True, help=help_("输出 JSON", "Print JSON"))
def status(as_json: bool) -> None:
    settings = configured()
    report = asyncio.run(condition.of(settings))
    if as_json:
        click.echo(msgspec.json.encode(report).decode())
    else:
        for part in report.parts:
            mark = "✓" if part.healthy else "✗"
            click.echo(f"{mark} {part.name:<12} {part.detail.in_(language())}")
    if not report.healthy:
        raise SystemExit(1)
