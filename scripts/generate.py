"""`make gen`: write everything that is generated; with `--check` say what is not up to date.

One file a module, so that adding a domain touches its own files alone.
"""

import importlib
import json
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import click
import parts

from yong.app import bootstrap
from yong.app.http.application import create_app
from yong.app.http.openapi import openapi
from yong.kernel.access.policies import Policies
from yong.kernel.base import settings as base_settings
from yong.kernel.base.city import City
from yong.kernel.base.module import Registry
from yong.kernel.base.relation import Relation
from yong.kernel.base.units import UNITS
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
    files[REFERENCE / "cli.md"] = cli_page()
    files[ROOT / "console" / "src" / "units.json"] = units_file()
    files[ROOT / "NOTICE"] = parts.notice()
    files[ROOT / "sbom.json"] = parts.sbom()
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


def units_file() -> str:
    """Symbols by common code, for the console."""
    symbols = {code: unit.symbol for code, unit in sorted(UNITS.items())}
    return json.dumps(symbols, ensure_ascii=False, indent=1) + "\n"


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


class Command(NamedTuple):
    """A command as `--help` tells of it: how it is called, what it does, its options."""

    usage: str
    does: str
    options: tuple[tuple[str, str], ...]


def commands(group: click.Group, path: str = "yong") -> Iterator[Command]:
    """The commands of a group, and of the groups in it, as they stand in the code."""
    whole = click.Context(group)
    for name in group.list_commands(whole):
        command = group.get_command(whole, name)
        if command is None or command.hidden:
            continue
        here = f"{path} {name}"
        if isinstance(command, click.Group):
            yield from commands(command, here)
            continue
        context = click.Context(command)
        shown = [
            (f"{', '.join(p.opts)}{'' if p.is_flag else f' {p.make_metavar(context)}'}", p.help or "")
            for p in command.params
            if isinstance(p, click.Option)
        ]
        words = [
            *(p.make_metavar(context) for p in command.params if isinstance(p, click.Argument)),
            *(
                option if p.required else f"[{option}]"
                for p, (option, _) in zip(
                    (p for p in command.params if isinstance(p, click.Option)), shown, strict=True
                )
            ),
        ]
        yield Command(" ".join((here, *words)), command.help or "", tuple(shown))


def cli_page() -> str:
    """The command line in both languages: it is read once in each."""
    told = {}
    before = os.environ.get("YONG_LANGUAGE")
    for language in ("zh", "en"):
        os.environ["YONG_LANGUAGE"] = language
        for module in [
            name for name in sys.modules if name.startswith(("yong.app.main", "yong.app.commands"))
        ]:
            del sys.modules[module]  # their help is in the language in which they are loaded
        told[language] = list(commands(importlib.import_module("yong.app.main").main))
    os.environ.pop("YONG_LANGUAGE")
    if before is not None:
        os.environ["YONG_LANGUAGE"] = before
    lines = [
        "# Command line 命令行",
        "",
        "`.venv/bin/yong COMMAND`. Every command knows `--help`, in the language of `YONG_LANGUAGE`, else of the locale.",
        "It works on the install whose home folder `YONG_HOME` names (else `~/.yong`; `make demo` keeps its city in `.yong` of",
        "the clone); the [settings](settings.md) say the rest. A command that fails says why in words and ends with status 1.",
        "每个命令都可用 `--help` 查看说明；数据文件夹由 `YONG_HOME` 指定，默认 `~/.yong`，`make demo` 使用克隆目录下的 `.yong`。",
        "失败时说明原因，退出码为 1。",
        "",
    ]
    for zh, en in zip(told["zh"], told["en"], strict=True):
        lines += [f"## `{en.usage}`", "", en.does + ".", f"{zh.does}。", ""]
        if en.options:
            lines += ["| option 选项 | meaning | 含义 |", "| --- | --- | --- |"]
            lines += [
                f"| `{option}` | {meaning} | {meaning_zh} |"
                for (option, meaning), (_, meaning_zh) in zip(en.options, zh.options, strict=True)
            ]
            lines.append("")
    return "\n".join(lines)


def openapi_files(city: City) -> list[tuple[str, str]]:
    """A whole OpenAPI document for each module: its operations and the parts that they need."""
    city.put(Policies, Policies(city.registry))
    document = openapi(create_app(city))
    by_module: dict[str, dict[str, dict[str, object]]] = {}
    for path, operations in document["paths"].items():
        for verb, operation in operations.items():
            if isinstance(operation, dict) and "responses" in operation:
                module = (operation.get("tags") or ["app"])[0]
                by_module.setdefault(module, {}).setdefault(path, {})[verb] = operation
    files = []
    for name, paths in sorted(by_module.items()):
        module = city.registry.module(name)
        title = f"{module.title.en} · {module.title.zh}" if module else name
        whole = {
            "openapi": document["openapi"],
            "info": {"title": f"Yong: {title}", "version": document["info"]["version"]},
            "security": document["security"],
            "paths": paths,
            "components": {
                **parts_of(paths, document["components"]),
                "securitySchemes": document["components"]["securitySchemes"],
            },
        }
        files.append((name, json.dumps(whole, ensure_ascii=False, indent=1, sort_keys=True) + "\n"))
    return files


def parts_of(paths: object, components: dict[str, dict[str, object]]) -> dict[str, dict[str, object]]:
    """The components that a part of a document refers to, and those that these refer to."""
    found: dict[str, dict[str, object]] = {}
    left = [paths]
    while left:
        for kind, name in re.findall(r'"#/components/(\w+)/([^"]+)"', json.dumps(left.pop())):
            if name not in found.setdefault(kind, {}):
                found[kind][name] = components[kind][name]
                left.append(components[kind][name])
    return found


if __name__ == "__main__":
    sys.exit(main("--check" in sys.argv[1:]))
