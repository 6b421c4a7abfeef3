"""What the pages say is there: links, files, packages, settings, metrics, errors; and every page can be found."""

import ast
import importlib.util
import json
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

import yong
from yong.app import bootstrap, supervise
from yong.kernel.base import errors
from yong.kernel.base import settings as base_settings
from yong.kernel.base.relation import Relation
from yong.kernel.records.contracts import Table

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGES = sorted([*DOCS.rglob("*.md"), *ROOT.glob("*.md")])
MODULES = bootstrap.modules("ningbo")
_TREE = ("src", "tests", "docs", "scripts", "bench", "twin", "requirements")
_PATH = re.compile(rf"(?<![\w./])(?:{'|'.join(_TREE)})/[\w./-]*\w")


def name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def prose(page: Path) -> str:
    """A page without its blocks of code."""
    return re.sub(r"^ *```.*?^ *```$", "", page.read_text("utf-8"), flags=re.M | re.S)


def links(page: Path) -> Iterator[tuple[Path, str]]:
    """The files and folders of ours that a page links to, with the heading after `#`."""
    for target in re.findall(r"\]\(([^)\s]+)\)", prose(page)):
        if not re.match(r"\w+:", target):
            file, _, heading = target.partition("#")
            yield (page.parent / file).resolve() if file else page, heading


def headings(page: Path) -> set[str]:
    """The anchors of a page's headings, as forges make them."""
    words = re.findall(r"^#+ (.*)$", prose(page), re.M)
    return {re.sub(r"[^\w\- ]", "", w.lower()).replace(" ", "-") for w in words}


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_no_link_is_dead(page: Path) -> None:
    for target, heading in links(page):
        assert target.exists(), f"{name(page)} links to {target}"
        assert target.is_relative_to(ROOT), target
        if heading:
            assert heading in headings(target), f"{name(page)} links to #{heading} of {name(target)}"


@pytest.mark.parametrize(("index", "other"), [("README.md", "README.zh.md"), ("README.zh.md", "README.md")])
def test_every_page_can_be_reached_from_either_index(index: str, other: str) -> None:
    reached: set[Path] = set()
    todo = [DOCS / index]
    while todo:
        page = todo.pop()
        if page in reached or page not in PAGES or page in (DOCS / other, ROOT / other):
            continue
        reached.add(page)
        todo += [target for target, _ in links(page)]
        if DOCS / "domains" in todo:  # the folder stands for its pages: a new domain edits no central file
            todo += (DOCS / "domains").glob("*.md")
    assert {p for p in PAGES if p.is_relative_to(DOCS)} - {DOCS / other} <= reached
    assert ROOT / index in reached


def test_the_two_languages_of_a_page_link_to_each_other() -> None:
    pairs = [(p, p.with_name(p.name.replace(".zh.md", ".md"))) for p in PAGES if p.name.endswith(".zh.md")]
    assert pairs
    for zh, en in pairs:
        assert en in [target for target, _ in links(zh)], name(zh)
        assert zh in [target for target, _ in links(en)], name(en)


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_file_and_module_that_a_page_names_is_there(page: Path) -> None:
    spans = re.findall(r"`([^`\n]+)`", prose(page))
    spans += re.findall(r"<!-- (?:not )?run(?: by)?:? (.*?) -->", page.read_text("utf-8"))
    for span in spans:
        for path in _PATH.findall(span):
            assert (ROOT / path).exists(), f"{name(page)} names {path}"
        for module in re.findall(r"(?<![\w.])((?:yong|twin|bench)(?:\.[a-z_]+)+)(?![\w.])", span):
            if module == "yong.toml":
                continue
            parent, _, member = module.rpartition(".")
            found = _spec(module) or member in (_source(parent) or "")
            assert found, f"{name(page)} names {module}"


def _spec(module: str) -> object:
    try:
        return importlib.util.find_spec(module)
    except ModuleNotFoundError:
        return None


def _source(module: str) -> str | None:
    spec = importlib.util.find_spec(module) if _spec(module) else None
    return Path(spec.origin).read_text("utf-8") if spec and spec.origin else None


def test_every_page_that_the_code_names_is_there() -> None:
    for folder in ("src", "tests", "bench", "twin", "scripts"):
        for file in (ROOT / folder).rglob("*.py"):
            for page in re.findall(r"docs/[\w./-]+\.(?:md|json)", file.read_text("utf-8")):
                if "lighting" not in page:  # what the how-to about domains writes
                    assert (ROOT / page).exists(), f"{file.relative_to(ROOT)} names {page}"


def test_every_package_has_its_line_and_every_domain_its_page() -> None:
    packages = {f"src/yong/kernel/{p.parent.name}" for p in (ROOT / "src/yong/kernel").glob("*/__init__.py")}
    packages |= {f"src/yong/{p.parent.name}" for p in (ROOT / "src/yong").glob("*/__init__.py")} - {
        "src/yong/kernel"
    }
    assert len(packages) > 8
    for page in ("architecture.md", "architecture.zh.md"):
        lines = re.findall(
            r"^\| `(src/yong/[a-z/]+)` \| \S", (DOCS / "explanation" / page).read_text("utf-8"), re.M
        )
        assert set(lines) == packages, page
    for module in MODULES:
        if module.package.startswith("yong.domains."):
            page_of = (DOCS / "domains" / f"{module.name}.md").read_text("utf-8")
            assert module.title.en in page_of
            assert module.title.zh in page_of
            for declared in module.declares:
                if isinstance(declared, Relation | Table):
                    assert f"`{declared.name}`" in page_of, declared.name
        elif module.package.startswith("yong.cities."):
            assert f"`src/yong/cities/{module.name}`" in (DOCS / "explanation/architecture.md").read_text(
                "utf-8"
            )


@pytest.mark.parametrize("page", ["architecture.md", "architecture.zh.md"])
def test_every_process_has_its_line_in_the_order_of_their_start(page: str) -> None:
    lines = re.findall(
        r"^\| `?([a-z]+)`?(?: \([^|]+|（[^|]+)? \| [^|]+ \| [^|]+ \|$",
        (DOCS / "explanation" / page).read_text("utf-8"),
        re.M,
    )
    started = ["supervisor", "postgres", "nats", *supervise.PROCESSES, "twin"]
    assert [line for line in lines if line in started] == started


def test_every_setting_has_its_line_in_both_languages() -> None:
    rows = dict(
        re.findall(
            r"^\| `(\w+)` \| [^|]+ (\| [^|\u4e00-\u9fff]+ \| [^|]*[\u4e00-\u9fff][^|]* \|)$",
            (DOCS / "reference/settings.md").read_text("utf-8"),
            re.M,
        )
    )
    assert set(rows) == {setting for setting, _, _ in base_settings.described()}


def test_every_error_has_its_line_and_every_line_its_error() -> None:
    rows = re.findall(r"^\| `([a-z-]+)` \| (\d+) \|", (DOCS / "reference/errors.md").read_text("utf-8"), re.M)
    for module in pkgutil.walk_packages(yong.__path__, "yong."):
        importlib.import_module(module.name)  # so that every error is known
    kinds = list(_tree(errors.YongError))
    assert dict(rows).keys() == {kind.code for kind in kinds}
    assert {(kind.code, str(kind.status)) for kind in kinds} <= set(rows)


def _tree(kind: type[errors.YongError]) -> Iterator[type[errors.YongError]]:
    yield kind
    for sub in kind.__subclasses__():
        yield from _tree(sub)


def metrics() -> dict[str, tuple[str, set[str]]]:
    """The metrics that the code makes, as they are exported: kind and labels."""
    found = {}
    for file in (ROOT / "src").rglob("*.py"):
        tree = ast.parse(file.read_text("utf-8"))
        kinds = {
            alias.asname or alias.name: alias.name
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom) and node.module == "prometheus_client"
            for alias in node.names
        }
        for call in (n for n in ast.walk(tree) if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)):
            kind = kinds.get(call.func.id)
            if kind in ("Counter", "Gauge", "Histogram", "Summary"):
                metric = ast.literal_eval(call.args[0])
                labels = set(ast.literal_eval(call.args[2])) if len(call.args) > 2 else set()
                found[metric + "_total" if kind == "Counter" else metric] = (kind.lower(), labels)
    return found


async def test_every_metric_has_its_line_and_every_line_its_metric(client: httpx.AsyncClient) -> None:
    page = (DOCS / "reference/metrics.md").read_text("utf-8")
    rows = re.findall(r"^\| `(\w+)` \| (\w+) \| ([^|]*)\| [^|]*\w[^|]*\| [^|]*[\u4e00-\u9fff]", page, re.M)
    told = {metric: (kind, set(re.findall(r"`(\w+)`", labels))) for metric, kind, labels in rows}
    assert told == metrics()
    await client.get("/health/live")
    exported = re.findall(r"^# TYPE (yong_\w+) (\w+)$", (await client.get("/metrics")).text, re.M)
    made = {(metric, kind) for metric, kind in exported if not metric.endswith("_created")}
    assert made == {(metric, kind) for metric, (kind, _) in told.items()}


def operations() -> dict[str, set[str]]:
    """The paths of the HTTP operations, and the verbs of each."""
    found: dict[str, set[str]] = {}
    for file in (DOCS / "reference/openapi").glob("*.json"):
        for path, verbs in json.loads(file.read_text("utf-8"))["paths"].items():
            found.setdefault(path, set()).update(verb.upper() for verb in verbs)
    return found


def test_every_operation_that_a_page_names_is_there() -> None:
    known = [(re.compile(re.sub(r"\{\w+\}", "[^/]+", path)), verbs) for path, verbs in operations().items()]
    named = [
        (name(page), verb, path)
        for page in PAGES
        for verb, path in re.findall(
            r"\b(GET|POST|PUT|PATCH|DELETE) (/[\w./{}-]*[\w}])", page.read_text("utf-8")
        )
    ]
    assert len(named) > 20
    for page, verb, path in named:
        assert any(shape.fullmatch(path) and verb in verbs for shape, verbs in known), (page, verb, path)


def test_every_decision_has_a_number_of_its_own_and_says_what_it_must() -> None:
    pages = sorted((DOCS / "decisions").glob("[0-9]*.md"))
    numbers = [page.name[:4] for page in pages]
    assert len(set(numbers)) == len(numbers), numbers
    for page in pages:
        text = page.read_text("utf-8")
        assert text.startswith(f"# {page.name[:4]}: "), page.name
        for part in ("**Context.** ", "**Decision.** ", "**Consequences.** "):
            assert part in text, (page.name, part)
    index = re.findall(r"^\| \[(\d{4})\]\((\S+)\) ", (DOCS / "decisions/README.md").read_text("utf-8"), re.M)
    assert index == [(p.name[:4], p.name) for p in pages if not p.name.startswith("0000")]
