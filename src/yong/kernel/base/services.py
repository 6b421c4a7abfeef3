"""Services for residents and firms, as modules declare them; the portal shows them and asks their questions.

A module that declares a `Service` edits no page: the portal lists it, finds it, asks one question a page, shows the
answers to be checked, and hands them to the module's own function, which authorizes and keeps the record.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime

import msgspec

from yong.kernel.base.text import Text


class Input(msgspec.Struct, frozen=True, kw_only=True):
    """One box of a question. It is a field of the journey's table, whose declaration says what fits.

    `field` "district" is the county-level area that the record belongs to. `label` is the field's meaning unless
    given; `autocomplete` a token of HTML's autofill (WCAG 1.3.5). `required` asks for what the table lets be empty.
    """

    field: str
    label: Text | None = None
    hint: Text | None = None
    autocomplete: str | None = None
    required: bool = False


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """One page of a journey: a question, and the boxes that answer it. `name` is its part of the address.

    `photos` is how many photos answer it, which need not be; such a question has no boxes.
    """

    name: str
    title: Text
    inputs: tuple[Input, ...] = ()
    photos: int = 0
    hint: Text | None = None
    notice: Text | None = None  # why it is asked and what becomes of it, where the answer is about a person


class Photo(msgspec.Struct, frozen=True, kw_only=True):
    """A photo that somebody added: examined, and without what a camera writes beside the picture."""

    media_type: str
    content: bytes


class Submission(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody answered. The same `key` is the same submission, however often it comes."""

    key: str
    values: dict[str, object]
    district: str | None = None
    photos: tuple[Photo, ...] = ()


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """What the person gets: a number that anybody may look up, and a code that proves it is theirs."""

    reference: str
    code: str


class Similar(msgspec.Struct, frozen=True, kw_only=True):
    """Something that was told before and may be the same; public fields only."""

    reference: str
    title: Text
    detail: Text


class Journey(msgspec.Struct, frozen=True, kw_only=True):
    """The questions of a service. `table` is the record table whose fields they fill.

    `submit(city, caller, submission)` keeps it and gives a Receipt. `similar(city, caller, submission)` tells what
    may be the same, before the answers are checked.
    """

    table: str
    questions: tuple[Question, ...]
    submit: Callable[..., Awaitable[Receipt]]
    similar: Callable[..., Awaitable[list[Similar]]] | None = None


class Stage(msgspec.Struct, frozen=True):
    """A state that a matter goes through, and the moment when it was reached, if it was."""

    title: Text
    at: datetime | None = None


class Rating(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody thinks of how their matter was handled: 1 (badly) to 5 (well), and why."""

    score: int
    words: str | None = None


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """How far a matter is. `facts` are labels and values; `own` says that they hold what its owner alone may see.

    `may_rate`: it is over, and whoever looks at it may say what they think of it; `rating` is what they said.
    """

    reference: str
    title: Text
    state: Text
    stages: tuple[Stage, ...]
    facts: tuple[tuple[Text, Text], ...]
    answer: str | None = None
    own: bool = False
    may_rate: bool = False
    rating: Rating | None = None


class Matter(msgspec.Struct, frozen=True, kw_only=True):
    """A line of somebody's matters."""

    reference: str
    title: Text
    state: Text
    at: datetime


class Service(msgspec.Struct, frozen=True, kw_only=True):
    """Something that residents or firms can do here. `name` is `<module>.<noun>`.

    `words` are other names that people look for it by. `proofing` is the level of identity proofing that it
    needs; above 0 one must be signed in. `progress(city, caller, reference, code)` tells how far a matter is, and
    raises NotFound; `matters(city, caller)` lists the caller's own; `rate(city, caller, reference, code, rating)` keeps
    what its owner thinks of one that is over.
    """

    name: str
    title: Text
    summary: Text
    audience: Text
    needs: tuple[Text, ...] = ()
    words: tuple[str, ...] = ()
    proofing: int = 0
    journey: Journey | None = None
    progress: Callable[..., Awaitable[Progress]] | None = None
    matters: Callable[..., Awaitable[list[Matter]]] | None = None
    rate: Callable[..., Awaitable[None]] | None = None
