"""`yong demo`: an install with a city in it, and things that report to it like strangers.

The things (the package `twin` beside `src`) are a process of their own: they know an address, their names
and their tokens, and speak MQTT and HTTP. Everything here is done once; a second start goes on.
"""

import asyncio
import csv
import io
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

import msgspec

import yong
from yong.app import bootstrap, demo_cases
from yong.app.supervise import Process, Supervisor, Tell
from yong.cities.ningbo.install import ROOT, install
from yong.cities.ningbo.package import CITY
from yong.domains.boards import api as boards
from yong.domains.boards.contracts import (
    Card,
    ChartCard,
    ListCard,
    NumberCard,
    Of,
    Said,
    Series,
    Shared,
    Span,
)
from yong.kernel.access import api as access
from yong.kernel.access import identity, logic
from yong.kernel.base.city import City
from yong.kernel.base.errors import Conflict, Refused
from yong.kernel.base.settings import Settings
from yong.kernel.base.text import Text
from yong.kernel.records import api as records
from yong.kernel.sensing import api as sensing
from yong.kernel.sensing.tcp.contracts import Listener
from yong.kernel.store import place
from yong.kernel.store.secrets import secret

T = TypeVar("T")

TREE = Path(yong.__file__).resolve().parents[2]
ACCOUNT = demo_cases.DUTY
RESIDENTS = "residents"  # the application that residents report by
ROLES = (
    "access.operator", "geo.keeper", "sensing.engineer", "cases.inspector", "cityops.supervision", "cases.dispatcher",
    "cases.clerk", "cases.supervisor", "cases.designer",
)  # fmt: skip
_AT_ONCE = 500
_FIRST_READING_S = 60


class _Kind(msgspec.Struct, frozen=True):
    """How the city registers a kind of thing: its type, who keeps it, and its name."""

    type: str
    owner: str
    name: Text
    station: str | None = None  # also an environment.station of this kind
    listener: str | None = None  # the device protocol that it speaks


KINDS: Mapping[str, _Kind] = {
    "air": _Kind("environment.air_station", "environment", Text("空气站", "Air station"), "air"),
    "weather": _Kind("environment.weather_station", "weather", Text("气象站", "Weather station"), "weather"),
    "tide": _Kind("tide", "ocean", Text("潮位站", "Tide gauge")),
    "road": _Kind("road", "transport", Text("道路线圈", "Road detector")),
    "feeder": _Kind("feeder", ROOT, Text("配电线路", "Feeder")),
    "river": _Kind("river", "water", Text("河道水位站", "River gauge")),
    "parking": _Kind("parking", "cityops", Text("停车场", "Car park")),
    "outfall": _Kind("outfall", "environment", Text("排口监测仪", "Outfall monitor"), listener="hj212"),
    "gauge": _Kind("gauge", "water", Text("水文遥测站", "Hydrological station"), listener="sl651"),
    "vehicle": _Kind("vehicle", "transport", Text("营运车辆", "Commercial vehicle"), listener="jtt808"),
    "ais_receiver": _Kind("ais_receiver", "ocean", Text("AIS 接收站", "AIS receiver"), listener="ais"),
}
TWINS = ("twin.fleet", "twin.vehicles", "twin.ships")
SPEAKERS = {"jtt808": "twin.vehicles", "ais": "twin.ships"}  # programs of their own, by their listener


class Thing(msgspec.Struct, frozen=True):
    """A line of the twin's registration list."""

    code: str
    kind: str
    place: tuple[float, float] | None  # longitude, latitude; None of what moves
    district: str
    interval_s: int
    origin: str  # replay:<series> or synthetic:<model>

    @property
    def source(self) -> str:
        return self.origin.partition(":")[0]


class Twin(Process):
    """The things, as a supervised process."""

    def __init__(self, settings: Settings) -> None:
        super().__init__("twin", settings, _environment())
        self.settings = settings
        self.credentials = settings.home / "run" / "fleet.csv"

    def start(self) -> None:
        host = f"{self.settings.http_host}:{self.settings.http_port}"
        arguments = [
            *("run", "--credentials", str(self.credentials)),
            *("--mqtt", f"{self.settings.mqtt_host}:{self.settings.mqtt_port}"),
            *("--tcp", self.settings.tcp_ports.replace(" ", "")),
            *("--http", f"http://{host}/sensing/things/{{thing}}/observations"),
            *("--state", str(self.settings.home / "run" / "twin.json")),
        ]
        self.launch([sys.executable, "-m", "twin.fleet", *arguments])


class Speaker(Process):
    """The things that speak a device protocol over TCP, as a supervised process."""

    def __init__(self, settings: Settings, listener: str) -> None:
        super().__init__(SPEAKERS[listener].rpartition(".")[2], settings, _environment())
        self.settings, self.listener = settings, listener

    def start(self) -> None:
        credentials = self.settings.home / "run" / "fleet.csv"
        address = f"{self.settings.tcp_host}:{self.settings.listeners[self.listener]}"
        self.launch(
            [
                *(sys.executable, "-m", SPEAKERS[self.listener], "run"),
                *("--credentials", str(credentials), f"--{self.listener}", address),
            ]
        )


class Residents(Process):
    """Residents who report what is wrong, as a supervised process."""

    def __init__(self, settings: Settings) -> None:
        super().__init__("residents", settings, _environment())
        self.settings = settings

    def start(self) -> None:
        address = f"http://{self.settings.http_host}:{self.settings.http_port}"
        key = self.settings.home / "secrets" / f"demo-{RESIDENTS}-key"
        self.launch(
            [*(sys.executable, "-m", "twin.residents", "run"), *("--http", address, "--key", str(key))]
        )


def run(settings: Settings, tell: Tell) -> None:
    """Start everything, fill it, connect the things, and stay until stopped."""
    began = time.monotonic()
    if not (TREE / "twin").is_dir():
        raise Refused(
            Text("演示需要源代码目录（缺少 twin）", "The demo runs from the source tree (twin is missing)")
        )
    if settings.tls_certificate:
        raise Refused(Text("演示不使用 TLS", "The demo does without TLS"))
    settings = msgspec.structs.replace(settings, demo=True)
    if not settings.tcp_ports:
        names = (one.name for _, one in bootstrap.registry(settings).of(Listener))
        settings = msgspec.structs.replace(settings, tcp_ports=", ".join(f"{name}=0" for name in names))
    supervisor = Supervisor(settings, tell)

    def once_ready(ready: Settings) -> None:
        _in_city(ready, lambda city: _fill(city, tell))
        before = _in_city(ready, sensing.totals)["observations"]
        supervisor.add("twin", Twin(ready))
        supervisor.add("residents", Residents(ready))
        for listener in SPEAKERS.keys() & ready.listeners.keys():
            supervisor.add(SPEAKERS[listener].rpartition(".")[2], Speaker(ready, listener))
        _in_city(ready, lambda city: _first_reading(city, before, lambda: supervisor.stopping))
        if not supervisor.stopping:
            _welcome(ready, tell, time.monotonic() - began)

    supervisor.up(once_ready)


def _in_city(settings: Settings, work: Callable[[City], Awaitable[T]]) -> T:
    async def do() -> T:
        url = place.serve_url(settings)
        async with bootstrap.running(settings, url, name="yong demo", connections=4) as city:
            return await work(city)

    return asyncio.run(do())


async def _fill(city: City, tell: Tell) -> None:
    data = data_folder()
    installed = await install(city, data if data.is_dir() else None)
    for note in installed.notes:
        tell(note)
    if installed.parties or installed.divisions or installed.outlines:
        tell(
            Text(
                "宁波已建立：新增 {parties} 个主体，{divisions} 个街道和社区，{outlines} 个区县边界",
                "Ningbo is installed: {parties} parties, {divisions} streets and communities, {outlines} outlines are new",
            ).filled(parties=installed.parties, divisions=installed.divisions, outlines=installed.outlines)
        )
    await _duty(city)
    await _residents(city)
    opened = await demo_cases.fill(city, await identity.caller_as(city, ACCOUNT))
    if opened:
        tell(
            Text(
                "已登记 {n} 件案件：合成，非真实事件", "{n} cases opened: synthetic, none of them happened"
            ).filled(n=opened)
        )
    fleet = _fleet()
    made = await _register(city, fleet)
    if made:
        tell(Text("已登记 {n} 台设备", "{n} things registered").filled(n=made))
    placed = await _places(city, fleet)
    if placed:
        tell(
            Text(
                "已登记 {n} 个地点：合成，非真实地点",
                "{n} places registered: synthetic, none of them is real",
            ).filled(n=placed)
        )
    await _credentials(city, fleet)
    for (kind, origin), count in Counter((t.kind, t.origin) for t in fleet).items():
        label = _SOURCES[origin.partition(":")[0]]
        tell(
            Text(
                f"  {KINDS[kind].name.zh} × {count}：{label.zh}（{origin}）",
                f"  {KINDS[kind].name.en} × {count}: {label.en} ({origin})",
            )
        )


_SOURCES = {
    "replay": Text("回放真实记录，时间已平移", "recorded series replayed with shifted time stamps"),
    "synthetic": Text("合成，非实测", "synthetic, not measured"),
}


async def _duty(city: City) -> None:
    """The operator's account of the demo, enrolled by the way that everybody takes."""
    home = city.settings.home
    if (home / "secrets" / f"demo-{ACCOUNT}-totp").exists():
        return
    caller = access.system_caller("access")
    word = secret(home, f"demo-{ACCOUNT}-password")
    try:
        account, _ = await access.create_account(city, caller, ACCOUNT, party=ROOT, password=word)
        for role in ROLES:
            await access.grant(city, caller, account, role)
    except Conflict:
        pass  # an earlier start was broken off after this
    _, signed_in = await identity.sign_in(city, ACCOUNT, word, None, "demo")
    uri = await identity.enrol(city, signed_in)
    seed = uri.partition("secret=")[2].partition("&")[0]
    # A code counts once: the one before is used up here, so that the first person's own is still good.
    await identity.confirm(city, signed_in, logic.totp(seed, int(time.time()) // logic.STEP_S - 1))
    await _vital_signs(city)
    secret(home, f"demo-{ACCOUNT}-totp", lambda: seed)


async def _residents(city: City) -> None:
    """The application that residents report by, and its key."""
    home = city.settings.home
    if (home / "secrets" / f"demo-{RESIDENTS}-key").exists():
        return
    caller = access.system_caller("access")
    word = secret(home, f"demo-{RESIDENTS}-password")
    try:
        account, _ = await access.create_account(city, caller, RESIDENTS, password=word)
        await access.grant(city, caller, account, "access.resident", own=True)
    except Conflict:
        pass  # an earlier start was broken off after this
    key = await access.issue_key(
        city,
        await identity.caller_as(city, RESIDENTS),
        "demo",
        ["access.resident"],
        per_minute=60,
        per_day=10_000,
    )
    secret(home, f"demo-{RESIDENTS}-key", lambda: key)


async def _vital_signs(city: City) -> None:
    """The board that the operations centre shows beside the map, shared by the operator with everybody."""
    caller = await identity.caller_as(city, ACCOUNT)
    if any(board.mine for board in await boards.boards(city, caller)):
        return  # an earlier start was broken off after this
    air, feeders, roads = (
        Series(Of.TYPE, type_, attribute)
        for type_, attribute in (
            ("AirQualityObserved", "pm25"), ("feeder", "activePower"), ("road", "speed"),
        )
    )  # fmt: skip
    cards: list[Card] = [
        NumberCard(series=air, said=Said.AVG, width=1, height=1),
        NumberCard(series=roads, said=Said.AVG, width=1, height=1),
        ListCard(type=air.id, attribute=air.attribute, rows=5, width=1, height=2),
        ChartCard(series=[feeders], span=Span.DAY, width=2, height=2),
    ]
    await boards.make(city, caller, "城市体征 · Vital signs", Shared.EVERYONE, cards)


def data_folder() -> Path:
    """Where the recorded series are, if they are: $YONG_DATA, else beside the source tree."""
    return Path(os.environ.get("YONG_DATA") or TREE.parent / "shared" / "data").resolve()


def _environment() -> dict[str, str]:
    paths = [str(TREE), *filter(None, [os.environ.get("PYTHONPATH")])]
    return os.environ | {
        "YONG_DATA": str(data_folder()),
        "PYTHONPATH": os.pathsep.join(paths),
        "PYTHONUNBUFFERED": "1",
    }


def _fleet() -> list[Thing]:
    """The things as the twin lists them for the operator."""
    listed = [
        subprocess.run(
            [sys.executable, "-m", twin, "things"],
            env=_environment(),
            stdout=subprocess.PIPE,
            check=True,
            timeout=120,
        ).stdout.decode()
        for twin in TWINS
    ]
    return [
        Thing(
            row["code"],
            row["type"],
            (float(row["longitude"]), float(row["latitude"])) if row["longitude"] else None,
            row["district"],
            int(row["interval_s"]),
            row["origin"],
        )
        for one in listed
        for row in csv.DictReader(io.StringIO(one))
    ]


async def _register(city: City, fleet: Sequence[Thing]) -> int:
    """Register the things that are not yet, and the stations among them; how many things were new."""
    things, stations = await _ids(city, "sensing.thing"), await _ids(city, "environment.station")
    new = [t for t in fleet if t.code not in things]
    await _create(city, "sensing.thing", [(t, _thing(t)) for t in new])
    await _create(
        city,
        "environment.station",
        [
            (t, {"code": t.code, "kind": KINDS[t.kind].station, **_named(t)})
            for t in fleet
            if KINDS[t.kind].station and t.code not in stations
        ],
    )
    return len(new)


def _named(thing: Thing) -> dict[str, object]:
    name, number = KINDS[thing.kind].name, thing.code.rpartition("-")[2][-5:].lstrip("0")
    values: dict[str, object] = {"name_zh": f"{name.zh}{number}", "name_en": f"{name.en} {number}"}
    if thing.place:
        values["location"] = {"type": "Point", "coordinates": list(thing.place)}
    return values


def _thing(thing: Thing) -> dict[str, object]:
    return {
        "code": thing.code,
        "type": KINDS[thing.kind].type,
        "interval_s": thing.interval_s,
        "source": thing.source,
        "groups": thing.kind,
        **_named(thing),
    }


async def _create(city: City, relation: str, rows: Sequence[tuple[Thing, dict[str, object]]]) -> None:
    caller = access.system_caller(relation.partition(".")[0])
    for start in range(0, len(rows), _AT_ONCE):
        await asyncio.gather(
            *(
                records.create(
                    city, caller, relation, values, owner=KINDS[thing.kind].owner, district=thing.district
                )
                for thing, values in rows[start : start + _AT_ONCE]
            )
        )


_SIGHTS = (("school", "示例小学", 8), ("hospital", "示例医院", 4), ("station", "示例公交站", 12), ("park", "示例公园", 4),
           ("government", "示例政务服务中心", 1))  # fmt: skip


async def _places(city: City, fleet: Sequence[Thing]) -> int:
    """Places to be searched for, near the things of each district; their names and source say that they are made up."""
    caller = await identity.caller_as(city, ACCOUNT)
    if (await records.listing(city, caller, "geo.place", limit=1)).items:
        return 0
    names = {a.code: a.name.zh for a in CITY.areas}
    near: dict[str, list[tuple[float, float]]] = {}
    for thing in fleet:
        if thing.place:
            near.setdefault(thing.district, []).append(thing.place)
    wanted = [
        (district, kind, f"{names.get(district, '')}{word}{n}", spots[(17 * n + 5 * len(word)) % len(spots)])
        for district, spots in sorted(near.items())
        for kind, word, count in _SIGHTS
        for n in range(1, count + 1)
    ]
    await asyncio.gather(
        *(
            records.create(
                city, caller, "geo.place",
                {
                    "name": name, "kind": kind, "source": "合成 synthetic", "datum": "cgcs2000",
                    "geometry": {"type": "Point", "coordinates": [round(lon + 0.002, 6), round(lat + 0.001, 6)]},
                },
                owner=ROOT, district=district,
            )
            for district, kind, name, (lon, lat) in wanted
        )
    )  # fmt: skip
    return len(wanted)


async def _ids(city: City, relation: str) -> set[str]:
    caller = access.system_caller(relation.partition(".")[0])
    return {r.id async for r in records.every(city, caller, relation)}


async def _credentials(city: City, fleet: Sequence[Thing]) -> None:
    """Hand every thing its token, in the file that the twin reads; the ones handed out before stay."""
    path = city.settings.home / "run" / "fleet.csv"
    tokens: dict[str, str] = {}
    if path.is_file():
        with path.open(encoding="utf-8", newline="") as lines:
            tokens = {row["thing"]: row["token"] for row in csv.DictReader(lines)}
    missing = [t.code for t in fleet if t.code not in tokens]
    if not missing:
        return
    listeners = {t.code: listener for t in fleet if (listener := KINDS[t.kind].listener)}
    spoken = [code for code in missing if code in listeners]
    tokens |= await access.issue_credentials(
        city, access.system_caller("access"), [code for code in missing if code not in listeners]
    )
    for code in spoken:
        tokens[code] = await sensing.enrol(city, access.system_caller("sensing"), code, listeners[code])
    fresh = path.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(
        os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8"
    ) as file:
        csv.writer(file).writerows([("thing", "token"), *tokens.items()])
    fresh.replace(path)


async def _first_reading(city: City, before: int, stopping: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _FIRST_READING_S
    while time.monotonic() < deadline and not stopping():
        if (await sensing.totals(city))["observations"] > before:
            return
        await asyncio.sleep(0.2)


def _welcome(settings: Settings, tell: Tell, seconds: float) -> None:
    url = f"http://{settings.http_host}:{settings.http_port}"
    home = settings.home
    files = (f for f in Path(sys.prefix).rglob("*") if f.is_file() and not f.is_symlink())
    size_mb = sum(f.stat().st_size for f in files) / 1e6
    tell(
        Text(
            "就绪：{url}/ （MQTT {mqtt}），空气质量 {url}/environment/aqi\n"
            "登录：账户 {name}，密码 {word}\n"
            "  动态口令密钥（TOTP，录入身份验证器）：{seed}\n"
            "从启动到第一条已提交读数：{seconds:.1f} 秒；已安装 {size:.0f} MB。数据在 {home}。Ctrl-C 结束。",
            "Ready: {url}/ (MQTT {mqtt}), air quality {url}/environment/aqi\n"
            "Sign in: account {name}, password {word}\n"
            "  one-time code secret (TOTP, for an authenticator): {seed}\n"
            "From start to the first committed reading: {seconds:.1f} s; {size:.0f} MB installed. "
            "Data in {home}. Ctrl-C ends it.",
        ).filled(
            url=url,
            mqtt=f"{settings.mqtt_host}:{settings.mqtt_port}",
            name=ACCOUNT,
            word=secret(home, f"demo-{ACCOUNT}-password"),
            seed=secret(home, f"demo-{ACCOUNT}-totp"),
            seconds=seconds,
            size=size_mb,
            home=home,
        )
    )
    if took := _installation(Path(sys.prefix)):
        tell(
            Text(
                "此前的安装：下载 {mb} MB，用时 {s} 秒",
                "The installation before it: {mb} MB downloaded, {s} s",
            ).filled(mb=took.download_mb, s=took.seconds)
        )


class _Installation(msgspec.Struct):
    """What the installation into a fresh environment took: seconds, and MB of packages."""

    seconds: int
    download_mb: int


def _installation(environment: Path) -> _Installation | None:
    """What scripts/bootstrap_venv.py noted when it made the environment; None where something else made it."""
    try:
        return msgspec.json.decode((environment / "installed.json").read_bytes(), type=_Installation)
    except (OSError, msgspec.MsgspecError):
        return None
