"""What one request did upstream: its calls, their waits and attempts. Recorded under DEBUG alone.

Nothing here holds a query, a body, a header or a parameter of a path. All times are `time.perf_counter()` seconds.
"""

from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime
from secrets import token_hex
from time import perf_counter
from typing import Literal

Phase = Literal["queue", "rate limit"]
"""What a call waits for: a free connection, or its turn."""

MAX_REQUESTS = 50
"""Requests that a process remembers."""
MAX_CALLS = 200
"""Calls of one request that are recorded: work that it has spawned may go on for long."""


@dataclass(slots=True, eq=False)
class Wait:
    """The time that a call waits before an attempt.

    Args:
        phase: what it waits for.
        began: when.
        ended: when; None while it waits.
    """

    phase: Phase
    began: float
    ended: float | None = None


@dataclass(slots=True, eq=False)
class AttemptTrace:
    """One attempt of a call.

    Attributes:
        began: when.
        ended: when the response, and its body unless that is streamed, had arrived; None before that.
        status: of the response.
        error: the class of the error.
        requests: how many were sent: two if the first was refused because of a credential that has expired.
        has_connections: whether the transport has a pool of connections; mocks have none.
        steps: what opening a connection took: its name, and when it ended; empty if an open one was reused.
        sent: bytes of the body of the request; None if they are not known.
        received: bytes of the body of the response, as they arrived.
    """

    began: float
    ended: float | None = None
    status: int | None = None
    error: str | None = None
    requests: int = 0
    has_connections: bool = False
    steps: list[tuple[str, float]] = field(default_factory=list)
    sent: int | None = None
    received: int = 0


@dataclass(slots=True, eq=False)
class CallTrace:
    """One call.

    Args:
        alias: of the upstream.
        method: the HTTP method.
        path: the path template.
        identity: equal for calls that ask for the same; None if nobody can know.
        in_background: whether the response had been sent when it was made, or that it renews the cache.

    Attributes:
        began: when.
        at: the time of day.
        ended: when, with the body of a stream; None before that.
        waits: in their order.
        attempts: in their order.
        is_stream: whether its caller reads the body itself.
        is_shared: whether an identical call has sent the request.
        cache: `hit`, `revalidated`, `miss` or `stale`.
        status: of the response.
        error: the class of the error.
        message: of the error, which has no secret.
    """

    alias: str
    method: str
    path: str
    identity: int | None = None
    in_background: bool = False
    began: float = field(default_factory=perf_counter)
    at: datetime = field(default_factory=lambda: datetime.now(UTC))
    ended: float | None = None
    waits: list[Wait] = field(default_factory=list)
    attempts: list[AttemptTrace] = field(default_factory=list)
    is_stream: bool = False
    is_shared: bool = False
    cache: str | None = None
    status: int | None = None
    error: str | None = None
    message: str = ""

    def step(self, name: str) -> None:
        """Note that a step of opening a connection has ended."""
        if self.attempts:  # a connection for a token is opened before
            self.attempts[-1].steps.append((name, perf_counter()))

    def end(self, error: BaseException | None, message: str) -> None:
        """Note that the call has ended.

        Args:
            error: that it raises.
            message: of the error, if it has no secret.
        """
        self.ended = perf_counter()
        if error is not None:
            self.error, self.message = type(error).__name__, message

    def again(self) -> "CallTrace":
        """Return the trace of another call for the same, in the background."""
        return CallTrace(self.alias, self.method, self.path, in_background=True)


@dataclass(slots=True, eq=False)
class RequestTrace:
    """One request to this service.

    Args:
        method: the HTTP method.
        route: the pattern of the URL, or the path if it matched none.

    Attributes:
        id: of its entry, which the header `X-Upstream-Trace` names.
        began: when.
        at: the time of day.
        ended: when the response was sent; None before that.
        status: of the response.
        calls: in the order in which they began.
        omitted: how many further ones there were.
    """

    method: str
    route: str
    id: str = field(default_factory=lambda: token_hex(4))
    began: float = field(default_factory=perf_counter)
    at: datetime = field(default_factory=lambda: datetime.now(UTC))
    ended: float | None = None
    status: int | None = None
    calls: list[CallTrace] = field(default_factory=list)
    omitted: int = 0

    def end(self) -> None:
        """Note that the response was sent, or will not be."""
        self.ended = perf_counter()
        if self.status is None:  # otherwise, it is listed since its response has begun
            recent.append(self)

    def respond(self, status: int, route: str | None) -> None:
        """Note that the response begins, and list the request from now on.

        Args:
            status: of the response.
            route: the pattern of the URL, if it matched one.
        """
        self.status, self.route = status, route or self.route
        recent.append(self)

    def add(self, call: CallTrace) -> None:
        """Record a call of this request, unless there are too many."""
        call.in_background |= self.ended is not None
        if len(self.calls) < MAX_CALLS:
            self.calls.append(call)
        else:
            self.omitted += 1


recent: deque[RequestTrace] = deque(maxlen=MAX_REQUESTS)
"""The last requests of this process, the oldest first."""
