"""An install on servers of the operator's own: PostgreSQL 15 by YONG_DATABASE_URL, NATS by YONG_NATS_URL."""

import asyncio
import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import paho.mqtt.client as mqtt
import pytest
from scripts import external

from yong.app import bootstrap, doctor
from yong.kernel.access import api as access
from yong.kernel.access.api import system_caller
from yong.kernel.base.settings import Settings, load
from yong.kernel.bus import embedded as nats
from yong.kernel.bus.nkeys import Signer
from yong.kernel.records import api as records
from yong.kernel.store import place
from yong.kernel.store.database import Database

ROOT = Path(__file__).resolve().parents[2]


pytestmark = pytest.mark.skipif(
    not (external.BINARIES / "postgres").exists(),
    reason=f"there is no PostgreSQL 15 in {external.BINARIES} (Debian: postgresql-15)",
)


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


@pytest.fixture
def installed(tmp_path: Path) -> Iterator[Settings]:
    """The settings of an install whose PostgreSQL and NATS somebody else runs."""
    home, word, port, mqtt_port = tmp_path / "home", secrets.token_hex(12), free_port(), free_port()
    home.mkdir()
    with external.server() as database_url:
        settings = load(
            {
                "YONG_HOME": str(home),
                "YONG_DATABASE_URL": database_url,
                "YONG_NATS_URL": f"nats://yong:{word}@127.0.0.1:{port}",
                "YONG_HTTP_PORT": str(free_port()),
                "YONG_MQTT_PORT": str(mqtt_port),
            }
        )
        # As docs/how-to/external-nats.md has it.
        (tmp_path / "nats.conf").write_text(
            f"""
            server_name: theirs
            listen: "127.0.0.1:{port}"
            mqtt {{ listen: "127.0.0.1:{mqtt_port}", max_ack_pending: 1000 }}
            jetstream {{ store_dir: "{tmp_path / "theirs"}" }}
            accounts {{
              SYS {{ users: [ {{ user: sys, password: "{secrets.token_hex(12)}" }} ] }}
              APP {{ jetstream: {{ max_consumers: 200000 }}, users: [ {{ user: yong, password: "{word}" }} ] }}
            }}
            system_account: SYS
            authorization {{ timeout: 10
              auth_callout {{ issuer: {Signer(nats.seed(settings)).public}, account: APP, auth_users: [yong, sys] }} }}
            """
        )
        server = subprocess.Popen(
            [str(nats.binary()), "-c", str(tmp_path / "nats.conf"), "-l", str(tmp_path / "nats.log")]
        )
        try:
            yield settings
        finally:
            server.terminate()
            server.wait(10)


def environment(settings: Settings) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith("YONG_")}
    names = ("home", "database_url", "nats_url", "http_port", "mqtt_port")
    return kept | {f"YONG_{n.upper()}": str(getattr(settings, n)) for n in names}


async def registered(settings: Settings) -> str:
    """A thing and its token."""
    async with bootstrap.running(settings, place.serve_url(settings), connections=2) as city:
        system = system_caller("sensing")
        values = {"code": "E-1", "type": "lamp", "source": "live"}
        await records.create(city, system, "sensing.thing", values, owner="lights", district="330203")
        return (await access.issue_credentials(city, system_caller("access"), ["E-1"]))["E-1"]


async def kept(settings: Settings) -> list[float]:
    database = await Database.open(place.serve_url(settings), size=1)
    try:
        return [r["value"] for r in await database.fetch("SELECT value FROM history.observation")]
    finally:
        await database.close()


@pytest.mark.timeout(180)
def test_an_install_takes_readings_in_over_servers_that_it_does_not_run(installed: Settings) -> None:
    log = installed.home / "up.log"
    with log.open("wb") as out:
        up = subprocess.Popen(
            [sys.executable, "-m", "yong.app.main", "up"],
            env=environment(installed),
            stdout=out,
            stderr=out,
            cwd=ROOT,
        )
    try:
        ready = f"http://127.0.0.1:{installed.http_port}/health/ready"
        deadline = time.monotonic() + 60
        while True:
            assert up.poll() is None, log.read_text()[-3000:]
            assert time.monotonic() < deadline, log.read_text()[-3000:]
            try:
                if httpx.get(ready).status_code == 200:
                    break
            except httpx.TransportError:
                pass
            time.sleep(0.2)
        token = asyncio.run(registered(installed))
        client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id="E-1")
        client.username_pw_set("E-1", token)
        while True:
            try:
                client.connect("127.0.0.1", installed.mqtt_port)
                client.loop_start()
                told = client.publish("obs/json/E-1", b'{"v": {"power": 7}}', qos=1)
                told.wait_for_publish(2)
                if told.is_published():
                    break
                client.loop_stop()
            except (OSError, RuntimeError, ValueError):
                pass
            assert time.monotonic() < deadline + 30, log.read_text()[-3000:]
            time.sleep(0.3)
        while 7.0 not in (found := asyncio.run(kept(installed))):
            assert time.monotonic() < deadline + 30, found
            time.sleep(0.2)
        client.disconnect()
        client.loop_stop()
        assert not (installed.home / "postgres").exists()
        assert not (installed.home / "bus").exists()
    finally:
        up.terminate()
        up.wait(30)


@pytest.mark.timeout(300)
def test_the_suite_of_the_store_holds_on_postgresql_15() -> None:
    kept_ = {k: v for k, v in os.environ.items() if not k.startswith(("YONG_TEST_OWNER", "PYTEST"))}
    command = [
        sys.executable,
        "-m",
        "scripts.external",
        "-p",
        "no:cacheprovider",
        "-n",
        "0",
        *external.QUICK,
    ]
    done = subprocess.run(command, cwd=ROOT, env=kept_, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    assert " passed" in done.stdout


def test_the_doctor_says_the_issuer_and_leaves_the_ports_of_another_server_alone(installed: Settings) -> None:
    found = {part.name: part for part in doctor.examine(environment(installed))}
    assert Signer(nats.seed(installed)).public in found["nats_url"].detail.en
    assert found["http_port"].grade == "good"
    assert not {"mqtt_port", "nats_port"} & found.keys()
