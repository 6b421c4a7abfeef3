"""What the README says in figures and names is so; measured times are the speed page's and the maintainers'."""

import re
import runpy
from pathlib import Path

import pytest

from yong.app import demo

ROOT = Path(__file__).resolve().parents[2]
NEEDED = runpy.run_path(str(ROOT / "scripts" / "test.py"))["NEEDED"]


@pytest.mark.parametrize(("page", "things"), [("README.md", "{} things"), ("README.zh.md", "{} 台设备")])
def test_the_number_of_things_is_what_the_demo_registers(page: str, things: str) -> None:
    assert things.format(f"{len(demo._fleet()):,}") in (ROOT / page).read_text("utf-8")


@pytest.mark.parametrize("page", ["README.md", "README.zh.md"])
def test_what_is_installed_beside_python_is_named(page: str) -> None:
    text = (ROOT / page).read_text("utf-8")
    for package in (*NEEDED.values(), "python3.x-venv"):
        assert f"`{package}`" in text, package


def test_the_verbs_of_the_readme_are_verbs_of_make() -> None:
    verbs = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.M))
    for page in ("README.md", "README.zh.md", "CONTRIBUTING.md", "docs/README.md"):
        named = set(re.findall(r"\bmake ([a-z-]+)", (ROOT / page).read_text("utf-8"))) - {"demo"}
        assert named <= verbs, page
