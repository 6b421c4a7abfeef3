"""The rules of boards: what cards may say together, how finely lines are summed up, what a value means. Pure."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from yong.domains.boards.contracts import (
    By,
    Card,
    ChartCard,
    ListCard,
    NumberCard,
    Of,
    Said,
    Series,
    Span,
    ValueBand,
)
from yong.kernel.base.errors import Problem
from yong.kernel.base.text import Text
from yong.kernel.history.aggregate import Period

LENGTHS = {
    Span.HOUR: timedelta(hours=1),
    Span.DAY: timedelta(days=1),
    Span.WEEK: timedelta(days=7),
    Span.MONTH: timedelta(days=30),
}
_BY = {
    Span.HOUR: Period.MINUTE,
    Span.DAY: Period.QUARTER_HOUR,
    Span.WEEK: Period.HOUR,
    Span.MONTH: Period.DAY,
}
_FINEST = {
    Span.HOUR: Period.MINUTE,
    Span.DAY: Period.MINUTE,
    Span.WEEK: Period.QUARTER_HOUR,
    Span.MONTH: Period.HOUR,
}
_ONE_ONLY = Text("最新值只有单个设备才有", "Only a thing has a latest value")
_NOT_LATEST = Text("请选择一段时间内的汇总方式", "Say what the numbers of the span come to")
_TOO_FINE = Text("对这段时间来说汇总周期太短", "The period is too short for this span")


def faults(cards: Sequence[Card]) -> list[Problem]:
    """What is wrong with cards that are each well formed."""
    return [Problem(f"/cards/{n}{p.pointer}", p.detail) for n, card in enumerate(cards) for p in _of(card)]


def fault_of(card: Card) -> list[Problem]:
    """The same of one card that stands alone."""
    return list(_of(card))


def _of(card: Card) -> Iterator[Problem]:
    if isinstance(card, NumberCard) and card.said is Said.LATEST and card.series.of is Of.TYPE:
        yield Problem("/said", _ONE_ONLY)
    if isinstance(card, ChartCard | ListCard) and card.said is Said.LATEST:
        yield Problem("/said", _NOT_LATEST)
    if isinstance(card, ChartCard) and card.by is not By.RAW and _place(card.by) < _place(_FINEST[card.span]):
        yield Problem("/by", _TOO_FINE)


def _place(period: By | Period) -> int:
    return list(By).index(By(period.value))


def period_of(card: ChartCard, series: Series) -> Period | None:
    """How a line is summed up; None: as it was reported."""
    if card.by is By.RAW:
        return _BY[card.span] if series.of is Of.TYPE else None
    return Period(card.by.value)


def band_of(bands: Sequence[ValueBand], value: float | None) -> ValueBand | None:
    """The class that a value is in."""
    if value is None:
        return None
    return next((b for b in bands if b.upper is None or value <= b.upper), None)
