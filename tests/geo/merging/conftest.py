"""A keeper who merges, and how a run is ordered and done."""

from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
from tests.conftest import key_of

from yong.kernel.access.api import system_caller
from yong.kernel.base.city import City
from yong.kernel.geo import api as geo

Json = dict[str, Any]
Do = Callable[..., Awaitable[Json]]

PLAN: Json = {
    "sources": [
        {
            "name": "water",
            "accuracy_m": 0.5,
            "columns": {"record": "编号", "lon": "经度", "lat": "纬度", "name": "名称", "class": "类别"},
        },
        {
            "name": "urban",
            "datum": "GCJ-02",
            "accuracy_m": 2,
            "columns": {"record": "id", "name": "name", "class": "kind"},
        },
    ],
    "classes": {"雨水井": "雨水井盖", "雨水检查井": "雨水井盖"},
}


@pytest.fixture
async def keeper(city: City) -> Json:
    return await key_of(city, "geo.keeper")


@pytest.fixture
def run(city: City, client: httpx.AsyncClient, keeper: Json) -> Do:
    """Orders a run of a merging over HTTP, does its job, and reads it."""

    async def do(name: str, **wanted: Any) -> Json:
        ordered = await client.post(f"/geo/mergings/{name}/runs", json=wanted, headers=keeper)
        assert ordered.status_code == 202, ordered.text
        await geo.perform_merge(city, system_caller("geo"), ordered.json()["id"])
        answer = await client.get(f"/geo/mergings/{name}/runs/{ordered.json()['id']}", headers=keeper)
        assert answer.status_code == 200, answer.text
        found: Json = answer.json()
        return found

    return do
