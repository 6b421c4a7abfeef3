"""`yong up`."""

import click

from yong.app import supervise
from yong.app.commands.words import help_, say
from yong.kernel.base.settings import Settings, load
from yong.kernel.base.text import Text


@click.command(help=help_("启动并守护整个系统，Ctrl-C 结束", "Start and watch everything; Ctrl-C ends it"))
def up() -> None:
    supervise.Supervisor(load(), say).up(_where)


def _where(settings: Settings) -> None:
    scheme = "https" if settings.tls_certificate else "http"
    say(
        Text(
            "就绪：{url}（MQTT {mqtt}）。数据在 {home}。Ctrl-C 结束。",
            "Ready: {url} (MQTT {mqtt}). Data in {home}. Ctrl-C ends it.",
        ),
        url=f"{scheme}://{settings.http_host}:{settings.http_port}/",
        mqtt=f"{settings.mqtt_host}:{settings.mqtt_port}",
        home=settings.home,
    )
