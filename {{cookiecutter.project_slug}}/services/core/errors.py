"""Every way an upstream call can fail, and the HTTP status each one becomes."""

import asyncio
import copyreg
import math
from dataclasses import dataclass
from typing import Any, Literal

from services.core.http import Request, Response


@dataclass(eq=False)
class Call:
    """What logs and errors may say of a call: no query, credential or body.

    Args:
        alias: the upstream's key in `settings.UPSTREAMS`.
        method: the HTTP method.
        path: the path template, its parts not filled in.
        attempts: how often the request was sent.
        stream: the caller reads the body itself.
        ends: when the deadline passes, in `time.monotonic()` seconds.
    """

    alias: str
    method: str
    path: str
    attempts: int = 0
    stream: bool = False
    ends: float = math.inf

    @classmethod
    def of(cls, request: Request) -> "Call":
        """The call that a request belongs to."""
        call: Call = request.extensions["call"]
        return call

    def __str__(self) -> str:
        return f"{self.alias}: {self.method} {self.path}"


class UpstreamError(Exception):
    """An upstream call failed. The base of every error a call can raise.

    Args:
        what: what happened, and what to do about it, in one sentence.
        call: the call that failed.
        retry_after: seconds after which a new try makes sense.
    """

    status = 502

    def __init__(self, what: str, *, call: Call | None = None, retry_after: float | None = None) -> None:
        super().__init__(f"{call}: {what}" if call else what)
        self.alias = call.alias if call else None
        self.method = call.method if call else None
        self.path = call.path if call else None
        self.attempts = call.attempts if call else 0
        self.retry_after = retry_after

    def __reduce__(self) -> tuple[Any, ...]:
        # Task backends pickle errors; the default would call __init__ without its keywords.
        return copyreg.__newobj__, (type(self), *self.args), self.__dict__  # type: ignore[attr-defined]


class UpstreamBusy(UpstreamError):
    """All connections are in use and the queue is full, or `RATE` is used up: our own overload."""

    status = 503


class OpenBreaker(UpstreamError):
    """Too many calls failed: the upstream is left alone for a while."""

    status = 503


class UpstreamTimeout(UpstreamError):
    """The deadline passed before the whole answer was there."""

    status = 504


class UpstreamUnreachable(UpstreamError):
    """No complete answer arrived: no connection, or it was lost.

    Args:
        point: how far the exchange had come: `connect` (nothing was sent), `reused` or `fresh`
            (nothing was received on a reused or fresh connection), `body` (cut in the body).
    """

    Point = Literal["connect", "reused", "fresh", "body"]

    def __init__(self, what: str, *, call: Call, point: "UpstreamUnreachable.Point") -> None:
        super().__init__(what, call=call)
        self.point = point


class UpstreamUntrusted(UpstreamUnreachable):
    """The upstream's certificate is not valid, or not for its host: never tried again."""


class BrokenAnswer(UpstreamError):
    """The answer is not HTTP, or not what `into=` asked for."""


class AnswerTooLarge(UpstreamError):
    """The body is larger than `MAX_BODY`."""


class RefusedAnswer(UpstreamError):
    """The upstream answered with a status other than 2xx, kept in `response`."""

    def __init__(
        self, what: str, *, call: Call, response: Response, retry_after: float | None = None
    ) -> None:
        super().__init__(what, call=call, retry_after=retry_after)
        self.response = response
        if response.status_code in (429, 503):
            self.status = 503


class UpstreamClosing(UpstreamError):
    """This process has closed its connections, or has not opened any."""

    status = 503


class BackgroundFull(UpstreamError):
    """As much is running in the background as `LIMITS["SPAWNED"]` allows: our own overload."""

    status = 503


class UnknownAlias(UpstreamError):
    """The alias has no entry in `settings.UPSTREAMS`."""

    status = 500


class UnsafeRequest(UpstreamError, ValueError):
    """A part of a path or a header could change what the request means; mostly a client's input."""

    status = 400


class StartupFailed(Exception):
    """An upstream, or another resource, could not be opened; the message names it."""


def is_cancelled(error: BaseException) -> bool:
    """Whether an error means that the running task itself is cancelled, not one that it waited for."""
    task = asyncio.current_task()
    return isinstance(error, asyncio.CancelledError) and task is not None and task.cancelling() > 0
