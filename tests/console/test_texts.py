"""Every text of the console is there in both languages, with the same places to fill; and every one that is asked for exists."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
CONSOLE = ROOT / "console/src"
DOMAINS = ROOT / "src/yong/domains"
OWN = sorted(DOMAINS.glob("*/console/texts.json"))  # of the pages that domains bring along


def _flat(texts: dict[str, Any], before: str = "") -> dict[str, str]:
    found: dict[str, str] = {}
    for key, value in texts.items():
        found |= _flat(value, f"{before}{key}.") if isinstance(value, dict) else {before + key: value}
    return found


def _texts(language: str) -> dict[str, str]:
    return _flat(json.loads((CONSOLE / f"texts/{language}.json").read_text("utf-8")))


def _own(file: Path, language: str) -> dict[str, str]:
    return _flat(json.loads(file.read_text("utf-8"))[language])


def test_both_languages_say_the_same() -> None:
    _say_the_same(_texts("zh-CN"), _texts("en"))


@pytest.mark.parametrize("file", OWN, ids=lambda f: f.parents[1].name)
def test_a_domains_page_says_the_same_in_both_languages(file: Path) -> None:
    assert json.loads(file.read_text("utf-8")).keys() == {"zh-CN", "en"}
    _say_the_same(_own(file, "zh-CN"), _own(file, "en"))


@pytest.mark.parametrize("page", sorted(DOMAINS.glob("*/console/*.vue")), ids=lambda f: f.stem)
def test_what_a_domains_page_asks_for_exists(page: Path) -> None:
    """Its own texts or the console's; all that it has are asked for by some page of the domain."""
    own = _own(page.with_name("texts.json"), "en")
    asked = _asked(page.read_text("utf-8"))
    assert asked
    assert sorted(asked - own.keys() - _texts("en").keys()) == []
    beside = _asked("".join(p.read_text("utf-8") for p in page.parent.glob("*.vue")))
    assert sorted(own.keys() - beside) == []


def _asked(source: str) -> set[str]:
    return set(re.findall(r'\bt\(\s*["\']([\w.]+)["\']', source))


def _say_the_same(zh: dict[str, str], en: dict[str, str]) -> None:
    assert zh.keys() == en.keys()
    assert [key for key in zh if not zh[key].strip() or not en[key].strip()] == []
    places = re.compile(r"\{(\w+)\}")
    assert [k for k in zh if sorted(places.findall(zh[k])) != sorted(places.findall(en[k]))] == []


def test_what_is_asked_for_exists() -> None:
    texts = _texts("en")
    sources = "\n".join(
        p.read_text("utf-8")
        for p in sorted(CONSOLE.rglob("*"))
        if p.suffix in (".vue", ".ts") and "generated" not in p.parts
    )
    begun = set(re.findall(r"`([a-z]\w*\.)\$\{", sources))
    asked = _asked(sources)
    assert len(asked) > 50
    assert sorted(asked - texts.keys()) == []
    assert begun <= {key[: key.index(".") + 1] for key in texts if "." in key}


def test_no_chinese_text_is_written_into_a_page() -> None:
    """Texts live in `texts/` alone: a template with characters of its own would speak one language."""
    wrong = {}
    for page in (*sorted(CONSOLE.rglob("*.vue")), *sorted(DOMAINS.glob("*/console/*.vue"))):
        template = page.read_text("utf-8").partition("<template>")[2]
        template = re.sub(r"<!--.*?-->", "", template, flags=re.S)
        if found := re.findall(r"[\u4e00-\u9fff]+", template):
            wrong[page.name] = [word for word in found if word != "甬"]
    assert {name: words for name, words in wrong.items() if words} == {}
