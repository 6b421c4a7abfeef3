"""A module that tells things, people to be told, and the far ends of channels: a mail server and a gateway."""

import asyncio
import secrets
from base64 import b64decode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email import message_from_bytes
from email.message import Message as Mail
from email.policy import default
from pathlib import Path
from typing import Any

import msgspec
from aiohttp import web

from yong.app import bootstrap
from yong.kernel.access import api as access
from yong.kernel.access import identity
from yong.kernel.access.contracts import Caller
from yong.kernel.base.city import City
from yong.kernel.base.module import Module, Registry
from yong.kernel.base.settings import load
from yong.kernel.base.text import Text
from yong.kernel.messaging import api
from yong.kernel.messaging.contracts import Message, MessageLevel, Teller, To, Value
from yong.kernel.messaging.service.telling import Declared
from yong.kernel.store import outbox
from yong.kernel.store.contracts import Event
from yong.kernel.store.database import Connection, Database
from yong.kernel.store.jobs import Jobs

DRILL = access.system_caller("drill")
STORM = Message(
    name="drill.storm",
    meaning=Text("暴雨演练", "Storm drills"),
    title=Text("{place}暴雨", "Storm in {place}"),
    body=Text("自 {since} 起，水位 {level} 厘米。", "Since {since} the water stands at {level} cm."),
    level=MessageLevel.WARNING,
    personal=False,
    portal="/portal/places?q={place}",
)
FINE = Message(
    name="drill.fine",
    meaning=Text("处罚决定", "Fines"),
    title=Text("处罚决定书 {number}", "Decision {number}"),
    body=Text("请在 60 日内申请复议。", "You may appeal within 60 days."),
    personal=True,
    law=True,
)
TASK = Message(
    name="drill.task",
    meaning=Text("派给您的任务", "Tasks for you"),
    title=Text("任务 {number}", "Task {number}"),
    body=Text("请处理。", "Please see to it."),
    personal=False,
    staff=True,
    console="/console/records/drill.task?id={number}",
)


class Tellers:
    """A teller that fails as long as it is broken."""

    def __init__(self) -> None:
        self.broken = False
        self.seen: list[str] = []
        self.party = "nobody"

    async def tell(self, city: City, connection: Connection, event: Event) -> None:
        await api.tell(
            city, DRILL, connection,
            to=self.party, message="drill.fine", values={"number": event.subject}, key=str(event.id),
        )  # fmt: skip
        if self.broken:
            raise RuntimeError("not today")
        self.seen.append(event.subject)


def with_drills(city: City, tellers: Tellers | None = None) -> City:
    """The city with a module of drills besides."""
    teller = Teller(name="drill.fines", events=("drill.Fined",), tell=(tellers or Tellers()).tell)
    module = Module(
        name="drill", package="tests.messaging", title=Text("演练", "Drills"), needs=("messaging",),
        declares=(STORM, FINE, TASK, teller),
    )  # fmt: skip
    city.put(Declared, Declared(Registry((*bootstrap.modules("ningbo"), module))))
    return city


async def person(city: City, role: str = "access.resident", **scope: Any) -> Caller:
    """Somebody with an account, a party of their own and a role."""
    system, name = access.system_caller("access"), f"p-{secrets.token_hex(4)}"
    await access.create_party(city, system, id=name, kind="person", zh=name, en=name)
    account, _ = await access.create_account(city, system, name, party=name, password="a very long password")
    await access.grant(city, system, account, role, **scope)
    caller = await identity.caller_as(city, account)
    return msgspec.structs.replace(caller, language="en")


async def tell(city: City, to: To, message: str = "drill.fine", key: str = "1", **values: Value) -> int:
    """Tell something in a transaction of its own."""
    async with city[Database].transaction() as connection:
        facts = values or {"number": "7"}
        return await api.tell(city, DRILL, connection, to=to, message=message, values=facts, key=key)


async def titles(city: City, caller: Caller) -> list[str]:
    return [m.title for m in (await api.inbox(city, caller)).items]


async def happen(city: City, *subjects: str) -> None:
    async with city[Database].transaction() as connection:
        await outbox.emit(connection, *(Event(type="drill.Fined", subject=s, data={}) for s in subjects))


async def followed(city: City) -> None:
    """Until tellers have read everything; a transaction running in any database of the server holds events back."""
    system = access.system_caller("messaging")
    while await city[Database].fetchval(
        """SELECT EXISTS (SELECT FROM store.outbox o JOIN store.outbox_reader r ON (o.xid, o.id) > (r.xid, r.id)
                          WHERE r.name = 'messages')"""
    ):
        if not await api.follow(city, system):
            await asyncio.sleep(0.01)


@asynccontextmanager
async def working(city: City, url: str) -> AsyncIterator[Jobs]:
    queue = Jobs(city, url)
    async with queue.app.open_async():
        yield queue


async def hurry(city: City) -> None:
    """The waits before the next tries are over."""
    async with city[Database].transaction() as connection:
        await connection.execute("SET LOCAL search_path = jobs")
        await connection.execute("UPDATE procrastinate_jobs SET scheduled_at = now() WHERE status = 'todo'")


def set_up(city: City, **chosen: object) -> None:
    """The city with other settings."""
    said = {f"YONG_{name.upper()}": str(value) for name, value in chosen.items()}
    city.settings = load({"YONG_HOME": str(city.settings.home), **said})


class MailServer:
    """A mail server on this machine that keeps what comes, or refuses it. It speaks as much of RFC 5321 as is needed."""

    def __init__(self) -> None:
        self.mails: list[tuple[str, Mail]] = []
        self.refuse: bytes | None = None
        self.port = 0
        self.signed_in: list[str] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        def say(line: bytes) -> None:
            writer.write(line + b"\r\n")

        say(b"220 here")
        to = ""
        while line := (await reader.readline()).strip():
            verb = line[:4].upper()
            if verb == b"RCPT":
                to = line.partition(b"<")[2].partition(b">")[0].decode()
            if verb == b"RCPT" and self.refuse:
                say(self.refuse)
            elif verb == b"EHLO":
                say(b"250-here")
                say(b"250 AUTH PLAIN")
            elif verb == b"AUTH":
                self.signed_in = b64decode(line.split()[-1]).decode().split("\0")[1:]
                say(b"235 welcome")
            elif verb == b"DATA":
                say(b"354 go on")
                told = b""
                while (part := await reader.readline()) != b".\r\n":
                    told += part.removeprefix(b".") if part.startswith(b"..") else part
                self.mails.append((to, message_from_bytes(told, policy=default)))
                say(b"250 kept")
            else:
                say(b"221 bye" if verb == b"QUIT" else b"250 well")
            if verb == b"QUIT":
                break
        writer.close()


@asynccontextmanager
async def mail_server(host: str = "127.0.0.1") -> AsyncIterator[MailServer]:
    one = MailServer()
    server = await asyncio.start_server(one.serve, host, 0)
    one.port = server.sockets[0].getsockname()[1]
    async with server:
        yield one


class Gateway:
    """A gateway for text messages that keeps what comes, or answers something else than 200."""

    def __init__(self) -> None:
        self.taken: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.status = 200
        self.url = ""

    async def take(self, request: web.Request) -> web.Response:
        if self.status == 200:
            self.taken.append(msgspec.json.decode(await request.read()))
            self.headers.append(dict(request.headers))
        return web.Response(
            status=self.status, headers={"Location": "/elsewhere"} if self.status == 302 else {}
        )


@asynccontextmanager
async def gateway() -> AsyncIterator[Gateway]:
    one = Gateway()
    application = web.Application()
    application.router.add_post("/send", one.take)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    assert site._server is not None
    port = site._server.sockets[0].getsockname()[1]  # type: ignore[attr-defined]
    one.url = f"http://127.0.0.1:{port}/send"
    try:
        yield one
    finally:
        await runner.cleanup()


def word_file(folder: Path, word: str) -> Path:
    file = folder / "word"
    file.write_text(f"{word}\n", "utf-8")
    return file
