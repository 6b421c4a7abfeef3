"""`yong doctor`."""

import os

import click
import msgspec

from yong.app.commands.words import help_, language
from yong.app.doctor import MARKS, examine


@click.command(help=help_("说明哪里不对以及如何修正", "Say what is wrong and how to mend it"))
@click.option("--json", "as_json", is_flag=True, help=help_("输出 JSON", "Print JSON"))
def doctor(as_json: bool) -> None:
    findings = examine(os.environ)
    if as_json:
        click.echo(msgspec.json.encode(findings).decode())
    else:
        for found in findings:
            click.echo(f"{MARKS[found.grade]} {found.name:<14} {found.detail.in_(language())}")
            if found.remedy:
                click.echo(f"  {'':<14} → {found.remedy.in_(language())}")
    if any(found.grade == "error" for found in findings):
        raise SystemExit(1)
