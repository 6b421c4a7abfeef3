"""`yong jobs`."""

import asyncio

import click
import msgspec

from yong.app import queue
from yong.app.commands.inside import in_city
from yong.app.commands.words import help_, say
from yong.kernel.base.text import Text


@click.group(help=help_("失败的后台任务", "Background jobs that failed for good"))
def jobs() -> None:
    pass


@jobs.command("list", help=help_("列出用尽重试的任务", "List the jobs that used up their retries"))
def list_dead() -> None:
    dead = asyncio.run(in_city(queue.dead))
    for job in dead:
        arguments = msgspec.json.encode(job.arguments).decode()
        failed = f"{job.failed_at:%Y-%m-%d %H:%M:%SZ}" if job.failed_at else "–"
        click.echo(f"{job.id:>8}  {failed}  {job.name} {arguments}")
    if not dead:
        say(Text("没有失败的任务", "There is no dead job"))


@jobs.command(help=help_("重新执行任务 ID", "Try the job ID again"))
@click.argument("id", type=click.IntRange(1))
def retry(id: int) -> None:
    asyncio.run(in_city(queue.retry, id))


@jobs.command(help=help_("放弃任务 ID", "Forget the job ID"))
@click.argument("id", type=click.IntRange(1))
def discard(id: int) -> None:
    asyncio.run(in_city(queue.discard, id))
