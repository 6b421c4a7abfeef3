"""Who may connect: the answer to NATS's authorization callout, for devices by their token.

The server asks on `$SYS.REQ.USER.AUTH` for every connection that is not one of the system's own. The
answer is a signed user claim that allows a device its own topics and nothing else, or an error. Questions
are answered in groups: one statement verifies all that came meanwhile, so that a restart's wave of
connections costs few round trips. While the gate is closed every device is refused; that is the gate.
"""

import asyncio
import hmac
import secrets
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence

import msgspec
import structlog

from yong.kernel.base.ids import new_id
from yong.kernel.bus.nkeys import Signer, claims_of
from yong.kernel.sensing.mqtt.endpoint import PROBE, Endpoint, nameable, token
from yong.kernel.sensing.mqtt.wire import Frame, Wire

log = structlog.get_logger(__name__)

QUESTION = b"$SYS.REQ.USER.AUTH"
LARGEST_GROUP = 256
LONGEST_QUEUE = 20_000  # questions; the server's own time-out (10 s) refuses those that wait too long
PAYLOAD_BYTES = 256 << 10
CLAIM_S = 24 * 3600  # a connection is closed and asked for again after this long, revoked or not
_REMEMBERED = 200_000  # client ids whose thing is remembered

Verify = Callable[[Sequence[tuple[str, str]]], Awaitable[Sequence[bool]]]


class Counts(msgspec.Struct):
    """What the responder did since it started."""

    admitted: int = 0
    refused: int = 0
    dropped: int = 0


class _Info(msgspec.Struct):
    id: int = 0
    host: str = ""
    user: str = ""
    mqtt_id: str = ""
    kind: str = ""
    type: str = ""


class _Options(msgspec.Struct):
    user: str = ""
    password: str = msgspec.field(name="pass", default="")


class _Server(msgspec.Struct):
    id: str


class _Nats(msgspec.Struct):
    server_id: _Server
    user_nkey: str
    client_info: _Info
    connect_opts: _Options


class _Question(msgspec.Struct):
    nats: _Nats


class Admission(msgspec.Struct, frozen=True):
    """One admitted connection."""

    cid: int
    thing: str
    host: str


class Responder:
    """Answers on one connection. `open` is the gate's word; system users are admitted always."""

    def __init__(self, endpoint: Endpoint, verify: Verify) -> None:
        self.open = False
        self.counts = Counts()
        self.live: dict[int, str] = {}  # connection id → thing
        self.refused: dict[str, int] = {}  # thing → refusals not yet written down
        self._endpoint, self._verify = endpoint, verify
        self._signer = Signer(endpoint.seed)
        self._system: dict[str, tuple[str, dict[str, object]]] = {}
        self._queue: list[tuple[bytes, _Nats]] = []
        self._ready = asyncio.Event()
        self._decoder = msgspec.json.Decoder(_Question)
        self._owners: OrderedDict[str, str] = OrderedDict()  # MQTT client id → the thing that used it

    def system_user(self, name: str, publish: Sequence[str]) -> str:
        """A new credential for one of the system's own MQTT connections; its password."""
        password = secrets.token_urlsafe(32)
        self._system[name] = (password, _permissions(publish, ()))
        return password

    def is_system(self, user: str) -> bool:
        """Whether a user name belongs to one of the system's own connections."""
        return user in self._system

    async def serve(self, wire: Wire) -> None:
        """Answer until the connection ends."""
        self._queue.clear()
        wire.subscribe(QUESTION, self._ask)
        await wire.flush()
        while not wire.closed.is_set():
            await self._ready.wait()
            self._ready.clear()
            while self._queue and not wire.closed.is_set():
                group, self._queue = self._queue[:LARGEST_GROUP], self._queue[LARGEST_GROUP:]
                await self._answer(wire, group)

    def _ask(self, frame: Frame) -> None:
        if len(self._queue) >= LONGEST_QUEUE:
            self.counts.dropped += 1
            return
        try:
            question = self._decoder.decode(claims_of(frame.payload))
        except (ValueError, msgspec.MsgspecError):
            log.warning("unreadable authorization request")
            return
        self._queue.append((frame.reply, question.nats))
        self._ready.set()

    async def _answer(self, wire: Wire, group: list[tuple[bytes, _Nats]]) -> None:
        things = [
            (q.connect_opts.user, q.connect_opts.password)
            for _, q in group
            if q.connect_opts.user not in self._system
        ]
        verdicts: dict[tuple[str, str], bool] = {}
        if self.open and things:
            known = [pair for pair in things if nameable(pair[0])]
            try:
                verdicts = dict(zip(known, await self._verify(known), strict=True))
            except Exception as error:  # the database may be away: refuse, and say so
                log.warning("credentials could not be verified", error=type(error).__name__)
        for reply, question in group:
            user, password = question.connect_opts.user, question.connect_opts.password
            system = self._system.get(user)
            permissions: dict[str, object] | None = None
            if system is not None:
                if hmac.compare_digest(system[0].encode(), password.encode()):
                    permissions = system[1]
            elif verdicts.get((user, password)) and self._own_client(user, question.client_info.mqtt_id):
                # Asked again: the gate may have closed while the database was asked.
                permissions = _of_device(token(user)) if self.open else None
            if permissions is None:
                self.counts.refused += 1
                if user and len(self.refused) < LONGEST_QUEUE and nameable(user):
                    self.refused[user] = self.refused.get(user, 0) + 1
            else:
                self.counts.admitted += 1
                if system is None:
                    self.live[question.client_info.id] = user
            wire.publish(reply, self._signed(question, user, permissions))

    def _own_client(self, thing: str, client: str) -> bool:
        """Whether the MQTT client id is free for this thing: another's would take over its session."""
        if client in self._system:
            return False
        owner = self._owners.setdefault(client, thing)
        self._owners.move_to_end(client)
        if len(self._owners) > _REMEMBERED:
            self._owners.popitem(last=False)
        return owner == thing

    def _signed(self, question: _Nats, user: str, permissions: dict[str, object] | None) -> bytes:
        now = int(time.time())
        answer: dict[str, object] = {"type": "authorization_response", "version": 2}
        if permissions is None:
            answer["error"] = "not allowed"
        else:
            claim = {
                "iss": self._signer.public, "sub": question.user_nkey, "aud": self._endpoint.account,
                "name": user, "iat": now, "exp": now + CLAIM_S, "jti": new_id(), "nats": permissions,
            }  # fmt: skip
            answer["jwt"] = self._signer.sign(claim).decode()
        return self._signer.sign(
            {
                "iss": self._signer.public,
                "sub": question.user_nkey,
                "aud": question.server_id.id,
                "iat": now,
                "jti": new_id(),
                "nats": answer,
            }
        )


def _of_device(name: str) -> dict[str, object]:
    publish = (f"obs.*.{name}", f"state.{name}", f"ack.{name}")
    return _permissions(publish, (f"cmd.{name}", "$MQTT.sub.>", "$MQTT.deliver.pubrel.>"))


def _permissions(publish: Sequence[str], subscribe: Sequence[str]) -> dict[str, object]:
    return {
        "pub": {"allow": list(publish)},
        "sub": {"allow": list(subscribe)} if subscribe else {"deny": [">"]},
        "subs": 32, "data": -1, "payload": PAYLOAD_BYTES,
        "allowed_connection_types": ["MQTT", "MQTT_WS"],
        "type": "user", "version": 2,
    }  # fmt: skip


def probe_subjects() -> tuple[str, ...]:
    """What the gate's own connection may publish to."""
    return (PROBE + "*",)
