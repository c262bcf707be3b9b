"""The failures of exchanges: written from errors, and raised again as the same ones."""

import asyncio
from typing import Any, NoReturn

from upstreams.core.call import Call
from upstreams.core.errors import (
    Limit,
    UpstreamCertificateError,
    UpstreamConnectionError,
    UpstreamDecodeError,
    UpstreamError,
    UpstreamProtocolError,
)
from upstreams.management.cassettes.format import Failure

ERRORS: dict[str, type[UpstreamError]] = {
    kind.__name__: kind
    for kind in (
        UpstreamCertificateError,
        UpstreamConnectionError,
        UpstreamDecodeError,
        UpstreamProtocolError,
    )
}
"""Errors of a transport that say something about the upstream."""
HANG = "hang"
STOPPED = "stopped"


def failure_of(error: BaseException, call: Call) -> Failure | None:
    """Return an error as a failure of the exchange, or None if it is none: the code of this service raised it."""
    if isinstance(error, asyncio.CancelledError):
        return Failure(error=HANG)
    if isinstance(error, GeneratorExit):
        return Failure(error=STOPPED)
    name = type(error).__name__
    if not isinstance(error, UpstreamError) or name not in ERRORS:
        return None
    limit = None if error.limit is None else (error.limit.key, error.limit.value, error.limit.unit)
    failure = Failure(error=name, what=_what(error, call), limit=limit)
    if isinstance(error, UpstreamConnectionError):
        failure.phase, failure.reused = error.phase, error.reused
    return failure


async def fail(failure: Failure, call: Call) -> NoReturn:
    """Fail as the exchange did; `hang` lasts until the caller gives up.

    Raises:
        UpstreamError: the error that was recorded.
        ValueError: the cassette names another one.
    """
    if failure.error == HANG:
        await asyncio.get_running_loop().create_future()
    kind = ERRORS.get(failure.error)
    if kind is None:
        raise ValueError(f"error: {failure.error}; expected one of {', '.join([*ERRORS, HANG, STOPPED])}")
    more: dict[str, Any] = {}
    if failure.limit is not None:
        more["limit"] = Limit(*failure.limit)
    if issubclass(kind, UpstreamConnectionError):
        more |= {"phase": failure.phase or "receive", "reused": failure.reused}
    raise kind(failure.what, call=call, **more)


def _what(error: UpstreamError, call: Call) -> str:
    """Return the message without what its constructor adds: the upstream, and the attempts."""
    what = str(error.args[0]).removeprefix(f"upstream {call}: ")
    return what.replace(f" ({call.attempts} attempt{'s'[: call.attempts > 1]})", "", 1)
