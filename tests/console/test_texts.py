"""What people read in the console: every text in both languages, and every text that a page asks for is there."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

SOURCES = Path(__file__).resolve().parents[2] / "console" / "src"
_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_LITERAL = re.compile(r"""\bt\(\s*["']([\w.]+)["']""")
_TERNARY = re.compile(r"""\bt\([^()"'`]*\?\s*["']([\w.]+)["']\s*:\s*["']([\w.]+)["']\)""")


def texts(language: str) -> dict[str, str]:
    def leaves(value: dict[str, object], before: str = "") -> Iterator[tuple[str, str]]:
        for key, one in value.items():
            if isinstance(one, dict):
                yield from leaves(one, f"{before}{key}.")
            else:
                yield before + key, str(one)

    return dict(leaves(json.loads((SOURCES / "texts" / f"{language}.json").read_text("utf-8"))))


def test_every_text_is_there_in_both_languages() -> None:
    chinese, english = texts("zh-CN"), texts("en")
    assert chinese.keys() == english.keys()
    assert [key for key in chinese if not chinese[key].strip() or not english[key].strip()] == []
    for key in chinese:
        assert set(_PLACEHOLDER.findall(chinese[key])) == set(_PLACEHOLDER.findall(english[key])), key


def test_every_text_that_a_page_asks_for_is_there() -> None:
    known = texts("en").keys()
    asked: set[str] = set()
    for file in (*SOURCES.rglob("*.vue"), *SOURCES.rglob("*.ts")):
        text = file.read_text("utf-8")
        asked |= set(_LITERAL.findall(text))
        asked |= {one for pair in _TERNARY.findall(text) for one in pair}
    assert len(asked) > 60
    assert asked - known == set()


def test_no_page_holds_a_text_of_its_own() -> None:
    """Chinese outside of the texts would be read by those who chose English; comments may hold terms."""
    found = {}
    for file in SOURCES.rglob("*.vue"):
        template = file.read_text("utf-8").partition("<template>")[2]
        if sign := re.search("[\u4e00-\u9fff]", template.replace("Yong 甬", "")):
            found[file.name] = sign.group()
    assert found == {}
