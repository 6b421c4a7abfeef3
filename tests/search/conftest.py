"""A city with the sample's register, on a database of its own."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from yong.app import bootstrap
from yong.kernel.base.city import City
from yong.kernel.base.settings import Settings
from yong.kernel.search.indexing import Keeper

from . import sample


@pytest.fixture
async def city(settings: Settings, database: Any, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[City]:
    usual = bootstrap.modules
    monkeypatch.setattr(bootstrap, "modules", lambda name: (*usual(name), sample.MODULE))
    await bootstrap.prepare(settings, database.owner_url, None)
    async with bootstrap.running(settings, database.serve_url) as running:
        yield running


@pytest.fixture
async def keeper(city: City) -> AsyncIterator[Keeper]:
    one = await sample.keeper(city)
    yield one
    one.let_go()
