"""What a check finds: a rule, what broke it in words, and the bytes that did.

A *grave* finding is an error: the message is refused, lost or read wrongly. The others are remarks: it is taken in,
and another platform may not do so.
"""

from collections.abc import Mapping

import msgspec

from yong.kernel.base.text import Text

_SHOWN = 160  # characters of a message
_PRINTABLE = frozenset(range(32, 127)) | {9, 10, 13}
_SECOND_US = 1_000_000
_HOUR_US = 3600 * _SECOND_US
AHEAD_US = 300 * _SECOND_US  # a clock that is set by the network is nearer than this
_ZONE_US = 8 * _HOUR_US
_NEAR_US = _HOUR_US // 4
_TWICE = Text("（时区重复换算？）", " (the zone added twice?)")


class Rule(msgspec.Struct, frozen=True):
    """A rule: its name, and the words for what breaks it, with places for the facts."""

    name: str
    text: Text
    grave: bool = True


class Finding(msgspec.Struct, frozen=True):
    """A rule that was broken; `shown` is the message, shortened."""

    rule: str
    text: Text
    grave: bool = True
    shown: str = ""


class About(msgspec.Struct, frozen=True, kw_only=True):
    """Whose connection it is said to be; `units` are the thing type's, by attribute."""

    thing: str
    word: str | None = None
    units: Mapping[str, str] = {}


class Inspector:
    """One connection of a device, listened to. It keeps no more than the bytes of a message that has not ended."""

    def __init__(self, about: About) -> None:
        self.about = about
        self.messages = 0

    def heard(self, data: bytes, now_us: int) -> list[Finding]:
        """What is wrong with the messages that these bytes of the device complete (UTC microseconds)."""
        raise NotImplementedError

    def said(self, data: bytes) -> list[Finding]:
        """What the door's answer says is wrong."""
        return []

    def ended(self) -> list[Finding]:
        """What is wrong when the device says no more."""
        return []


def broken(rule: Rule, message: bytes = b"", **facts: object) -> Finding:
    """A finding with its facts, of which some may be words in both languages."""
    zh, en = ({n: _word(fact, language) for n, fact in facts.items()} for language in ("zh", "en"))
    text = Text(rule.text.zh.format(**zh), rule.text.en.format(**en))
    return Finding(rule.name, text, rule.grave, shown(message))


def _word(fact: object, language: str) -> object:
    return getattr(fact, language) if isinstance(fact, Text) else fact


def refused(rule: Rule, text: Text, message: bytes) -> Finding:
    """A finding in the words of the decoder that refuses the message."""
    words = Text(f"{rule.text.zh}：{text.zh}", f"{rule.text.en}: {text.en}")
    return Finding(rule.name, words, rule.grave, shown(message))


def shown(message: bytes) -> str:
    """A message as a person may read it: text where it is text, else hexadecimal digits."""
    text = message.decode("ascii").strip() if _PRINTABLE.issuperset(message) else message.hex().upper()
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def times(protocol: str) -> tuple[Rule, Rule]:
    """A protocol's rules for moments: no moment of this age, and a clock that is ahead."""
    return (
        Rule(f"{protocol}.time", Text("{what} {said} 不是有效时间", "{what} {said} is not a moment")),
        Rule(f"{protocol}.clock", Text("{what} 超前 {ahead}{hint}", "{what} is {ahead} ahead{hint}")),
    )


def ahead(rule: Rule, what: Text, moment: int, now_us: int, message: bytes) -> list[Finding]:
    """Whether a moment lies in the future, and perhaps why."""
    by = moment - now_us
    if by <= AHEAD_US:
        return []
    hint = _TWICE if abs(by - _ZONE_US) < _NEAR_US else Text("", "")
    return [broken(rule, message, what=what, ahead=_span(by), hint=hint)]


def behind(rule: Rule, what: Text, moment: int, now_us: int, message: bytes) -> list[Finding]:
    """Whether what is said to be of now lies eight hours back, as UTC in place of China's time does."""
    if abs(now_us - moment - _ZONE_US) >= _NEAR_US:
        return []
    return [broken(rule, message, what=what)]


def _span(micros: int) -> Text:
    minutes = round(micros / (60 * _SECOND_US))
    if minutes >= 2 * 24 * 60:
        return Text(f"{minutes // 1440} 天", f"{minutes // 1440} days")
    hours, rest = divmod(minutes, 60)
    return (
        Text(f"{hours} 小时 {rest} 分", f"{hours} h {rest} min")
        if hours
        else Text(f"{rest} 分", f"{rest} min")
    )
