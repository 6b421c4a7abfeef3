"""The rules of messages: templates and their places, what a letter says, codes and addresses. Pure."""

import hmac
import re
import string
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from urllib.parse import quote

from yong.kernel.base.clock import CHINA
from yong.kernel.base.text import LANGUAGES, Language, Text
from yong.kernel.messaging.contracts import ABOUT, ADDRESS, BODY, KEY, TITLE, VALUE, VALUES, Message, Value

_NAME = re.compile(r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*")
_PLACE = re.compile(r"[a-z][a-z0-9_]*")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f]")
_EMAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}")  # fmt: skip
_PHONE = re.compile(r"\+?[0-9]{5,15}")
_NEW = Text("您有一条新消息", "You have a new message")
_OPEN = Text("请登录甬查看：{link}", "Sign in to Yong to read it: {link}")
_OPEN_PLAIN = Text("请登录甬查看。", "Sign in to Yong to read it.")
_CODE = Text("甬验证码", "Code from Yong")
_CODE_TEXT = Text(
    "验证码 {code}，{minutes} 分钟内有效。如非本人操作，请忽略。",
    "Your code is {code}. It is good for {minutes} minutes. If you did not ask for it, do nothing.",
)
GONE = Text("一条消息", "A message")
GONE_BODY = Text("发出这条消息的功能已停用。", "What sent this message is no longer in use.")


def places(template: str) -> set[str]:
    """The named places of a template. Raises ValueError for any other kind of place."""
    found = set()
    for _, name, spec, conversion in string.Formatter().parse(template):
        if name is None:
            continue
        if not _PLACE.fullmatch(name) or spec or conversion:
            raise ValueError(name)
        found.add(name)
    return found


def places_of(message: Message) -> set[str]:
    """All places of a message's templates and paths."""
    texts = (message.title.zh, message.body.zh, message.portal or "", message.console or "")
    return set().union(*(places(text) for text in texts))


def faults(message: Message) -> Iterator[str]:
    """What is wrong with a declaration."""
    if not _NAME.fullmatch(message.name):
        yield "name"
    for what, text, most in (("title", message.title, TITLE), ("body", message.body, BODY)):
        if not all(0 < len(text.in_(one)) <= most for one in LANGUAGES) or "\n" in message.title.zh:
            yield f"{what}: length"
        try:
            if places(text.zh) != places(text.en):
                yield f"{what}: the languages have other places"
        except ValueError as error:
            yield f"{what}: {error}"
    for what, path in (("portal", message.portal), ("console", message.console)):
        if path is None:
            continue
        try:
            places(path)
        except ValueError as error:
            yield f"{what}: {error}"
        if not path.startswith(f"/{what}") or path.startswith("//"):
            yield f"{what}: leads elsewhere"


def unfit(
    message: Message, values: Mapping[str, Value], about: tuple[str, str] | None, key: str
) -> Iterator[str]:
    """What is wrong with the facts of a telling."""
    lacking = places_of(message) - values.keys()
    if lacking:
        yield f"values: {', '.join(sorted(lacking))}"
    if len(values) > VALUES:
        yield f"values: more than {VALUES}"
    for name, value in values.items():
        said = (value.zh, value.en) if isinstance(value, Text) else (str(value),)
        if not _PLACE.fullmatch(name) or any(len(s) > VALUE or _CONTROL.search(s) for s in said):
            yield f"values: {name[:60]}"
    if not 0 < len(key) <= KEY or _CONTROL.search(key):
        yield "key"
    if about is not None and not all(0 < len(part) <= ABOUT and "\0" not in part for part in about):
        yield "about"


def kept(value: Value) -> object:
    """A value as it is kept."""
    if isinstance(value, Text):
        return {"zh": value.zh, "en": value.en}
    if isinstance(value, datetime):
        return {"moment": value.isoformat()}
    return value.isoformat() if isinstance(value, date) else value


def shown(value: object, language: Language) -> str:
    """A value that was kept, as somebody reads it."""
    if isinstance(value, dict):
        if "moment" in value:
            return f"{datetime.fromisoformat(str(value['moment'])).astimezone(CHINA):%Y-%m-%d %H:%M}"
        return str(value.get(language, ""))
    return str(value)


class _Filling(dict[str, str]):
    """Values by place; a place that a later declaration added has none."""

    def __missing__(self, key: str) -> str:
        return "…"


def filled(template: Text, values: Mapping[str, object], language: Language) -> str:
    """A template with its places filled."""
    return template.in_(language).format_map(_Filling({k: shown(v, language) for k, v in values.items()}))


def path(template: str | None, values: Mapping[str, object]) -> str | None:
    """A path with its places filled, none of which can lead anywhere else."""
    if template is None:
        return None
    return template.format_map(_Filling({k: quote(shown(v, "en"), safe="") for k, v in values.items()}))


def letter(
    message: Message, sender: Text, values: Mapping[str, object], language: Language, origin: str | None
) -> tuple[str, str]:
    """Subject and text of a letter. Of a personal message no more than that it is there, and where."""
    way = path(message.console if message.staff else message.portal, values) or (
        "/console/messages" if message.staff else "/portal/messages"
    )
    link = f"{origin.rstrip('/')}{way}" if origin else None
    read = _OPEN.in_(language).format(link=link) if link else _OPEN_PLAIN.in_(language)
    if message.personal:
        new = _NEW.in_(language)
        subject = f"{sender.zh}：{new}" if language == "zh" else f"{sender.en}: {new}"
        return subject, f"{subject}\n{read}"
    subject = " ".join(filled(message.title, values, language).split())
    return subject, f"{filled(message.body, values, language)}\n{read}"


def code_letter(code: str, minutes: int, language: Language) -> tuple[str, str]:
    """Subject and text of the letter that proves an address."""
    return _CODE.in_(language), _CODE_TEXT.in_(language).format(code=code, minutes=minutes)


def code_of(secret: str, account: str, channel: str, address: str, nonce: str) -> str:
    """The six digits that prove an address; they follow from the asking and stand nowhere."""
    said = "\n".join((account, channel, address, nonce))
    digest = hmac.digest(secret.encode(), said.encode(), "sha256")
    return str(int.from_bytes(digest[:8], "big") % 1_000_000).zfill(6)


def right_code(code: str, written: str) -> bool:
    """Whether that is the code, with blanks and full-width digits as people write them."""
    digits = written[:40].translate({0xFF10 + n: str(n) for n in range(10)})
    said = "".join(c for c in digits if c.isascii() and c.isdigit())
    return hmac.compare_digest(code, said)


def email_address(written: str) -> str | None:
    """An e-mail address (the mailbox of RFC 5321, without quotes), its domain in small letters."""
    said = written.strip()
    if len(said) > ADDRESS or not _EMAIL.fullmatch(said):
        return None
    local, _, domain = said.rpartition("@")
    return f"{local}@{domain.lower()}"


def telephone(written: str) -> str | None:
    """A telephone number (ITU-T E.164 or as dialled here), digits alone."""
    said = re.sub(r"[\s()\-]", "", written.strip()[:40])
    return said if _PHONE.fullmatch(said) else None
