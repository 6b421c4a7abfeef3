"""Clients of the standard's API with real keys."""

from collections.abc import Awaitable, Callable

import httpx
import pytest

from yong.kernel.access import api as access
from yong.kernel.access import identity
from yong.kernel.base.city import City
from yong.kernel.store.database import Database

Key = Callable[..., Awaitable[dict[str, str]]]


@pytest.fixture
def key(city: City) -> Key:
    """Makes headers with an API key: `await key("context.provider", district="330203")`."""
    count = 0

    async def make(role: str, *, party: str | None = None, **scope: str | None) -> dict[str, str]:
        nonlocal count
        count += 1
        owner = access.system_caller("access")
        account, _ = await access.create_account(
            city, owner, f"account-{count}", party, password="a password of a test"
        )
        await access.grant(city, owner, account, role, **scope)  # type: ignore[arg-type]  # party or district
        row = await city[Database].fetchrow("SELECT * FROM access.account WHERE id = $1", account)
        assert row is not None
        async with city[Database].transaction() as connection:
            holder = await identity.caller_for(connection, row, ["password", "totp"], "test")
        word = await access.issue_key(city, holder, "test", [role], per_minute=1_000_000, per_day=1_000_000)
        return {"x-api-key": word}

    return make


@pytest.fixture
async def provider(client: httpx.AsyncClient, key: Key) -> httpx.AsyncClient:
    """The client with the key of a context provider of the whole city."""
    client.headers.update(await key("context.provider"))
    return client
