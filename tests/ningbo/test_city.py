"""Ningbo's own data: codes that held on a day, departments, and divisions read from outside."""

from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from yong.cities.ningbo import divisions
from yong.cities.ningbo.package import CITY
from yong.kernel.base.errors import Invalid

BEFORE, AFTER = date(2016, 9, 13), date(2016, 9, 14)


def test_ten_areas_today_and_eleven_before_2016() -> None:
    today = {a.code for a in CITY.areas_on(date(2026, 1, 1))}
    assert len(today) == 10
    assert {"330213", "330212"} <= today
    assert not today & {"330204", "330283"}
    before = {a.code for a in CITY.areas_on(BEFORE)}
    assert len(before) == 11
    assert {"330204", "330283"} <= before
    assert "330213" not in before


def test_no_day_without_a_successor() -> None:
    by_code = {a.code: a for a in CITY.areas}
    assert len(by_code) == len(CITY.areas)
    for area in CITY.areas:
        assert area.code.startswith(CITY.code[:4])
        assert (area.until is None) == (not area.became)
        for code in area.became:
            assert area.until is not None
            assert by_code[code].valid_on(area.until)
    assert [by_code["330204"].became, by_code["330283"].became] == [("330212",), ("330213",)]
    assert not by_code["330204"].valid_on(AFTER)


def test_departments_have_one_code_each_and_both_languages() -> None:
    codes = Counter(d.code for d in CITY.departments)
    assert max(codes.values()) == 1
    for department in CITY.departments:
        assert department.code.isidentifier()
        assert department.code.islower()
        for text in (department.name, department.today):
            assert text.zh
            assert text.en.isascii()


# Where the plan lists departments, in its own words: by the systems they run, as sources of data on legal persons,
# on credit and on the city's parts, and what it founds for itself.
NAMED = {
    "规划": "planning", "国土": "land", "公安": "police", "工商": "commerce", "税务": "tax", "劳动保障": "labour",
    "海洋渔业": "ocean", "林业": "forestry", "水利": "water", "环保": "environment", "文化": "culture", "教育": "education",
    "质监": "quality", "人事": "personnel", "财政": "finance", "外汇管理": "exchange", "统计": "statistics",
    "交通": "transport", "海关": "customs", "银行": "bank", "法院": "court", "城管": "cityops", "安监": "safety",
    "民政": "civil", "领导小组办公室": "office", "专家咨询委员会": "experts",
}  # fmt: skip


def test_every_department_that_the_plan_names_is_there() -> None:
    by_code = {d.code: d for d in CITY.departments}
    for word, code in NAMED.items():
        written = iter(by_code[code].name.zh)
        assert all(any(c == x for x in written) for c in word), (word, by_code[code].name.zh)  # in that order


def test_absent_divisions_are_said(tmp_path: Path) -> None:
    found = divisions.read(tmp_path)
    assert (found.streets, found.communities) == ((), ())
    assert found.absent is not None
    assert "villages" in found.absent.en
    assert "缺少" in found.absent.zh


def write(folder: Path, streets: str, communities: str) -> None:
    (folder / divisions.STREETS).parent.mkdir(exist_ok=True)
    (folder / divisions.STREETS).write_text("code,name,areaCode\n" + streets, "utf-8")
    (folder / divisions.COMMUNITIES).write_text("code,name,streetCode\n" + communities, "utf-8")


def test_every_wrong_row_is_named(tmp_path: Path) -> None:
    write(
        tmp_path,
        "330203001,甲街道,330203\n33020300x,乙,330203\n330203001,丙,330203\n",
        "330203999001,丁,330203999\n",
    )
    with pytest.raises(Invalid) as caught:
        divisions.read(tmp_path)
    pointers = [p.pointer for p in caught.value.problems]
    assert [p.rpartition("/")[2] for p in pointers] == ["3", "4", "330203999001"]


def test_the_real_divisions(yong_data: Path) -> None:
    found = divisions.read(yong_data)
    assert found.absent is None
    assert (len(found.streets), len(found.communities)) == (162, 3042)
    areas = {a.code for a in CITY.areas_on(date(2026, 1, 1))}
    assert {s.parent for s in found.streets} == areas
