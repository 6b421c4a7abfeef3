"""How fast registers are read and written over HTTP, and filled from a file.

Reads and writes are asked by wrk (C) on the same cores. Ceilings in the same run: for reads and writes the
smallest answer of the same server (`/health/live`), for the import a bare COPY of the same rows.
"""

import asyncio
import re
import tempfile
import time

from bench.figure import Figure
from bench.install import Install
from yong.kernel.access import api as access
from yong.kernel.records import api as records
from yong.kernel.records.contracts import Format
from yong.kernel.store.database import Database

SECONDS = 6
IMPORTED = 60_000

_READ = """
local n = 0
request = function()
  n = n + 1
  return wrk.format("GET", string.format("/records/sensing.thing/bench-%04d", n % 1000), {["X-API-Key"] = "KEY"})
end
"""
_WRITE = """
local n = 0
local thread = 0
setup = function(t) thread = thread + 1; t:set("id", thread) end
request = function()
  n = n + 1
  local body = string.format('{"values":{"code":"w%d-%d-STAMP","type":"load","name_en":"a thing","interval_s":60,"source":"synthetic"},"district":"330203"}', id, n)
  return wrk.format("POST", "/records/sensing.thing", {["X-API-Key"] = "KEY", ["Content-Type"] = "application/json"}, body)
end
"""


async def wrk(url: str, script: str | None, *, connections: int) -> tuple[float, int]:
    """Answers a second, and how many were no success. One thread: the server shares the cores."""
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as file:
        file.write(script or "")
        file.flush()
        command = ["wrk", "-t1", f"-c{connections}", f"-d{SECONDS}s"]
        command += ["-s", file.name] if script else []
        process = await asyncio.create_subprocess_exec(*command, url, stdout=asyncio.subprocess.PIPE)
        out = (await process.communicate())[0].decode()
    rate = re.search(r"Requests/sec:\s+([0-9.]+)", out)
    assert rate, out
    bad = re.search(r"Non-2xx or 3xx responses: (\d+)", out)
    return float(rate[1]), int(bad[1]) if bad else 0


async def figures(install: Install) -> list[Figure]:
    """record_read, record_write, records_import."""
    base = install.state.http
    bare, _ = await wrk(f"{base}/health/live", None, connections=64)
    read, bad_reads = await wrk(base, _READ.replace("KEY", install.key), connections=64)
    assert not bad_reads, f"{bad_reads} reads failed"
    script = _WRITE.replace("KEY", install.key).replace("STAMP", str(time.time_ns()))
    write, bad_writes = await wrk(base, script, connections=32)
    assert not bad_writes, f"{bad_writes} writes failed"
    rows = [f"i{n},load,Thing {n},60,synthetic,330203" for n in range(IMPORTED)]
    payload = ("code,type,name_en,interval_s,source,district\n" + "\n".join(rows)).encode()
    began = time.perf_counter()
    report = await records.import_file(
        install.city, access.system_caller("sensing"), "sensing.thing", payload, Format.CSV
    )
    imported = report.imported / (time.perf_counter() - began)
    assert report.imported == IMPORTED
    copied = await _copy(install, [tuple(r.split(",")) for r in rows])
    answer = "the smallest answer of the same server, /health/live"
    return [
        Figure(
            name="record_read", value=read, unit="reads/s", ceiling=bare, must=4_000, aim=10_000, what=answer
        ),
        Figure(
            name="record_write", value=write, unit="writes/s", ceiling=bare, must=800, aim=2_500, what=answer
        ),
        Figure(
            name="records_import", value=imported, unit="rows/s", ceiling=copied, must=20_000, aim=60_000,
            what="a bare COPY of the same rows as text",
        ),
    ]  # fmt: skip


async def _copy(install: Install, rows: list[tuple[str, ...]]) -> float:
    async with install.city[Database].pool.acquire() as connection:
        await connection.execute("CREATE TEMP TABLE bare (a text, b text, c text, d text, e text, f text)")
        began = time.perf_counter()
        await connection.copy_records_to_table("bare", records=rows)
        seconds = time.perf_counter() - began
        await connection.execute("DROP TABLE bare")
    return len(rows) / seconds
