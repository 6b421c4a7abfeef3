"""A client of Open311 that nobody here wrote: georeport reads the door over a socket, in JSON and in XML."""

import asyncio
from typing import Any

import httpx
import pytest
from tests.cityops.open311 import HERE, Open311, furnished
from tests.conftest import key_of
from tests.geo.features.serving import serving

from yong.kernel.base.city import City

georeport = pytest.importorskip("georeport", reason="requirements/strangers.lock is not installed")


@pytest.mark.parametrize("format_", ["json", "xml"])
async def test_georeport_finds_services_and_requests(
    city: City, client: httpx.AsyncClient, format_: str
) -> None:
    await furnished(city, client, await key_of(city, "cases.designer"))
    key = (await key_of(city, "access.operator"))["x-api-key"]
    ids = []
    for answer in ("gone", "broken"):
        fields = {
            "service_code": "010101",
            **HERE,
            "attribute[STATE]": answer,
            "api_key": key,
            "first_name": "Lanfen",
        }
        ids.append((await Open311(client, "json").post(fields))[0]["service_request_id"])

    def talk(url: str) -> dict[str, Any]:
        door = georeport.GeoReport(f"{url}/open311/v2", jurisdiction="here", output_format=format_)
        return {
            "services": [s["service_code"] for s in door.get_service_list()],
            "asks": door.get_service_definition("010101"),
            "requests": [r["service_request_id"] for r in door.get_service_requests(service_code="010101")],
            "open": len(door.get_service_requests(status="open") or ()),
            "one": door.get_service_request(ids[0]),
        }

    async with serving(city) as url:
        told = await asyncio.to_thread(talk, url)
    assert told["services"] == ["010101", "010102"]
    asks = told["asks"]["attributes"]
    first = asks[0] if format_ == "json" else asks["attribute"][0]
    assert (first["code"], first["datatype"]) == ("STATE", "singlevaluelist")
    assert told["requests"] == ids[::-1]
    assert told["one"]["service_request_id"] == ids[0]
    assert told["one"]["status"] == "open"
    assert "Lanfen" not in str(told)
