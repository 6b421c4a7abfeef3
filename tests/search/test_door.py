"""HTTP of search: answers, limits, rubbish."""

import asyncio

import httpx
import pytest
from tests.conftest import key_of

from yong.kernel.search.indexing import Keeper

from .sample import settle, shop


@pytest.fixture
async def operator(city, client: httpx.AsyncClient) -> httpx.AsyncClient:
    client.headers.update(await key_of(city, "access.operator"))
    return client


async def test_search_and_suggest_answer(city, keeper, operator) -> None:
    await shop(city, "A1", "宁波老外滩书店", note="位于江北区中马街道", at=(121.5585, 29.8857))
    await settle(keeper)
    answer = await operator.get("/search", params={"q": "lwt 中马", "kind": "sample.shop"})
    assert answer.status_code == 200, answer.text
    assert answer.json() == {
        "items": [
            {
                "relation": "sample.shop",
                "id": "A1",
                "kind": "Shop",
                "title": "宁波老外滩书店",
                "title_marks": [{"start": 2, "end": 5}],
                "snippet": "位于江北区中马街道",
                "snippet_marks": [{"start": 5, "end": 7}],
                "lon": 121.5585,
                "lat": 29.8857,
                "district": "330205",
            }
        ],
        "cursor": None,
    }
    record = await operator.get("/records/sample.shop/A1")
    assert record.json()["values"]["name"] == "宁波老外滩书店"
    suggested = await operator.get("/search/suggest", params={"q": "laow"})
    assert [h["title"] for h in suggested.json()] == ["宁波老外滩书店"]
    assert (await operator.get("/search/suggest", params={"q": "中马"})).json() == []


HOSTILE = (
    *(
        '"',
        '""',
        "'",
        "\\",
        "*",
        "title:x",
        "+a -b",
        "a AND",
        "(",
        "^2",
        "~",
        "[a TO b]",
        "\x00",
        "\x01a",
        "%00",
    ),
    *(
        "a" * 200,
        "宁" * 200,
        "a " * 20,
        '"a" ' * 50,
        "'; DROP TABLE sample.shop; --",
        "<script>alert(1)</script>",
    ),
    *(
        "\ud7ff\ue000",
        "😀" * 20,
        "\u202e江北",
        "zhuang" * 33,
        "xian" * 50,
        "i:lwt",
        "p:lao",
        "=老外滩",
        "e:a",
        "\x1f",
    ),
    *("lv" * 100, "aaaaaaaaaaaa'b'c'd'e'f", "０１２３", "a\u0301" * 60, "的", "的的的", "ﷺ" * 60),
)


@pytest.mark.parametrize("path", ["/search", "/search/suggest"])
async def test_no_query_is_too_strange(city, keeper, operator, path: str) -> None:
    await shop(city, "A1", "宁波老外滩书店", note="<script>alert(1)</script>")
    await settle(keeper)
    for q in HOSTILE:
        answer = await operator.get(path, params={"q": q})
        assert answer.status_code in (200, 400, 422), (q, answer.status_code, answer.text)
        if answer.status_code != 200:
            assert answer.headers["content-type"] == "application/problem+json"


async def test_limits_hold(city, keeper, operator) -> None:
    for path, params in (
        ("/search", {"q": ""}),
        ("/search", {"q": "a" * 201}),
        ("/search", {"q": "a", "limit": 101}),
        ("/search", {"q": "a", "limit": 0}),
        ("/search", {"q": "a", "cursor": "x" * 201}),
        ("/search", {"q": "a", "district": "33x"}),
        ("/search", {"q": "a", "bbox": "a"}),
        ("/search", {"q": "a", "kind": ["sample.shop"] * 21}),
        ("/search/suggest", {"q": "a", "limit": 21}),
    ):
        answer = await operator.get(path, params=params)
        assert answer.status_code in (400, 422), (path, params, answer.status_code)


async def test_without_an_index_it_is_away_for_now(city, operator) -> None:
    answer = await operator.get("/search", params={"q": "书店"})
    assert answer.status_code == 503
    assert answer.headers["content-type"] == "application/problem+json"


async def test_many_at_once_while_the_index_is_written_and_replaced(city, keeper: Keeper, operator) -> None:
    async def ask() -> set[int]:
        return {
            (await operator.get("/search/suggest", params={"q": "gaodian"})).status_code for _ in range(15)
        }

    async def write() -> None:
        for n in range(12):
            await shop(city, f"A{n}", f"糕店{n}")
            await settle(keeper)
            if n % 4 == 3:
                await keeper.rebuild()

    answers = await asyncio.gather(ask(), ask(), ask(), write())
    assert set().union(*answers[:3]) == {200}
    assert len((await operator.get("/search/suggest", params={"q": "gaodian", "limit": 20})).json()) == 12
