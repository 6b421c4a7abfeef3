"""`yong conform`."""

import asyncio
from collections.abc import Sequence

import click
import msgspec

from yong.app.commands.words import configured, help_, language
from yong.app.conform import doors, player, report, watch
from yong.kernel.base.text import Text
from yong.kernel.sensing.conformance import script
from yong.kernel.sensing.conformance.findings import About, Finding


@click.group(help=help_("检查设备是否符合接入规范", "Check whether a device conforms"))
def conform() -> None:
    pass


_thing = click.option("--thing", metavar="CODE", required=True, help=help_("设备编号", "The thing's code"))
_word = click.option(
    "--word", metavar="WORD", envvar="YONG_WORD",
    help=help_(
        "设备的口令、鉴权码或凭据，也可用变量 YONG_WORD",
        "The thing's password, code or credential; also by the variable YONG_WORD",
    ),
)  # fmt: skip
_door = click.option(
    "--door", "places", multiple=True, metavar="NAME=HOST:PORT",
    help=help_("入口的地址（tls://HOST:PORT 表示 TLS）；默认为本机正在运行的系统", "Where a door is (tls://HOST:PORT with TLS); by default that of the install running here"),
)  # fmt: skip
_json = click.option("--json", "as_json", is_flag=True, help=help_("输出 JSON", "Print JSON"))


@conform.command(
    "scripts",
    help=help_(
        "列出自带的脚本，或显示名为 NAME 的脚本",
        "List the scripts that come along, or show the one called NAME",
    ),
)
@click.argument("name", required=False)
def list_scripts(name: str | None) -> None:
    if name:
        click.echo(script.named(name), nl=False)
        return
    for one in script.references():
        click.echo(f"{one:<8} {script.read(script.named(one)).title.in_(language())}")


@conform.command(
    help=help_(
        "对入口播放脚本 SCRIPT（名称或文件），核对应答与入库结果",
        "Play SCRIPT (a name or a file) against its door; compare what is answered and what is kept",
    )
)
@click.argument("script_", metavar="SCRIPT")
@_thing
@_word
@click.option(
    "--key", metavar="KEY", envvar="YONG_KEY", required=True,
    help=help_("操作员的 API 密钥，也可用变量 YONG_KEY", "An operator's API key; also by the variable YONG_KEY"),
)  # fmt: skip
@click.option(
    "--url",
    metavar="URL",
    help=help_(
        "HTTP 地址；默认为本机正在运行的系统", "The HTTP address; by default that of the install running here"
    ),
)
@_door
@click.option(
    "--patience", metavar="FACTOR", type=click.FloatRange(0.1, 100), default=1.0,
    help=help_("等待时间的倍数，用于慢速线路", "Multiplies the times to wait, for slow lines"),
)  # fmt: skip
@_json
def play(
    script_: str,
    thing: str,
    word: str | None,
    key: str,
    url: str | None,
    places: tuple[str, ...],
    patience: float,
    as_json: bool,
) -> None:
    chosen = script.read(script.named(script_))
    where = doors.Doors(configured(), url, places)

    async def played() -> report.Report:
        address = None if chosen.door == "http" else where.of(chosen.door)
        async with player.operator(where.http, key) as inside:
            return await player.Player(chosen, thing, word or "", address, inside, patience).play()

    _report(asyncio.run(played()), as_json)


@conform.command(
    "watch",
    help=help_(
        "旁听：设备连到本机端口，消息原样转给入口，逐条说明错误；Ctrl-C 结束",
        "Listen: a device connects to a port here, what it says goes on to its door, and what is wrong is told; Ctrl-C ends it",
    ),
)
@click.argument("door", metavar="DOOR", type=click.Choice(doors.STREAMS))
@_thing
@_word
@click.option(
    "--host",
    metavar="ADDRESS",
    default="127.0.0.1",
    show_default=True,
    help=help_("监听的地址", "The address to listen on"),
)
@click.option(
    "--port",
    metavar="PORT",
    default=0,
    help=help_("监听的端口；0 为任一空闲端口", "The port to listen on; 0 for any free one"),
)
@click.option(
    "--seconds",
    metavar="SECONDS",
    type=float,
    help=help_("旁听多久；默认到 Ctrl-C", "For how long; by default until Ctrl-C"),
)
@_door
@_json
def listen(
    door: str,
    thing: str,
    word: str | None,
    host: str,
    port: int,
    seconds: float | None,
    places: tuple[str, ...],
    as_json: bool,
) -> None:
    address = doors.Doors(configured(), None, places).of(door)

    def tell(number: int, found: Sequence[Finding]) -> None:
        for line in () if as_json else report.told(found, language()):
            click.echo(f"{number}{line}")

    async def watched() -> report.Report:
        one = watch.Watch(door, About(thing=thing, word=word), address, tell)
        stands = await one.open(host, port)
        text = Text("旁听 {here}，转给 {there}", "Listening on {here}, forwarding to {there}")
        here, there = f"{host}:{stands}", f"{address.host}:{address.port}"
        click.echo(text.filled(here=here, there=there).in_(language()), err=True)
        await doors.until_stopped(seconds)
        return await one.close()

    _report(asyncio.run(watched()), as_json)


def _report(found: report.Report, as_json: bool) -> None:
    """Print a report; exit status 1 when the device does not conform."""
    if as_json:
        click.echo(msgspec.json.encode(found.document()).decode())
    else:
        for line in report.lines(found, language()):
            click.echo(line)
    if not found.conforms:
        raise SystemExit(1)
