"""`yong doctor` finds what is wrong, says how to mend it, and its exit status tells a script."""

import json
import os
import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from tls_files import certificate

from yong.app import doctor
from yong.app.main import main


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    home = tmp_path / "home"
    for name in ("", "secrets", "logs", "run"):
        (home / name).mkdir(mode=0o700)
    word = home / "secrets" / "word"
    word.write_text("hunter22")
    word.chmod(0o600)
    return {"YONG_HOME": str(home)} | {f"YONG_{n}_PORT": "0" for n in ("HTTP", "MQTT", "NATS")}


def wrong(environment: dict[str, str]) -> dict[str, doctor.Finding]:
    found = doctor.examine(environment)
    for finding in found:
        assert finding.detail.zh, finding
        assert finding.detail.en, finding
        assert (finding.remedy is None) == (finding.grade == "good"), finding
        assert "hunter22" not in str(finding)
    return {f.name: f for f in found if f.grade != "good"}


def test_a_sound_install_has_nothing_to_mend(environment: dict[str, str]) -> None:
    assert wrong(environment) == {}
    assert {f.name for f in doctor.examine(environment)} >= {
        *("python", "settings", "postgres", "nats-server", "home", "secrets", "socket"),
        *("http_port", "mqtt_port", "nats_port", "disk", "memory", "clock", "tls"),
    }


def test_what_others_may_read_or_write(environment: dict[str, str]) -> None:
    home = Path(environment["YONG_HOME"])
    (home / "secrets" / "word").chmod(0o644)
    (home / "run").chmod(0o777)
    found = wrong(environment)
    assert found["secrets"].remedy is not None
    assert found["secrets"].remedy.en == f"chmod 600 {home / 'secrets' / 'word'}"
    assert str(home / "run") in found["home"].detail.en


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_a_home_of_somebody_else(environment: dict[str, str]) -> None:
    os.chown(Path(environment["YONG_HOME"]) / "secrets", 1, 1)
    assert "belongs to" in wrong(environment)["home"].detail.en


def test_a_home_that_is_a_file(environment: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert wrong(environment | {"YONG_HOME": str(tmp_path / "file")})["home"].grade == "error"


def test_a_taken_port(environment: dict[str, str]) -> None:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        s.listen()
        port = s.getsockname()[1]
        assert "YONG_MQTT_PORT" in str(wrong(environment | {"YONG_MQTT_PORT": str(port)})["mqtt_port"])


def test_a_long_socket_path(
    environment: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / ("x" * 100)))
    assert "TMPDIR" in str(wrong(environment)["socket"])


def test_a_clock_that_is_behind(environment: dict[str, str]) -> None:
    log = Path(environment["YONG_HOME"]) / "logs" / "web.log"
    log.write_text("")
    tomorrow = datetime.now(UTC).timestamp() + 86_400
    os.utime(log, (tomorrow, tomorrow))
    assert "behind" in wrong(environment)["clock"].detail.en


@pytest.mark.parametrize(
    ("days", "grade"), [((-10, 300), None), ((-80, 10), "warning"), ((-90, -1), "error"), ((2, 90), "error")]
)
def test_how_long_a_certificate_is_good(
    environment: dict[str, str], tmp_path: Path, days: tuple[int, int], grade: str | None
) -> None:
    now = datetime.now(UTC)
    files = certificate(tmp_path, now + timedelta(days=days[0]), now + timedelta(days=days[1]))
    found = wrong(environment | files)
    assert (found["tls"].grade if "tls" in found else None) == grade


def test_a_key_of_another_certificate(environment: dict[str, str], tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    one, two = certificate(tmp_path / "one"), certificate(tmp_path / "two")
    assert wrong(environment | one | {"YONG_TLS_KEY": two["YONG_TLS_KEY"]})["tls"].grade == "error"


def test_wrong_settings_are_findings(environment: dict[str, str]) -> None:
    assert wrong(environment | {"YONG_HTTP_HOST": "192.0.2.1", "YONG_WEB_WORKERS": "x"}).keys() >= {
        "http_host",
        "web_workers",
    }


def test_the_command(environment: dict[str, str]) -> None:
    good = CliRunner().invoke(main, ["doctor", "--json"], env=environment)
    assert good.exit_code == 0, good.output
    assert {f["grade"] for f in json.loads(good.output)} == {"good"}
    Path(environment["YONG_HOME"], "secrets", "word").chmod(0o604)
    bad = CliRunner().invoke(main, ["doctor"], env=environment | {"YONG_LANGUAGE": "en"})
    assert bad.exit_code == 1
    assert "chmod 600" in bad.output
