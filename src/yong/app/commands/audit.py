"""`yong audit`."""

import asyncio

import click

from yong.app import bootstrap
from yong.app.commands.words import configured, help_, language, say
from yong.kernel.access import audit as trail
from yong.kernel.access.audit import AuditReport
from yong.kernel.base.settings import Settings
from yong.kernel.base.text import Text
from yong.kernel.store import place


@click.group(help=help_("审计", "The audit trail"))
def audit() -> None:
    pass


@audit.command(
    help=help_(
        "核验审计链：改动、删除、乱序、截断都会被发现",
        "Verify the chain: changed, dropped, reordered or cut entries are found",
    )
)
def verify() -> None:
    report = asyncio.run(_verify(configured()))
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


async def _verify(settings: Settings) -> AuditReport:
    url = place.serve_url(settings)
    async with bootstrap.running(settings, url, name="yong audit", connections=3) as city:
        return await trail.verify(city)
