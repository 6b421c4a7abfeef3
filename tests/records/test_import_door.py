"""A file over HTTP: who may not import sends it in vain, a large one arrives, one too large is refused at once."""

import asyncio
from collections.abc import AsyncIterator

import httpx
from tests.conftest import key_of

from yong.kernel.base.city import City
from yong.kernel.records.contracts import IMPORT_BYTES, IMPORTS_AT_ONCE

WAY = "/records/sensing.thing/import"
HEAD = b"code,type,source,district\n"


class File:
    """A body that says how much of it was asked for."""

    def __init__(self, *pieces: bytes) -> None:
        self.pieces, self.read = pieces, 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self.pieces:
            self.read += len(piece)
            yield piece


async def test_nothing_is_read_from_who_may_not_import(city: City, client: httpx.AsyncClient) -> None:
    for headers, status in (({}, 401), (await key_of(city, "access.audit_admin"), 403)):
        file = File(HEAD)
        answer = await client.post(WAY, content=file, headers=headers)
        assert (answer.status_code, file.read) == (status, 0)
    file = File(HEAD)
    headers = await key_of(city, "sensing.engineer")
    answer = await client.post("/records/context.entity_now/import", content=file, headers=headers)
    assert answer.status_code in (403, 409)
    assert not file.read


async def test_a_file_beyond_the_general_limit_arrives(city: City, client: httpx.AsyncClient) -> None:
    headers = await key_of(city, "sensing.engineer")
    rows = 20_000
    pad = b"x" * 480
    lines = b"".join(b"t-%05d,%b,synthetic,330203\n" % (n, pad[: 380 + n % 100]) for n in range(rows))
    assert len(lines) > city.settings.body_limit_kb * 1024
    answer = await client.post(
        WAY, params={"dry_run": True}, content=HEAD + lines, headers=headers, timeout=60
    )
    assert answer.status_code == 200, answer.text[:500]
    assert answer.json()["rows"] == rows


async def test_a_file_that_says_it_is_too_large_is_refused_unread(
    city: City, client: httpx.AsyncClient
) -> None:
    file = File(HEAD)
    headers = {**await key_of(city, "sensing.engineer"), "content-length": str(IMPORT_BYTES + 1)}
    answer = await client.post(WAY, content=file, headers=headers)
    assert answer.status_code == 413
    assert answer.headers["content-type"] == "application/problem+json"
    assert not file.read


async def test_so_many_files_are_in_hand_and_a_place_is_given_back(
    city: City, client: httpx.AsyncClient
) -> None:
    headers = await key_of(city, "sensing.engineer")
    arriving = asyncio.Event()

    async def slow() -> AsyncIterator[bytes]:
        yield HEAD
        await arriving.wait()
        yield b"a-1,river,synthetic,330203\n"

    async def send() -> int:
        return (await client.post(WAY, params={"dry_run": True}, content=slow(), headers=headers)).status_code

    sending = [asyncio.create_task(send()) for _ in range(IMPORTS_AT_ONCE)]
    await asyncio.sleep(0.3)
    refused = await client.post(WAY, content=HEAD, headers=headers)
    assert refused.status_code == 429
    assert refused.headers["retry-after"] == "10"
    arriving.set()
    assert [await one for one in sending] == [200] * IMPORTS_AT_ONCE
    assert (
        await client.post(WAY, params={"dry_run": True}, content=HEAD, headers=headers)
    ).status_code == 200
