"""Letters by e-mail and text message: closed until set up, to verified addresses, tried again, then dead letters."""

from email.message import EmailMessage
from pathlib import Path

import httpx
import pytest
from tests.conftest import TestDatabase
from tests.messaging.sample import (
    DRILL,
    MailServer,
    gateway,
    hurry,
    mail_server,
    person,
    set_up,
    tell,
    with_drills,
    word_file,
    working,
)

from yong.kernel.access import api as access
from yong.kernel.access.contracts import Caller
from yong.kernel.base.city import City
from yong.kernel.base.errors import Conflict, Forbidden, Invalid, Refused, TooMany
from yong.kernel.base.settings import load
from yong.kernel.messaging import api, logic
from yong.kernel.messaging.adapters.email import EMAIL as EMAIL_CHANNEL
from yong.kernel.messaging.contracts import Failed, Letter, MessageChoice
from yong.kernel.messaging.service.sending import RETRIES
from yong.kernel.store import jobs
from yong.kernel.store.database import Database
from yong.kernel.store.jobs import Jobs

EMAIL, SMS = "messaging.email", "messaging.sms"


def by_mail(city: City, server: MailServer) -> None:
    set_up(
        city, smtp_url=f"smtp://127.0.0.1:{server.port}", smtp_from="yong@city.example",
        message_hosts="127.0.0.1", public_url="https://city.example",
    )  # fmt: skip


def code_in(server: MailServer) -> str:
    _, mail = server.mails[-1]
    assert isinstance(mail, EmailMessage)
    return next(
        word for word in mail.get_content().replace(".", " ").split() if word.isdigit() and len(word) == 6
    )


async def verified(city: City, queue: Jobs, caller: Caller, server: MailServer, address: str) -> None:
    await api.set_contact(city, caller, EMAIL, address)
    await queue.work(wait=False)
    await api.verify_contact(city, caller, EMAIL, code_in(server))


async def test_a_letter_goes_to_a_verified_address_that_was_chosen(
    city: City, database: TestDatabase
) -> None:
    with_drills(city)
    one, other = await person(city), await person(city)
    parties = [str(one.party), str(other.party)]
    storm = {"place": "江东", "since": "08:00", "level": 3}
    async with mail_server() as server, working(city, database.serve_url) as queue:
        by_mail(city, server)
        await verified(city, queue, one, server, " wang@Example.ORG ")
        await tell(city, parties, "drill.storm", key="before", **storm)
        await queue.work(wait=False)
        assert len(server.mails) == 1  # the code: nothing goes out that was not chosen
        await api.choose(city, one, [MessageChoice(k, EMAIL, True) for k in ("drill.storm", "drill.fine")])
        await tell(city, parties, "drill.storm", **storm)
        await tell(city, parties, "drill.fine", number="secret 12")
        assert len(server.mails) == 1  # nothing goes before the transaction of the fact is over
        await queue.work(wait=False)
        await queue.work(wait=False)
    (to, storm_mail), (_, fine) = sorted(server.mails[1:], key=lambda m: "Storm" not in m[1]["subject"])
    assert to == "wang@example.org"
    assert (storm_mail["From"], storm_mail["Auto-Submitted"]) == ("yong@city.example", "auto-generated")
    assert storm_mail["Subject"] == "Storm in 江东"
    assert isinstance(storm_mail, EmailMessage)
    assert isinstance(fine, EmailMessage)
    assert "Since 08:00 the water stands at 3 cm." in storm_mail.get_content()
    assert "https://city.example/portal/places?q=%E6%B1%9F%E4%B8%9C" in storm_mail.get_content()
    assert (
        fine["Subject"] == "Drills: You have a new message"
    )  # of personal matters, no more than that it is there
    assert "secret 12" not in fine.get_content()
    assert "https://city.example/portal/messages" in fine.get_content()
    found = await api.receipts(city, DRILL, "drill.fine", "1")
    assert (found.told, found.stored, found.sent, found.failed) == (2, 2, 1, 0)
    [mine] = [m for m in (await api.inbox(city, one)).items if m.kind == "drill.fine"]
    assert [(r.channel, r.state) for r in (await api.one(city, one, mine.id)).receipts] == [
        ("inbox", "stored"), (EMAIL, "sent"),
    ]  # fmt: skip


async def test_what_cannot_be_sent_is_tried_again_and_then_waits_for_a_person(
    city: City, database: TestDatabase
) -> None:
    with_drills(city)
    one = await person(city)

    async def state() -> tuple[str, int, str | None]:
        row = await city[Database].fetchrow("SELECT state, attempts, failure FROM messaging.delivery")
        assert row is not None
        return row["state"], row["attempts"], row["failure"]

    async with mail_server() as server, working(city, database.serve_url) as queue:
        by_mail(city, server)
        await verified(city, queue, one, server, "wang@example.org")
        await api.choose(city, one, [MessageChoice("drill.fine", EMAIL, True)])
        server.refuse = b"451 come again"
        await tell(city, str(one.party))
        await queue.work(wait=False)
        failure = "SMTPRecipientsRefused"
        assert await state() == ("waiting", 1, failure)
        for _ in range(RETRIES - 1):
            await hurry(city)
            await queue.work(wait=False)
        assert await state() == ("waiting", RETRIES, failure)
        assert await jobs.waiting(city[Database]) == (0, 0)
        await hurry(city)
        await queue.work(wait=False)
        assert await state() == ("failed", RETRIES + 1, failure)
        [dead] = await jobs.dead(city[Database])
        assert dead.name == "messaging.deliver"
        assert "wang" not in str(dead.arguments)
        [mine] = (await api.inbox(city, one)).items
        assert [r.state for r in (await api.one(city, one, mine.id)).receipts] == ["stored", "failed"]
        server.refuse = None
        async with city[Database].transaction() as connection:
            await jobs.retry(connection, dead.id)
        await queue.work(wait=False)
        assert (await state())[0] == "sent"
        sent = len(server.mails)
        delivery = await city[Database].fetchval("SELECT id FROM messaging.delivery")
        await api.deliver(
            city, access.system_caller("messaging"), delivery
        )  # done again after its process was killed
        assert len(server.mails) == sent
        with pytest.raises(Forbidden):
            await api.deliver(city, one, delivery)


async def test_a_letter_whose_reader_chose_otherwise_meanwhile_does_not_go(
    city: City, database: TestDatabase
) -> None:
    with_drills(city)
    one = await person(city)
    async with mail_server() as server, working(city, database.serve_url) as queue:
        by_mail(city, server)
        await verified(city, queue, one, server, "wang@example.org")
        await api.choose(city, one, [MessageChoice("drill.fine", EMAIL, True)])
        await tell(city, str(one.party))
        await api.choose(city, one, [MessageChoice("drill.fine", EMAIL, False)])
        await tell(city, str(one.party), key="2")
        await api.choose(city, one, [MessageChoice("drill.fine", EMAIL, True)])
        await tell(city, str(one.party), key="3")
        await api.drop_contact(city, one, EMAIL)
        await tell(city, str(one.party), key="4")
        await queue.work(wait=False)
        assert len(server.mails) == 1
    states = await city[Database].fetch("SELECT state FROM messaging.delivery")
    assert [r["state"] for r in states] == ["withdrawn", "withdrawn"]


@pytest.mark.parametrize(
    ("scheme", "host", "why"),
    [
        (
            "smtp",
            "127.0.0.2",
            "SMTPNotSupportedError",
        ),  # not this machine by name: the server must speak STARTTLS
        ("smtps", "127.0.0.1", "SSLError"),  # no TLS at all
        ("smtp", "127.0.0.3", "ConnectionRefusedError"),
    ],
)
async def test_nothing_goes_in_the_clear_to_another_machine(
    city: City, scheme: str, host: str, why: str
) -> None:
    letter = Letter(id="1", address="wang@example.org", subject="x", text="y", language="en")
    async with mail_server("127.0.0.2" if host == "127.0.0.2" else "127.0.0.1") as server:
        set_up(
            city, smtp_url=f"{scheme}://{host}:{server.port}", smtp_from="a@city.example", message_hosts=host
        )
        with pytest.raises(Failed, match=why):
            await EMAIL_CHANNEL.send(city, letter)
    assert server.mails == []


async def test_whoever_signs_in_at_the_mail_server_does_so_with_the_word_of_the_file(
    city: City, tmp_path: Path
) -> None:
    letter = Letter(id="1", address="wang@example.org", subject="主题", text="甬\n.\n结束", language="zh")
    async with mail_server() as server:
        set_up(
            city, smtp_url=f"smtp://yong%40city@127.0.0.1:{server.port}", smtp_from="a@city.example",
            message_hosts="*", smtp_password_file=word_file(tmp_path, "the word"),
        )  # fmt: skip
        await EMAIL_CHANNEL.send(city, letter)
    assert server.signed_in == ["yong@city", "the word"]
    [(_, mail)] = server.mails
    assert isinstance(mail, EmailMessage)
    assert (mail["Subject"], mail.get_content().splitlines()) == ("主题", ["甬", ".", "结束"])


async def test_text_messages_go_to_the_gateway_as_the_page_says(
    city: City, database: TestDatabase, tmp_path: Path
) -> None:
    with_drills(city)
    one = await person(city)
    async with gateway() as far, working(city, database.serve_url) as queue:
        set_up(
            city, sms_url=far.url, message_hosts="127.0.0.1", sms_secret_file=word_file(tmp_path, "the word")
        )
        await api.set_contact(city, one, SMS, "+86 138 1234 5678")
        await queue.work(wait=False)
        [code] = far.taken
        assert code["to"] == "+8613812345678"
        said = "".join(c for c in code["text"].partition("is ")[2] if c.isdigit())[:6]
        await api.verify_contact(city, one, SMS, f" {said[:3]} {said[3:]}")
        await api.choose(city, one, [MessageChoice("drill.storm", SMS, True)])
        await tell(city, str(one.party), "drill.storm", place="x" * 400, since="y", level=1)
        far.status = 302  # a gateway that would lead elsewhere leads nowhere
        await queue.work(wait=False)
        far.status = 200
        await hurry(city)
        await queue.work(wait=False)
    letter, headers = far.taken[1], far.headers[1]
    assert letter["language"] == "en"
    assert len(letter["text"]) <= 300
    assert headers["Idempotency-Key"] == letter["id"]
    assert headers["Authorization"] == "Bearer the word"


async def test_a_code_is_good_for_one_address_a_while_and_five_tries(
    city: City, database: TestDatabase
) -> None:
    with_drills(city)
    one, other = await person(city), await person(city)
    with pytest.raises(Conflict):  # no channel is set up
        await api.set_contact(city, one, EMAIL, "wang@example.org")
    async with mail_server() as server, working(city, database.serve_url) as queue:
        by_mail(city, server)
        for wrong in (
            "wang",
            "a@b",
            "a b@c.org",
            "a@b.org\r\nBcc: x@y.org",
            "<a@b.org>",
            "甬@b.org",
            "x" * 250 + "@b.org",
        ):
            with pytest.raises(Invalid):
                await api.set_contact(city, one, EMAIL, wrong)
        await api.set_contact(city, one, EMAIL, "wang@example.org")
        await queue.work(wait=False)
        code = code_in(server)
        args = await city[Database].fetch("SELECT args FROM jobs.procrastinate_jobs")
        kept = await city[Database].fetch("SELECT * FROM messaging.contact")
        assert code not in f"{args}{[dict(r) for r in kept]}"
        wrong_code = f"{(int(code) + 1) % 1_000_000:06}"
        for _ in range(5):
            with pytest.raises(Invalid):
                await api.verify_contact(city, one, EMAIL, wrong_code)
        with pytest.raises(Conflict):
            await api.verify_contact(city, one, EMAIL, code)
        await api.set_contact(city, one, EMAIL, "wang@example.org")
        await queue.work(wait=False)
        second = code_in(server)
        with pytest.raises(Conflict):
            await api.verify_contact(city, other, EMAIL, second)  # it is nobody else's
        await city[Database].execute("UPDATE messaging.contact SET code_until = now() - interval '1 s'")
        with pytest.raises(Conflict):
            await api.verify_contact(city, one, EMAIL, second)
        for _ in range(3):
            await api.set_contact(city, one, EMAIL, "wang@example.org")
        for somebody in (one, other):  # nor can others have codes sent there without end
            with pytest.raises(TooMany):
                await api.set_contact(city, somebody, EMAIL, "wang@example.org")
        sent = len(server.mails)
        await queue.work(wait=False)
        assert (
            len(server.mails) == sent + 1
        )  # of codes that were asked for one after the other the last alone goes
        assert not (await api.choices(city, one)).channels[0].verified
        await api.verify_contact(city, one, EMAIL, code_in(server))
        assert (await api.choices(city, one)).channels[0].verified
    entries = await city[Database].fetch(
        "SELECT facts FROM access.audit_entry WHERE action LIKE 'messaging.%contact'"
    )
    assert len(entries) == 6
    assert all(e["facts"] == {"channel": EMAIL} for e in entries)


async def test_the_doors_of_choices_and_addresses(city: City, client: httpx.AsyncClient) -> None:
    with_drills(city)
    one = await person(city)
    headers = {"x-api-key": await access.issue_key(city, one, "tests", ["access.resident"])}
    shown = (await client.get("/messages/choices", headers=headers)).json()
    assert [(c["name"], c["opened"]) for c in shown["channels"]] == [(EMAIL, False), (SMS, False)]
    chosen = {"choices": [{"kind": "drill.storm", "channel": "inbox", "wanted": False}]}
    assert (await client.put("/messages/choices", json=chosen, headers=headers)).status_code == 204
    law = {"choices": [{"kind": "drill.fine", "channel": "inbox", "wanted": False}]}
    refused = await client.put("/messages/choices", json=law, headers=headers)
    assert refused.status_code == 422
    assert "law" in refused.json()["errors"][0]["detail"]
    path = f"/messages/contacts/{EMAIL}"
    assert (await client.put(path, json={"address": "a@b.org"}, headers=headers)).status_code == 409
    assert (await client.post(f"{path}/code", json={"code": "123456"}, headers=headers)).status_code == 409
    assert (await client.delete(path, headers=headers)).status_code == 404
    assert (await client.delete("/messages/contacts/pigeon", headers=headers)).status_code == 404
    async with mail_server() as server:
        by_mail(city, server)
        assert (await client.put(path, json={"address": "a@b.org"}, headers=headers)).status_code == 202
        assert (
            await client.post(f"{path}/code", json={"code": "123456"}, headers=headers)
        ).status_code == 422
        assert (await client.delete(path, headers=headers)).status_code == 204


@pytest.mark.parametrize(
    ("chosen", "wrong"),
    [
        ({"smtp_url": "smtps://mail.example:465", "smtp_from": "a@b.c"}, "smtp_url"),  # not among the hosts
        ({"smtp_url": "smtp://u:word@mail.example", "smtp_from": "a@b.c", "message_hosts": "*"}, "smtp_url"),
        ({"smtp_url": "http://mail.example", "smtp_from": "a@b.c", "message_hosts": "*"}, "smtp_url"),
        ({"smtp_url": "smtp://mail.example", "message_hosts": "*"}, "smtp_from"),
        ({"sms_url": "https://sms.example/x", "message_hosts": "mail.example"}, "sms_url"),
        ({"sms_url": "http://sms.example/x", "message_hosts": "*"}, "sms_url"),
        (
            {"sms_url": "https://sms.example/x", "message_hosts": "*", "sms_secret_file": "/nowhere"},
            "sms_secret_file",
        ),
        ({"message_days": 1}, "message_days"),
    ],
)
def test_settings_that_would_open_too_much_stop_the_start(chosen: dict[str, object], wrong: str) -> None:
    said = {f"YONG_{k.upper()}": str(v) for k, v in chosen.items()}
    with pytest.raises(Refused) as found:
        load({"YONG_HOME": "/nonexistent", **said})
    assert [p.pointer for p in found.value.problems] == [wrong]


def test_addresses_are_kept_in_one_form() -> None:
    assert logic.email_address(" Wang.Li+x@Mail.Example.ORG ") == "Wang.Li+x@mail.example.org"
    assert logic.telephone("(0574) 8718-1234") == "057487181234"
    assert logic.telephone("+86 138 1234 5678") == "+8613812345678"
    for wrong in ("", "12", "138x", "++8613812345678", "1" * 16):
        assert logic.telephone(wrong) is None
