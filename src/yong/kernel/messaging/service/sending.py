"""Sending: what was told goes out by the channels that its readers chose, each letter once, tried again where it fails."""

from datetime import timedelta

from prometheus_client import Counter

from yong.kernel.base import clock
from yong.kernel.base.city import City
from yong.kernel.messaging import logic, store
from yong.kernel.messaging.contracts import CODE_MINUTES, Failed, Letter
from yong.kernel.messaging.service import choosing
from yong.kernel.messaging.service.telling import Declared
from yong.kernel.store.database import Database

RETRIES = 11  # with waits of 2, 4, 8 … seconds: about an hour
LETTERS = Counter(
    "yong_letters", "Attempts to send letters by the channels of messages", ["channel", "outcome"]
)


async def deliver(city: City, delivery: str) -> None:
    """Send a letter, unless it was sent or its reader wants it no more. Raises Failed, to be tried again.

    If the process dies between sending and noting it, the letter goes once more, under the same id.
    """
    database, declared = city[Database], city[Declared]
    row = await store.to_send(database, delivery)
    if row is None or row["state"] in ("sent", "withdrawn"):
        return
    found, channel = declared.messages.get(row["kind"]), declared.channels.get(row["channel"])
    if found is None or channel is None or row["address"] is None:
        await store.settle(database, delivery, "withdrawn")
        return
    message, sender = found
    subject, text = logic.letter(
        message, sender, store.values_of(row), row["language"], city.settings.public_url
    )
    letter = Letter(
        id=row["id"], address=row["address"], subject=subject, text=text, language=row["language"]
    )
    try:
        await channel.send(city, letter)
    except Failed as error:
        LETTERS.labels(channel.name, "failed").inc()
        spent = row["attempts"] >= RETRIES
        await store.settle(database, delivery, "failed" if spent else "waiting", str(error)[:200])
        raise
    LETTERS.labels(channel.name, "sent").inc()
    await store.settle(database, delivery, "sent")


async def send_code(city: City, account: str, channel: str, nonce: str) -> None:
    """Send the code of an address, unless another one was asked for since or its time is over. Raises Failed."""
    row = await store.contact(city[Database], account, channel)
    way = city[Declared].channels.get(channel)
    if row is None or way is None or row["nonce"] != nonce or row["code_until"] < clock.now():
        return
    said = choosing.code(city, account, channel, row["address"], nonce)
    subject, text = logic.code_letter(said, CODE_MINUTES, row["language"])
    letter = Letter(
        id=f"code-{nonce}", address=row["address"], subject=subject, text=text, language=row["language"]
    )
    try:
        await way.send(city, letter)
    except Failed:
        LETTERS.labels(way.name, "failed").inc()
        raise
    LETTERS.labels(way.name, "sent").inc()


async def forget(city: City) -> int:
    """Drop what is older than `message_days`; how many messages."""
    return await store.forget(city[Database], clock.now() - timedelta(days=city.settings.message_days))
