"""What docs/reference/coordinates.md shows is what happens."""

import doctest
import json
import re
from pathlib import Path

import httpx
import pytest
from tests.conftest import key_of

from yong.kernel.base.city import City
from yong.kernel.geo.datums import SYSTEMS
from yong.kernel.geo.datums.contracts import System

PAGE = Path(__file__).resolve().parents[2] / "docs/reference/coordinates.md"
TEXT = PAGE.read_text("utf-8")


def test_its_python_gives_what_it_says() -> None:
    assert doctest.testfile(str(PAGE), module_relative=False).failed == 0


async def test_its_request_is_answered_as_it_says(city: City, client: httpx.AsyncClient) -> None:
    (command,) = re.findall(r"^```sh\n(.*?)^```$", TEXT, re.M | re.S)
    (expected,) = re.findall(r"^```json\n(.*?)^```$", TEXT, re.M | re.S)
    found = re.search(r"\$YONG(/\S+) -d '(.*)'", command, re.S)
    assert found
    answer = await client.post(
        found[1], json=json.loads(found[2]), headers=await key_of(city, "access.resident")
    )
    assert answer.json() == json.loads(expected)


@pytest.mark.parametrize("system", SYSTEMS, ids=lambda s: s.name)
def test_its_table_holds_every_system(system: System) -> None:
    rows = re.findall(r"^\| (`[^|]+) \| [^|]+ \| (degree|metre) \| ([^|]+) \|$", TEXT, re.M)
    (told,) = [(unit, off) for names, unit, off in rows if covers(names, system)]
    assert told == (system.unit, OFF[system.accuracy_m])


OFF = {0.0: "0", 0.001: "1 mm", 1.0: "1 m", 2.0: "2 m", 3.0: "3 m"}


def covers(names: str, system: System) -> bool:
    """Whether the first cell of a row names the system, by itself or by a run of codes."""
    codes = [int(code) for code in re.findall(r"EPSG:(\d+)", names)]
    if "…" in names:
        return system.epsg is not None and codes[0] <= system.epsg <= codes[1]
    return f"`{system.name}`" in names and codes == ([system.epsg] if system.epsg else [])
