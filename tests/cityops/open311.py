"""An Open311 client after the standard, and a city with services to ask for."""

from typing import Any
from urllib.parse import urlencode

import httpx
from lxml import etree

from yong.kernel.access.api import system_caller
from yong.kernel.base.city import City
from yong.kernel.records import api as records

BASE = "/open311/v2"
HERE = {"lat": "29.87", "long": "121.55"}
SETS = [
    {"code": "01", "title_zh": "公用设施", "title_en": "Utilities"},
    {
        "code": "0101", "title_zh": "上水井盖", "title_en": "Water main cover", "open": True,
        "filing": "破损、缺失", "closing": "修复", "words": "井盖,manhole",
        "limits": [{"amount": 6, "unit": "urgent_hours"}],
    },
    {"code": "0102", "title_zh": "雨水箅子", "title_en": "Gully grating", "open": True},
    {"code": "0103", "title_zh": "内部设施", "title_en": "Something for the inside"},
]  # fmt: skip
COMPONENTS = {
    "title_zh": "演示部件类别", "title_en": "Demo classes", "kind": "component", "edition": "1", "prefix": "01",
    "synthetic": True, "lines": SETS,
}  # fmt: skip
QUESTIONS = (
    {"class": "010101", "code": "STATE", "datatype": "singlevaluelist", "required": True, "position": 1,
     "text_zh": "井盖怎样？", "text_en": "How is the cover?",
     "options": [{"key": "gone", "zh": "缺失", "en": "Gone"}, {"key": "broken", "zh": "破损", "en": "Broken"}]},
    {"class": "010101", "code": "DANGER", "datatype": "multivaluelist", "position": 2,
     "text_zh": "危及谁？", "text_en": "Who is in danger?",
     "options": [{"key": "walk", "zh": "行人", "en": "Walkers"}, {"key": "ride", "zh": "骑车人", "en": "Riders"}]},
    {"class": "010101", "code": "DEEP", "datatype": "number", "position": 3, "text_zh": "多深？", "text_en": "How deep?"},
    {"class": "010101", "code": "SEEN", "datatype": "datetime", "position": 4, "text_zh": "何时？", "text_en": "Since when?"},
    {"class": "010101", "code": "NOTE", "datatype": "text", "variable": False, "position": 5,
     "text_zh": "有人受伤请拨 120", "text_en": "If anybody is hurt, call 120"},
)  # fmt: skip


async def furnished(city: City, client: httpx.AsyncClient, keeper: dict[str, str]) -> None:
    """Classes that are open, what one of them asks, and a district."""
    answer = await client.put("/cityops/class-sets/demo", json=COMPONENTS, headers=keeper)
    assert answer.status_code == 200, answer.text
    for values in QUESTIONS:
        made = await client.post("/records/cityops.question", json={"values": values}, headers=keeper)
        assert made.status_code == 201, made.text
    ring = [[121, 29], [122, 29], [122, 30], [121, 30], [121, 29]]
    await records.create(
        city, system_caller("geo"), "geo.boundary",
        {"code": "330203", "level": "district", "name": "海曙区", "datum": "cgcs2000",
         "geometry": {"type": "Polygon", "coordinates": [ring]}},
        district="330203",
    )  # fmt: skip


class Open311:
    """Talks to a door as the standard says, in one of its formats."""

    def __init__(self, client: httpx.AsyncClient, format: str, **headers: str) -> None:
        self.client, self.format, self.headers = client, format, headers

    async def get(self, path: str, expected: int = 200, /, **parameters: str) -> Any:
        answer = await self.client.get(
            f"{BASE}/{path}.{self.format}", params=parameters, headers=self.headers
        )
        return self.read(answer, expected)

    async def post(self, fields: Any, status: int = 201, **headers: str) -> Any:
        answer = await self.client.post(
            f"{BASE}/requests.{self.format}",
            content=urlencode(fields, doseq=True),
            headers={
                "content-type": "application/x-www-form-urlencoded; charset=utf-8",
                **self.headers,
                **headers,
            },
        )
        return self.read(answer, status)

    def read(self, answer: httpx.Response, status: int) -> Any:
        assert answer.status_code == status, answer.text
        if self.format == "json":
            assert answer.headers["content-type"] == "application/json; charset=utf-8"
            return answer.json()
        assert answer.headers["content-type"] == "text/xml; charset=utf-8"
        assert answer.content.startswith(b'<?xml version="1.0" encoding="UTF-8"?>')
        return tree(etree.fromstring(answer.content))


def tree(element: Any) -> Any:
    """An element by the Spark convention: what JSON would say, but that every value is text."""
    lists = {"services", "attributes", "values", "service_requests", "errors", "endpoints", "formats"}
    if element.tag in lists:
        return [tree(one) for one in element]
    if len(element):
        return {one.tag: tree(one) for one in element}
    return element.text


def texts(value: Any) -> Any:
    """JSON as XML writes it: every value as text."""
    if isinstance(value, dict):
        return {name: texts(one) for name, one in value.items()}
    if isinstance(value, list):
        return [texts(one) for one in value]
    if isinstance(value, bool):
        return "true" if value else "false"
    return None if value is None else str(value)
