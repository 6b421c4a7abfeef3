"""Installing Ningbo on a real database: once, again, with and without the divisions."""

from pathlib import Path

from yong.cities.ningbo import divisions
from yong.cities.ningbo.install import install
from yong.kernel.access.contracts import ANONYMOUS
from yong.kernel.base.city import City
from yong.kernel.records import api as records
from yong.kernel.store.database import Database


async def test_it_is_installed_once_and_says_what_is_absent(city: City) -> None:
    first = await install(city, None)
    assert (first.parties, first.divisions) == (42, 0)
    assert first.layers >= 4
    assert "YONG_DATA" in first.notes[0].en
    again = await install(city, None)
    assert (again.parties, again.divisions, again.layers) == (0, 0, 0)
    row = await city[Database].fetchrow("SELECT * FROM access.party WHERE id = 'environment'")
    assert row is not None
    assert row["ancestors"] == ["nb", "environment"]
    codes = await city[Database].fetch(
        "SELECT code FROM records.code WHERE list = 'ningbo.area' AND valid_to IS NULL ORDER BY code"
    )
    assert len(codes) == 10
    assert "330213" in {c["code"] for c in codes}


async def test_divisions_are_open_records(city: City, tmp_path: Path) -> None:
    (tmp_path / divisions.STREETS).parent.mkdir()
    (tmp_path / divisions.STREETS).write_text("code,name,areaCode\n330203001,甲街道,330203\n", "utf-8")
    (tmp_path / divisions.COMMUNITIES).write_text(
        "code,name,streetCode\n330203001001,乙社区,330203001\n", "utf-8"
    )
    assert (await install(city, tmp_path)).divisions == 2
    assert (await install(city, tmp_path)).divisions == 0
    found = await records.read(city, ANONYMOUS, "ningbo.division", "330203001001")
    assert found.values["name"] == "乙社区"
    assert found.district == "330203"
