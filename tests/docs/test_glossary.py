"""The glossary holds the words that modules, roles and Relations use, in both languages, and each has its place."""

import re
from pathlib import Path
from typing import NamedTuple

from yong.app import bootstrap
from yong.kernel.access.contracts import Role
from yong.kernel.base import settings as base_settings
from yong.kernel.base.relation import Relation
from yong.kernel.base.text import Text
from yong.kernel.records.logic import relations

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs/reference/glossary.md"
REGISTRY = bootstrap.registry(base_settings.load({"YONG_HOME": "/nonexistent"}))
STANDARD = re.compile(r"^(GB|HJ|RFC|NGSI-LD|CloudEvents|UN/CEFACT|个人信息保护法)")


class Term(NamedTuple):
    """A line of the glossary."""

    en: str
    zh: str
    meaning: str
    meaning_zh: str
    where: str


def terms() -> list[Term]:
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in PAGE.read_text("utf-8").splitlines()
        if line.startswith("| ")
    ]
    assert rows[0][:2] == ["English", "中文"]
    return [Term(*row) for row in rows[2:]]


TERMS = terms()


def stem(words: str) -> tuple[str, ...]:
    """English words without case and plural."""
    found = re.findall(r"[a-z]+", words.lower())
    return tuple(re.sub(r"(?<!s)s$", "", re.sub(r"ies$", "y", word)) for word in found)


def names(term: Term, title: Text) -> bool:
    return term.zh == title.zh and stem(term.en) == stem(title.en)


def holds(term: Term, title: Text) -> bool:
    """Whether the term is a word of the title, in both languages."""
    return term.zh in title.zh and f" {' '.join(stem(term.en))} " in f" {' '.join(stem(title.en))} "


def test_every_line_is_whole_and_both_languages_are_what_they_say() -> None:
    assert len(TERMS) >= 60
    for term in TERMS:
        assert all(term), term
        assert re.search(r"[\u4e00-\u9fff]", term.zh), term
        assert re.search(r"[\u4e00-\u9fff]", term.meaning_zh), term
        assert not re.search(r"[\u4e00-\u9fff]", term.en + term.meaning), term


def test_sorted_and_no_word_twice() -> None:
    assert [t.en for t in TERMS] == sorted((t.en for t in TERMS), key=str.casefold)
    assert len({stem(t.en) for t in TERMS}) == len(TERMS)
    assert len({t.zh for t in TERMS}) == len(TERMS)


def test_every_word_has_a_place_that_is_there() -> None:
    for term in TERMS:
        for place in term.where.split(", "):
            path = re.fullmatch(r"`(\S+)`", place)
            assert (ROOT / path[1]).exists() if path else STANDARD.match(place), (term.en, place)


def test_the_words_of_modules_roles_and_relations_are_in_it() -> None:
    """A domain's own words may stand on its own page instead, so that adding one edits no central file."""
    for module in REGISTRY.modules:
        own = ROOT / "docs/domains" / f"{module.name}.md"
        page = own.read_text("utf-8") if own.exists() else ""
        roles = [role.title for m, role in REGISTRY.of(Role) if m is module]
        for title in (module.title, *roles):
            assert any(names(t, title) for t in TERMS) or (title.zh in page and title.en in page), title
    found = {r.name: r for _, r in REGISTRY.of(Relation)} | {r.name: r for r, _ in relations(REGISTRY)}
    assert len(found) >= 8
    for relation in found.values():
        title = relation.title
        own = ROOT / "docs/domains" / f"{relation.module}.md"
        page = own.read_text("utf-8") if own.exists() else ""
        assert any(holds(t, title) for t in TERMS) or (title.zh in page and title.en in page), title


def test_the_rule_tells_words_apart() -> None:
    thing = next(t for t in TERMS if t.en == "thing")
    assert names(thing, Text("设备", "Things"))
    assert not names(thing, Text("设备", "Devices"))
    assert holds(thing, Text("设备清单", "List of things"))
    assert not holds(thing, Text("清单", "List of things"))
    assert not holds(thing, Text("设备", "Everything"))
