"""The ways of a notification: HTTP (clause 6.3.9) and MQTT (clause 7.2), to hosts that the operator allows."""

import asyncio
import contextlib
import ssl
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

import aiohttp
import aiomqtt
import msgspec

from yong.kernel.base.errors import Forbidden
from yong.kernel.base.settings import Settings
from yong.kernel.base.text import Text
from yong.kernel.context.jsonld.core import CORE_IRI
from yong.kernel.context.notifying.contracts import Endpoint, Note, Subscription

_REL = 'rel="http://www.w3.org/ns/json-ld#context"; type="application/ld+json"'
_PORTS = {"http": 80, "https": 443, "mqtt": 1883, "mqtts": 8883}
_READ = 64 << 10  # of an answer, which nobody looks at
_BROKERS = 200
_HOST = Text(
    "设置 notification_hosts 不允许向 {host} 发送通知",
    "The setting notification_hosts does not allow notifications to {host}",
)


class Failed(Exception):
    """A notification did not arrive; the words say why, and hold no secret of the endpoint."""


def host_of(endpoint: Endpoint) -> str:
    """Where an endpoint is, as host:port."""
    parts = urlsplit(endpoint.uri)
    return f"{(parts.hostname or '').lower()}:{parts.port or _PORTS[parts.scheme]}"


def allowed(settings: Settings, endpoint: Endpoint) -> None:
    """Raise Forbidden unless the operator allows notifications to an endpoint's host."""
    hosts = {h.strip().lower() for h in settings.notification_hosts.split(",") if h.strip()}
    place = host_of(endpoint)
    if not hosts & {"*", place, place.rpartition(":")[0]}:
        raise Forbidden(_HOST, host=place)


class Senders:
    """Connections to subscribers, kept open between notifications."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._http: aiohttp.ClientSession | None = None
        self._brokers: dict[tuple[object, ...], _Broker] = {}

    async def send(self, subscription: Subscription, endpoint: Endpoint, note: Note) -> None:
        """Deliver one notification. Raises Failed."""
        try:
            allowed(self._settings, endpoint)
        except Forbidden as error:
            raise Failed(str(error)) from None
        if endpoint.uri.startswith("mqtt"):
            await self._by_mqtt(subscription, endpoint, note)
        else:
            await self._by_http(subscription, endpoint, note)

    async def close(self) -> None:
        if self._http is not None:
            await self._http.close()
        for broker in self._brokers.values():
            await broker.close()

    async def _by_http(self, subscription: Subscription, endpoint: Endpoint, note: Note) -> None:
        if self._http is None:
            self._http = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=30),
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
            )
        headers = dict(endpoint.receiver) | _headers(subscription, endpoint)
        try:
            async with self._http.post(
                endpoint.uri,
                data=note.body.encode(),
                headers=headers,
                allow_redirects=False,  # they would leave the hosts that are allowed
                timeout=aiohttp.ClientTimeout(total=endpoint.timeout_s),
            ) as answer:
                await answer.content.read(_READ)
                if not 200 <= answer.status < 300:
                    raise Failed(f"HTTP {answer.status}")
        except TimeoutError:
            raise Failed(f"no answer within {endpoint.timeout_s:g} s") from None
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise Failed(type(error).__name__) from None

    async def _by_mqtt(self, subscription: Subscription, endpoint: Endpoint, note: Note) -> None:
        parts = urlsplit(endpoint.uri)
        notifier = dict(endpoint.notifier)
        version = notifier.get("MQTT-Version", "mqtt5.0")
        key = (parts.scheme, parts.netloc, version)
        broker = self._brokers.get(key)
        if broker is None:
            while len(self._brokers) >= _BROKERS:
                await self._brokers.pop(next(iter(self._brokers))).close()
            broker = self._brokers[key] = _Broker(parts, version)
        metadata: dict[str, Any] = dict(endpoint.receiver) | _headers(subscription, endpoint)
        payload = b'{"metadata":%s,"body":%s}' % (msgspec.json.encode(metadata), note.body.encode())
        topic = unquote(parts.path.strip("/"))
        await broker.publish(topic, payload, int(notifier.get("MQTT-QoS", "0")), endpoint.timeout_s)


def _headers(subscription: Subscription, endpoint: Endpoint) -> dict[str, str]:
    headers = {"Content-Type": endpoint.accept}
    if endpoint.accept == "application/json":
        headers["Link"] = f"<{subscription.context or CORE_IRI}>; {_REL}"
    if subscription.tenant:
        headers["NGSILD-Tenant"] = subscription.tenant
    return headers


class _Broker:
    """One MQTT connection, made when it is needed and anew after it broke."""

    def __init__(self, parts: SplitResult, version: str) -> None:
        self._parts = parts
        self._version = aiomqtt.ProtocolVersion.V5 if version == "mqtt5.0" else aiomqtt.ProtocolVersion.V311
        self._client: aiomqtt.Client | None = None
        self._opening = asyncio.Lock()

    async def publish(self, topic: str, payload: bytes, qos: int, timeout_s: float) -> None:
        """Publish; with QoS 1 and 2 it returns when the broker has it. Raises Failed."""
        try:
            async with asyncio.timeout(timeout_s):
                client = await self._opened(timeout_s)
                await client.publish(topic, payload, qos=qos, timeout=timeout_s)
        except TimeoutError:
            await self.close()
            raise Failed(f"no answer within {timeout_s:g} s") from None
        except (aiomqtt.MqttError, OSError, ValueError) as error:
            await self.close()
            raise Failed(f"MQTT: {str(error)[:100] or type(error).__name__}") from None

    async def _opened(self, timeout_s: float) -> aiomqtt.Client:
        async with self._opening:
            if self._client is None:
                parts = self._parts
                client = aiomqtt.Client(
                    hostname=parts.hostname or "",
                    port=parts.port or _PORTS[parts.scheme],
                    username=unquote(parts.username) if parts.username else None,
                    password=unquote(parts.password) if parts.password else None,
                    protocol=self._version,
                    tls_context=ssl.create_default_context() if parts.scheme == "mqtts" else None,
                    timeout=timeout_s,
                )
                await client.__aenter__()
                self._client = client
            return self._client

    async def close(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            with contextlib.suppress(aiomqtt.MqttError, OSError, TimeoutError):
                await client.__aexit__(None, None, None)
