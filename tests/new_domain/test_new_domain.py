"""`make new-domain` and the how-to page, followed in a copy of the tree."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from scripts import console

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
pytestmark = pytest.mark.timeout(300)  # a type checker that begins with nothing
BLOCK = re.compile(r"^```(\w+)([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of what a domain needs: sources, rules and the tests' harness."""
    copy = tmp_path / "tree"
    copy.mkdir()
    for folder in ("src", "scripts"):
        shutil.copytree(ROOT / folder, copy / folder, ignore=shutil.ignore_patterns("__pycache__"))
    (copy / "tests").mkdir()
    for file in (".importlinter", "pyproject.toml", "Makefile", "tests/conftest.py"):
        shutil.copy(ROOT / file, copy / file)
    return copy


def run(tree: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """Run in the copy, with its sources and a database server of its own."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("YONG_TEST", "PYTEST"))}
    environment |= {"PYTHONPATH": str(tree / "src"), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(command, cwd=tree, env=environment, capture_output=True, text=True, check=False)


def make(tree: Path, name: str) -> subprocess.CompletedProcess[str]:
    return run(tree, sys.executable, "scripts/new_domain.py", name)


def checks(tree: Path, name: str) -> None:
    """What `make check` and `make test` do, for one domain."""
    source, tests = f"src/yong/domains/{name}", f"tests/{name}"
    cache = str(tree.parent.parent / "mypy")  # the libraries are read once for all the trees
    for command in (
        (str(BIN / "ruff"), "format", "--check", "--no-cache", source, tests),
        (str(BIN / "ruff"), "check", "--no-cache", source, tests),
        (str(BIN / "lint-imports"), "--no-cache"),
        (str(BIN / "mypy"), "--cache-dir", cache, source),
        (sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "no:xdist", tests),
    ):
        done = run(tree, *command)
        assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}\n{done.stderr}"


def test_a_new_domain_passes_every_check_at_once(tree: Path) -> None:
    made = make(tree, "lighting")
    assert made.returncode == 0, made.stderr
    reference = {f.name for f in (ROOT / "src/yong/domains/environment").glob("*.py")}
    assert reference <= {Path(line).name for line in made.stdout.split()}
    checks(tree, "lighting")
    again = make(tree, "lighting")
    assert again.returncode == 2
    assert "exists already" in again.stderr


@pytest.mark.parametrize(
    "name", ["", "Lighting", "x", "class", "a-b", "../x", "environment", "records", "pgsql", "a" * 31]
)
def test_unfit_names_are_refused_and_make_nothing(tree: Path, name: str) -> None:
    before = sorted(tree.rglob("*"))
    if name == "records":
        (tree / "src/yong/kernel/records").mkdir(exist_ok=True)
        before = sorted(tree.rglob("*"))
    assert make(tree, name).returncode == 2
    assert sorted(tree.rglob("*")) == before


def test_the_how_to_page_works_as_written(tree: Path) -> None:
    page = (ROOT / "docs/how-to/add-a-domain.md").read_text("utf-8")
    followed: list[str] = []
    for kind, path, content in BLOCK.findall(page):
        if kind == "sh":
            for line in content.splitlines():
                followed.append(line)
                if line.startswith("make new-domain"):
                    assert make(tree, line.partition("NAME=")[2]).returncode == 0
                elif line == "make check":
                    checks(tree, "lighting")
        else:
            file = tree / path.strip()
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(content, "utf-8")
    assert followed == ["make new-domain NAME=lighting", "make check", "make test"]
    if (ROOT / "console/node_modules").is_dir():
        builds(tree, "lighting")


def builds(tree: Path, name: str) -> None:
    """Its page of the console passes the type checker and is built as a part of its own; where Node.js is there."""
    shutil.copytree(ROOT / "console", tree / "console", ignore=shutil.ignore_patterns("node_modules"))
    (tree / "console/node_modules").symlink_to((ROOT / "console/node_modules").resolve())
    page = f"../src/yong/domains/{name}/console"
    rules = {"extends": "./tsconfig.json", "include": [f"{page}/*.vue", f"{page}/*.json"]}
    (tree / "console/tsconfig.page.json").write_text(json.dumps(rules), "utf-8")
    environment = {**os.environ, "PATH": console.node()}
    for tool, *words in (
        ("vue-tsc", "--noEmit", "-p", "tsconfig.page.json"),
        ("vite", "build", "--logLevel", "warn", "--outDir", "../built"),
    ):
        done = subprocess.run(
            ("npx", "--no-install", tool, *words),
            cwd=tree / "console", env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"{tool}\n{done.stdout}\n{done.stderr}"
    (part,) = (tree / "built/assets").glob("Lamps-*.js")
    assert "lighting.lamps" in part.read_text("utf-8")
    shell = (tree / "built/index.html").read_text("utf-8")
    assert part.name not in shell, "it is loaded when somebody opens it"
