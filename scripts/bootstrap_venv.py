"""Make the virtual environment that `make` uses. Only the standard library, any Python from 3.11.

    python3 scripts/bootstrap_venv.py .venv core|dev

Doing it again does nothing unless a lock file or pyproject.toml is newer than the last time.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MEASURED = "installed.json"  # in the environment: what its first installation took, for `yong demo` to tell
# What every process loads. It is compiled here, also for who has PYTHONDONTWRITEBYTECODE set (a start takes twice the
# time without), and the rest of the packages when it is first used, or never: that saves half of the time and 70 MB.
_LOADED = "import yong.app.supervise, yong.app.processes, yong.app.http.front, yong.app.demo"
_UNITS = {"B": 1e-6, "kB": 1e-3, "MB": 1.0, "GB": 1e3}


def main(folder: str, what: str) -> None:
    if sys.version_info < (3, 11):
        sys.exit(
            f"需要 Python 3.11 或更新版本，现为 {sys.version.split()[0]}；可用 make PYTHON=python3.12 指定。\n"
            f"Python 3.11 or newer is needed, this is {sys.version.split()[0]}; choose one with make PYTHON=python3.12."
        )
    began = time.monotonic()
    venv = ROOT / folder
    python = venv / "bin" / "python"
    fresh = not works(python)
    if fresh:
        make(venv)
    locks = ["core.lock"] if what == "core" else ["core.lock", "dev.lock"]
    print(f"安装依赖 · Installing dependencies ({', '.join(locks)}) …", flush=True)
    requirements = [part for lock in locks for part in ("-r", str(ROOT / "requirements" / lock))]
    download_mb = pip(python, *requirements)
    if what == "dev":
        download_mb += pip(python, "--no-deps", "-r", str(ROOT / "requirements" / "strangers.lock"))
    pip(python, "--no-deps", "--no-build-isolation", "-e", str(ROOT))
    compiling = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    subprocess.run([python, "-c", _LOADED], check=True, env=compiling)
    size_mb = sum(f.stat().st_size for f in venv.rglob("*") if f.is_file() and not f.is_symlink()) / 1e6
    seconds = time.monotonic() - began
    if fresh:
        told = {"what": what, "seconds": round(seconds), "download_mb": round(download_mb)}
        (venv / MEASURED).write_text(json.dumps(told), "utf-8")
    (venv / f"{what}.stamp").touch()
    if what == "dev":
        (venv / "core.stamp").touch()
    print(
        f"就绪 · Ready: {seconds:.0f} s, {download_mb:.0f} MB 下载 · downloaded, {size_mb:.0f} MB in {folder}",
        flush=True,
    )


def works(python: Path) -> bool:
    """Whether there is an environment that runs and has pip."""
    if not python.exists():
        return False
    return (
        subprocess.run([python, "-m", "pip", "--version"], capture_output=True, check=False).returncode == 0
    )


def make(venv: Path) -> None:
    """Make the environment; where Debian left `ensurepip` out, say (or as root install) what is missing."""
    if venv.is_symlink() or venv.is_file():
        venv.unlink()
    shutil.rmtree(venv, ignore_errors=True)
    made = subprocess.run(
        [sys.executable, "-m", "venv", str(venv)], capture_output=True, text=True, check=False
    )
    if made.returncode == 0:
        return
    package = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
    if shutil.which("apt-get") and is_root():
        subprocess.run(["apt-get", "update", "-qq"], check=False)
        subprocess.run(["apt-get", "install", "-y", "-qq", package], check=True)
        shutil.rmtree(venv, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "venv", str(venv)], check=True)
        return
    sys.exit(
        f"无法建立虚拟环境，请先安装 {package}。\nNo virtual environment could be made: install {package}.\n{made.stdout}"
    )


def pip(python: Path, *arguments: str) -> float:
    """Run pip's install; a broken line is tried three times. How much it fetched, in MB."""
    command = [str(python), "-m", "pip", "install", "--no-compile"]
    command += ["--progress-bar=off", "--disable-pip-version-check"]
    for attempt in range(3):
        done = subprocess.run(
            [*command, *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
        )
        if done.returncode == 0:
            return fetched_mb(done.stdout)
        print(
            f"第 {attempt + 1} 次安装失败 · Attempt {attempt + 1} failed\n{done.stdout[-2000:]}", flush=True
        )
        time.sleep(2 * attempt + 1)
    sys.exit("依赖安装失败 · The dependencies could not be installed")


def fetched_mb(said: str) -> float:
    """The size of the packages that pip says it took: from the network, from its cache, or from a folder."""
    pattern = r"^ *(?:Downloading|Using cached) \S+\.(?:whl|tar\.gz) \(([\d.]+) (B|kB|MB|GB)\)"
    total = sum(float(size) * _UNITS[unit] for size, unit in re.findall(pattern, said, re.M))
    local = [Path(path) for path in re.findall(r"^Processing (/\S+\.(?:whl|tar\.gz))", said, re.M)]
    return total + sum(path.stat().st_size for path in local if path.is_file()) / 1e6


def is_root() -> bool:
    return os.geteuid() == 0


if __name__ == "__main__":
    main(*sys.argv[1:3])
