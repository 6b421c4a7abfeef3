"""The pure rules of sensing."""

from datetime import datetime

from yong.kernel.base import clock

SILENT_AFTER = 3  # intervals without a reading make a thing silent


def micros_of(value: str | float) -> int | None:
    """UTC microseconds of ISO 8601 with an offset, or Unix seconds or milliseconds; None when it is neither.

    A number of 10¹¹ or more is milliseconds: as seconds it would lie beyond the year 5000.
    """
    if isinstance(value, str):
        if len(value) > 40:
            return None
        try:
            moment = datetime.fromisoformat(value)
            return clock.micros(moment) if moment.tzinfo else None
        except (ValueError, OverflowError):
            return None
    if not -1e15 < value < 1e15:  # also refuses NaN
        return None
    return round(value * 1e3) if abs(value) >= 1e11 else round(value * 1e6)
