"""Every setting of an install, in one place: documented, typed, checked.

A setting comes from the environment (`YONG_HTTP_PORT`), else from `yong.toml` in the home folder
(`http_port = 8080`), else from its default. `docs/reference/settings.md` is generated from here.
"""

import os
import re
import tomllib
import typing
from collections.abc import Mapping
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

import msgspec

from yong.kernel.base.errors import Problem, Refused
from yong.kernel.base.text import Text

Network = IPv4Network | IPv6Network


class About(msgspec.Struct, frozen=True):
    """What a setting means; `secret` values never reach a log, a page or `yong doctor`."""

    meaning: Text
    secret: bool = False


def _about(zh: str, en: str, secret: bool = False) -> About:
    return About(Text(zh, en), secret)


class AisSource(msgspec.Struct, frozen=True, kw_only=True):
    """An AIS receiver or aggregator to connect to, and the thing that it is."""

    thing: str
    host: str
    port: int
    tls: bool


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """The settings of one install."""

    home: Annotated[
        Path, _about("数据、密钥和配置所在的文件夹", "Folder of data, secrets and configuration")
    ] = Path("~/.yong")
    city: Annotated[str, _about("城市包的名称", "Name of the city package")] = "ningbo"
    language: Annotated[
        Literal["zh", "en"], _about("读者未说明语言时使用的语言", "Language where the reader states none")
    ] = "zh"
    demo: Annotated[
        bool,
        _about(
            "演示城市：门户各页说明数据为合成（yong demo 自动设置）",
            "A demo city: the portal says on every page that its data is synthetic (yong demo sets it)",
        ),
    ] = False
    http_host: Annotated[str, _about("HTTP 监听地址", "Address that HTTP listens on")] = "127.0.0.1"
    http_port: Annotated[int, _about("HTTP 端口", "HTTP port")] = 8080
    web_workers: Annotated[int, _about("HTTP 工作进程数", "HTTP worker processes")] = 1
    mqtt_host: Annotated[str, _about("MQTT 监听地址", "Address that MQTT listens on")] = "127.0.0.1"
    mqtt_port: Annotated[int, _about("MQTT 端口", "MQTT port")] = 1883
    nats_port: Annotated[
        int, _about("内嵌 NATS 的端口（仅本机）", "Port of the embedded NATS (loopback only)")
    ] = 4222
    tcp_host: Annotated[str, _about("设备协议监听地址", "Address that the device protocols listen on")] = (
        "127.0.0.1"
    )
    tcp_ports: Annotated[
        str,
        _about(
            "启用的设备协议及其端口，如 hj212=7212, sl651=7651；空则不监听，0 为任意空闲端口",
            "Device protocols that listen and their ports: hj212=7212, sl651=7651; empty for none, 0 for a free port",
        ),
    ] = ""
    tcp_plain: Annotated[
        str,
        _about(
            "允许不加密的设备协议，如 hj212, sl651（设备大多不支持 TLS，见决策 0012）",
            "Device protocols that may go unencrypted: hj212, sl651 (most of their devices know no TLS, see decision 0012)",
        ),
    ] = ""
    tcp_networks: Annotated[
        str,
        _about(
            "允许连接设备协议端口的网段（逗号分隔）",
            "Networks that may connect to the device protocols' ports (parted by commas)",
        ),
    ] = "127.0.0.0/8, ::1/128"
    tls_certificate: Annotated[Path | None, _about("TLS 证书链（PEM）", "TLS certificate chain (PEM)")] = None
    tls_key: Annotated[Path | None, _about("TLS 私钥（PEM）", "TLS private key (PEM)")] = None
    database_url: Annotated[
        str | None,
        _about(
            "外部 PostgreSQL（≥15）的所有者连接；空则使用内嵌服务",
            "Owner's connection to a PostgreSQL ≥ 15; empty for the embedded one",
            secret=True,
        ),
    ] = None
    database_serve_url: Annotated[
        str | None,
        _about(
            "服务角色的连接；空则由所有者创建角色 yong_serve",
            "The serving role's connection; empty to have the owner create the role yong_serve",
            secret=True,
        ),
    ] = None
    nats_url: Annotated[
        str | None,
        _about(
            "外部 NATS 的连接；空则使用内嵌服务",
            "Connection to a NATS server; empty for the embedded one",
            secret=True,
        ),
    ] = None
    durability: Annotated[
        Literal["default", "strict"],
        _about(
            "default：总线断电时最多丢失一秒；strict：每条消息先落盘再确认",
            "default: the bus loses at most a second on power loss; strict: every message is synced first",
        ),
    ] = "default"
    log_level: Annotated[Literal["debug", "info", "warning", "error"], _about("日志级别", "Log level")] = (
        "info"
    )
    log_format: Annotated[Literal["json", "text"], _about("日志格式", "Log format")] = "text"
    otlp_endpoint: Annotated[
        str | None, _about("OpenTelemetry 追踪的接收地址", "Where OpenTelemetry traces go")
    ] = None
    token_minutes: Annotated[int, _about("访问令牌的有效分钟数", "Minutes an access token is valid")] = 15
    idle_minutes: Annotated[
        int, _about("会话空闲多少分钟后失效", "Minutes of idleness that end a session")
    ] = 30
    lockout_attempts: Annotated[
        int, _about("连续失败多少次后锁定账户", "Failed sign-ins in a row that lock an account")
    ] = 5
    lockout_minutes: Annotated[int, _about("锁定分钟数", "Minutes that a lock lasts")] = 15
    audit_keep_days: Annotated[
        int, _about("审计保留天数，不少于 180", "Days the audit trail is kept, at least 180")
    ] = 365
    live_clients: Annotated[
        int,
        _about(
            "每个 HTTP 进程的实时订阅上限", "Clients that may follow changes at once, of each HTTP process"
        ),
    ] = 1000
    live_clients_per_account: Annotated[
        int,
        _about(
            "每个 HTTP 进程中同一账户的实时订阅上限",
            "Of those, how many of one account",
        ),
    ] = 100
    history_hot_days: Annotated[
        int,
        _about(
            "历史数据在数据库中保留的天数，更早的封存为 Parquet",
            "Days of history kept in the database; older ones are sealed as Parquet",
        ),
    ] = 7
    history_keep: Annotated[
        str,
        _about(
            "按对象类型保留历史的天数，如 Vehicle=400, Device=730；未写明的一直保留",
            "Days that history is kept, by type of entity: Vehicle=400, Device=730; for good where none is given",
        ),
    ] = ""
    history_memory_mb: Annotated[
        int,
        _about(
            "每个进程查询封存历史的内存上限（MB）",
            "Memory that a process may use to query sealed history (MB)",
        ),
    ] = 1024
    body_limit_kb: Annotated[int, _about("请求体上限（KiB）", "Largest request body (KiB)")] = 8192
    document_limits: Annotated[
        str,
        _about(
            "各类文件的大小上限（MiB），如 application/pdf=100, video/mp4=0；0 为不接受，未写明的用默认值",
            "Largest files by media type in MiB: application/pdf=100, video/mp4=0; 0 takes none, others have their defaults",
        ),
    ] = ""
    document_font: Annotated[
        str,
        _about(
            "公文正文的中文字体名（如 FangSong_GB2312）；空则用本机找到的第一种",
            "Family of the Chinese font that papers are set in (FangSong_GB2312); empty for the first that is found",
        ),
    ] = ""
    document_certificate: Annotated[
        Path | None,
        _about(
            "签章证书及其上级证书（PEM）；空则用系统自建的证书",
            "Certificate that papers are signed with, and those above it (PEM); empty for one that this install makes",
        ),
    ] = None
    document_key: Annotated[
        Path | None, _about("签章证书的私钥（PEM，不加密）", "Its private key (PEM, not encrypted)")
    ] = None
    document_trusted: Annotated[
        Path | None,
        _about(
            "验章时另外信任的根证书（PEM）",
            "Further root certificates whose signatures are trusted (PEM)",
        ),
    ] = None
    document_timestamp_url: Annotated[
        str | None,
        _about(
            "签章所用时间戳服务的地址（RFC 3161）；空则不加时间戳，不访问外部",
            "Timestamp authority (RFC 3161) for signatures; empty for none, so that nothing is asked outside",
        ),
    ] = None
    public_url: Annotated[
        str | None,
        _about(
            "用户访问本系统的地址（如 https://city.example）；空则为 http_host 与 http_port",
            "Address at which people reach this system (https://city.example); empty for http_host and http_port",
        ),
    ] = None
    map_hosts: Annotated[
        str,
        _about(
            "可取地图瓦片的外部主机，逗号分隔；空则不访问外部",
            "Outside hosts that map tiles are fetched from, with commas; empty: nothing is fetched",
        ),
    ] = ""
    map_key: Annotated[
        str | None,
        _about(
            "外部瓦片地址中 {key} 处的密钥",
            "Secret that stands for {key} in the addresses of outside tiles",
            secret=True,
        ),
    ] = None
    oidc_issuer: Annotated[
        str | None,
        _about(
            "OpenID Connect 提供方（issuer），须为 https；本机可用 http",
            "Issuer of the OpenID Connect provider; https, or http on this machine",
        ),
    ] = None
    oidc_client: Annotated[str | None, _about("OpenID Connect 客户端标识", "OpenID Connect client id")] = None
    oidc_secret: Annotated[
        str | None, _about("OpenID Connect 客户端密钥", "OpenID Connect client secret", secret=True)
    ] = None
    oidc_secret_file: Annotated[
        Path | None,
        _about(
            "存放 OpenID Connect 客户端密钥的文件",
            "File whose first line is the OpenID Connect client secret",
        ),
    ] = None
    oidc_name_zh: Annotated[
        str, _about("登录页上提供方的中文名称", "The provider's Chinese name on the sign-in page")
    ] = "统一身份认证"
    oidc_name_en: Annotated[
        str, _about("登录页上提供方的英文名称", "The provider's English name on the sign-in page")
    ] = "single sign-on"
    oidc_trusted_amr: Annotated[
        str,
        _about(
            "视为已验证第二因素的 amr 取值，以逗号分隔；空则一律由本系统验证动态口令",
            "Values of amr that count as a second factor, separated by commas; empty to ask for our own one-time code",
        ),
    ] = ""
    oidc_trusted_acr: Annotated[
        str,
        _about(
            "视为已验证第二因素的 acr 取值，以逗号分隔；登录时也向提供方请求",
            "Values of acr that count as a second factor, separated by commas; also asked of the provider",
        ),
    ] = ""
    oidc_create_residents: Annotated[
        bool,
        _about(
            "未关联的身份首次登录时自动创建居民账户",
            "Make a resident's account for an identity that is not linked, at its first sign-in",
        ),
    ] = False
    resident_sign_up: Annotated[
        bool,
        _about(
            "居民可在门户自行注册账户",
            "Whether residents may sign up by themselves at the portal",
        ),
    ] = True
    reports_party: Annotated[
        str,
        _about(
            "承办市民反映的主体编号，其经办人负责答复",
            "Id of the party that residents' reports belong to; its officers answer them",
        ),
    ] = "cityops"
    open311_key: Annotated[
        bool,
        _about(
            "经 Open311 反映问题是否须带接口密钥（api_key）；false 时任何人都可反映",
            "Whether a request by Open311 needs an API key (api_key); false lets anybody make one",
        ),
    ] = True
    open311_jurisdiction: Annotated[
        str,
        _about(
            "本市在 Open311 中的 jurisdiction_id（如 ningbo.gov.cn）；空则不核对",
            "The city's jurisdiction_id in Open311 (ningbo.gov.cn, say); empty: whatever is said is taken",
        ),
    ] = ""
    open311_hosts: Annotated[
        str,
        _about(
            "可从中取市民请求的外部 Open311 主机（可带端口），逗号分隔；空则不访问外部",
            "Outside hosts (host or host:port) whose Open311 requests are taken in, with commas; empty: nothing is asked",
        ),
    ] = ""
    portal_map: Annotated[
        bool,
        _about(
            "门户的“附近”页显示区划示意图；没有审图号的地区可关闭",
            "Whether the portal's places page draws a sketch of the districts; off where maps need an approval number",
        ),
    ] = True
    jsonld_context_hosts: Annotated[
        str,
        _about(
            "允许从中下载 JSON-LD @context 的主机，以逗号分隔；空则一律不下载",
            "Hosts from which a JSON-LD @context may be fetched, separated by commas; empty for none",
        ),
    ] = ""
    notification_hosts: Annotated[
        str,
        _about(
            "允许向其发送订阅通知的主机（可带端口），以逗号分隔；* 为任意主机，空则一律不发送",
            "Hosts (host or host:port) that notifications may be sent to, separated by commas; * for any, empty for none",
        ),
    ] = ""
    notification_hours: Annotated[
        int,
        _about(
            "送不出的通知重试多少小时后转为死信",
            "For how many hours a notification that cannot be delivered is tried again, until it is a dead letter",
        ),
    ] = 24
    message_hosts: Annotated[
        str,
        _about(
            "允许经其发送消息的邮件服务器和短信网关主机（可带端口），以逗号分隔；* 为任意主机，空则消息只进收件箱",
            "Hosts (host or host:port) of mail servers and gateways that messages may go through, separated by commas; "
            "* for any, empty to keep them to the inbox",
        ),
    ] = ""
    smtp_url: Annotated[
        str | None,
        _about(
            "发送邮件的服务器，如 smtps://user@mail.example.org:465 或 smtp://…:587（STARTTLS）；空则不发邮件",
            "Mail server to send by: smtps://user@mail.example.org:465 or smtp://…:587 (STARTTLS); empty for none",
        ),
    ] = None
    smtp_password_file: Annotated[
        Path | None,
        _about("首行为邮件服务器密码的文件", "File whose first line is the password at the mail server"),
    ] = None
    smtp_from: Annotated[
        str | None, _about("邮件的发件地址", "E-mail address that messages are sent from")
    ] = None
    sms_url: Annotated[
        str | None,
        _about(
            "短信网关的地址，消息以 JSON 向其 POST；空则不发短信",
            "Address of a gateway for text messages, which are POSTed to it as JSON; empty for none",
        ),
    ] = None
    sms_secret_file: Annotated[
        Path | None,
        _about(
            "首行为短信网关令牌的文件，以 Bearer 发送",
            "File whose first line is the token for the gateway, sent as Bearer",
        ),
    ] = None
    message_days: Annotated[int, _about("消息保留的天数", "For how many days messages are kept")] = 730
    ais_sources: Annotated[
        str,
        _about(
            "要连接的 AIS 接收站或汇聚服务，如 zhenhai-1=tcp://192.0.2.7:5631（也可 tls://），逗号分隔",
            "AIS receivers and aggregators to connect to: zhenhai-1=tcp://192.0.2.7:5631 (or tls://), parted by commas",
        ),
    ] = ""
    ais_interval_s: Annotated[
        float,
        _about(
            "ais_sources 中每船至多多少秒保留一个船位；0 为全部保留",
            "Of each ship one position in so many seconds is kept from ais_sources; 0 keeps all",
        ),
    ] = 10.0

    @property
    def ais_receivers(self) -> tuple[AisSource, ...]:
        """The AIS sources to connect to. Raises ValueError when `ais_sources` is no list of them."""
        found: dict[str, AisSource] = {}
        for entry in self.ais_sources.split(","):
            thing, _, address = (part.strip() for part in entry.partition("="))
            if not entry.strip():
                continue
            url = urlsplit(address)
            if (
                url.scheme not in ("tcp", "tls")
                or not url.hostname
                or not url.port
                or not thing
                or thing in found
            ):
                raise ValueError(entry)
            found[thing] = AisSource(thing=thing, host=url.hostname, port=url.port, tls=url.scheme == "tls")
        return tuple(found.values())

    @property
    def outside_map_hosts(self) -> frozenset[str]:
        """The hosts of `map_hosts`."""
        return frozenset(_parts(self.map_hosts.lower()))

    @property
    def history_kept(self) -> dict[str, int]:
        """Days that history is kept, by type of entity. Raises ValueError when `history_keep` is no list of them."""
        found: dict[str, int] = {}
        for entry in _parts(self.history_keep):
            name, _, days = (part.strip() for part in entry.partition("="))
            if not name or name in found or not self.history_hot_days <= int(days) <= 36_500:
                raise ValueError(entry)
            found[name] = int(days)
        return found

    @property
    def document_most(self) -> dict[str, int]:
        """The largest files in MiB by media type. Raises ValueError when `document_limits` is no list of them."""
        found: dict[str, int] = {}
        for entry in _parts(self.document_limits):
            name, _, most = (part.strip() for part in entry.partition("="))
            if "/" not in name or name in found or not 0 <= int(most) <= 2048:
                raise ValueError(entry)
            found[name] = int(most)
        return found

    @property
    def loopback_only(self) -> bool:
        return all(loopback(h) for h in (self.http_host, self.mqtt_host))

    @property
    def listeners(self) -> dict[str, int]:
        """The device protocols that listen, with their ports. Raises ValueError when `tcp_ports` is no list of them."""
        found: dict[str, int] = {}
        for entry in _parts(self.tcp_ports):
            name, _, port = (part.strip() for part in entry.partition("="))
            if not name or name in found or not 0 <= int(port) <= 65535:
                raise ValueError(entry)
            found[name] = int(port)
        return found

    @property
    def plain_listeners(self) -> frozenset[str]:
        """The device protocols that may go unencrypted."""
        return frozenset(_parts(self.tcp_plain))

    @property
    def device_networks(self) -> tuple[Network, ...]:
        """Where devices may connect from. Raises ValueError when one is not a network."""
        return tuple(ip_network(part) for part in _parts(self.tcp_networks))


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def loopback(host: str) -> bool:
    """Whether a host is this machine."""
    return host in ("127.0.0.1", "::1", "localhost")


def safe_origin(address: str) -> bool:
    """Whether an address may carry sign-ins: https, or http on this machine; no user, query or fragment."""
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return False
    local = parts.hostname in ("127.0.0.1", "::1", "localhost")
    plain = not (
        parts.username or parts.password or parts.query or parts.fragment or set("?#\\") & set(address)
    )
    return (
        parts.scheme in ("https", "http")
        and (parts.scheme == "https" or local)
        and bool(parts.hostname)
        and plain
        and address.isascii()
        and address.isprintable()
        and " " not in address
        and port != 0
    )


def load(environment: Mapping[str, str] | None = None) -> Settings:
    """Read and check the settings.

    Raises Refused, whose problems name every setting that is wrong, unknown or unsafe.
    """
    env = os.environ if environment is None else environment
    home = Path(env.get("YONG_HOME", "~/.yong")).expanduser().resolve()
    file = home / "yong.toml"
    values: dict[str, Any] = {}
    problems: list[Problem] = []
    if file.is_file():
        try:
            values.update(tomllib.loads(file.read_text("utf-8")))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            problems.append(Problem(str(file), Text(f"无法读取：{error}", f"Cannot be read: {error}")))
    hints = typing.get_type_hints(Settings, include_extras=False)
    for name in hints:
        raw = env.get(f"YONG_{name.upper()}")
        if raw is not None and raw != "":
            values[name] = raw
    values["home"] = home
    known: dict[str, Any] = {}
    for name, value in values.items():
        if name not in hints:
            problems.append(Problem(name, Text("没有这个设置", "There is no such setting")))
            continue
        try:
            known[name] = msgspec.convert(value, hints[name], strict=False, dec_hook=lambda kind, v: kind(v))
        except (msgspec.ValidationError, TypeError, ValueError) as error:
            problems.append(Problem(name, Text(f"取值无效：{error}", f"Not a valid value: {error}")))
    settings = Settings(**known)
    problems.extend(check(settings))
    if problems:
        lines = "; ".join(f"{p.pointer}: {p.detail.en}" for p in problems)
        lines_zh = "；".join(f"{p.pointer}：{p.detail.zh}" for p in problems)
        raise Refused(
            Text("设置有误：{zh}", "The settings are wrong: {en}"),
            problems=tuple(problems),
            zh=lines_zh,
            en=lines,
        )
    return settings


def check(settings: Settings) -> list[Problem]:
    """What is wrong or unsafe about a combination of settings."""
    problems: list[Problem] = []
    if not settings.loopback_only and not (settings.tls_certificate and settings.tls_key):
        problems.append(
            Problem(
                "http_host",
                Text(
                    "监听本机以外的地址必须配置 tls_certificate 和 tls_key",
                    "Listening beyond this machine needs tls_certificate and tls_key",
                ),
            )
        )
    problems += _check_listeners(settings)
    problems += _openid(settings)
    try:
        _ = settings.ais_receivers
    except ValueError as error:
        problems.append(
            Problem(
                "ais_sources",
                Text(f"应形如 thing=tcp://主机:端口：{error}", f"thing=tcp://host:port, not {error}"),
            )
        )
    try:
        _ = settings.history_kept
    except ValueError as error:
        problems.append(
            Problem(
                "history_keep",
                Text(
                    f"应为 类型=天数 的列表，天数不少于 history_hot_days：{error}",
                    f"A list of type=days, of no fewer days than history_hot_days, not {error}",
                ),
            )
        )
    problems += _documents(settings)
    problems += _messages(settings)
    for name in (
        *("tls_certificate", "tls_key", "oidc_secret_file", "smtp_password_file", "sms_secret_file"),
        *("document_certificate", "document_key", "document_trusted"),
    ):
        path: Path | None = getattr(settings, name)
        if path is not None and not path.is_file():
            problems.append(Problem(name, Text(f"没有文件 {path}", f"There is no file {path}")))
    if settings.audit_keep_days < 180:
        problems.append(Problem("audit_keep_days", Text("不得少于 180 天", "Must be at least 180 days")))
    for name, low, high in (
        ("http_port", 0, 65535),
        ("mqtt_port", 0, 65535),
        ("nats_port", 0, 65535),
        ("web_workers", 1, 256),
        ("token_minutes", 1, 60),
        ("idle_minutes", 1, 24 * 60),
        ("lockout_attempts", 1, 20),
        ("lockout_minutes", 1, 24 * 60),
        ("history_hot_days", 3, 400),
        ("notification_hours", 1, 720),
        ("message_days", 30, 3650),
        ("history_memory_mb", 128, 1 << 20),
        ("body_limit_kb", 1, 1 << 20),
        ("ais_interval_s", 0, 3600),
        ("live_clients", 1, 100_000),
        ("live_clients_per_account", 1, 100_000),
    ):
        value = getattr(settings, name)
        if not low <= value <= high:
            problems.append(
                Problem(name, Text(f"应在 {low} 与 {high} 之间", f"Must lie between {low} and {high}"))
            )
    return problems


def _check_listeners(settings: Settings) -> list[Problem]:
    try:
        names = settings.listeners.keys()
    except ValueError:
        text = Text("应为 名称=端口 的列表，如 hj212=7212", "Must be a list of name=port: hj212=7212")
        return [Problem("tcp_ports", text)]
    try:
        networks = settings.device_networks
    except ValueError:
        return [
            Problem("tcp_networks", Text("应为网段列表，如 10.8.0.0/16", "Must be networks: 10.8.0.0/16"))
        ]
    if not names or loopback(settings.tcp_host):
        return []
    problems: list[Problem] = []
    bare = names - settings.plain_listeners
    if bare and not (settings.tls_certificate and settings.tls_key):
        text = Text(
            f"监听本机以外的地址须配置 TLS，或在 tcp_plain 中写明：{', '.join(sorted(bare))}",
            f"Listening beyond this machine needs TLS, or naming them in tcp_plain: {', '.join(sorted(bare))}",
        )
        problems.append(Problem("tcp_host", text))
    if not any(not network.is_loopback for network in networks):
        text = Text(
            "监听本机以外的地址须写明允许的网段",
            "Listening beyond this machine needs the networks that may connect",
        )
        problems.append(Problem("tcp_networks", text))
    return problems


def _documents(settings: Settings) -> list[Problem]:
    """What is wrong with the settings of documents."""
    problems: list[Problem] = []
    try:
        _ = settings.document_most
    except ValueError as error:
        problems.append(
            Problem(
                "document_limits",
                Text(
                    f"应为 类型=MiB 的列表，至多 2048：{error}",
                    f"A list of type=MiB, of at most 2048, not {error}",
                ),
            )
        )
    if bool(settings.document_certificate) != bool(settings.document_key):
        text = Text("须与 document_key 同时设置", "Goes together with document_key")
        problems.append(Problem("document_certificate", text))
    url = settings.document_timestamp_url
    if url is not None and urlsplit(url).scheme not in ("http", "https"):
        problems.append(
            Problem("document_timestamp_url", Text("须为 http 或 https 地址", "Must be http or https"))
        )
    return problems


def _openid(settings: Settings) -> list[Problem]:
    """What is wrong with the settings of OpenID Connect."""
    problems: list[Problem] = []
    address = Text(
        "须为 https 地址（本机可用 http），不带用户、参数和片段",
        "Must be an https address (http on this machine), without user, query and fragment",
    )
    for name in ("oidc_issuer", "public_url"):
        value: str | None = getattr(settings, name)
        if value is not None and (len(value) > 500 or not safe_origin(value)):
            problems.append(Problem(name, address))
    if settings.public_url is not None and urlsplit(settings.public_url).path not in ("", "/"):
        problems.append(Problem("public_url", Text("不得带路径", "Must have no path")))
    if settings.oidc_issuer and not settings.oidc_client:
        problems.append(Problem("oidc_client", Text("使用 oidc_issuer 时必填", "Needed with oidc_issuer")))
    if settings.oidc_issuer and not settings.public_url and not settings.loopback_only:
        problems.append(Problem("public_url", Text("使用 oidc_issuer 时必填", "Needed with oidc_issuer")))
    if settings.oidc_secret and settings.oidc_secret_file:
        problems.append(
            Problem("oidc_secret_file", Text("与 oidc_secret 只能用其一", "Use either this or oidc_secret"))
        )
    shape = Text("应为 1 至 60 个字符", "Use 1 to 60 characters")
    names = ("oidc_name_zh", "oidc_name_en")
    problems += [Problem(n, shape) for n in names if not 1 <= len(getattr(settings, n)) <= 60]
    return problems


def _messages(settings: Settings) -> list[Problem]:
    """What is wrong with the settings of mail and text messages: nothing goes to a host that is not allowed."""
    problems: list[Problem] = []
    hosts = {h.strip().lower() for h in settings.message_hosts.split(",") if h.strip()}
    shape = Text(
        "须为 smtps:// 或 smtp:// 地址，用户可写在其中，密码写入 smtp_password_file",
        "Must be smtps:// or smtp://; a user may stand in it, the password in smtp_password_file",
    )
    secure = Text(
        "须为 https 地址（本机可用 http），不带用户、参数和片段",
        "Must be an https address (http on this machine), without user, query and fragment",
    )
    closed = Text("其主机不在 message_hosts 之列", "Its host is not among message_hosts")
    for name, address, wrong in (
        ("smtp_url", settings.smtp_url, shape),
        ("sms_url", settings.sms_url, secure),
    ):
        if address is None:
            continue
        if len(address) > 500 or not (_mail(address) if name == "smtp_url" else safe_origin(address)):
            problems.append(Problem(name, wrong))
            continue
        parts = urlsplit(address)
        host = str(parts.hostname)
        if not hosts & {"*", host, f"{host}:{parts.port}"}:
            problems.append(Problem(name, closed))
    if settings.smtp_url and not (
        settings.smtp_from and re.fullmatch(r"[^@\s<>]+@[^@\s<>]+", settings.smtp_from)
    ):
        problems.append(
            Problem("smtp_from", Text("使用 smtp_url 时须为邮件地址", "With smtp_url, an e-mail address"))
        )
    return problems


def _mail(address: str) -> bool:
    """Whether an address names a mail server: no password, path or query in it."""
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return False
    plain = not (parts.password or parts.path.strip("/") or parts.query or parts.fragment)
    sound = address.isascii() and address.isprintable() and " " not in address
    return parts.scheme in ("smtp", "smtps") and bool(parts.hostname) and plain and sound and port != 0


def described() -> list[tuple[str, About, object]]:
    """Every setting's name, meaning and default, in order."""
    hints = typing.get_type_hints(Settings, include_extras=True)
    out: list[tuple[str, About, object]] = []
    for field in msgspec.structs.fields(Settings):
        about = next(a for a in hints[field.name].__metadata__ if isinstance(a, About))
        out.append((field.name, about, field.default))
    return out
