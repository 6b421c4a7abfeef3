"""Requests of another Open311 endpoint, which in these tests is a server of our own making, become reports once."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.cityops.open311 import furnished
from tests.cityops.test_open311 import reports
from tests.conftest import key_of

from yong.domains.cityops import api
from yong.domains.cityops.adapters import remote
from yong.domains.cityops.adapters.answers import as_xml
from yong.domains.cityops.contracts import Misread, Pulled
from yong.kernel.access.api import system_caller
from yong.kernel.base.city import City
from yong.kernel.base.errors import Malformed

Answer = Callable[[str, dict[str, str]], tuple[int, bytes]]


def entry(number: int, **more: Any) -> dict[str, Any]:
    return {
        "service_request_id": number, "status": "open", "service_code": "T1", "service_name": "Manholes",
        "description": f"Number {number}", "requested_datetime": "2026-05-01T08:00:00Z",
        "updated_datetime": "2026-05-01T08:00:00Z", "address": "Long Street", "lat": 29.5, "long": 121.5, **more,
    }  # fmt: skip


@asynccontextmanager
async def endpoint(answer: Answer) -> AsyncIterator[tuple[str, list[tuple[str, dict[str, str]]]]]:
    """The address of a server that answers so, and what it was asked."""
    asked: list[tuple[str, dict[str, str]]] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = (await reader.readuntil(b"\r\n\r\n")).decode().split(" ")[1]
        parts = urlsplit(line)
        said = {name: values[0] for name, values in parse_qs(parts.query).items()}
        asked.append((parts.path, said))
        status, body = answer(parts.path, said)
        head = (
            f"HTTP/1.1 {status} x\r\ncontent-length: {len(body)}\r\nconnection: close\r\nlocation: /\r\n\r\n"
        )
        writer.write(head.encode() + body)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v2", asked


def paged(entries: list[dict[str, Any]]) -> Answer:
    """Answers with a page of these, in the format of the address."""

    def answer(path: str, said: dict[str, str]) -> tuple[int, bytes]:
        page, size = int(said["page"]), int(said["page_size"])
        some = entries[(page - 1) * size : page * size]
        return 200, as_xml("service_requests", some) if path.endswith("xml") else msgspec.json.encode(some)

    return answer


@pytest.fixture
async def keeper(city: City, client: httpx.AsyncClient) -> dict[str, str]:
    key = await key_of(city, "cases.designer")
    await furnished(city, client, key)
    city.settings = msgspec.structs.replace(city.settings, open311_hosts="127.0.0.1")
    return key


@pytest.fixture
def source(client: httpx.AsyncClient, keeper: dict[str, str]) -> Callable[..., Any]:
    async def keep(url: str, **more: Any) -> None:
        values = {"name": "there", "url": url, "services": {"T1": "010101"}, **more}
        answer = await client.post("/records/cityops.source", json={"values": values}, headers=keeper)
        assert answer.status_code == 201, answer.text

    return keep


@pytest.mark.parametrize("written", ["json", "xml"])
async def test_requests_become_reports_once_page_by_page(
    city: City, client: httpx.AsyncClient, keeper: dict[str, str], source: Callable[..., Any], written: str
) -> None:
    entries = [entry(n) for n in range(203)] + [entry(900, status="closed"), entry(901, service_code="T9")]
    async with endpoint(paged(entries)) as (url, asked):
        await source(url, format=written, jurisdiction="there.example", by_updated=True)
        answer = await client.post("/cityops/sources/there/pull", headers=keeper)
        assert answer.json() == {"source": "there", "taken": 204, "known": 1, "passed": 0, "fault": None}
        assert [said["page"] for _, said in asked] == ["1", "2"]
        assert asked[0][0] == f"/v2/requests.{written}"
        assert asked[0][1]["jurisdiction_id"] == "there.example"
        assert "updated_after" not in asked[0][1]
        entries[0] |= {"status": "closed", "description": "Changed there"}
        [again] = await api.pull_all(city, system_caller("cityops"))
        assert again == Pulled(source="there", taken=0, known=205, passed=0)
        assert "updated_after" in asked[-1][1]
    made = await reports(city)
    assert len(made) == 204
    by_words = {r["description"]: r for r in made}
    assert by_words["Number 0"]["class"] == "010101"
    assert by_words["Number 0"]["channel"] == "open311:there"
    assert by_words["Manholes\nNumber 901"]["category"] == "E06"  # a service that we do not know
    told = await client.get("/records/cityops.remote_request?filter=remote_id:eq:0", headers=keeper)
    assert told.json()["items"][0]["values"]["status"] == "closed"


async def test_what_is_wrong_with_one_is_told_and_the_others_go_on(
    city: City, client: httpx.AsyncClient, keeper: dict[str, str], source: Callable[..., Any]
) -> None:
    entries = [
        entry(1), entry(2, status="lost"), entry(3, lat=None, long=None, address=None), entry(4, description="x" * 5000),
        entry(5, lat=1.0, long=1.0), entry(6), {"status": "open"}, "nothing", entry(7, service_code={"a": 1}),
    ]  # fmt: skip
    async with endpoint(paged(entries)) as (url, _):
        await source(url)
        [found] = await api.pull_all(city, system_caller("cityops"))
        assert found == Pulled(source="there", taken=3, known=0, passed=6)
    told = (await client.get("/records/cityops.remote_request", headers=keeper)).json()["items"]
    faults = {r["values"]["remote_id"]: r["values"]["fault"] for r in told if r["values"]["fault"]}
    assert set(faults) == {"2", "3", "4", "5", "–"}
    assert "not in this city" in faults["5"]
    assert len(await reports(city)) == 3


async def test_an_endpoint_that_fails_is_told_and_read_again_from_where_it_was(
    city: City, client: httpx.AsyncClient, keeper: dict[str, str], source: Callable[..., Any]
) -> None:
    broken = True

    def answer(path: str, said: dict[str, str]) -> tuple[int, bytes]:
        if broken:
            return 503, b""
        return paged([entry(1)])(path, said)

    async with endpoint(answer) as (url, asked):
        await source(url)
        [found] = await api.pull_all(city, system_caller("cityops"))
        assert found.fault == "127.0.0.1 answered 503"
        broken = False
        [found] = await api.pull_all(city, system_caller("cityops"))
        assert (found.taken, found.fault) == (1, None)
        assert asked[0][1]["start_date"][:10] == asked[1][1]["start_date"][:10]  # nothing was read before


async def test_only_hosts_that_the_operator_named_are_asked(
    city: City, client: httpx.AsyncClient, keeper: dict[str, str], source: Callable[..., Any]
) -> None:
    async with endpoint(paged([entry(1)])) as (url, asked):
        await source(url)
        for hosts in ("", "other.example", "127.0.0.1:1", "127.0.0.1.evil.example"):
            city.settings = msgspec.structs.replace(city.settings, open311_hosts=hosts)
            [found] = await api.pull_all(city, system_caller("cityops"))
            assert "open311_hosts" in str(found.fault)
        assert asked == []
    assert await reports(city) == []


async def test_a_way_to_elsewhere_is_not_followed(
    city: City, keeper: dict[str, str], source: Callable[..., Any]
) -> None:
    async with endpoint(lambda *_: (302, b"")) as (url, asked):
        await source(url)
        [found] = await api.pull_all(city, system_caller("cityops"))
        assert found.fault == "127.0.0.1 answered 302"
        assert len(asked) == 1


async def test_one_that_knows_no_pages_is_read_once(
    city: City, keeper: dict[str, str], source: Callable[..., Any]
) -> None:
    body = msgspec.json.encode([entry(n) for n in range(200)])
    async with endpoint(lambda *_: (200, body)) as (url, asked):
        await source(url)
        [found] = await api.pull_all(city, system_caller("cityops"))
        assert (found.taken, found.fault) == (200, None)
        assert len(asked) == 2


LAUGHS = b"""<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>
<service_requests><request><service_request_id>&c;</service_request_id></request></service_requests>"""


@pytest.mark.parametrize(
    ("body", "xml"),
    [
        (LAUGHS, True),
        (b'<!DOCTYPE a SYSTEM "http://127.0.0.1/x.dtd"><service_requests/>', True),
        (
            b"<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><service_requests>&x;</service_requests>",
            True,
        ),
        (b"<service_requests>", True),
        (b"<html/>", True),
        (b"", True),
        (b"", False),
        (b"[" * 100_000, False),
        (b'{"a": 1}', False),
        (b"\xff\xfe", False),
        (b"[" + b",".join([b"1"] * 1001) + b"]", False),
    ],
)
def test_a_hostile_answer_is_refused_as_a_whole(body: bytes, xml: bool) -> None:
    with pytest.raises(Malformed):
        remote.read(body, xml)


def test_entries_are_read_for_what_they_are() -> None:
    body = b'<service_requests xmlns="http://wiki.open311.org/GeoReport_v2"><request><service_request_id>7</service_request_id><status>OPEN</status><lat>0</lat><long>0.0</long><address>A &amp; B\x09</address></request></service_requests>'
    [one] = remote.read(body, True)
    assert not isinstance(one, Misread)
    assert (one.id, one.closed, one.address, one.lat, one.long) == ("7", False, "A & B", None, None)
    [bad] = remote.read(
        b'[{"service_request_id": "8", "status": "open", "lat": "x", "long": NaN}]'.replace(b"NaN", b"1"),
        False,
    )
    assert isinstance(bad, Misread)


@given(st.binary(max_size=300), st.booleans())
def test_whatever_bytes_an_endpoint_answers_they_are_read_or_refused(body: bytes, xml: bool) -> None:
    with contextlib.suppress(Malformed):
        remote.read(body, xml)


anything = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.lists(st.none())
)


@given(st.lists(st.dictionaries(st.sampled_from([*entry(1)]), anything)))
def test_whatever_an_entry_holds_it_is_a_request_or_told_why_not(entries: list[dict[str, Any]]) -> None:
    found = remote.read(msgspec.json.encode(entries), False)
    assert len(found) == len(entries)
    for one in found:
        assert one.id
        assert isinstance(one, Misread) or one.address or one.lat is not None
