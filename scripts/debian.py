"""Debian packages whose programs are run as strangers, or whose files are read: installed as root, else named."""

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path


def want(programs: Mapping[str, str]) -> list[str]:
    """Have the programs (name or path to package) and files (path to package); the packages that are still missing."""
    missing = _missing(programs)
    if missing and shutil.which("apt-get") and os.geteuid() == 0:
        print(f"安装 · Installing {', '.join(missing)} …", flush=True)
        quiet = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        for command in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", *missing]):
            subprocess.run(["apt-get", *command], env=quiet, check=False, stdout=subprocess.DEVNULL)
        missing = _missing(programs)
    return missing


def _missing(programs: Mapping[str, str]) -> list[str]:
    return [
        package
        for program, package in programs.items()
        if not (shutil.which(program) or Path(program).is_file())
    ]
