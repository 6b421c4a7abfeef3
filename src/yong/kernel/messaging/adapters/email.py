"""Letters by e-mail: SMTP (RFC 5321) with TLS from the first byte or by STARTTLS; in the clear on this machine alone."""

import asyncio
import smtplib
import ssl
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from urllib.parse import unquote, urlsplit

from yong.kernel.base import clock
from yong.kernel.base.city import City
from yong.kernel.base.settings import Settings, loopback
from yong.kernel.base.text import Text
from yong.kernel.messaging.contracts import Channel, Failed, Letter
from yong.kernel.messaging.logic import email_address

_TIMEOUT_S = 20.0
_PORTS = {"smtp": 587, "smtps": 465}


def opened(settings: Settings) -> bool:
    """Whether a mail server is set, and whom letters are from."""
    return settings.smtp_url is not None and settings.smtp_from is not None


async def send(city: City, letter: Letter) -> None:
    """Hand a letter to the mail server. Raises Failed."""
    settings = city.settings
    if not opened(settings):
        raise Failed("no mail server is set")
    try:
        await asyncio.to_thread(_send, settings, _written(settings, letter), letter.address)
    except smtplib.SMTPResponseException as error:
        raise Failed(f"SMTP {error.smtp_code}") from None
    except (smtplib.SMTPException, OSError, ValueError) as error:
        raise Failed(type(error).__name__) from None


def _written(settings: Settings, letter: Letter) -> EmailMessage:
    made = EmailMessage(policy=SMTP)
    domain = str(settings.smtp_from).rpartition("@")[2].rstrip(">")
    made["From"], made["To"], made["Subject"] = settings.smtp_from, letter.address, letter.subject
    made["Date"] = format_datetime(clock.now())
    made["Message-ID"] = f"<{letter.id}@{domain}>"
    made["Auto-Submitted"] = "auto-generated"  # RFC 3834: nothing is to answer it by itself
    made["Content-Language"] = "zh-CN" if letter.language == "zh" else "en"
    made.set_content(letter.text)
    return made


def _send(settings: Settings, written: EmailMessage, address: str) -> None:
    parts = urlsplit(str(settings.smtp_url))
    host, port = str(parts.hostname), parts.port or _PORTS[parts.scheme]
    context = ssl.create_default_context()
    client: smtplib.SMTP
    if parts.scheme == "smtps":
        client = smtplib.SMTP_SSL(host, port, timeout=_TIMEOUT_S, context=context)
    else:
        client = smtplib.SMTP(host, port, timeout=_TIMEOUT_S)
    with client:
        client.ehlo()
        if parts.scheme == "smtp" and not loopback(host):  # raises where the server offers none
            client.starttls(context=context)
        if parts.username and settings.smtp_password_file:
            word = settings.smtp_password_file.read_text("utf-8").splitlines()[0]
            client.login(unquote(parts.username), word)
        client.send_message(written, to_addrs=[address])


EMAIL = Channel(
    name="messaging.email",
    title=Text("电子邮件", "E-mail"),
    contact=Text("电子邮箱", "e-mail address"),
    autocomplete="email",
    address=email_address,
    opened=opened,
    send=send,
)
