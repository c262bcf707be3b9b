"""A recorded request as JSON: what the pages, the toolbar and other programs read. Times are in milliseconds."""

from time import perf_counter
from typing import Any

from upstreams.core.request_trace import AttemptTrace, CallTrace, RequestTrace

SHORTEST_WAIT = 0.1
"""Milliseconds below which a policy has not let a call wait: they are its own work."""


def summary(trace: RequestTrace) -> dict[str, Any]:
    """Return a request and its upstream calls; both may still be running.

    Args:
        trace: of the request.
    """
    now = perf_counter()
    calls = [call_summary(call, trace.began, now) for call in tuple(trace.calls)]
    _mark_duplicates(trace, calls)
    return {
        "id": trace.id,
        "at": trace.at.isoformat(timespec="milliseconds"),
        "method": trace.method,
        "route": trace.route,
        "status": trace.status,
        "running": trace.ended is None,
        "duration_ms": _ms(trace.began, trace.ended or now),
        "calls": calls,
        "omitted_calls": trace.omitted,
        "duplicates": sum(call["duplicate_of"] is not None for call in calls),
        "failures": sum(call["failed"] for call in calls),
    }


def call_summary(call: CallTrace, zero: float, now: float) -> dict[str, Any]:
    """Return one call.

    Args:
        call: that may still be running.
        zero: from which its times count, in `time.perf_counter()` seconds.
        now: in the same seconds.
    """
    ended = call.ended or now
    attempts = tuple(call.attempts)
    return {
        "upstream": call.alias,
        "method": call.method,
        "path": call.path,
        "begin_ms": _ms(zero, call.began),
        "duration_ms": _ms(call.began, ended),
        "running": call.ended is None,
        "status": call.status,
        "error": call.error,
        "message": call.message,
        "failed": call.error is not None or (call.status or 0) >= 400,
        "in_background": call.in_background,
        "stream": call.is_stream,
        "shared": call.is_shared,
        "cache": call.cache,
        "waits": [
            {"for": wait.phase, "begin_ms": _ms(zero, wait.began), "duration_ms": time}
            for wait in tuple(call.waits)
            if (time := _ms(wait.began, wait.ended or now)) >= SHORTEST_WAIT
        ],
        "attempts": [_attempt(one, zero, now) for one in attempts],
        "bytes_sent": sum(one.sent or 0 for one in attempts),
        "bytes_received": sum(one.received for one in attempts),
    }


def _attempt(attempt: AttemptTrace, zero: float, now: float) -> dict[str, Any]:
    return {
        "begin_ms": _ms(zero, attempt.began),
        "duration_ms": _ms(attempt.began, attempt.ended or now),
        "status": attempt.status,
        "error": attempt.error,
        "requests": attempt.requests,
        "connection": _connection(attempt),
        "connecting_ms": {
            name: _ms(before, ended)
            for (_, before), (name, ended) in zip(attempt.steps, attempt.steps[1:], strict=False)
        },
        "bytes_sent": attempt.sent,
        "bytes_received": attempt.received,
    }


def _connection(attempt: AttemptTrace) -> str | None:
    if not attempt.has_connections:
        return None
    return "new" if attempt.steps else "reused"


def _mark_duplicates(trace: RequestTrace, calls: list[dict[str, Any]]) -> None:
    first: dict[int, int] = {}
    for number, (call, found) in enumerate(zip(tuple(trace.calls), calls, strict=False), 1):
        found["number"] = number
        found["duplicate_of"] = None
        if call.identity is not None and first.setdefault(call.identity, number) != number:
            found["duplicate_of"] = first[call.identity]


def _ms(began: float, ended: float) -> float:
    return round((ended - began) * 1000, 3)
