"""`make test`: install what the tests need beside Python, run them, end with the runner's own line."""

import os
import subprocess
import sys
from pathlib import Path

import debian

ROOT = Path(__file__).resolve().parent.parent

# Debian packages whose programs the tests run as strangers: what asks for them, where absent, says so.
NEEDED = {
    "mosquitto_pub": "mosquitto-clients",
    "/usr/sbin/mosquitto": "mosquitto",
    "/usr/lib/postgresql/15/bin/postgres": "postgresql-15",
    "cc": "gcc",  # makes the clock that tests/chaos sets
    "gencat": "libc6-dev",  # comes with it, and is found where headers are not
    "chromium": "chromium",  # shows the console and the portal
    "/usr/share/fonts/opentype/noto/NotoSerifCJK-Regular.ttc": "fonts-noto-cjk",  # papers are set in it
    "ogr2ogr": "gdal-bin",  # reads OGC API as QGIS does
}


def main(arguments: list[str]) -> int:
    missing = debian.want(NEEDED)
    if missing:
        print(
            f"缺少 · Missing: {', '.join(missing)}; 相关测试将跳过并说明 · their tests say that they are skipped",
            flush=True,
        )
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-n",
        "3",
        "--dist",
        "loadfile",
        "--no-loadscope-reorder",
        *arguments,
    ]
    environment = {
        k: v
        for k, v in os.environ.items()
        if not k.startswith("YONG_") or k.startswith(("YONG_DATA", "YONG_TEST"))
    }
    return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
