"""The jobs that failed for good are seen, tried again and forgotten by whoever operates the system, and nobody else."""

import httpx
import pytest
from tests.conftest import key_of

from yong.app import queue
from yong.kernel.access import api as access
from yong.kernel.base.city import City
from yong.kernel.base.errors import NotFound
from yong.kernel.store import jobs
from yong.kernel.store.database import Database


async def failed(city: City, count: int) -> list[int]:
    """So many jobs that failed for good; their numbers, the newest first."""
    async with city[Database].transaction() as connection:
        await connection.execute("SET LOCAL search_path = jobs")
        rows = await connection.fetch(
            """INSERT INTO procrastinate_jobs (queue_name, task_name, args, status, attempts)
               SELECT 'default', 'access.tidy', '{}', 'failed', 8 FROM generate_series(1, $1) RETURNING id""",
            count,
        )
    return sorted((r["id"] for r in rows), reverse=True)


async def test_dead_jobs_over_http(city: City, client: httpx.AsyncClient) -> None:
    newest, older = await failed(city, 2)
    headers = await key_of(city, "access.system_admin")
    listed = (await client.get("/jobs/dead-letters", headers=headers)).json()
    assert [(j["id"], j["name"], j["attempts"]) for j in listed] == [
        (newest, "access.tidy", 8),
        (older, "access.tidy", 8),
    ]
    assert len((await client.get("/jobs/dead-letters?limit=1", headers=headers)).json()) == 1
    assert (await client.post(f"/jobs/dead-letters/{newest}/retry", headers=headers)).status_code == 204
    assert (await client.delete(f"/jobs/dead-letters/{older}", headers=headers)).status_code == 204
    assert await jobs.waiting(city[Database]) == (1, 0)
    for gone in (newest, older, 4711):
        answers = (
            await client.post(f"/jobs/dead-letters/{gone}/retry", headers=headers),
            await client.delete(f"/jobs/dead-letters/{gone}", headers=headers),
        )
        assert [a.status_code for a in answers] == [404, 404]
    done = await city[Database].fetch(
        "SELECT action, resource FROM access.audit_entry WHERE action LIKE 'access.%_job' ORDER BY id"
    )
    assert [tuple(r) for r in done] == [
        ("access.retry_job", f"job:{newest}"),
        ("access.discard_job", f"job:{older}"),
    ]


@pytest.mark.parametrize("role", ["access.operator", "access.security_admin", "access.audit_admin"])
async def test_nobody_else_may(city: City, client: httpx.AsyncClient, role: str) -> None:
    [job] = await failed(city, 1)
    headers = await key_of(city, role)
    for verb, path in (
        ("GET", "/jobs/dead-letters"),
        ("POST", f"/jobs/dead-letters/{job}/retry"),
        ("DELETE", f"/jobs/dead-letters/{job}"),
    ):
        assert (await client.request(verb, path, headers=headers)).status_code == 403
    assert await jobs.waiting(city[Database]) == (0, 1)


async def test_the_command_line_goes_by_the_same_door(city: City) -> None:
    [job] = await failed(city, 1)
    caller = access.system_caller("access")  # as `yong jobs` calls
    assert [j.id for j in await queue.dead(city, caller)] == [job]
    await queue.discard(city, caller, job)
    with pytest.raises(NotFound):
        await queue.retry(city, caller, job)
