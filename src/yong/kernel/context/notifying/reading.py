"""Subscriptions from the standard's JSON (clause 5.2.12), and back to it."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal
from urllib.parse import unquote, urlsplit

import msgspec

from yong.kernel.base import clock
from yong.kernel.base.errors import Invalid
from yong.kernel.base.text import Text
from yong.kernel.context.asking import scope
from yong.kernel.context.asking.sent import (
    SELECTORS,
    SentGeoQuery,
    SentSelector,
    conditions,
    geography,
    members,
    selector,
)
from yong.kernel.context.jsonld.names import Names
from yong.kernel.context.ngsild.attributes import NULL, attribute_name
from yong.kernel.context.ngsild.shown import Form, View, written
from yong.kernel.context.notifying.contracts import USUAL, Endpoint, Subscription, Trigger, Wanted

TIMEOUT_S, LONGEST_TIMEOUT_S = 10.0, 60.0
LARGEST = 64 << 10  # bytes of one subscription
_WEEK_S = 7 * 24 * 3600
_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")
_OURS = frozenset({"host", "content-length", "content-type", "transfer-encoding", "connection", "link",
                   "ngsild-tenant", "te", "trailer", "upgrade", "expect", "proxy-authorization"})  # fmt: skip
_FORMS: dict[str, Form] = {"keyValues": "simplified", "simplified": "simplified", "concise": "concise"}
_MQTT = {"MQTT-Version": ("mqtt3.1.1", "mqtt5.0"), "MQTT-QoS": ("0", "1", "2")}
# What the standard has and is not served: better a refusal than a subscription that is silently another one.
_NOT_SERVED = (
    "csf",
    "notification/showChanges",
    "notification/onChange",
    "notification/join",
    "splitEntities",
)

_BODY = Text("订阅有误：{why}", "The subscription is wrong: {why}")
_ABOUT = Text(
    "订阅须有 entities、watchedAttributes 之一", "A subscription has entities, watchedAttributes, or both"
)
_INTERVAL = Text(
    "timeInterval 不与 watchedAttributes、throttling、notificationTrigger 同用",
    "timeInterval goes without watchedAttributes, throttling and notificationTrigger",
)
_PAST = Text("expiresAt 须为将来的时间（带时区）", "expiresAt is a moment of the future, with its offset")
_URI = Text(
    "endpoint.uri 应为 http、https、mqtt 或 mqtts 地址（mqtt 须含主题），不含片段",
    "endpoint.uri is an address by http, https, mqtt or mqtts (which names a topic), without a fragment",
)
_INFO = Text("receiverInfo 或 notifierInfo 有误：{key}", "receiverInfo or notifierInfo is wrong: {key}")
_SERVED = Text("不支持 {member}", "{member} is not served")
_EMPTY = Text("列表不得为空：{member}", "{member} may not be an empty list")

_Word = Annotated[str, msgspec.Meta(min_length=1, max_length=2048)]
_Few = Annotated[list[_Word], msgspec.Meta(max_length=200)]


class _Pair(msgspec.Struct):
    key: _Word
    value: Annotated[str, msgspec.Meta(max_length=4000)]


_Pairs = Annotated[list[_Pair], msgspec.Meta(max_length=20)]


class _Endpoint(msgspec.Struct, rename="camel"):
    uri: _Word
    accept: Literal["application/json", "application/ld+json", "application/geo+json"] = "application/json"
    timeout: Annotated[int, msgspec.Meta(ge=1, le=int(LONGEST_TIMEOUT_S * 1000))] | None = None
    cooldown: Annotated[int, msgspec.Meta(ge=0, le=3_600_000)] | None = None
    receiver_info: _Pairs | None = None
    notifier_info: _Pairs | None = None


class _Notification(msgspec.Struct, rename="camel"):
    endpoint: _Endpoint
    attributes: _Few | None = None
    pick: _Few | None = None
    omit: _Few | None = None
    format: Literal["normalized", "concise", "simplified", "keyValues"] = "normalized"
    sys_attrs: bool = False


class _Sent(msgspec.Struct, kw_only=True, rename="camel"):
    type: Literal["Subscription"]
    notification: _Notification
    subscription_name: _Word | None = None
    description: _Word | None = None
    entities: Annotated[list[SentSelector], msgspec.Meta(max_length=SELECTORS)] | None = None
    watched_attributes: _Few | None = None
    notification_trigger: list[Trigger] | None = None
    time_interval: Annotated[float, msgspec.Meta(ge=1, le=_WEEK_S)] | None = None
    throttling: Annotated[float, msgspec.Meta(ge=0, le=_WEEK_S)] | None = None
    q: str | None = None
    scope_q: str | None = None
    geo_q: SentGeoQuery | None = None
    expand_values: _Few | str | None = None
    is_active: bool = True
    expires_at: datetime | None = None
    lang: _Word | None = None
    dataset_id: _Few | None = None
    jsonld_context: _Word | None = None
    local_only: bool | None = None


def wanted(body: Mapping[str, Any], names: Names) -> Wanted:
    """What a subscription's JSON asks for. Raises Invalid, with the place of the fault."""
    for member in _NOT_SERVED:
        if _at(body, member) not in (None, False):
            raise Invalid(_SERVED, member=member)
    try:
        sent = msgspec.convert(body, _Sent)
    except msgspec.ValidationError as error:
        raise Invalid(_BODY, why=error) from None
    for member in ("entities", "watchedAttributes", "notificationTrigger"):
        if _at(body, member) == []:
            raise Invalid(_EMPTY, member=member)
    if not (sent.entities or sent.watched_attributes):
        raise Invalid(_ABOUT)
    if sent.time_interval and (sent.watched_attributes or sent.throttling or sent.notification_trigger):
        raise Invalid(_INTERVAL)
    words = (
        sent.expand_values.split(",") if isinstance(sent.expand_values, str) else (sent.expand_values or ())
    )
    watched = sent.watched_attributes
    return Wanted(
        selectors=tuple(selector(s, names) for s in sent.entities or ()),
        watched=frozenset(attribute_name(n, "/watchedAttributes", names) for n in watched)
        if watched
        else None,
        triggers=frozenset(sent.notification_trigger) if sent.notification_trigger else USUAL,
        q=conditions(sent.q, names, members(words, names)) if sent.q else None,
        scopes=scope.parse(sent.scope_q) if sent.scope_q else None,
        geo=geography(sent.geo_q, names) if sent.geo_q else None,
        throttling_s=sent.throttling or 0.0,
        interval_s=sent.time_interval,
        view=_view(sent, names),
        endpoint=_endpoint(sent.notification.endpoint),
        expires_at=_moment(sent.expires_at),
        active=sent.is_active,
    )


def checked(body: Mapping[str, Any], names: Names) -> Wanted:
    """As :func:`wanted`, for one that is new: it may not have run out already."""
    found = wanted(body, names)
    if found.expires_at is not None and found.expires_at <= clock.now():
        raise Invalid(_PAST)
    return found


def patched(body: Mapping[str, Any], fragment: Mapping[str, Any]) -> dict[str, Any]:
    """A subscription with a fragment laid over it (clause 5.8.2); null takes a member away."""
    out = dict(body)
    for member, value in fragment.items():
        if value is None or value == NULL:
            out.pop(member, None)
        elif member in ("notification", "endpoint") and isinstance(value, dict):
            out[member] = patched(out.get(member, {}), value)
        else:
            out[member] = value
    return out


def shown(one: Subscription, *, system: bool = False) -> dict[str, Any]:
    """A subscription as the standard shows it, with how it went."""
    out: dict[str, Any] = {"id": one.id, **one.body}
    notification = dict(one.body["notification"])
    notification |= {
        "status": "failed" if _failing(one) else "ok",
        "timesSent": one.sent,
        "timesFailed": one.failed,
    }
    for member, moment in (
        ("lastNotification", one.last_at),
        ("lastSuccess", one.last_success_at),
        ("lastFailure", one.last_failure_at),
    ):
        if moment is not None:
            notification[member] = written(moment)
    out["notification"] = notification
    expires = one.body.get("expiresAt")
    expired = expires is not None and datetime.fromisoformat(expires) <= clock.now()
    out["status"] = "expired" if expired else "active" if one.body.get("isActive", True) else "paused"
    out.setdefault("isActive", True)
    if one.context is not None:
        out["jsonldContext"] = one.context
    if one.failure is not None and _failing(one):
        out["notification"]["failure"] = one.failure
    if system:
        out |= {"createdAt": written(one.created_at), "modifiedAt": written(one.modified_at)}
    return out


def _failing(one: Subscription) -> bool:
    failed, succeeded = one.last_failure_at, one.last_success_at
    return failed is not None and (succeeded is None or failed > succeeded)


def _at(body: Any, path: str) -> Any:
    for name in path.split("/"):
        body = body.get(name) if isinstance(body, dict) else None
    return body


def _moment(given: datetime | None) -> datetime | None:
    if given is not None and given.tzinfo is None:
        raise Invalid(_PAST)
    return given


def _view(sent: _Sent, names: Names) -> View:
    told = sent.notification
    return View(
        names=names,
        form=_FORMS.get(told.format, "normalized"),
        system=told.sys_attrs,
        attrs=members(told.attributes, names) if told.attributes else None,
        pick=members(told.pick, names) if told.pick else None,
        omit=members(told.omit or (), names),
        lang=sent.lang,
        dataset=_dataset(sent.dataset_id),
    )


def _dataset(given: list[str] | None) -> str | None:
    if not given:
        return None
    if len(given) > 1:
        raise Invalid(_SERVED, member="datasetId[1]")
    return "" if given[0] == "@none" else given[0]


def _endpoint(sent: _Endpoint) -> Endpoint:
    try:
        parts = urlsplit(sent.uri)
        port = parts.port
    except ValueError:
        raise Invalid(_URI) from None
    mqtt = parts.scheme in ("mqtt", "mqtts")
    topic = unquote(parts.path.strip("/"))
    fits = parts.scheme in ("http", "https") or (mqtt and topic and not set(topic) & set("+#\0"))
    if (
        not fits
        or not parts.hostname
        or "#" in sent.uri
        or port == 0
        or re.search(r"[\s\x00-\x1f]", sent.uri)
    ):
        raise Invalid(_URI)
    receiver = tuple((p.key, p.value) for p in sent.receiver_info or ())
    for key, value in receiver:
        unfit = not _HEADER.fullmatch(key) or key.lower() in _OURS
        if unfit or re.search(r"[\x00-\x1f\x7f]|[^\x00-\xff]", value):
            raise Invalid(_INFO, key=key[:100])
    notifier = tuple((p.key, p.value) for p in sent.notifier_info or ())
    for key, value in notifier:
        if value not in _MQTT.get(key, ()) or not mqtt:
            raise Invalid(_INFO, key=key[:100])
    return Endpoint(
        uri=sent.uri,
        accept=sent.accept,
        timeout_s=sent.timeout / 1000 if sent.timeout else TIMEOUT_S,
        cooldown_s=sent.cooldown / 1000 if sent.cooldown else 0.0,
        receiver=receiver,
        notifier=notifier,
    )
