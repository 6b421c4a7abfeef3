"""The page of scores in a real browser: the table, the result map, a figure with its trend and the rows behind it."""

import json
import time
from typing import Any

import pytest
from tests.browser import needs_chromium, needs_console
from tests.console.conftest import Desk

pytestmark = [needs_chromium, needs_console, pytest.mark.timeout(180)]


def asked(desk: Desk, method: str, path: str, body: object = None) -> Any:
    answer = desk.page.request.fetch(
        desk.address + path, method=method, data=json.dumps(body) if body is not None else None,
        headers={"Content-Type": "application/json", "Origin": desk.address},
    )  # fmt: skip
    assert answer.ok, answer.text()
    return answer.json()


def done(desk: Desk, district: str, *steps: tuple[str, str]) -> None:
    """A case of another district, so that the map shows more than one, as far as these steps."""
    case = asked(desk, "POST", "/cases", {"procedure": "cityops.case", "title": "Score", "district": district, "source": "inspector"})  # fmt: skip
    for element, choice in steps:
        tasks = asked(desk, "GET", f"/cases/{case['id']}")["tasks"]
        task = next(t["id"] for t in tasks if t["element"] == element and t["state"] == "open")
        act = {"choice": choice, "note": "n", **({"class": "020102"} if choice == "file" else {})}
        asked(desk, "POST", f"/tasks/{task}/acts", act)


def test_scores_are_shown_with_their_map_and_the_rows_behind_them(desk: Desk) -> None:
    page = desk.page
    done(desk, "330212", ("file", "file"), ("handle", "done"), ("check", "fail"))
    done(desk, "330206", ("file", "reject"))
    desk.go("/console/domains/cityops/scores")
    page.wait_for_selector("tbody tr")  # those of the demo were computed when it began
    assert page.text_content("h1") == "城市管理评价"
    deadline = time.monotonic() + 30
    while not page.query_selector("[data-cell='330206']"):  # what happened is scored as it is told
        assert time.monotonic() < deadline, "the new cases are not scored"
        page.click("button.compute")
        desk.until("!document.querySelector('button.compute').disabled")
        time.sleep(0.3)
    page.wait_for_selector(".result .map[aria-busy=false]")
    page.click("thead button:has-text('立案率')")
    page.click("[data-cell='330206'] td button >> nth=1")
    page.wait_for_url("**cell=330206**")
    page.wait_for_selector(".detail .figure")
    assert "0%" in (page.text_content(".detail .figure") or "")
    assert "不合格" in (page.text_content(".detail .line") or "")
    page.click("text=所依据的案卷")
    page.wait_for_selector(".behind")
    page.select_option("select[name=count]", "1")
    page.wait_for_selector(".detail table.list tbody tr")
    desk.until("document.querySelector('.behind').textContent.includes('共 1 行')")
    page.click("text=按当时数据复算")
    desk.until("document.querySelector('.detail').textContent.includes('复算结果一致')")
    desk.judge("scores by area")
    page.evaluate("document.documentElement.className = 'light'")
    page.evaluate("document.querySelector('h1').scrollIntoView()")
    desk.shot("scores-area")
    page.click("button:has-text('部门')")
    page.wait_for_selector("thead th:has-text('部门')")
    desk.until("!document.querySelector('.result')")
    desk.judge("scores by unit")
    desk.shot("scores-unit")
    page.click("button:has-text('岗位')")
    desk.until("document.querySelector('tbody')?.textContent.includes('监督员')")
    page.select_option("select[name=kind]", "year")
    desk.until("document.querySelector('.none')")
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert not desk.outside
    assert not desk.errors
