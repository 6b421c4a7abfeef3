"""`make gen`: write everything that is generated; with `--check` say what is not up to date.

One file a module, so that adding a domain touches its own files alone.
"""

import json
import sys
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

from yong.app import bootstrap
from yong.app.http.application import create_app
from yong.app.http.openapi import openapi
from yong.kernel.access.policies import Policies
from yong.kernel.base import settings as base_settings
from yong.kernel.base.city import City
from yong.kernel.base.module import Registry
from yong.kernel.base.relation import Relation
from yong.kernel.records.logic import relations

ROOT = Path(__file__).resolve().parent.parent
REFERENCE = ROOT / "docs" / "reference"


def main(check: bool) -> int:
    settings = base_settings.load({"YONG_HOME": "/nonexistent"})
    registry = bootstrap.registry(settings)
    files = {REFERENCE / "settings.md": settings_page(), REFERENCE / "relations.md": relations_page(registry)}
    files |= {
        REFERENCE / "openapi" / f"{name}.json": text for name, text in openapi_files(City(settings, registry))
    }
    files[ROOT / "NOTICE"] = notice()
    stale = [path for path, text in files.items() if not path.exists() or path.read_text("utf-8") != text]
    stale += [p for p in (REFERENCE / "openapi").glob("*.json") if p not in files]
    if check:
        for path in stale:
            print(f"过时，请运行 make gen · Not up to date, run make gen: {path.relative_to(ROOT)}")
        return 1 if stale else 0
    for path in stale:
        if path not in files:
            path.unlink()
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(files[path], "utf-8")
        print(path.relative_to(ROOT))
    return 0


def settings_page() -> str:
    lines = [
        "# Settings 设置",
        "",
        "Each is read from the environment (`YONG_HTTP_PORT`), else from `yong.toml` in the home folder",
        "(`http_port = 8080`). `yong doctor` says what is wrong with them.",
        "",
        "| setting 设置 | default 默认 | meaning | 含义 |",
        "| --- | --- | --- | --- |",
    ]
    for name, about, default in base_settings.described():
        shown = "–" if default is None else f"`{default}`"
        lines.append(f"| `{name}` | {shown} | {about.meaning.en} | {about.meaning.zh} |")
    return "\n".join(lines) + "\n"


def relations_page(registry: Registry) -> str:
    lines = [
        "# Relations 信息资源",
        "",
        "What can be read, through the one law of access, with every field's labels.",
        "",
    ]
    found = {r.name: r for _, r in registry.of(Relation)} | {r.name: r for r, _ in relations(registry)}
    for relation in sorted(found.values(), key=lambda r: r.name):
        lines += [
            f"## {relation.name}: {relation.title.zh} · {relation.title.en}",
            "",
            "| field | type | meaning | 含义 | unit | level | personal |",
            "| --- | --- | --- | --- | --- | --- | --- |",
        ]
        lines += [
            f"| `{f.name}` | {f.type.value} | {f.meaning.en} | {f.meaning.zh} | {f.unit or ''} | {f.level.value} | {f.personal.value} |"
            for f in relation.fields
        ]
        lines.append("")
    return "\n".join(lines)


def openapi_files(city: City) -> list[tuple[str, str]]:
    city.put(Policies, Policies(city.registry))
    document = openapi(create_app(city))
    by_module: dict[str, dict[str, dict[str, object]]] = {}
    for path, operations in document["paths"].items():
        for verb, operation in operations.items():
            if isinstance(operation, dict) and "responses" in operation:
                module = (operation.get("tags") or ["app"])[0]
                by_module.setdefault(module, {}).setdefault(path, {})[verb] = operation
    return [
        (
            name,
            json.dumps({"module": name, "paths": paths}, ensure_ascii=False, indent=1, sort_keys=True) + "\n",
        )
        for name, paths in sorted(by_module.items())
    ]


def notice() -> str:
    """The parts that an install brings along, with their licences, from their own metadata."""
    lines = [
        "Yong 甬",
        "Copyright the Yong authors",
        "",
        "An install brings along these parts, each under its own licence:",
        "",
    ]
    for line in (ROOT / "requirements" / "core.lock").read_text("utf-8").splitlines():
        name, _, version = line.partition("==")
        try:
            about = metadata(name)
        except PackageNotFoundError:
            continue
        licence = (
            about.get("License-Expression")
            or _from_classifiers(about.get_all("Classifier") or [])
            or (about.get("License") or "see its files").split("\n")[0]
        )
        lines.append(f"- {name} {version}: {licence[:80]}")
    return "\n".join(lines) + "\n"


def _from_classifiers(classifiers: list[str]) -> str:
    return ", ".join(
        c.rpartition(" :: ")[2] for c in classifiers if c.startswith("License ::") and c.count("::") > 1
    )


if __name__ == "__main__":
    sys.exit(main("--check" in sys.argv[1:]))
