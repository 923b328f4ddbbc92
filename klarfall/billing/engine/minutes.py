"""Clock minutes as integers: minute n is the 60 seconds that begin n minutes after 1970-01-01 00:00 UTC.

Pure. Counting in UTC makes summer time harmless: the night of the change adds and loses nothing
(domain.md, section 6, rule 1).
"""

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MINUTE = timedelta(minutes=1)
_MICROSECOND = timedelta(microseconds=1)

END_OF_TIME = datetime(9999, 12, 31, 23, 59, tzinfo=UTC)


def minute_of(instant: datetime) -> int:
    """The clock minute that contains this instant. Naive datetimes raise TypeError: they are no instants."""
    return (instant - _EPOCH) // _MINUTE


def first_full_minute(instant: datetime) -> int:
    """The first clock minute that lies at or after this instant as a whole."""
    return -((_EPOCH - instant) // _MINUTE)


def start_of(minute: int) -> datetime:
    """The UTC instant at which a clock minute begins (and the one before it ends)."""
    return _EPOCH + minute * _MINUTE


def microseconds(instant: datetime) -> int:
    """An instant as an exact integer: datetimes of one zone would be compared by wall clock, wrong in autumn."""
    return (instant - _EPOCH) // _MICROSECOND


def snap(start: datetime, end: datetime) -> tuple[datetime, datetime]:
    """Snap inwards: start up, end down to the clock minute, in UTC; never shorter than nothing (rule 1)."""
    first, last = snapped_minutes(start, end)
    return start_of(first), start_of(last)


def snapped_minutes(start: datetime, end: datetime) -> tuple[int, int]:
    """Like snap(), as minute numbers: [first, last) are the whole minutes within the stretch."""
    first = first_full_minute(start)
    return first, max(first, minute_of(end))


BEGINNING = minute_of(datetime(1, 1, 2, tzinfo=UTC))
FAR_AWAY = minute_of(END_OF_TIME)
