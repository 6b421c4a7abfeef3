"""The conformance kit against real doors: the scripts that come along pass, and each mutant is told what is wrong."""

import asyncio
import json
import time
from collections.abc import AsyncIterator

import httpx
import pytest
from click.testing import CliRunner
from tests.conftest import key_of
from tests.sensing.tcp.conftest import Device, register, serving

from yong.app.conform import report
from yong.app.conform.doors import Doors
from yong.app.conform.inside import Inside
from yong.app.conform.line import Address
from yong.app.conform.player import Player
from yong.app.conform.watch import Watch
from yong.app.main import main
from yong.kernel.access import api as access
from yong.kernel.base.city import City
from yong.kernel.base.errors import Invalid, Malformed, NotFound, Unavailable
from yong.kernel.base.settings import load
from yong.kernel.sensing.conformance import script
from yong.kernel.sensing.conformance.findings import About, Finding
from yong.kernel.sensing.tcp.contracts import Listener

THINGS = {
    "hj212": ("010000A8900016F000169DC0", "a1B2c3"),
    "sl651": ("0033020001", "03E8"),
    "jtt808": ("14400012345", "ABCDEFGHJKLMNPQRSTUV"),
    "ais": ("zhenhai-1", "abcdefghijklmnopqrstuvwxyz012345"),
}


class Bench:
    """An install's doors over TCP and HTTP, with a thing of each protocol."""

    def __init__(self, client: httpx.AsyncClient, ports: dict[str, int], key: str, token: str) -> None:
        self.inside = Inside(client, key)
        self.ports, self.token = ports, token

    def of(self, door: str) -> tuple[str, str]:
        return THINGS.get(door, ("lamp-1", self.token))

    async def play(self, text: str, *, word: str | None = None, patience: float = 1.0) -> report.Report:
        # The next second: what is played now is told from what was played before.
        await asyncio.sleep(1.001 - time.time() % 1)
        chosen = script.read(text)
        known = self.of(chosen.door)
        at = Address("127.0.0.1", self.ports[chosen.door]) if chosen.door in self.ports else None
        return await Player(chosen, known[0], word or known[1], at, self.inside, patience).play()


@pytest.fixture
async def bench(city: City, client: httpx.AsyncClient) -> AsyncIterator[Bench]:
    known = {one.name: one for _, one in city.registry.of(Listener)}
    for door, (thing, word) in THINGS.items():
        await register(city, thing, listener=known[door], word=word)
    await register(city, "lamp-1")
    system = access.system_caller("access")
    token = (await access.issue_credentials(city, system, ["lamp-1"]))["lamp-1"]
    operator, engineer = await key_of(city, "access.operator"), await key_of(city, "sensing.engineer")

    async def as_one_account(request: httpx.Request) -> None:
        """The operator's key, who reads history, is an engineer's where things are told something."""
        if request.headers.get("x-api-key") == operator["x-api-key"] and request.url.path.startswith(
            "/sensing"
        ):
            request.headers.update(engineer)

    client.event_hooks = {"request": [as_one_account]}
    async with serving(city, ", ".join(f"{door}=0" for door in THINGS)) as server:
        yield Bench(client, dict(server.ports), operator["x-api-key"], token)


def told(found: report.Report) -> dict[str, str]:
    return {f.rule: f.text.en for step in found.steps for f in step.findings}


def reference(door: str) -> str:
    return script.named(door)


# What to write otherwise in the script that comes along, and what is told then. The rules over bytes alone have their
# mutants in tests/sensing/test_conformance.py.
MUTANTS = {
    "hj212": [
        ("w01018-Rtd=12.5", "w01018-Rtd=13.5", "kept.value", "cod is 13.5, should be 12.5"),
        ('unit = "M1"', 'unit = "H29"', "kept.unit", "cod is in M1, should be in H29"),
        ("Flag=5", "Flag=4", "door.silent", "CN=9014"),
        ("DataTime={now};", "DataTime={now-10800};", "kept.missing", "not kept"),
        ("QN={now_ms};", "", "hj212.missing", "QN is missing"),
    ],
    "sl651": [
        ("3923 00001234", "3923 0000", "kept.aside", "cut off"),
        ('serial = "0002"', 'serial = "0009"', "door.silent", "serial=0009"),
    ],
    "jtt808": [
        ("0104 00003039", "0103 003039", "kept.missing", "odometer"),
        ("{word_hex}", "41414141414141414141414141414141414141FF", "door.silent", "result=1"),
        ("01C7DC78 073EBA30", "073EBA30 01C7DC78", "jtt808.answered", "the message is wrong"),
    ],
    "ais": [("{word}", "abcdefghijklmnopqrstuvwxyz999999", "ais.away", "NO")],
    "http": [('"v": {"power": 60.5}', '"v": {"power": null}', "door.silent", "status=422")],
}  # fmt: skip


@pytest.mark.parametrize("door", MUTANTS)
async def test_the_script_that_comes_along_passes_and_what_it_gets_wrong_is_told(
    bench: Bench, door: str
) -> None:
    text = reference(door)
    for old, new, rule, words in MUTANTS[door]:
        assert old in text
        mutant = text.replace(old, new, 1).partition('[[step]]\ndo = "command"')[0]
        found = await bench.play(mutant, patience=0.1)
        assert words in told(found).get(rule, ""), list(report.lines(found, "en"))
        assert not found.conforms
    found = await bench.play(text)
    assert found.conforms, list(report.lines(found, "en"))
    assert not found.remarks, list(report.lines(found, "en"))
    assert found.messages >= 2
    assert list(report.lines(found, "zh"))[-1].startswith("符合")


async def test_a_command_that_fails_is_told(bench: Bench) -> None:
    found = await bench.play(reference("hj212").replace("ExeRtn=1", "ExeRtn=5"), patience=0.5)
    assert told(found) == {"command.state": "The command is failed, should be acknowledged"}


async def test_a_thing_that_is_not_admitted_is_told_so_and_the_script_ends(bench: Bench) -> None:
    found = await bench.play(reference("hj212"), word="wrong1")
    assert "wrong word?" in told(found)["door.closed"]
    assert not found.complete
    assert not found.conforms
    assert len(found.steps) < len(script.read(reference("hj212")).steps)
    assert "not played to its end" in list(report.lines(found, "en"))[-1]


async def test_no_door_there(bench: Bench) -> None:
    bench.ports["hj212"] = 1
    assert "cannot be reached" in told(await bench.play(reference("hj212")))["door.away"]


async def test_a_key_that_may_not_look_is_told(bench: Bench, client: httpx.AsyncClient) -> None:
    bench.inside = Inside(client, "yk_no_such_key")
    with pytest.raises(Invalid, match="401"):
        await bench.play(reference("http"))
    async with httpx.AsyncClient(base_url="http://127.0.0.1:1") as away:
        bench.inside = Inside(away, "k")
        with pytest.raises(Unavailable):
            await bench.play(reference("http"))


# ---------------------------------------------------------------- listening in between


async def watched(bench: Bench, door: str, *pieces: bytes) -> tuple[report.Report, bytes, list[Finding]]:
    heard: list[Finding] = []
    thing, word = bench.of(door)
    one = Watch(
        door,
        About(thing=thing, word=word),
        Address("127.0.0.1", bench.ports[door]),
        lambda n, f: heard.extend(f),
    )
    device = await Device.connect(await one.open("127.0.0.1", 0))
    answer = b""
    for piece in pieces:
        device.writer.write(piece)
        try:
            answer += await asyncio.wait_for(device.reader.read(4096), 2)
        except TimeoutError:
            answer += b""
    device.writer.close()
    await asyncio.sleep(0.3)
    return await one.close(), answer, heard


async def test_listening_changes_nothing_and_tells_as_it_comes(bench: Bench) -> None:
    thing, word = THINGS["ais"]
    ship = b"!AIVDM,1,1,,B,15M67FC000G?ufbE`FepT@3n00Sa,0*5C\r\n"
    found, answer, heard = await watched(bench, "ais", f"$PYNG,{thing},{word}\r\n".encode(), ship)
    assert answer == b"$PYNG,OK*28\r\n"
    assert found.conforms
    assert (found.messages, heard) == (2, [])
    found, _, heard = await watched(
        bench, "ais", f"$PYNG,{thing},{word}\r\n".encode(), ship.replace(b"5C", b"00")
    )
    assert [f.rule for f in heard] == ["ais.checksum"]
    assert not found.conforms


async def test_listening_tells_when_the_door_hangs_up_and_when_nothing_came(bench: Bench) -> None:
    from tests.sensing.tcp.test_stations import upload

    found, answer, heard = await watched(bench, "hj212", upload(THINGS["hj212"][0], 1, pw="999999"))
    assert answer == b""
    assert {"hj212.pw", "door.closed"} <= {f.rule for f in heard}
    found, _, _ = await watched(bench, "hj212")
    assert not found.conforms
    assert list(report.lines(found, "en"))[-1] == "Does not conform: nothing was said"
    bench.ports["hj212"] = 1
    found, _, heard = await watched(bench, "hj212", b"x")
    assert [f.rule for f in heard] == ["door.away"]


# ---------------------------------------------------------------- scripts and the command


@pytest.mark.parametrize(
    ("text", "kind", "words"),
    [
        ("door = ", Malformed, "no TOML"),
        ("a = " + "[" * 100_000, Malformed, "no TOML"),
        ('door = "x25"\nzh = "a"\nen = "a"\n[[step]]\ndo = "pause"\ns = 1', Invalid, "door"),
        ('door = "ais"\nzh = "a"\nen = "a"\n[[step]]\ndo = "dance"', Invalid, "dance"),
        ('door = "ais"\nzh = "a"\nen = "a"\n[[step]]\ndo = "send"', Invalid, "Step 1"),
        ('door = "ais"\nzh = "a"\nen = "a"\n[[step]]\ndo = "pause"\ns = 1e9', Invalid, "600"),
        ('door = "ais"\nzh = "a"\nen = "a"\nstep = []', Invalid, "step"),
        ('door = "sl651"\nzh = "a"\nen = "a"\n[[step]]\ndo = "send"\nsl651 = {function = "", body = ""}', Invalid, "function"),
        ('door = "http"\nzh = "a"\nen = "a"\n[[step]]\ndo = "send"\nhttp = {path = "//x.test/", payload = ""}', Invalid, "path"),
    ],
)  # fmt: skip
def test_scripts_that_are_wrong_are_refused_in_words(text: str, kind: type[Exception], words: str) -> None:
    with pytest.raises(kind, match=words):
        script.read(text)


def test_places_are_filled() -> None:
    at = 1_780_000_000_000_000
    assert script.filled('{"v": {thing}}', {"thing": "7"}, at) == '{"v": 7}'
    assert script.filled("{now} {now+60}", {}, at) == "20260529042640 20260529042740"
    assert (
        script.filled("{now_bcd} {minute_bcd-3600} {now_unix}", {}, at)
        == "260529042640 2605290326 1780000000"
    )
    for wrong in ("{nothing}", "{thing+1}"):
        with pytest.raises(Invalid):
            script.filled(wrong, {"thing": "7"}, at)


def test_doors_are_where_the_command_says(tmp_path) -> None:
    settings = load({"YONG_HOME": str(tmp_path)})
    doors = Doors(settings, "http://yong.test", ["hj212=192.0.2.1:7212", "ais=tls://[::1]:443"])
    assert doors.of("hj212") == Address("192.0.2.1", 7212)
    assert doors.of("ais") == Address("::1", 443, True)
    assert doors.http == "http://yong.test"
    with pytest.raises(NotFound):
        doors.of("mqtt")
    with pytest.raises(NotFound):
        _ = Doors(settings, None, []).http
    for wrong in ("hj212", "fax=1.2.3.4:5", "hj212=:5", "hj212=host:0"):
        with pytest.raises(Invalid):
            Doors(settings, None, [wrong])


def test_the_command_says_what_is_wrong_and_its_status(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("YONG_HOME", str(tmp_path))
    monkeypatch.setenv("YONG_LANGUAGE", "en")
    run = CliRunner().invoke
    listed = run(main, ["conform", "scripts"])
    assert (
        [line.split()[0] for line in listed.output.splitlines()]
        == script.references()
        == sorted(script.DOORS)
    )
    assert run(main, ["conform", "scripts", "hj212"]).output == reference("hj212")
    missing = run(main, ["conform", "play", "nothing.toml", "--thing", "x", "--key", "k"])
    assert missing.exit_code == 1
    assert "nothing.toml" in missing.output
    away = [
        "conform",
        "play",
        "hj212",
        "--thing",
        "x",
        "--word",
        "y",
        "--key",
        "k",
        "--url",
        "http://127.0.0.1:1",
    ]
    done = run(main, [*away, "--door", "hj212=127.0.0.1:1", "--json"])
    assert done.exit_code == 1
    told = json.loads(done.output)
    assert (told["conforms"], told["errors"], told["complete"]) == (False, 1, False)
    assert told["steps"][0]["findings"][0]["rule"] == "door.away"
