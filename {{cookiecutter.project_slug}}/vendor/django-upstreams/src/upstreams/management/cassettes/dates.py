"""The dates of a recorded response, moved to now: a cache would find them stale otherwise."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime

MOVED = ("date", "expires", "retry-after")


def shifted(headers: Iterable[tuple[str, str]], recorded: datetime) -> Iterator[tuple[str, str]]:
    """Yield headers whose dates lie as far from now as they lay from the recording."""
    age = datetime.now(UTC) - recorded
    for name, value in headers:
        yield name, _moved(value, age) if name in MOVED else value


def _moved(value: str, age: timedelta) -> str:
    try:
        date = parsedate_to_datetime(value)
    except ValueError:  # seconds, or no date
        return value
    return format_datetime(
        (date if date.tzinfo else date.replace(tzinfo=UTC)).astimezone(UTC) + age, usegmt=True
    )
