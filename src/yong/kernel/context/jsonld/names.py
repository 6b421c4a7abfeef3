"""A context in force: terms to IRIs and back, with the core context before everything (clauses 4.4, 5.5.7).

A context holds what names need: terms, prefixes and `@vocab`. Coercions of values have no effect, because
NGSI-LD says by itself which members hold IRIs; contexts within term definitions are checked and not applied.
"""

from collections.abc import Mapping
from typing import Any

from yong.kernel.base.errors import Invalid
from yong.kernel.base.text import Text
from yong.kernel.context.jsonld import core

MOST_TERMS = 10_000
DEEPEST = 8
LONGEST = 2048  # characters of an IRI or a term
_PREFIX_ENDS = (
    ":",
    "/",
    "?",
    "#",
    "[",
    "]",
    "@",
)  # of a simple term that may stand before a colon (JSON-LD 1.1)
_SCHEMES = frozenset({"http", "https", "urn"})
_KEYWORDS = frozenset({"@vocab", "@base", "@version", "@language", "@direction", "@propagate", "@protected"})

_WRONG = Text("@context 有误：{why_zh}", "The @context is wrong: {why_en}")


class Names:
    """Terms, prefixes and vocabulary of one or more contexts; without any, those of the core context."""

    def __init__(self, terms: Mapping[str, str] | None = None, vocab: str = core.DEFAULT) -> None:
        self.vocab = vocab
        self._terms = {t: iri for t, iri in (terms or {}).items() if t not in core.TERMS}
        self._prefixes = {
            t: iri for t, iri in {**self._terms, **core.TERMS}.items() if iri.endswith(_PREFIX_ENDS)
        }
        self._of: dict[str, str] = {}
        for term in sorted(self._terms, key=lambda t: (len(t), t), reverse=True):
            self._of[self._terms[term]] = term
        self.plain = not self._terms and vocab == core.DEFAULT

    def expand(self, name: str) -> str:
        """The IRI that a name stands for."""
        found = core.TERMS.get(name) or self._terms.get(name)
        if found is not None:
            return found
        if name[:1] == "@":
            return name
        prefix, colon, rest = name.partition(":")
        if colon:
            base = None if rest.startswith("//") else self._prefixes.get(prefix)
            return name if base is None else base + rest
        return self.vocab + name

    def compact(self, iri: str) -> str:
        """The shortest name that stands for an IRI; the IRI itself where there is none."""
        term = core.IRIS.get(iri) or self._of.get(iri)
        if term is not None:
            return term
        if iri.startswith(self.vocab):
            name = iri[len(self.vocab) :]
            if name and self.expand(name) == iri:
                return name
        fitting = [
            f"{term}:{iri[len(base) :]}"
            for term, base in self._prefixes.items()
            if iri.startswith(base) and len(iri) > len(base)
        ]
        fitting = [name for name in fitting if name not in self._terms and self.expand(name) == iri]
        return min(fitting, key=lambda n: (len(n), n), default=iri)

    def stored(self, name: str) -> str:
        """A name as it is stored: compacted against the core context alone."""
        return name if self.plain and ":" not in name else core.stored(self.expand(name))

    def shown(self, name: str) -> str:
        """A stored name in the words of this context."""
        return name if self.plain and ":" not in name else self.compact(core.iri_of(name))


CORE = Names()


def references(context: Any) -> list[str]:
    """The addresses of contexts that a context refers to, in order. Raises Invalid for what is no context."""
    found: list[str] = []
    for part in _parts(context):
        if isinstance(part, str):
            found.append(part)
        elif "@import" in part:
            address = part["@import"]
            if not isinstance(address, str):
                raise wrong("@import 应为地址", "@import is an address")
            found.append(address)
    return found


def merged(context: Any, loaded: Mapping[str, Any]) -> Names:
    """The names of a context, with those it refers to as `loaded` by address. Raises Invalid."""
    terms: dict[str, str] = {}
    vocab = _merge(context, loaded, terms, core.DEFAULT, 0)
    return Names(terms, vocab) if terms or vocab != core.DEFAULT else CORE


def _merge(context: Any, loaded: Mapping[str, Any], terms: dict[str, str], vocab: str, depth: int) -> str:
    if depth > DEEPEST:
        raise wrong(f"嵌套超过 {DEEPEST} 层", f"it is nested deeper than {DEEPEST}")
    for part in _parts(context):
        if isinstance(part, str):
            if not core.is_core(part):
                vocab = _merge(loaded[part], loaded, terms, vocab, depth + 1)
            continue
        if "@import" in part and not core.is_core(part["@import"]):
            vocab = _merge(loaded[part["@import"]], loaded, terms, vocab, depth + 1)
        vocab = _define(part, terms, vocab, depth)
        if len(terms) > MOST_TERMS:
            raise wrong(f"超过 {MOST_TERMS} 个词", f"it has more than {MOST_TERMS} terms")
    return vocab


def _parts(context: Any) -> list[Any]:
    parts = context if isinstance(context, list) else [context]
    if len(parts) > 64:
        raise wrong("部分过多", "it has too many parts")
    for part in parts:
        if not isinstance(part, dict | str) or part == "":
            raise wrong("应为地址、对象或其数组", "it is an address, an object, or an array of them")
    return parts


def _define(part: Mapping[str, Any], terms: dict[str, str], vocab: str, depth: int) -> str:
    local: dict[str, str | None] = {}
    for term, definition in part.items():
        if term[:1] == "@":
            if term not in _KEYWORDS and term != "@import":
                raise wrong(f"不认识 {term[:100]}", f"{term[:100]} is not known")
            continue
        if not term or len(term) > LONGEST or term in _SCHEMES:
            raise wrong(f"{term[:100]!r} 不能作词", f"{term[:100]!r} may not be a term")
        local[term] = _id(term, definition, depth)
    declared = part.get("@vocab")
    if isinstance(declared, str) and declared:
        vocab = _resolved(declared, local, terms, vocab, ())
    elif declared is not None:
        raise wrong("@vocab 应为 IRI", "@vocab is an IRI")
    for term, target in local.items():
        if target is None:
            terms.pop(term, None)
    for term, target in local.items():
        if (
            target is not None and target[:1] != "@"
        ):  # aliases of keywords: the core context has NGSI-LD's own
            terms[term] = _resolved(target, local, terms, vocab, (term,))
    return vocab


def _id(term: str, definition: Any, depth: int) -> str | None:
    """What a term is defined to be, still in the words of its context; None where it is taken away."""
    if definition is None:
        return None
    if isinstance(definition, str):
        target: object = definition
    elif isinstance(definition, dict):
        scoped = definition.get("@context")
        if scoped is not None:
            _bounded(scoped, depth + 1)
        target = definition.get("@id", definition.get("@reverse", term))
    else:
        raise wrong(f"{term[:100]} 的定义有误", f"the definition of {term[:100]} is no string or object")
    if target is None:
        return None
    if not isinstance(target, str) or not target or len(target) > LONGEST:
        raise wrong(f"{term[:100]} 的 @id 有误", f"the @id of {term[:100]} is no IRI")
    return target


def _bounded(context: Any, depth: int) -> None:
    """Contexts within definitions: looked through to a depth, because they are not applied."""
    if depth > DEEPEST:
        raise wrong(f"嵌套超过 {DEEPEST} 层", f"it is nested deeper than {DEEPEST}")
    for part in _parts(context):
        for definition in part.values() if isinstance(part, dict) else ():
            if isinstance(definition, dict) and definition.get("@context") is not None:
                _bounded(definition["@context"], depth + 1)


def _resolved(
    name: str, local: Mapping[str, str | None], terms: Mapping[str, str], vocab: str, path: tuple[str, ...]
) -> str:
    """The IRI of a name within a context, whose terms may lean on one another."""
    if len(path) > DEEPEST * 2:
        raise wrong("词循环定义", "terms are defined by one another")
    target = local.get(name)
    if target is not None and name not in path:
        return _resolved(target, local, terms, vocab, (*path, name))
    if name in core.TERMS:
        return core.TERMS[name]
    if name in terms and name not in local:
        return terms[name]
    prefix, colon, rest = name.partition(":")
    if colon and not rest.startswith("//"):
        if prefix in core.TERMS:
            return core.TERMS[prefix] + rest
        if local.get(prefix) is not None and prefix not in path:
            return _resolved(prefix, local, terms, vocab, path) + rest
        if prefix in terms:
            return terms[prefix] + rest
    return name if colon else vocab + name


def wrong(zh: str, en: str) -> Invalid:
    """The error of a context that is none."""
    return Invalid(_WRONG, why_zh=zh, why_en=en)
