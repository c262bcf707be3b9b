"""The errors of upstream calls, and the HTTP status that each becomes."""

import copyreg
from typing import Any, Literal, NamedTuple

from upstreams.core.call import Call
from upstreams.core.httpx import Response


class Limit(NamedTuple):
    """A limit that a call has hit.

    Args:
        key: of the upstream, such as `ATTEMPT_TIMEOUT`, or a setting, such as `UPSTREAMS_TIMEOUTS["REQUEST"]`;
            `timeout`, if the call has its own.
        value: the number, in the unit.
        unit: seconds, if not given.
    """

    key: str
    value: float
    unit: str = "s"

    def __str__(self) -> str:
        return f"{self.key}, {self.value if isinstance(self.value, int) else f'{self.value:.3g}'} {self.unit}"


class UpstreamError(Exception):
    """An upstream call failed; the base class of all errors that a call raises.

    Args:
        what: what happened and, after a semicolon, what to do, without the upstream's name and the attempts.
        call: the call that failed.
        limit: the limit that the call has hit, if any.
        retry_after: seconds after which a retry makes sense.

    Attributes:
        excerpt: under DEBUG, the beginning of the upstream's body, without credentials.
    """

    status = 502

    def __init__(
        self,
        what: str,
        *,
        call: Call | None = None,
        limit: Limit | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(_sentence(what, call) if call else what)
        self.limit = limit
        self.alias = call.alias if call else None
        self.method = call.method if call else None
        self.path = call.path if call else None
        self.attempts = call.attempts if call else 0
        self.retry_after = retry_after
        self.excerpt: str | None = None

    def add(self, end: str) -> None:
        """Append the end of a sentence to the message."""
        self.args = (f"{self.args[0]}{end}", *self.args[1:])

    @property
    def log_fields(self) -> dict[str, object]:
        """The fields of the log line that reports this error."""
        fields: dict[str, object] = {"upstream": self.alias, "attempts": self.attempts}
        return fields | ({} if self.limit is None else {"limit": self.limit.key})

    def __reduce__(self) -> tuple[Any, ...]:
        # Task backends pickle errors. The default calls __init__ without its keyword arguments.
        # Private: copyreg.__newobj__, which pickle itself uses; tests/package/clients/calls/test_failed.py pickles them.
        return copyreg.__newobj__, (type(self), *self.args), self.__dict__  # type: ignore[attr-defined]


class UpstreamPoolExhausted(UpstreamError):
    """All connections are in use and the queue is full, or `RATE_LIMIT` is used up: this service is overloaded, not the upstream."""

    status = 503


class UpstreamCircuitOpen(UpstreamError):
    """Too many calls failed: the circuit breaker sends no more until its next probe, in `retry_after` seconds."""

    status = 503


class UpstreamTimeout(UpstreamError):
    """A time limit passed before the response was complete."""

    status = 504


class UpstreamConnectionError(UpstreamError):
    """No complete response arrived: there was no connection, or it was lost.

    Args:
        phase: `connect` (nothing was sent), `send` (nothing was received) or `receive` (the body was cut).
        reused: whether the connection had served another request before.
    """

    Phase = Literal["connect", "send", "receive"]

    def __init__(
        self,
        what: str,
        *,
        call: Call,
        phase: "UpstreamConnectionError.Phase",
        reused: bool = False,
        limit: Limit | None = None,
    ) -> None:
        super().__init__(what, call=call, limit=limit)
        self.phase = phase
        self.reused = reused

    @property
    def was_stale(self) -> bool:
        """Whether a reused connection turned out to be closed, which says nothing about the upstream's health."""
        return self.reused and self.phase == "send"


class UpstreamCertificateError(UpstreamConnectionError):
    """The upstream's certificate is not valid, or not for its host; never retried."""


class UpstreamProtocolError(UpstreamError):
    """The upstream sent something that is not a valid HTTP/1.1 response, or whose end is ambiguous."""


class UpstreamDecodeError(UpstreamError):
    """The body cannot be decoded, or does not fit the type given as `into=`."""


class UpstreamResponseTooLarge(UpstreamError):
    """The body is larger than `MAX_RESPONSE_SIZE`, or a list has more than `max_pages`."""


class UpstreamStatusError(UpstreamError):
    """The upstream responded with a status other than 2xx.

    Args:
        what: as for `UpstreamError`.
        call: the call that failed.
        response: with its status, headers and body.
        retry_after: seconds after which a retry makes sense.
    """

    def __init__(
        self, what: str, *, call: Call, response: Response, retry_after: float | None = None
    ) -> None:
        super().__init__(what, call=call, retry_after=retry_after)
        self.response = response
        if response.status_code in (429, 503):
            self.status = 503


class UpstreamCredentialsError(UpstreamError):
    """A function of this service that gives a credential, or signs a request, has failed; nothing was sent."""

    status = 503


class UpstreamSignInRequired(UpstreamStatusError):
    """The refresh token of a user has ended or was revoked."""


class UpstreamClosed(UpstreamError):
    """This process has closed its connections, or has not opened any."""

    status = 503


class BackgroundLimitExceeded(UpstreamError):
    """`UPSTREAMS_LIMITS["MAX_BACKGROUND_TASKS"]` tasks are running in the background already."""

    status = 503


class UnknownUpstream(UpstreamError):
    """The alias has no entry in `settings.UPSTREAMS`."""

    status = 500


class UnsafeRequest(UpstreamError, ValueError):
    """A path parameter or a header could change the meaning of the request; it is mostly a client's input."""

    status = 400


class StartupFailed(Exception):
    """An upstream or another resource failed to open; the message names it."""


def _sentence(what: str, call: Call) -> str:
    """Return the message of an error: `upstream quotes: GET random: status 503 (3 attempts)`."""
    happened, semicolon, fix = what.partition("; ")
    attempts = f" ({call.attempts} attempt{'s'[: call.attempts > 1]})" if call.attempts else ""
    return f"upstream {call}: {happened}{attempts}{semicolon}{fix}"
