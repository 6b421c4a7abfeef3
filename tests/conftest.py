"""What every test may ask for: a real database from a migrated template, a City on it, an HTTP client."""

import asyncio
import os
import secrets
import shutil
import socket
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import httpx
import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from litestar import Litestar
from scripts import memory
from xdist.scheduler import LoadFileScheduling

from yong.app import bootstrap
from yong.app.http import Front
from yong.kernel.access import api as access
from yong.kernel.access import identity
from yong.kernel.access.api import system_caller
from yong.kernel.access.contracts import Caller, Mandate
from yong.kernel.base.city import City
from yong.kernel.base.settings import Settings, load
from yong.kernel.store.embedded import Server
from yong.kernel.store.migrate import SERVING_ROLE

# How long an example takes says something of the machine alone.
hypothesis_settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.load_profile("unhurried")

_OWNER, _SERVE = "YONG_TEST_OWNER_URL", "YONG_TEST_SERVE_PASSWORD"
_TEMPLATE = "yong_template"


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


def _with(url: str, *, database: str, user: tuple[str, str] | None = None) -> str:
    parts = urlsplit(url)
    place = parts.netloc
    if user:
        place = f"{user[0]}:{user[1]}@{place.rpartition('@')[2]}"
    return urlunsplit(parts._replace(netloc=place, path=f"/{database}"))


def pytest_configure(config: pytest.Config) -> None:
    """Once per run, in the controller: one PostgreSQL, one migrated template. Workers inherit it by URL."""
    if hasattr(config, "workerinput") or config.option.collectonly:
        return
    if _OWNER not in os.environ:
        folder = Path(tempfile.mkdtemp(prefix="yong-test-", dir=memory.folder()))
        folder.chmod(0o755)
        server = Server(folder, {"fsync": "off", "max_connections": "200", "shared_buffers": "256MB"})
        server.start()
        os.environ[_OWNER] = server.url("postgres")
        config.add_cleanup(lambda: (server.stop(), shutil.rmtree(folder, ignore_errors=True)))
    os.environ[_SERVE] = secrets.token_hex(12)
    asyncio.run(_template(os.environ[_OWNER], os.environ[_SERVE]))


_CONSOLE = "tests/console/"
# Files of few tests that take long: begun first, they run beside all others instead of alone at the end.
_LONG = (
    "chaos/",
    "console/",
    "http/test_openapi.py",
    "external/",
    "docs/",
    "new_domain/",
    "app/",
    "context/test_real_client.py",
    "portal/test_browser.py",
    "cityops/test_field.py",
    "cases/test_suggestions_measured.py",
)


class _Files(LoadFileScheduling):  # type: ignore[misc]
    """A file by itself in one process, those of the console all in one: they share a demo city."""

    def _split_scope(self, nodeid: str) -> str:
        return _CONSOLE if nodeid.startswith(_CONSOLE) else str(super()._split_scope(nodeid))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> _Files:
    return _Files(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The long ones first, all others in their order."""
    folder = Path(__file__).parent

    def rank(item: pytest.Item) -> int:
        if not item.path.is_relative_to(folder):
            return len(_LONG)
        place = item.path.relative_to(folder).as_posix()
        return next((n for n, long in enumerate(_LONG) if place.startswith(long)), len(_LONG))

    items.sort(key=rank)


async def _template(owner_url: str, password: str) -> None:
    connection = await asyncpg.connect(owner_url)
    try:
        await connection.execute(f"DROP DATABASE IF EXISTS {_TEMPLATE}")
        await connection.execute(f"CREATE DATABASE {_TEMPLATE}")
        settings = load({"YONG_HOME": "/nonexistent"})
        await bootstrap.prepare(settings, _with(owner_url, database=_TEMPLATE), password)
    finally:
        await connection.close()


class TestDatabase:
    """A database of this test alone; `owner_url` for migrations and tampering, `serve_url` as in service."""

    __test__ = False

    def __init__(self, name: str) -> None:
        owner = os.environ[_OWNER]
        self.name = name
        self.owner_url = _with(owner, database=name)
        self.serve_url = _with(owner, database=name, user=(SERVING_ROLE, os.environ[_SERVE]))


@pytest.fixture
async def database() -> AsyncIterator[TestDatabase]:
    name = f"t_{secrets.token_hex(6)}"
    connection = await asyncpg.connect(os.environ[_OWNER])
    try:
        await connection.execute(f"CREATE DATABASE {name} TEMPLATE {_TEMPLATE} STRATEGY FILE_COPY")
        yield TestDatabase(name)
    finally:
        await connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        await connection.close()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load({"YONG_HOME": str(tmp_path / "home")})


@pytest.fixture
async def city(settings: Settings, database: TestDatabase) -> AsyncIterator[City]:
    """A City with its parts open on a fresh database, as a web worker has it; no bus."""
    async with bootstrap.running(settings, database.serve_url) as running:
        yield running


# By what they were made for, the limit of bodies: one serves the tests of a process one after the other.
_APPLICATIONS: dict[int, Litestar] = {}


@pytest.fixture
async def client(city: City) -> AsyncIterator[httpx.AsyncClient]:
    """An HTTP client of the whole front, in process; answers in English."""
    limit = city.settings.body_limit_kb
    front = Front(city.settings, city, _APPLICATIONS.get(limit))
    if front.app is not None:
        _APPLICATIONS[limit] = front.app
    transport = httpx.ASGITransport(front, raise_app_exceptions=False)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://yong.test", headers={"accept-language": "en"}
    ) as one:
        yield one


@pytest.fixture
def callers(city: City) -> Callable[..., Caller]:
    """Makes callers: `callers("access.operator", district="330203")`, with a second factor unless told."""

    def make(
        *roles: str, party: str | None = None, factors: tuple[str, ...] = ("password", "totp"), **scope: Any
    ) -> Caller:
        mandates = tuple(Mandate(id=f"m{i}", role=role, **scope) for i, role in enumerate(roles))
        return Caller(
            account="tester", party=party, mandates=mandates, factors=frozenset(factors), language="en"
        )

    return make


async def key_of(city: City, role: str, **scope: str) -> dict[str, str]:
    """The header of an API key of a new account with a role."""
    system = system_caller("access")
    name = f"somebody-{secrets.token_hex(4)}"
    account, _ = await access.create_account(city, system, name, password="a very long password")
    await access.grant(city, system, account, role, **scope)  # type: ignore[arg-type]  # party or district
    caller = await identity.caller_as(city, account)
    key = await access.issue_key(city, caller, "tests", [role], per_minute=1_000_000, per_day=1_000_000_000)
    return {"x-api-key": key}


@pytest.fixture(scope="session")
def yong_data() -> Iterator[Path]:
    """The folder of real public data sets; says visibly when it is absent."""
    folder = Path(os.environ.get("YONG_DATA", "../shared/data")).resolve()
    if not folder.is_dir():
        pytest.skip(f"the real data sets are absent (YONG_DATA={folder})")
    return folder
