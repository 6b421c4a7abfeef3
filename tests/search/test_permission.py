"""Nothing is found, counted, marked or paged to that its reader may not see."""

import pytest

from yong.kernel.access.contracts import ANONYMOUS
from yong.kernel.base.errors import Forbidden, Invalid, Unauthenticated
from yong.kernel.search import api as search
from yong.kernel.search import service

from .sample import settle, shop


async def found(city, caller, q: str, **more):
    return (await search.search(city, caller, q, **more)).items


async def test_a_field_that_is_hidden_finds_nothing(city, keeper, callers) -> None:
    """`reserve` is of the level that the operations centre sees masked, here as nothing; the officer reads it."""
    await shop(city, "A1", "书店", reserve="粮食储备库")
    await settle(keeper)
    officer = callers("access.department_officer", district="330205")
    operator = callers("access.operator")
    assert [h.snippet for h in await found(city, officer, "粮食储备")] == ["粮食储备库"]
    for q in ("粮食储备", '"粮食储备库"', "书店 粮食", "粮"):
        assert await found(city, operator, q) == [], q
    hit = (await found(city, operator, "书店"))[0]
    assert (hit.title, hit.snippet) == ("书店", None)


async def test_personal_fields_are_in_no_index(city, keeper, callers) -> None:
    await shop(city, "A1", "书店", keeper="王小明")
    await settle(keeper)
    officer = callers("access.department_officer", district="330205")
    assert await found(city, officer, "王小明") == []
    assert await found(city, officer, "wxm") == []
    searcher = keeper.writer.index.searcher()
    assert not searcher.terms_with_prefix("title", "王")
    assert not searcher.terms_with_prefix("text", "王")


async def test_rows_of_another_district_are_neither_found_nor_counted(city, keeper, callers) -> None:
    for n in range(60):
        await shop(city, f"B{n}", f"慈城糕店{n}", district="330205")
    await shop(city, "H1", "慈城糕店在海曙", district="330203")
    await settle(keeper)
    here = callers("access.department_officer", district="330203")
    page = await search.search(city, here, "慈城糕店", limit=1)
    assert [h.id for h in page.items] == ["H1"]
    assert page.cursor is None
    assert [h.id for h in await search.suggest(city, here, "ccgd")] == ["H1"]
    nothing = await search.search(city, callers("access.department_officer", district="330212"), "慈城糕店")
    assert (nothing.items, nothing.cursor) == ([], None)


async def test_pages_hold_every_hit_once_and_tell_of_nothing_between(city, keeper, callers) -> None:
    """Rows that the reader may not see lie between those of the pages; the cursor is the same as without them."""
    mine = callers("access.department_officer", district="330203")
    cursors = []
    for others in (0, 40):
        for n in range(others):
            await shop(city, f"X{n}", f"糕店{n}", district="330205")
        if not others:
            for n in range(25):
                await shop(city, f"M{n}", f"糕店{n}", district="330203")
        await settle(keeper)
        ids, seen, cursor = [], [], None
        while True:
            page = await search.search(city, mine, "糕店", limit=10, cursor=cursor)
            ids += [h.id for h in page.items]
            cursor = page.cursor
            seen.append(cursor)
            if cursor is None:
                break
        assert sorted(ids) == sorted(f"M{n}" for n in range(25))
        cursors.append(seen)
    assert cursors[0] == cursors[1]


async def test_a_cursor_belongs_to_its_question(city, keeper, callers) -> None:
    for n in range(3):
        await shop(city, f"M{n}", f"糕店{n}")
    await settle(keeper)
    caller = callers("access.operator")
    page = await search.search(city, caller, "糕店", limit=1)
    for q, cursor in (("糕", page.cursor), ("糕店", "!!"), ("糕店", "eyJ9"), ("糕店", "W-mcLDFd")):
        with pytest.raises(Invalid):
            await search.search(city, caller, q, cursor=cursor)


async def test_asking_needs_a_role_and_an_unknown_kind_is_told(city, keeper, callers) -> None:
    with pytest.raises(Unauthenticated):
        await search.search(city, ANONYMOUS, "书店")
    with pytest.raises(Forbidden):
        await search.rebuild(city, callers("access.operator"))
    with pytest.raises(Forbidden):
        await search.state(city, callers("access.operator"))
    with pytest.raises(Invalid):
        await search.search(city, callers("access.operator"), "书店", kinds=["sample.nothing"])
    await search.rebuild(city, callers("access.system_admin"))
    assert await found(city, callers("access.system_admin"), "书店") == []


async def test_district_and_box_choose_and_order(city, keeper, callers) -> None:
    await shop(city, "N", "糕店", district="330203", at=(121.5, 29.9))
    await shop(city, "F", "糕店", district="330205", at=(121.9, 29.2))
    await settle(keeper)
    caller = callers("access.operator")
    assert [h.id for h in await found(city, caller, "糕店", district="330205")] == ["F"]
    assert await found(city, caller, "糕店", district="3302051234") == []
    assert [h.id for h in await found(city, caller, "gaodian", bbox="121.4,29.8,121.6,30.0")] == ["N", "F"]
    far = await found(city, caller, "gaodian", bbox="121.8,29.1,122.0,29.3")
    assert next((h.id, h.lon, h.lat) for h in far) == ("F", 121.9, 29.2)
    for bad in ("1,2,3", "nan,0,1,1", "9,9,1,1", "x,y,z,w", "-181,0,0,0"):
        with pytest.raises(Invalid):
            await found(city, caller, "糕店", bbox=bad)


async def test_paging_ends_at_its_depth(city, keeper, callers, monkeypatch) -> None:
    monkeypatch.setattr(service, "DEPTH", 4)
    for n in range(9):
        await shop(city, f"M{n}", f"糕店{n}")
    await settle(keeper)
    caller = callers("access.operator")
    first = await search.search(city, caller, "糕店", limit=3)
    last = await search.search(city, caller, "糕店", limit=3, cursor=first.cursor)
    assert len(first.items) == 3
    assert last.cursor is None
