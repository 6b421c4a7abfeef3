"""A running install: its logs hold no secret and nobody's number, it says how it is, and it leaves no orphan."""

import contextlib
import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import paho.mqtt.client as mqtt
import psutil
import pytest
from instance import Instance

from yong.kernel.access import logic

CITIZEN = "11010519491231002X"  # the example of GB 11643
OTHER_CITIZEN = "440524188001010014"
MOBILE = "13812345678"
_NUMBER = re.compile(r"(?<!\d)[1-9]\d{16}[\dXx](?!\d)")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


@pytest.fixture(scope="module")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    one = Instance(tmp_path_factory.mktemp("instance"))
    try:
        one.up()
        yield one
    finally:
        one.gone()


def citizens(text: str) -> list[str]:
    """Numbers of the form of GB 11643 whose check digit is right."""
    return [
        n
        for n in _NUMBER.findall(text)
        if "10X98765432"[sum(int(d) * w for d, w in zip(n, _WEIGHTS, strict=False)) % 11] == n[17].upper()
    ]


class Person:
    """Somebody who signs in the way everybody does; `secrets` is what they were given or chose."""

    def __init__(self, url: str, name: str, first: str, secrets: list[str]) -> None:
        self.client = httpx.Client(base_url=url, headers={"accept-language": "en"}, timeout=20)
        self.name, self.secrets = name, secrets
        self.word = f"correct horse battery {len(secrets)}"
        secrets += [first, self.word]
        self.call("POST", "/session/password", name=name, password=first, fresh=self.word)
        self.call("POST", "/session", name=name, password=self.word)
        self.seed = parse_qs(urlsplit(self.call("POST", "/session/factor")["uri"]).query)["secret"][0]
        step = int(time.time()) // logic.STEP_S
        secrets += [self.seed, *self.call("POST", "/session/factor/confirm", code=self.code(step))["codes"]]
        self.call("POST", "/session", name=name, password=self.word, code=self.code(step + 1))
        secrets += [str(v) for v in self.client.cookies.values()]

    def code(self, step: int) -> str:
        return logic.totp(self.seed, step)

    def call(self, verb: str, path: str, **body: Any) -> Any:
        answer = self.client.request(verb, path, json=body or None)
        assert answer.is_success, (path, answer.status_code, answer.text)
        return answer.json() if answer.content else None


def connect(instance: Instance, thing: str, token: str, payload: bytes) -> int:
    """Connect as a thing and publish once; the broker's answer (0: admitted)."""
    codes: list[int] = []
    client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id=thing)
    client.on_connect = lambda c, u, f, reason, p: codes.append(reason.value)
    client.username_pw_set(thing, token)
    client.connect("127.0.0.1", instance.mqtt_port)
    deadline = time.monotonic() + 10
    client.loop_start()
    while not codes and time.monotonic() < deadline:
        time.sleep(0.02)
    if codes == [0]:
        client.publish(f"obs/json/{thing}", payload, qos=1).wait_for_publish(5)
    client.disconnect()
    client.loop_stop()
    return codes[0]


def test_logs_hold_no_secret_and_nobodys_number(instance: Instance) -> None:
    url = f"http://127.0.0.1:{instance.http_port}"
    first = instance.passwords()
    assert len(first) == 3
    secrets: list[str] = []
    shown_once = set(first.values())
    security = Person(url, "security-admin", first["security-admin"], secrets)
    made = security.call("POST", "/accounts", name="officer")
    for role in ("access.operator", "sensing.engineer"):
        security.call("POST", "/mandates", account=made["id"], role=role)
    officer = Person(url, "officer", made["password"], secrets)
    wrong = f"wrong-{CITIZEN}-word"
    secrets += [wrong, "wrong-token-of-a-thing"]
    bad = httpx.post(f"{url}/session", json={"name": "officer", "password": wrong})
    assert bad.status_code == 401
    secrets.append(officer.call("POST", "/session/token")["access_token"])
    key = officer.call("POST", "/keys", title="test", roles=["access.operator"])["key"]
    secrets.append(key)
    assert httpx.get(f"{url}/session", headers={"x-api-key": key}).is_success
    assert httpx.get(f"{url}/session", headers={"authorization": f"Bearer {key}x"}).status_code == 401

    thing = {"code": "a-1", "type": "road", "source": "live", "name_zh": CITIZEN, "name_en": MOBILE}
    officer.call("POST", "/records/sensing.thing", values=thing)
    for values in (thing, thing | {"type": CITIZEN * 9}, {"code": CITIZEN, "interval_s": CITIZEN}):
        refused = officer.client.post("/records/sensing.thing", json={"values": values})
        assert refused.status_code in (409, 422), refused.text
    for path in (
        f"/records/sensing.thing/{OTHER_CITIZEN}?q={CITIZEN}",
        f"/{CITIZEN}",
        "/records/x?filter=%00",
    ):
        assert not officer.client.get(path).is_success
    assert not officer.client.post("/records/sensing.thing", content=f'{{"values": {CITIZEN}').is_success

    token = officer.call("POST", "/credentials", things=["a-1"])["tokens"]["a-1"]
    secrets.append(token)
    instance.await_gate()
    now = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
    reading = f'{{"time": "{now}", "values": {{"flow": "{CITIZEN}"}}}}'.encode()
    assert connect(instance, "a-1", token, reading) == 0
    assert connect(instance, "a-1", token, f"{{{CITIZEN}".encode()) == 0
    assert connect(instance, "a-1", "wrong-token-of-a-thing", b"") != 0
    time.sleep(1)

    for file in (instance.home / "secrets").iterdir():
        secrets.append(file.read_text("utf-8").strip())
    files = [instance.stdout, *(p for p in (instance.home / "logs").iterdir() if p.is_file())]
    assert {p.stem for p in files} >= {"stdout", "postgres", "nats", "web", "worker", "writer"}
    text = {p.name: p.read_text("utf-8", "replace") for p in files}
    assert "the gate is open" in text["worker.log"]  # they are the logs of what was done
    assert all(len(s) >= 8 for s in secrets)
    assert len(secrets) > 30
    for name, content in text.items():
        for secret in secrets:
            if name != "stdout" or secret not in shown_once:
                assert secret not in content, (name, content[max(0, content.find(secret) - 200) :][:300])
        assert citizens(content) == [], name
        assert MOBILE not in content, name
    assert citizens(f"x {CITIZEN} y {OTHER_CITIZEN}") == [CITIZEN, OTHER_CITIZEN]  # the search finds them


def test_it_says_how_it_is(instance: Instance, tmp_path: Path) -> None:
    instance.await_gate()
    found = instance.status()
    assert all(healthy for healthy, _ in found.values()), found
    assert set(found) >= {
        *("supervisor", "postgres", "nats", "worker", "writer", "web", "database", "bus"),
        *("migrations", "relay", "jobs", "dead letters", "mqtt gate", "disk", "backup"),
    }
    instance.environment["YONG_BACKUP_PASSPHRASE"] = "correct horse battery"
    assert instance.run("backup", str(tmp_path / "b")).returncode == 0
    assert "Last made 20" in instance.status()["backup"][1]

    url = f"http://127.0.0.1:{instance.http_port}"
    ready = httpx.get(f"{url}/health/ready")
    assert ready.status_code == 200, ready.text
    assert ready.json()["parts"] == {"database": "ready", "migrations": "ready", "bus": "ready"}
    assert ready.json()["mqtt"]["open"] is True
    began = time.perf_counter()
    for _ in range(50):
        httpx.get(f"{url}/health/ready")
    assert (
        time.perf_counter() - began < 15
    )  # it is kept for a moment; a machine that does other things too takes its time
    assert httpx.get(f"{url}/status.json", headers={"accept-language": "en"}).json()["door"]["open"] is True
    page = httpx.get(url, headers={"accept-language": "zh"}).text
    assert "接纳设备" in page

    psutil.Process(instance.state().parts["nats"].pid).kill()
    deadline = time.monotonic() + 15
    while instance.state().parts["nats"].restarts == 0:
        assert time.monotonic() < deadline  # the supervisor brings it back
        time.sleep(0.1)
    while not httpx.get(f"{url}/health/ready").is_success:
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_a_worker_that_hangs_ends_with_its_killed_web_server(instance: Instance) -> None:
    """It might hold locks, and would hold the port, as long as it lives."""
    web = psutil.Process(instance.state().parts["web"].pid)
    workers = [c for c in web.children() if "resource_tracker" not in " ".join(c.cmdline())]
    assert workers
    for worker in workers:
        worker.suspend()
    web.kill()
    _, alive = psutil.wait_procs(workers, 10)
    assert [p.pid for p in alive if p.status() != psutil.STATUS_ZOMBIE] == []
    deadline = time.monotonic() + 60
    url = f"http://127.0.0.1:{instance.http_port}/health/ready"
    while True:
        with contextlib.suppress(httpx.HTTPError):
            if httpx.get(url).is_success:
                break
        assert time.monotonic() < deadline
        time.sleep(0.2)


def test_a_killed_supervisor_leaves_no_orphan(instance: Instance) -> None:
    left = instance.kill()
    assert len(left) >= 6  # postgres with its own, nats, worker, writer, web with its worker
    _, alive = psutil.wait_procs(left, 15)
    assert [p.cmdline() for p in alive if p.status() != psutil.STATUS_ZOMBIE] == []
    instance.up()
    assert instance.run("audit", "verify").returncode == 0
