"""What is generated is up to date; NOTICE and SBOM name what is locked; no part's licence binds ours."""

import json
import re
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

import click
import pytest

from yong.app.main import main

ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "scripts"))
import parts  # noqa: E402  # the scripts are programs, not a package

LOCKED = dict(
    line.split("==")
    for line in (ROOT / "requirements/core.lock").read_text("utf-8").splitlines()
    if "==" in line
)
# Used as dependencies that anybody may replace, which the LGPL allows; each is named here on purpose.
LGPL = {"psycopg", "psycopg-binary", "psycopg-pool", "SpiffWorkflow", "opencv-python-headless"}
ALLOWED = {
    "0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "ISC", "MIT", "MIT-0", "MIT-CMU", "MPL-2.0", "OpenSSL", "PSF-2.0", "Zlib",
}  # fmt: skip


def test_everything_generated_is_up_to_date() -> None:
    said = subprocess.run(
        [sys.executable, "scripts/generate.py", "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.returncode == 0, said.stdout + said.stderr


def test_notice_and_sbom_name_what_is_locked() -> None:
    notice = re.findall(r"^- (\S+) (\S+): \S", (ROOT / "NOTICE").read_text("utf-8"), re.M)
    assert dict(notice) == LOCKED
    bom = json.loads((ROOT / "sbom.json").read_text("utf-8"))
    assert (bom["bomFormat"], bom["specVersion"]) == ("CycloneDX", "1.6")
    assert {c["name"]: c["version"] for c in bom["components"]} == LOCKED
    assert len(bom["components"]) == len(LOCKED) == len({c["bom-ref"] for c in bom["components"]})
    for component in bom["components"]:
        name = re.sub(r"[-_.]+", "-", component["name"]).lower()
        assert component["purl"] == component["bom-ref"] == f"pkg:pypi/{name}@{component['version']}"
        assert component["licenses"]


def ours(licence: str, name: str) -> bool:
    """Whether a licence may be brought along: one of the choices, all of what comes together."""
    if " AND " in licence:
        return all(ours(part, name) for part in licence.split(" AND "))
    if " OR " in licence:
        return any(ours(part, name) for part in licence.split(" OR "))
    return licence in ALLOWED or (licence.startswith("LGPL-") and name in LGPL)


@pytest.mark.parametrize("lock", ["core.lock", "papers.lock", "redact.lock", "tiles.lock", "traces.lock"])
def test_no_licence_binds_ours(lock: str) -> None:
    wrong = {}
    for name, version in re.findall(
        r"^(\S+)==(\S+)$", (ROOT / "requirements" / lock).read_text("utf-8"), re.M
    ):
        try:
            about = metadata(name)
        except PackageNotFoundError:
            raise AssertionError(f"{name} {version} is locked and not installed") from None
        told = [c for c in about.get_all("Classifier") or [] if c.startswith("License ::")]
        licence = parts.licence(name, about.get("License-Expression"), about.get("License"), told)
        if not ours(licence, name):
            wrong[name] = licence
    assert not wrong


def test_the_licence_test_sees_what_it_must() -> None:
    assert not ours("GPL-3.0-only", "psycopg")
    assert not ours("AGPL-3.0-or-later", "x")
    assert not ours("MIT AND GPL-2.0-only", "x")
    assert not ours("LGPL-3.0-only", "x")
    assert not ours("unknown", "x")
    assert ours("MIT OR GPL-2.0-only", "x")
    assert ours("LGPL-3.0-only", "psycopg")


def test_the_command_line_page_has_every_command_and_option_in_both_languages() -> None:
    page = (ROOT / "docs/reference/cli.md").read_text("utf-8")

    def walk(group: click.Group, path: str) -> None:
        whole = click.Context(group)
        for name in group.list_commands(whole):
            command = group.get_command(whole, name)
            assert command is not None
            if isinstance(command, click.Group):
                walk(command, f"{path} {name}")
            elif not command.hidden:
                [section] = re.findall(rf"^## `{path} {name}\b.*?(?=^## |\Z)", page, re.M | re.S)
                _, _, en, zh, *_ = section.split("\n")
                assert re.fullmatch(r"[^\u4e00-\u9fff]+\.", en), section
                assert re.search(r"[\u4e00-\u9fff].*。$", zh), section
                for option in (p for p in command.params if isinstance(p, click.Option)):
                    assert f"| `{option.opts[0]}" in section, option

    walk(main, "yong")


@pytest.mark.parametrize(
    "file", sorted((ROOT / "docs/reference/openapi").glob("*.json")), ids=lambda f: f.stem
)
def test_a_modules_openapi_file_stands_alone_and_holds_no_more_than_it_needs(file: Path) -> None:
    document = json.loads(file.read_text("utf-8"))
    needed = {
        ref.removeprefix("#/components/") for ref in re.findall(r'"\$ref": "([^"]+)"', json.dumps(document))
    }
    held = {
        f"{kind}/{name}"
        for kind, parts in document["components"].items()
        if kind != "securitySchemes"
        for name in parts
    }
    assert needed == held
    assert document["openapi"].startswith("3.1")
