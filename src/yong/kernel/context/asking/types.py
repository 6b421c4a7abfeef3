"""The entity type selection language (ETSI GS CIM 009 clause 4.17)."""

import re
from collections.abc import Callable

import msgspec

from yong.kernel.context.asking.reading import All, Any, Reader, leaves, logical

_NAME = re.compile(r"[^\s;|,()\"<>\\^`{}]+")


class OfType(msgspec.Struct, frozen=True):
    """The entities that have this type, perhaps beside others."""

    name: str


def parse(text: str) -> object:
    """The tree of a selection: OfTypes under All and Any. Raises Invalid."""
    return logical(Reader(text, "type"), _type, ("|", ","))


def _type(reader: Reader) -> OfType:
    name = reader.match(_NAME)
    if name is None:
        reader.fail("类型名", "the name of a type")
    return OfType(name)


def renamed(tree: object, name: Callable[[str], str]) -> object:
    """The tree with its types called as they are stored."""

    def one(leaf: object) -> object:
        assert isinstance(leaf, OfType)
        return OfType(name(leaf.name))

    return leaves(tree, one)


def alone(tree: object) -> frozenset[str]:
    """The types any of which is enough by itself: the only way in for an entity of one type."""
    match tree:
        case OfType(name):
            return frozenset({name})
        case Any(parts):
            return frozenset().union(*map(alone, parts))
        case All(parts):
            return frozenset.intersection(*map(alone, parts))
    return frozenset()


def names(tree: object) -> frozenset[str]:
    """Every type that a selection speaks of."""
    match tree:
        case OfType(name):
            return frozenset({name})
        case Any(parts) | All(parts):
            return frozenset().union(*map(names, parts))
    return frozenset()


def holds(tree: object, name: str) -> bool:
    """Whether what has this type and no other is meant."""
    match tree:
        case Any(parts):
            return any(holds(part, name) for part in parts)
        case All(parts):
            return all(holds(part, name) for part in parts)
    return isinstance(tree, OfType) and tree.name == name
