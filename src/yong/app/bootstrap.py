"""The composition root: the one place where parts are made and put together."""

import importlib
import pkgutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from importlib.metadata import entry_points

import yong.cities
import yong.domains
import yong.kernel
import yong.portal
from yong.kernel.access import api as access
from yong.kernel.base.city import City
from yong.kernel.base.errors import Refused
from yong.kernel.base.module import Module, Page, Registry
from yong.kernel.base.settings import Settings
from yong.kernel.base.text import Text
from yong.kernel.cases import api as cases
from yong.kernel.context import api as context
from yong.kernel.documents import api as documents
from yong.kernel.history import api as history
from yong.kernel.indicators import api as indicators
from yong.kernel.messaging import api as messaging
from yong.kernel.records import api as records
from yong.kernel.records.store import migrate_tables
from yong.kernel.search import api as search
from yong.kernel.sensing import api as sensing
from yong.kernel.store import followers, jobs
from yong.kernel.store.database import Database
from yong.kernel.store.migrate import Step, migrate


def modules(city: str) -> tuple[Module, ...]:
    """Kernel packages, domains in the tree and foreign ones, the city package and the portal, in that order."""
    found: list[Module] = []
    for parent in (yong.kernel, yong.domains):
        for package in pkgutil.iter_modules(parent.__path__):
            found += _module(f"{parent.__name__}.{package.name}")
    for entry in sorted(entry_points(group="yong.domains"), key=lambda e: e.name):
        found.append(_foreign(entry.load()))
    found += _module(f"{yong.cities.__name__}.{city}")
    found += _module(yong.portal.__name__)
    return tuple(found)


def _foreign(module: Module) -> Module:
    """A domain from elsewhere: the console is built without it, so it has declarative pages alone."""
    pages = [p.name for p in module.declares if isinstance(p, Page)]
    if pages:
        raise Refused(
            Text(
                "树外领域 {module} 不能有自己的控制台页面：{pages}",
                "The domain {module} comes from elsewhere and cannot have console pages of its own: {pages}",
            ),
            module=module.name,
            pages=", ".join(pages),
        )
    return module


def registry(settings: Settings) -> Registry:
    return Registry(modules(settings.city))


def _module(package: str) -> list[Module]:
    try:
        manifest = importlib.import_module(f"{package}.manifest")
    except ModuleNotFoundError as error:
        if error.name in (package, f"{package}.manifest"):
            return []
        raise
    return [manifest.MODULE]


STEPS: tuple[Step, ...] = (jobs.migrate_schema, migrate_tables)


async def prepare(settings: Settings, owner_url: str, serve_password: str | None) -> list[str]:
    """Bring the database up to date; what was done."""
    return await migrate(owner_url, registry(settings), STEPS, serve_password=serve_password)


@asynccontextmanager
async def running(
    settings: Settings, serve_url: str, *, name: str = "yong", connections: int = 10
) -> AsyncIterator[City]:
    """A City with its parts open, closed again at the end of the block."""
    city = City(settings, registry(settings))
    database = city.put(Database, await Database.open(serve_url, size=connections, name=name))
    try:
        for part in (access, documents, records, search, history, context, sensing, messaging, indicators):
            await part.open_parts(city)
        async with access.listening(city):
            try:
                yield city
            finally:
                await city.end()
    finally:
        await database.close()


async def first_run(city: City) -> list[Text]:
    """What a new install needs once; the lines to print, which hold one-time passwords."""
    await cases.shelve_declared(city, access.system_caller("cases"))
    return [
        Text(
            "已创建账户 {name}，一次性密码：{word}（首次登录时修改并启用动态口令）",
            "Made account {name}, one-time password: {word} (change it and enrol a second factor first)",
        ).filled(name=name, word=word)
        for name, word in await access.first_run(city)
    ]


def background(city: City) -> list[tuple[str, Callable[[], Awaitable[None]]]]:
    """What the worker process keeps running besides jobs and the relay."""
    return [
        ("audit", lambda: access.keep_sealing(city)),
        ("door", lambda: sensing.keep_door(city)),
        ("notifications", lambda: context.keep_notifying(city)),
        ("search", lambda: search.keep_indexing(city)),
        ("followers", lambda: followers.keep_following(city)),
        ("messages", lambda: messaging.keep_telling(city, access.system_caller("messaging"))),
        ("ais", lambda: sensing.keep_reading_ais(city)),
    ]


def about_to_stop(city: City) -> None:
    """End the answers that last as long as their clients like, since a stop waits for every answer under way."""
    context.end_streams(city)


async def listen(city: City) -> None:
    """The work of the listeners of device protocols."""
    await sensing.keep_listening(city)


async def write(city: City) -> None:
    """The writer's work."""
    await sensing.keep_writing(city)
