"""How long a server keeps a connection: `Keep-Alive: timeout=5, max=100` (RFC 2068 §19.7.1)."""

import re
from collections.abc import Iterable

MARGIN = 1.0
"""Seconds before the end from which a connection is no longer used: the request takes its time to the server, too."""
PARAMETER = re.compile(rb"(?:^|[\s,;])(timeout|max)[ \t]*=[ \t]*\"?([0-9]{1,9})(?![0-9])", re.IGNORECASE)


def limits(fields: Iterable[tuple[bytes, bytes]]) -> tuple[float | None, int | None]:
    """Return for how many seconds an idle connection may be used, and for how many requests; None without a limit.

    Args:
        fields: the headers of the first response on a connection. Some servers count `max` down, others repeat it.
    """
    found = [
        (parameter.lower(), int(number))
        for name, value in fields
        if name.lower() == b"keep-alive"
        for parameter, number in PARAMETER.findall(value)
    ]
    timeouts = [seconds - min(MARGIN, seconds / 2) for parameter, seconds in found if parameter == b"timeout"]
    requests = [number for parameter, number in found if parameter == b"max"]
    return min(timeouts, default=None), min(requests, default=None)
