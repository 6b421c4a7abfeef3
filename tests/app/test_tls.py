"""The how-to about TLS, done word for word; and that nothing listens beyond this machine without it."""

import asyncio
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest
from instance import Instance
from tls_files import certificate

from yong.kernel.base.errors import Refused
from yong.kernel.base.settings import load
from yong.kernel.bus import embedded
from yong.kernel.sensing.mqtt.endpoint import Endpoint
from yong.kernel.sensing.mqtt.gate import tls
from yong.kernel.store import embedded as postgres

PAGE = Path(__file__).resolve().parents[2] / "docs/how-to/serve-with-tls.md"


@pytest.fixture
def instance(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    one = Instance(tmp_path_factory.mktemp("tls"))
    one.home.mkdir()
    yield one
    one.gone()


def commands() -> list[str]:
    """The how-to's commands, in order."""
    blocks = re.findall(r"^   ```sh\n(.*?)^   ```", PAGE.read_text("utf-8"), re.S | re.M)
    return ["".join(line.removeprefix("   ") for line in block.splitlines(True)) for block in blocks]


def does(instance: Instance, command: str, **more: str) -> subprocess.CompletedProcess[str]:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        ["sh", "-ec", command], env=instance.environment | {"PATH": path} | more,
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip


async def _credential(instance: Instance, thing: str, digest_of: str) -> None:
    connection = await asyncpg.connect(postgres.url_of(instance.home))
    try:
        await connection.execute(
            "INSERT INTO sensing.thing (id, code, type, source, version, created_by, updated_by)"
            " VALUES ($1, $1, 'road', 'live', 1, 'test', 'test')",
            thing,
        )
        await connection.execute(
            "INSERT INTO access.device_credential (thing, token_sha256) VALUES ($1, sha256($2::text::bytea))",
            thing,
            digest_of,
        )
    finally:
        await connection.close()


async def _kept(instance: Instance, thing: str, wait_s: float = 20) -> None:
    """Wait until a reading of a thing is committed, and not laid aside."""
    connection = await asyncpg.connect(postgres.url_of(instance.home))
    try:
        deadline = time.monotonic() + wait_s
        query = "SELECT readings, errors FROM sensing.thing_state WHERE thing = $1"
        while not (row := await connection.fetchrow(query, thing)):
            assert time.monotonic() < deadline
            await asyncio.sleep(0.1)
        assert (row["readings"], row["errors"]) == (1, 0)
    finally:
        await connection.close()


async def test_the_how_to_word_for_word(instance: Instance) -> None:
    make, configure, doctor, look, publish = commands()
    for command in (make, configure, doctor):
        done = does(instance, command)
        assert done.returncode == 0, done.stdout + done.stderr
    assert "The certificate is good until" in done.stdout
    instance.up()
    ready = does(instance, look)
    assert ready.returncode == 0, ready.stderr
    assert '"status":"ready"' in ready.stdout
    untrusted = does(instance, look.replace('--cacert "$YONG_HOME/city.crt" ', ""))
    assert untrusted.returncode == 60, untrusted.stderr  # curl: the certificate cannot be verified
    plain = does(instance, look.replace("https://", "http://"))
    assert plain.returncode != 0
    instance.await_gate()
    await _credential(instance, "a-1", "yd_the-token-of-this-test")
    sent = does(instance, publish, THING="a-1", TOKEN="yd_the-token-of-this-test")
    assert sent.returncode == 0, sent.stdout + sent.stderr
    await _kept(instance, "a-1")
    refused = does(instance, publish, THING="a-1", TOKEN="wrong")
    assert refused.returncode != 0
    bare = does(instance, publish.replace('--cafile "$YONG_HOME/city.crt" ', ""), THING="a-1", TOKEN="x")
    assert bare.returncode != 0


@pytest.mark.parametrize("door", ["HTTP_HOST", "MQTT_HOST"])
def test_beyond_this_machine_only_with_tls(instance: Instance, door: str) -> None:
    instance.environment[f"YONG_{door}"] = "192.0.2.1"
    said = instance.run("up")
    assert said.returncode == 1
    assert "tls_certificate" in said.stderr
    with pytest.raises(Refused, match="tls_certificate"):
        load(instance.environment)


def test_the_gate_trusts_the_configured_certificate_alone(tmp_path: Path) -> None:
    files = certificate(tmp_path)
    context = tls(
        Endpoint(
            app_url="", auth_url="", system_url=None, seed="", mqtt_ca=Path(files["YONG_TLS_CERTIFICATE"])
        )
    )
    assert context is not None
    assert len(context.get_ca_certs()) <= 1
    assert context.verify_mode.name == "CERT_REQUIRED"
    settings = load({"YONG_HOME": str(tmp_path / "home")} | files)
    assert "cert_file" in embedded.configuration(settings, tmp_path)
