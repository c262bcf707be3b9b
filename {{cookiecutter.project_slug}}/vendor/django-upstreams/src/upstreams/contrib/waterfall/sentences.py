"""What happened in a call, in words: everything that its bars show, and what they cannot."""

from collections.abc import Iterator
from typing import Any

from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from django.utils.translation import ngettext


def milliseconds(value: float) -> str:
    """Return a time as it is read: `0.42 ms`, `42 ms`, `4.2 s`."""
    if value >= 1000:
        return f"{value / 1000:.3g} s"
    return f"{value:.0f} ms" if value >= 100 else f"{value:.3g} ms"


def result(call: dict[str, Any]) -> str:
    """Return the status of a call, or its error."""
    if call["error"] == "CancelledError":
        return _("cancelled")
    if call["error"] and (call["status"] or 0) < 400:
        return str(call["error"])
    if call["status"] is None:
        return _("running")
    return str(call["status"])


def details(call: dict[str, Any]) -> list[str]:
    """Return one sentence for each wait and each attempt, and one on where else the response came from."""
    return [*_source(call), *_waits(call), *_attempts(call)]


def _source(call: dict[str, Any]) -> Iterator[str]:
    if call["shared"]:
        yield _("An identical call was in flight: it shared its request.")
    if call["cache"] == "hit":
        yield _("From the cache.")
    if call["cache"] == "stale":
        yield _("Stale, from the cache.")
    if call["cache"] == "revalidated":
        yield _("From the cache, after the upstream had confirmed it.")


def _waits(call: dict[str, Any]) -> Iterator[str]:
    for wait in call["waits"]:
        time = milliseconds(wait["duration_ms"])
        if wait["for"] == "queue":
            yield _("Waited %(time)s for a free connection.") % {"time": time}
        else:
            yield _("Waited %(time)s for RATE_LIMIT.") % {"time": time}


def _attempts(call: dict[str, Any]) -> Iterator[str]:
    for number, attempt in enumerate(call["attempts"], 1):
        parts = [_outcome(attempt), *_connection(attempt), *_bytes(attempt)]
        if attempt["requests"] > 1:
            parts.append(_("sent again with new credentials"))
        yield _("Attempt %(number)d: %(parts)s.") % {"number": number, "parts": ", ".join(parts)}


def _outcome(attempt: dict[str, Any]) -> str:
    time = milliseconds(attempt["duration_ms"])
    found = attempt["error"] or attempt["status"]
    if found is None:
        return _("running since %(time)s") % {"time": time}
    if found == "CancelledError":
        return _("given up after %(time)s") % {"time": time}
    return _("%(outcome)s after %(time)s") % {"outcome": found, "time": time}


def _connection(attempt: dict[str, Any]) -> Iterator[str]:
    if attempt["connection"] == "reused":
        yield _("reused connection")
    elif attempt["connection"] == "new":
        steps = [f"{name} {milliseconds(time)}" for name, time in attempt["connecting_ms"].items()]
        yield _("new connection") + (f" ({', '.join(steps)})" if steps else "")


def _bytes(attempt: dict[str, Any]) -> Iterator[str]:
    if attempt["bytes_sent"]:
        yield _("sent %(size)s") % {"size": filesizeformat(attempt["bytes_sent"])}
    yield _("received %(size)s") % {"size": filesizeformat(attempt["bytes_received"])}


def calls(number: int) -> str:
    """Return how many calls there were."""
    return ngettext("%(count)d upstream call", "%(count)d upstream calls", number) % {"count": number}
