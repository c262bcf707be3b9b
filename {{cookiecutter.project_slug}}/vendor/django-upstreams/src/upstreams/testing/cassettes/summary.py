"""What a test run says of its cassettes: what was recorded now, and how old the rest is."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime


def summary(lines: Iterable[str], asked: Iterable[str], why: str) -> Iterator[str]:
    """Yield the lines to print at the end of a run.

    Args:
        lines: of `Session.end`.
        asked: the upstreams that were to be recorded.
        why: the reason why nothing was recorded of one.
    """
    found = set(lines)
    for alias in sorted({*asked} - {line.partition(" ")[0] for line in found}):
        yield f"cassettes: {alias}, nothing recorded: {why}"
    replayed: dict[str, list[str]] = {}
    for line in sorted(found):
        alias, recorded, what = line.split(" ", 2)
        if what == "replayed":
            replayed.setdefault(alias, []).append(recorded)
        else:
            yield f"cassettes: {alias}, {what}"
    for alias, times in replayed.items():
        oldest = min(times)
        days = (datetime.now(UTC) - datetime.fromisoformat(oldest)).days
        age = "today" if days < 1 else f"{days} day{'s'[: days > 1]} ago"
        yield f"cassettes: {alias}, recorded {oldest[:10]}, {age}"
