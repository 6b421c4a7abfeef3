"""Words a person reads, always in both languages."""

from typing import Literal

import msgspec

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = ("zh", "en")


class Text(msgspec.Struct, frozen=True):
    """A phrase in Chinese and English; `{name}` places are filled by :meth:`filled`."""

    zh: str
    en: str

    def in_(self, language: Language) -> str:
        return self.zh if language == "zh" else self.en

    def filled(self, **facts: object) -> "Text":
        """The same phrase with its places filled; values are shown as they are."""
        return Text(self.zh.format(**facts), self.en.format(**facts))


def preferred(accept_language: str | None, default: Language = "zh") -> Language:
    """The language of an `Accept-Language` header (RFC 9110 §12.5.4): the first we speak, by weight."""
    if not accept_language:
        return default
    best: tuple[float, Language] | None = None
    for part in accept_language[:256].split(","):
        tag, _, weight = part.strip().partition(";")
        base = tag.strip().lower().split("-")[0]
        if base not in LANGUAGES:
            continue
        try:
            q = float(weight.strip()[2:]) if weight.strip().startswith("q=") else 1.0
        except ValueError:
            continue
        if q > 0 and (best is None or q > best[0]):
            best = (q, "zh" if base == "zh" else "en")
    return best[1] if best else default
