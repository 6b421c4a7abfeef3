"""`make test-spark`: sealed history asked by Spark, beside the engine in process.

Spark is pip's, some 500 MB, so it lies in a folder of its own and never in an install; its Java is Debian's.
Nothing of either is fetched when it runs.
"""

import os
import subprocess
import sys
from pathlib import Path

import debian
from bootstrap_venv import pip

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / ".spark"
LOCK = ROOT / "requirements" / "spark.lock"
JAVA = {"java": "openjdk-17-jre-headless"}


def main(arguments: list[str]) -> int:
    if missing := debian.want(JAVA):
        print(f"跳过：没有 Java · Skipped: there is no Java (apt-get install {missing[0]})")
        return 0
    install()
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("YONG_", "SPARK_", "PYSPARK_"))}
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, (str(FOLDER), os.environ.get("PYTHONPATH"))))
    command = [sys.executable, "-m", "pytest", *(arguments or ("tests/history/test_spark.py",))]
    return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode


def install() -> None:
    """Have Spark in its folder; nothing to do unless the lock file is newer."""
    stamp = FOLDER / "stamp"
    if stamp.exists() and stamp.stat().st_mtime >= LOCK.stat().st_mtime:
        return
    print("安装 Spark · Installing Spark …", flush=True)
    pip(
        Path(sys.executable),
        "--no-compile",
        "--no-deps",
        "--upgrade",
        "--target",
        str(FOLDER),
        "-r",
        str(LOCK),
    )
    stamp.touch()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
