"""What devices say as passwords: enrolled by an engineer, kept as a keyed digest, judged at their listener alone.

A word of six characters or of 16 bits is no secret worth the name, and it travels in the clear. So it opens
nothing but one listener, for one thing; the digest's key lies outside the database; and guessing is slowed
(`admission`).
"""

import hmac
import secrets
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256

from yong.kernel.base.city import City
from yong.kernel.base.errors import Invalid
from yong.kernel.base.text import Text
from yong.kernel.sensing.tcp.contracts import Listener, Word
from yong.kernel.store.database import Connection, Database
from yong.kernel.store.secrets import secret


def key(city: City) -> bytes:
    """The install's key to the digests, made the first time."""
    return secret(city.settings.home, "device-words").encode()


def mac(key: bytes, thing: str, listener: str, word: str) -> bytes:
    """The digest that stands for a word, for one thing at one listener."""
    return hmac.digest(key, "\0".join((listener, thing, word)).encode(), sha256)


def chosen(listener: Listener, word: str | None) -> str:
    """The word to enrol: the one given when it fits the protocol, else a new one. Raises Invalid."""
    shape = listener.word
    if shape is None:
        if word:
            raise Invalid(Text("该协议不携带口令", "This protocol carries no password"))
        return ""
    if word is None:
        return "".join(secrets.choice(shape.alphabet) for _ in range(shape.length))
    if not fits(shape, word):
        raise Invalid(
            Text("口令须为 {n} 个字符，取自 {of}", "The password has {n} characters of {of}"),
            n=shape.length,
            of=shape.alphabet,
        )
    return word


def fits(shape: Word, word: str) -> bool:
    """Whether a word is one that the protocol can carry."""
    return len(word) == shape.length and not set(word) - set(shape.alphabet)


async def enrol(connection: Connection, city: City, listener: Listener, thing: str, word: str) -> None:
    """Let a thing in at a listener with a word; words enrolled before stay good until revoked."""
    await connection.execute(
        """INSERT INTO sensing.word (thing, listener, mac) VALUES ($1, $2, $3)
           ON CONFLICT (thing, listener, mac) DO UPDATE SET revoked_at = NULL, issued_at = now()""",
        thing,
        listener.name,
        mac(key(city), thing, listener.name, word),
    )


async def revoke(connection: Connection, thing: str) -> int:
    """Let a thing in no more, at any listener; how many words there were."""
    done = await connection.execute(
        "UPDATE sensing.word SET revoked_at = now() WHERE thing = $1 AND revoked_at IS NULL", thing
    )
    return int(done.split()[-1])


async def verify(city: City, key: bytes, asked: Sequence[tuple[str, str, str]]) -> list[bool]:
    """Which of (listener, thing, word) are good, in one question to the database."""
    macs = [mac(key, thing, listener, word) for listener, thing, word in asked]
    rows = await city[Database].fetch(
        """SELECT w.thing, w.listener, w.mac FROM sensing.word w
           JOIN unnest($1::text[], $2::text[], $3::bytea[]) AS a (thing, listener, mac)
             USING (thing, listener, mac)
           WHERE w.revoked_at IS NULL""",
        [thing for _, thing, _ in asked],
        [listener for listener, _, _ in asked],
        macs,
    )
    good = {(r["listener"], r["thing"], bytes(r["mac"])) for r in rows}
    return [(listener, thing, m) in good for (listener, thing, _), m in zip(asked, macs, strict=True)]


async def revoked_since(city: City, since: datetime) -> set[tuple[str, str]]:
    """(listener, thing) with a word revoked since a moment and none left that is good."""
    rows = await city[Database].fetch(
        """SELECT DISTINCT listener, thing FROM sensing.word w WHERE revoked_at >= $1 AND NOT EXISTS (
             SELECT 1 FROM sensing.word v WHERE v.thing = w.thing AND v.listener = w.listener
             AND v.revoked_at IS NULL)""",
        since,
    )
    return {(r["listener"], r["thing"]) for r in rows}
