"""The last failed calls of each upstream, kept if an app asks for them, as `upstreams.contrib.upstreams_page` does."""

import time
from collections import deque

from msgspec import Struct

from upstreams.core import context
from upstreams.core.call import Call
from upstreams.core.errors import (
    UpstreamCircuitOpen,
    UpstreamConnectionError,
    UpstreamError,
    UpstreamStatusError,
)

MAX_FAILED_CALLS = 50
"""Of each upstream; one more replaces the oldest."""


class FailedCall(Struct, frozen=True):
    """A call that failed, without query, body, address or message.

    Args:
        at: when it ended, in seconds of `time.time()`.
        method: the HTTP method.
        path: the path template.
        error: the class of the error.
        detail: the status, the limit or the phase of the error; empty if it has none.
        attempts: how often the request was sent.
        seconds: that the call took.
        request_id: of the request that made the call; empty if there was none.
    """

    at: float
    method: str
    path: str
    error: str
    detail: str
    attempts: int
    seconds: float
    request_id: str


class FailedCalls:
    """The last failed calls, by alias."""

    def __init__(self) -> None:
        self.by_alias: dict[str, deque[FailedCall]] = {}

    def add(self, call: Call, error: BaseException, seconds: float) -> None:
        """Add a call. Its alias must be in the settings: each one takes memory.

        Those that their caller gave up did not fail, and those that an open circuit refuses would push out those that
        opened it.
        """
        if not isinstance(error, Exception) or isinstance(error, UpstreamCircuitOpen):
            return
        failed = FailedCall(
            at=time.time(),
            method=call.method,
            path=call.path,
            error=type(error).__name__,
            detail=_detail(error),
            attempts=call.attempts,
            seconds=seconds,
            request_id=context.request_id.get() or "",
        )
        self.by_alias.setdefault(call.alias, deque(maxlen=MAX_FAILED_CALLS)).append(failed)


kept: FailedCalls | None = None
"""Those of this process; None if no app wants them."""


def keep() -> None:
    """Keep failed calls from now on."""
    global kept
    kept = kept or FailedCalls()


def _detail(error: BaseException) -> str:
    """Return what is known to hold nothing of the request or the response but numbers and names of settings."""
    match error:
        case UpstreamStatusError():
            return f"status {error.response.status_code}"
        case UpstreamError(limit=limit) if limit is not None:
            return str(limit)
        case UpstreamConnectionError():
            return error.phase
        case _:
            return ""
