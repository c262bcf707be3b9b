"""Reconnects to an event stream, and continues after the last event that was read (WHATWG HTML §9.2.3)."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from random import uniform

from upstreams.clients.event_parser import EventParser
from upstreams.clients.item_limits import ItemLimits
from upstreams.clients.server_sent_events import ServerSentEvent
from upstreams.core.call import Call
from upstreams.core.definition import configured
from upstreams.core.errors import (
    UpstreamCertificateError,
    UpstreamCircuitOpen,
    UpstreamConnectionError,
    UpstreamError,
    UpstreamStatusError,
    UpstreamTimeout,
)
from upstreams.core.urls import PRINTABLE

DEFAULT_WAIT = 1.0
"""Seconds before a connection, unless the upstream asks for another time by `retry` or `Retry-After`."""
MAX_WAIT = 60.0
"""Seconds that it may ask for."""
PASSING_STATUSES = {429, 502, 503, 504}


async def reconnecting(
    connect: Callable[[EventParser], AsyncGenerator[ServerSentEvent]],
    call: Call,
    limits: ItemLimits,
    attempts: int | None,
) -> AsyncGenerator[ServerSentEvent]:
    """Return the events of one connection after the other, until the upstream responds with status 204.

    Args:
        connect: returns the events of one connection, which the parser reads.
        call: for the errors.
        limits: of each connection.
        attempts: connections in a row without an event, after which the failure is raised; `MAX_ATTEMPTS` by default.
    """
    last_id = ""
    wait, in_vain = DEFAULT_WAIT, 0
    while True:
        parser, asked = EventParser(limits.bytes(call.alias), last_id), None
        try:
            async with aclosing(connect(parser)) as events:
                async for event in events:
                    in_vain = 0
                    yield event
            if parser.is_over:
                return
            if _is_last(in_vain, attempts, parser, call):
                what = "the stream has ended, and a new one brought no event"
                raise UpstreamConnectionError(what, call=call, phase="receive")
        except UpstreamError as error:
            if not _may_pass(error) or _is_last(in_vain, attempts, parser, call):
                raise
            asked = error.retry_after
        in_vain += 1
        last_id = parser.last_id
        if parser.retry is not None:
            wait = min(parser.retry / 1000, MAX_WAIT)
        definition = configured()[call.alias]
        longest = min(definition.backoff * 2**in_vain, definition.max_backoff)
        jitter = uniform(0, longest)  # noqa: S311 - no secret # nosec B311
        await asyncio.sleep(max(wait, min(asked or 0, MAX_WAIT)) + jitter)


def _is_last(in_vain: int, attempts: int | None, parser: EventParser, call: Call) -> bool:
    """Return whether no connection may follow this one; an id that no header can hold cannot be continued."""
    most = configured()[call.alias].max_attempts if attempts is None else attempts
    return in_vain + 1 >= most or not PRINTABLE.fullmatch(parser.last_id)


def _may_pass(error: UpstreamError) -> bool:
    if isinstance(error, UpstreamStatusError):
        return error.response.status_code in PASSING_STATUSES
    is_passing = isinstance(error, (UpstreamConnectionError, UpstreamTimeout, UpstreamCircuitOpen))
    return is_passing and not isinstance(error, UpstreamCertificateError)
