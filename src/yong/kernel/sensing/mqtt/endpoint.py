"""Where the bus is and how the door's parts sign in to it; and how things are named in subjects."""

import re
from pathlib import Path

import msgspec

STREAM = "$MQTT_msgs"  # the server's own stream of QoS 1 and 2 messages
PREFIX = "$MQTT.msgs."
SUBJECTS = ("obs.>", "state.>", "ack.>")  # what things say; `cmd.>` is what they are told
READINGS = PREFIX + "obs.>"
HEARD = ("obs.", "state.", "ack.")
PROBE = "obs.gate."  # subjects of the gate's self-test, skipped by the writer

_NAME = re.compile(r"[^\s/*>+#\x00-\x1f\x7f]{1,128}")


class Endpoint(msgspec.Struct, frozen=True, kw_only=True):
    """The three accounts of configuration B, the issuer's seed, and the MQTT listener."""

    app_url: str
    auth_url: str
    system_url: str | None  # None: no connection events and no revocation of live connections
    seed: str
    account: str = "APP"
    mqtt_host: str = "127.0.0.1"
    mqtt_port: int = 1883
    mqtt_ca: Path | None = None  # the certificate to trust when the listener speaks TLS
    log: Path | None = None  # the server's log, where it tells of violations

    def __repr__(self) -> str:
        return f"Endpoint({self.mqtt_host}:{self.mqtt_port})"  # the rest is secret


def nameable(thing: str) -> bool:
    """Whether a thing of this id can have topics of its own."""
    return bool(_NAME.fullmatch(thing)) and not thing.startswith(("$", "."))


def token(thing: str) -> str:
    """A thing's id as one token of a NATS subject: the server writes a topic's `.` as `//`."""
    return thing.replace(".", "//")


def thing_of(subject_token: str) -> str:
    """The inverse of :func:`token`."""
    return subject_token.replace("//", ".")
