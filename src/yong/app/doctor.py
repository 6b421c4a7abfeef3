"""What stands in an install's way (`yong doctor`): each finding with its remedy, in both languages.

It changes nothing and asks only this machine. A secret is looked at (who may read it), never read.
"""

import os
import pwd
import shutil
import socket
import ssl
import stat
import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

import msgspec
import psutil
from cryptography import x509

from yong.app import supervise
from yong.kernel.base import clock
from yong.kernel.base import settings as base_settings
from yong.kernel.base.errors import Refused
from yong.kernel.base.settings import Settings
from yong.kernel.base.text import Text
from yong.kernel.bus import embedded as nats
from yong.kernel.bus.nkeys import Signer
from yong.kernel.store import embedded as postgres

Grade = Literal["good", "warning", "error"]
MARKS: Mapping[Grade, str] = {"good": "✓", "warning": "!", "error": "✗"}

_LEAST_DISK_GB, _GOOD_DISK_GB = 2.0, 10.0
_LEAST_MEMORY_GB, _GOOD_MEMORY_GB = 1.0, 2.0
_SOCKET_BYTES = 107  # of a Unix socket's path, on Linux
_SOCKET_NAME = f".s.PGSQL.{postgres.PORT}.lock"
_RENEW_WITHIN = timedelta(days=30)
_WRITTEN = datetime(2026, 1, 1, tzinfo=UTC)  # this program is younger: a clock before it is wrong


class Finding(msgspec.Struct, frozen=True):
    """One thing that was looked at, how it is, and what to do when it is not good."""

    name: str
    grade: Grade
    detail: Text
    remedy: Text | None = None


def examine(environment: Mapping[str, str]) -> list[Finding]:
    """Everything that would keep an install from starting or being safe."""
    version = sys.version.split()[0]  # an older one could not have come so far
    found = [Finding("python", "good", Text(f"Python {version}", f"Python {version}"))]
    try:
        settings = base_settings.load(environment)
    except Refused as error:
        mend = Text("改正 yong.toml 或环境变量", "Correct yong.toml or the environment")
        return [*found, *(Finding(p.pointer, "error", p.detail, mend) for p in error.problems)]
    found.append(Finding("settings", "good", Text("设置无误", "The settings are sound")))
    for check in CHECKS:
        found.extend(check(settings))
    return found


def programs(settings: Settings) -> Iterator[Finding]:
    """The servers that come with us."""
    wanted: dict[str, Callable[[], Path]] = {}
    if not settings.database_url:
        wanted["postgres"] = lambda: postgres.binaries() / "postgres"
    if not settings.nats_url:
        wanted["nats-server"] = nats.binary
    for name, find in wanted.items():
        try:
            binary = find()
        except Refused:
            binary = None
        if binary is not None and os.access(binary, os.X_OK):
            yield Finding(name, "good", Text("已安装", "Installed"))
        else:
            yield Finding(
                name,
                "error",
                Text("缺少程序", "The program is missing"),
                Text("重新安装依赖：make core", "Install the dependencies again: make core"),
            )


def folders(settings: Settings) -> Iterator[Finding]:
    """Whose the home is, and who else may write there."""
    home = settings.home
    if not home.exists():
        parent = next(p for p in home.parents if p.exists())
        if os.access(parent, os.W_OK | os.X_OK):
            yield Finding("home", "good", Text(f"将建立 {home}", f"{home} will be made"))
        else:
            yield Finding(
                "home",
                "error",
                Text(f"不能在 {parent} 中建立文件夹", f"No folder can be made in {parent}"),
                Text(f"授予写权限，或另选 YONG_HOME：chown {_me()} {parent}",
                     f"Allow writing or choose another YONG_HOME: chown {_me()} {parent}"),
            )  # fmt: skip
        return
    if not home.is_dir():
        yield Finding(
            "home",
            "error",
            Text(f"{home} 不是文件夹", f"{home} is no folder"),
            Text("移开它，或另选 YONG_HOME", "Move it away or choose another YONG_HOME"),
        )
        return
    good = True
    for path in (home, *(home / n for n in ("secrets", "logs", "run", "bus", "audit"))):
        if not path.exists():
            continue
        held = path.stat()
        if held.st_uid != os.geteuid():
            good = False
            yield Finding(
                "home",
                "error",
                Text(f"{path} 属于用户 {_name(held.st_uid)}", f"{path} belongs to user {_name(held.st_uid)}"),
                Text(f"以该用户运行，或 chown -R {_me()} {path}", f"Run as that user, or chown -R {_me()} {path}"),
            )  # fmt: skip
        if held.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
            good = False
            yield Finding(
                "home",
                "error",
                Text(f"其他用户可写 {path}", f"Others may write in {path}"),
                Text(f"chmod go-w {path}", f"chmod go-w {path}"),
            )
        if not os.access(path, os.W_OK | os.X_OK):
            good = False
            yield Finding(
                "home",
                "error",
                Text(f"不可写 {path}", f"{path} cannot be written"),
                Text(f"chmod u+rwx {path}", f"chmod u+rwx {path}"),
            )
    if good:
        yield Finding("home", "good", Text(f"{home} 归本用户", f"{home} is ours"))


def secrets(settings: Settings) -> Iterator[Finding]:
    """Who may read what is secret."""
    folder = settings.home / "secrets"
    files = [folder] if folder.is_dir() else []
    files += sorted(folder.iterdir()) if folder.is_dir() and os.access(folder, os.R_OK | os.X_OK) else []
    files += [p for p in (settings.home / "run" / "nats.conf", settings.home / "yong.toml") if p.exists()]
    if settings.tls_key:
        files.append(settings.tls_key)
    good = True
    for path in files:
        mode = stat.S_IMODE(path.stat().st_mode)
        public = mode & stat.S_IROTH if path.name == "yong.toml" else mode & 0o077
        # `yong.toml` may hold passwords; its group may read it
        if public:
            good = False
            right = "700" if path.is_dir() else "640" if path.name == "yong.toml" else "600"
            yield Finding(
                "secrets",
                "error" if path.name != "yong.toml" else "warning",
                Text(f"其他用户可读 {path}（{mode:o}）", f"Others may read {path} ({mode:o})"),
                Text(f"chmod {right} {path}", f"chmod {right} {path}"),
            )
    if good:
        yield Finding("secrets", "good", Text("仅本用户可读", "Readable by us alone"))


def sockets(settings: Settings) -> Iterator[Finding]:
    """The path of the database's socket must fit, and its folder be ours."""
    if settings.database_url:
        return
    folder = postgres.socket_folder(settings.home)
    length = len(os.fsencode(folder / _SOCKET_NAME))
    if length > _SOCKET_BYTES:
        yield Finding(
            "socket",
            "error",
            Text(f"路径过长（{length} 字节，上限 {_SOCKET_BYTES}）：{folder}",
                 f"The path is too long ({length} bytes of {_SOCKET_BYTES}): {folder}"),
            Text("把 TMPDIR 设为较短的路径", "Set TMPDIR to a shorter path"),
        )  # fmt: skip
    elif folder.is_symlink() or (folder.exists() and folder.stat().st_uid not in _ours()):
        yield Finding(
            "socket",
            "error",
            Text(f"{folder} 属于他人", f"{folder} belongs to somebody else"),
            Text(f"删除它：rm -r {folder}", f"Remove it: rm -r {folder}"),
        )
    else:
        yield Finding("socket", "good", Text(f"路径 {length} 字节", f"A path of {length} bytes"))


def ports(settings: Settings) -> Iterator[Finding]:
    """Each listener's port: free, or held by our own running install."""
    running = supervise.state(settings.home)
    up = running is not None and psutil.pid_exists(running.supervisor)
    for name, host, port in (
        ("http_port", settings.http_host, settings.http_port),
        ("mqtt_port", settings.mqtt_host, settings.mqtt_port),
        ("nats_port", "127.0.0.1", settings.nats_port),
    ):
        if settings.nats_url and name != "http_port":
            continue
        why = "" if up or port == 0 else _taken(host, port)
        if not why:
            yield Finding(name, "good", Text(f"端口 {port} 可用", f"Port {port} is there for us"))
            continue
        yield Finding(
            name,
            "error",
            Text(f"不能监听 {host}:{port}（{why}）", f"Cannot listen on {host}:{port} ({why})"),
            Text(f"用 YONG_{name.upper()} 另选端口，或停止占用它的程序",
                 f"Choose another with YONG_{name.upper()}, or stop the program that holds it"),
        )  # fmt: skip


def callout(settings: Settings) -> Iterator[Finding]:
    """What a NATS server of one's own must be told of us."""
    if settings.nats_url:
        issuer = Signer(nats.seed(settings)).public
        yield Finding(
            "nats_url",
            "good",
            Text(f"auth_callout 的 issuer：{issuer}", f"issuer of auth_callout: {issuer}"),
        )


def disk(settings: Settings) -> Iterator[Finding]:
    """Room for data."""
    place = next(p for p in (settings.home, *settings.home.parents) if p.exists())
    free_gb = shutil.disk_usage(place).free / 1e9
    yield _enough(
        "disk",
        free_gb,
        (_LEAST_DISK_GB, _GOOD_DISK_GB),
        Text(f"{place} 剩余 {free_gb:.1f} GB", f"{free_gb:.1f} GB free at {place}"),
        Text(
            "腾出空间，或把 YONG_HOME 设到更大的磁盘",
            "Make room, or set YONG_HOME to a place on a larger disk",
        ),
    )


def memory(settings: Settings) -> Iterator[Finding]:
    """Memory that is there to be used."""
    free_gb = psutil.virtual_memory().available / 1e9
    yield _enough(
        "memory",
        free_gb,
        (_LEAST_MEMORY_GB, _GOOD_MEMORY_GB),
        Text(f"可用 {free_gb:.1f} GB", f"{free_gb:.1f} GB available"),
        Text("结束其他程序，或增加内存", "End other programs, or add memory"),
    )


def _enough(name: str, have: float, steps: tuple[float, float], detail: Text, remedy: Text) -> Finding:
    grade: Grade = "error" if have < steps[0] else "warning" if have < steps[1] else "good"
    return Finding(name, grade, detail, None if grade == "good" else remedy)


def time_of_day(settings: Settings) -> Iterator[Finding]:
    """The clock: not before this program was written, nor before what the install wrote last."""
    now = clock.now()
    newest = datetime.fromtimestamp(
        max(
            (p.stat().st_mtime for folder in ("logs", "audit") for p in _files(settings.home / folder)),
            default=0.0,
        ),
        UTC,
    )
    mend = Text("校准时钟：timedatectl set-ntp true", "Set the clock: timedatectl set-ntp true")
    if now < _WRITTEN or now + timedelta(minutes=1) < newest:
        shown = f"{now:%Y-%m-%d %H:%M:%SZ}"
        yield Finding("clock", "error", Text(f"时钟偏慢：{shown}", f"The clock is behind: {shown}"), mend)
    else:
        yield Finding("clock", "good", Text(f"{now:%Y-%m-%d %H:%M:%SZ}", f"{now:%Y-%m-%d %H:%M:%SZ}"))


def tls(settings: Settings) -> Iterator[Finding]:
    """The certificate and key belong together, and how long they are good."""
    certificate, key = settings.tls_certificate, settings.tls_key
    if certificate is None and key is None:
        yield Finding("tls", "good", Text("未配置（仅本机）", "Not configured (this machine only)"))
        return
    see = Text("见 docs/how-to/serve-with-tls.md", "See docs/how-to/serve-with-tls.md")
    if certificate is None or key is None:
        yield Finding(
            "tls",
            "error",
            Text("证书和私钥须同时配置", "The certificate and the key go together"),
            Text("同时设置 tls_certificate 和 tls_key", "Set both tls_certificate and tls_key"),
        )
        return
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key, password="")
        leaf = x509.load_pem_x509_certificate(certificate.read_bytes())
    except (ssl.SSLError, OSError, ValueError) as error:
        yield Finding(
            "tls",
            "error",
            Text(f"证书与私钥不相符或不可读：{error}", f"Certificate and key do not fit or cannot be read: {error}"),
            see,
        )  # fmt: skip
        return
    now, until = clock.now(), leaf.not_valid_after_utc
    day = f"{until:%Y-%m-%d}"
    if not leaf.not_valid_before_utc <= now < until:
        yield Finding(
            "tls", "error", Text(f"证书不在有效期内（至 {day}）", f"The certificate is not valid now (until {day})"), see
        )  # fmt: skip
    elif until - now < _RENEW_WITHIN:
        yield Finding(
            "tls", "warning", Text(f"证书即将过期：{day}", f"The certificate ends soon: {day}"), see
        )
    else:
        yield Finding("tls", "good", Text(f"证书有效至 {day}", f"The certificate is good until {day}"))


CHECKS: tuple[Callable[[Settings], Iterator[Finding]], ...] = (
    programs,
    folders,
    secrets,
    sockets,
    ports,
    callout,
    disk,
    memory,
    time_of_day,
    tls,
)


def _taken(host: str, port: int) -> str:
    """Why a port cannot be listened on; empty when it can."""
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as s:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            s.bind(address)
    except OSError as error:
        return error.strerror or str(error)
    return ""


def _files(folder: Path) -> list[Path]:
    return [p for p in folder.iterdir() if p.is_file()] if os.access(folder, os.R_OK | os.X_OK) else []


def _ours() -> set[int]:
    found = {os.geteuid()}
    if os.geteuid() == 0:
        for name in ("postgres", "nobody"):
            try:
                found.add(pwd.getpwnam(name).pw_uid)
            except KeyError:
                continue
    return found


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _me() -> str:
    return _name(os.geteuid())
