"""What a module says it needs is what its code imports or its SQL and policies name: no more and no less."""

import ast
import re
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

import pytest

from yong.app import bootstrap
from yong.kernel.base.module import Module, Page, Registry
from yong.kernel.records.logic import relations

DOMAINS = Path(__file__).resolve().parents[2] / "src/yong/domains"
MODULES = {m.name: m for m in bootstrap.modules("ningbo")}


def imported(source: str) -> Iterator[str]:
    """The dotted names that a file imports, also inside functions."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{name.name}" for name in node.names)


def folder(module: Module) -> Path:
    return Path(str(resources.files(module.package)))


def imports(module: Module) -> set[str]:
    names = {name for file in folder(module).rglob("*.py") for name in imported(file.read_text("utf-8"))}
    return {
        other.name
        for other in MODULES.values()
        if other is not module and any(f"{name}.".startswith(f"{other.package}.") for name in names)
    }


def named(module: Module) -> set[str]:
    """Modules whose Relations or tables the module's SQL, policies and declarations name."""
    files = [f for kind in ("*.py", "*.sql", "*.cedar") for f in folder(module).rglob(kind)]
    text = "\n".join(re.sub(r"^\s*(from|import) .*", "", f.read_text("utf-8"), flags=re.M) for f in files)
    return {
        other for other in MODULES if other != module.name and re.search(rf'[\s"\'(]{other}\.[a-z_]+', text)
    }


@pytest.mark.parametrize("name", sorted(MODULES))
def test_a_module_needs_what_it_uses(name: str) -> None:
    module = MODULES[name]
    needs = set(module.needs)
    assert imports(module) <= needs, f"{name} imports {imports(module) - needs} and does not say so"
    used = imports(module) | named(module)
    assert needs <= used, f"{name} says that it needs {needs - used} and uses nothing of it"


PAGES = [(module, page) for module in MODULES.values() for page in module.declares if isinstance(page, Page)]


@pytest.mark.parametrize(("module", "page"), PAGES, ids=lambda one: one.name)
def test_a_page_of_a_domain_is_built_and_for_somebody(module: Module, page: Page) -> None:
    """Its file lies where the console's build looks, and what it needs can be permitted."""
    assert re.fullmatch(r"[a-z][a-z0-9-]{0,40}", page.name), page
    assert re.fullmatch(r"[A-Z]\w*\.vue", page.component), page
    assert (DOMAINS / module.name / "console" / page.component).is_file(), page
    assert page.title.zh, page
    assert page.title.en, page
    permissions = {p.name for m in MODULES.values() for p in m.permissions}
    known = {r.name for r, _ in relations(Registry(tuple(MODULES.values())))}
    assert page.needs in permissions, page
    assert page.of in known | MODULES.keys(), page
    assert [p.name for m, p in PAGES if m is module].count(page.name) == 1, page


def test_a_page_that_nobody_declares_is_not_there() -> None:
    declared = {(module.name, page.component) for module, page in PAGES}
    files = {(f.parents[1].name, f.name) for f in DOMAINS.glob("*/console/*.vue")}
    parts = {(d, f) for d, f in files if re.search(rf'import \w+ from "\./{f}"', _beside(d, f))}
    assert files - parts == declared


def _beside(domain: str, name: str) -> str:
    folder = DOMAINS / domain / "console"
    return "".join(f.read_text("utf-8") for f in sorted(folder.glob("*.vue")) if f.name != name)


def test_the_habit_sees_every_form_of_import() -> None:
    source = "import a.b\nfrom c import d\nfrom e.f import g as h\ndef x():\n    from i import j\n"
    assert set(imported(source)) == {"a.b", "c.d", "e.f.g", "i.j"}
