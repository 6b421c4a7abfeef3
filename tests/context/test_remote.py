"""Contexts from elsewhere: only from hosts that the setting names, kept, bounded, never followed further."""

from collections.abc import AsyncIterator

import httpx
import msgspec
import pytest
from aiohttp import web
from tests.conftest import TestDatabase
from tests.context.test_entities import E

from yong.app import bootstrap
from yong.kernel.access import api as access
from yong.kernel.base.city import City
from yong.kernel.base.errors import Invalid
from yong.kernel.base.settings import Settings
from yong.kernel.context import api
from yong.kernel.context.jsonld.shelf import LARGEST, ContextUnavailable

asked: list[str] = []


async def context(request: web.Request) -> web.Response:
    asked.append(request.path)
    base = f"http://127.0.0.1:{request.url.port}"
    match request.path:
        case "/good":
            return web.json_response({"@context": [f"{base}/other", {"a": "https://a.example/"}]})
        case "/other":
            return web.json_response({"@context": {"b": "https://b.example/b"}})
        case "/large":
            return web.Response(body=b" " * (LARGEST + 1), content_type="application/json")
        case "/away":
            raise web.HTTPFound(f"{base}/other")
        case "/circle":
            return web.json_response({"@context": f"{base}/circle"})
        case "/evil":
            return web.json_response({"@context": "http://169.254.0.1/secrets"})
    return web.Response(text="<html>", content_type="text/html")


@pytest.fixture
async def elsewhere() -> AsyncIterator[str]:
    asked.clear()
    application = web.Application()
    application.router.add_get("/{name}", context)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


@pytest.fixture
async def open_city(settings: Settings, database: TestDatabase) -> AsyncIterator[City]:
    """A City that may fetch contexts from this machine."""
    allowed = msgspec.structs.replace(settings, jsonld_context_hosts="127.0.0.1, contexts.example")
    async with bootstrap.running(allowed, database.serve_url) as running:
        yield running


SYSTEM = access.system_caller("context")


async def test_a_context_from_an_allowed_host_is_fetched_once_and_kept(
    open_city: City, elsewhere: str
) -> None:
    names = await api.names(open_city, SYSTEM, f"{elsewhere}/good")
    assert (names.expand("a:x"), names.expand("b")) == ("https://a.example/x", "https://b.example/b")
    assert asked == ["/good", "/other"]
    await api.names(open_city, SYSTEM, [f"{elsewhere}/good", {"c": "b"}])
    assert asked == ["/good", "/other"]
    kept = await api.contexts(open_city, SYSTEM, "Cached")
    assert {k.url for k in kept} == {f"{elsewhere}/good", f"{elsewhere}/other"}
    await api.delete_context(open_city, SYSTEM, f"{elsewhere}/good", reload=True)
    assert asked[2:] == ["/good"]
    await api.delete_context(open_city, SYSTEM, f"{elsewhere}/good")
    await api.names(open_city, SYSTEM, f"{elsewhere}/good")
    assert asked[3:] == ["/good"]


@pytest.mark.parametrize("path", ["large", "away", "page", "evil"])
async def test_what_is_no_context_or_leads_away_is_not_taken(
    open_city: City, elsewhere: str, path: str
) -> None:
    with pytest.raises(ContextUnavailable):
        await api.names(open_city, SYSTEM, f"{elsewhere}/{path}")
    assert asked == [f"/{path}"]


async def test_a_context_that_refers_to_itself_is_refused(open_city: City, elsewhere: str) -> None:
    with pytest.raises(Invalid):
        await api.names(open_city, SYSTEM, f"{elsewhere}/circle")


async def test_without_the_setting_nobody_is_asked(city: City, elsewhere: str) -> None:
    with pytest.raises(ContextUnavailable):
        await api.names(city, SYSTEM, f"{elsewhere}/good")
    for odd in ("file:///etc/passwd", "ftp://127.0.0.1/x", "//127.0.0.1/x", "http://[", "x"):
        with pytest.raises(ContextUnavailable):
            await api.names(city, SYSTEM, odd)
    assert asked == []


async def test_entities_are_a_relation_for_everybody_else(provider: httpx.AsyncClient) -> None:
    entity = {"id": "urn:x:1", "type": ["A", "B"], "scope": ["/a", "/b"], "n": 1}
    assert (await provider.post(E, json=entity)).status_code == 201
    found = await provider.get("/records/context.entity_now/urn:x:1")
    assert found.status_code == 200, found.text
    values = found.json()["values"]
    assert (values["type"], values["other_types"], values["scopes"]) == ("A", ["B"], ["/a", "/b"])
    page = await provider.get("/records/context.entity_now")
    assert [r["id"] for r in page.json()["items"]] == ["urn:x:1"]
    assert (await provider.get("/records/context.tenant_entity_now")).json()["items"] == []
    assert (await provider.get("/context/entities/urn:x:1")).json()["attributes"]["n"]["value"] == 1
