"""Every command on a page is run by a test, or says why it is not."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(
    p
    for p in (*(ROOT / "docs").rglob("*.md"), *ROOT.glob("*.md"))
    if re.search(r"^ *```", p.read_text("utf-8"), re.M)
)
KINDS = {"sh", "console", "text", "python", "json", "toml", "vue", "sql", "conf", "md"}
_RUN_BY = re.compile(r"^<!-- run by (\S+) -->$", re.M)
_BLOCK = re.compile(r"(?:^<!-- not run: (.+) -->\n)?^ *```(\w*)[^\n]*\n(.*?)^ *```$", re.M | re.S)


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_every_block_of_commands_is_run_or_says_why_not(page: Path) -> None:
    text = page.read_text("utf-8")
    tests = _RUN_BY.findall(text)
    for test in tests:
        assert page.name in (ROOT / test).read_text("utf-8"), f"{test} does not run {page.name}"
    blocks = _BLOCK.findall(text)
    assert len(blocks) == len(re.findall(r"^ *```", text, re.M)) / 2
    for why, kind, content in blocks:
        assert kind in KINDS, f"a block of {page.name} does not say what it holds: {kind!r}"
        if kind in ("sh", "console"):
            assert tests or len(why.split()) > 3, (
                f"nobody runs this of {page.name}, and nothing says why:\n{content}"
            )
        else:
            assert not why, f"{page.name}: only commands are run"
