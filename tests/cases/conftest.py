"""A city whose departments work on cases: who sits at which desk, and what they do."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import httpx
import pytest
from tests.conftest import key_of

from yong.kernel.access import api as access
from yong.kernel.access.api import system_caller
from yong.kernel.base.city import City
from yong.kernel.cases import api as cases
from yong.kernel.records import api as records
from yong.kernel.store.database import Database

Headers = Mapping[str, str]
PURPOSE = {"x-purpose": "cases.handling"}


class Desks:
    """Everybody who works on a case, by the headers of their key, and what is done over HTTP."""

    def __init__(self, client: httpx.AsyncClient, **keys: Headers) -> None:
        self.client = client
        self.keys = keys

    async def ask(self, who: str, method: str, path: str, status: int = 200, **more: Any) -> Any:
        answer = await self.client.request(method, path, headers=self.keys[who], **more)
        assert answer.status_code == status, f"{answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    async def opened(self, who: str = "supervision", **more: Any) -> str:
        body = {"procedure": "cityops.case", "title": "A cover is missing", "district": "330203", **more}
        made = await self.ask(who, "POST", "/cases", 201, json=body)
        return str(made["id"])

    async def case(self, id_: str, who: str = "supervision") -> dict[str, Any]:
        found: dict[str, Any] = await self.ask(who, "GET", f"/cases/{id_}")
        return found

    async def task(self, id_: str, element: str, who: str = "supervision") -> str:
        case = await self.case(id_, who)
        return str(next(t["id"] for t in case["tasks"] if t["element"] == element and t["state"] == "open"))

    async def does(
        self, who: str, id_: str, element: str, choice: str, status: int = 200, **more: Any
    ) -> dict[str, Any]:
        task = await self.task(id_, element)
        done: dict[str, Any] = await self.ask(
            who, "POST", f"/tasks/{task}/acts", status, json={"choice": choice, **more}
        )
        return done

    async def until_handled(self, id_: str, unit: str = "water") -> None:
        """From the beginning to the desk of a unit."""
        await self.does("inspector", id_, "verify", "confirm")
        await self.does("supervision", id_, "file", "file", **{"class": "0101"})
        await self.does("dispatcher", id_, "dispatch", "dispatch", units=[unit])


async def account_of(city: City, headers: Headers) -> str:
    """The account that a key is of."""
    id_: str = await city[Database].fetchval(
        "SELECT account_id FROM access.api_key WHERE id = $1", headers["x-api-key"].split("_")[1]
    )
    return id_


@pytest.fixture
async def desks(city: City, client: httpx.AsyncClient) -> Desks:
    """The desks of digital urban management, with two units: water and parks."""
    system = system_caller("access")
    for party, zh, en in (
        ("cityops", "城管局", "Upkeep"),
        ("water", "水务", "Water"),
        ("parks", "园林", "Parks"),
    ):
        await access.create_party(city, system, id=party, kind="department", zh=zh, en=en)
    await cases.shelve_declared(city, system_caller("cases"))
    return Desks(
        client,
        inspector=await key_of(city, "cases.inspector"),
        supervision=await key_of(city, "cityops.supervision"),
        dispatcher=await key_of(city, "cases.dispatcher"),
        supervisor=await key_of(city, "cases.supervisor"),
        water=await key_of(city, "cases.clerk", party="water"),
        parks=await key_of(city, "cases.clerk", party="parks"),
        designer=await key_of(city, "cases.designer"),
        nobody=await key_of(city, "access.operator"),
    )


@pytest.fixture
def limit(city: City) -> Callable[..., Awaitable[str]]:
    """Keeps a time limit of the handling clock."""

    async def keep(**values: Any) -> str:
        made = await records.create(
            city, system_caller("cases"), "cases.limit",
            {"clock": "handling", "amount": 2, "unit": "work_days", **values}, owner="cityops",
        )  # fmt: skip
        return str(made.id)

    return keep
