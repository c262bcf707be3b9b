"""The state of one upstream call, carried by its requests."""

import math
from dataclasses import dataclass, field

from upstreams.core.httpx import Request
from upstreams.core.request_trace import CallTrace
from upstreams.core.tenant import Tenant


@dataclass(eq=False)
class Call:
    """One call, as logs and errors describe it: without query, credentials or body.

    Args:
        alias: the upstream's key in `settings.UPSTREAMS`.
        method: the HTTP method.
        path: the path template, without its parameters.
        attempts: how often the request has been sent.
        stream: whether the caller reads the body itself; None until the head of the response says so.
        deadline: when the call fails, in `time.monotonic()` seconds.
        counted_as_failed: the generation of the circuit breaker in which it counts as a failed call; 0 means none.

    Attributes:
        began: when it was made, in `time.perf_counter()` seconds.
        timeout: seconds for the whole call, instead of `TIMEOUT`.
        max_attempts: instead of `MAX_ATTEMPTS`.
        joined: whether its request was sent, and is counted, by an identical call.
        tenant: on whose behalf it is made, by `Upstream.using`.
        is_foreign: whether it goes to an address that a tenant has named, which must be a public one.
        not_retried: why no attempt followed that was allowed, as the end of a sentence.
        trace: what it does, under DEBUG alone.
    """

    alias: str
    method: str
    path: str
    attempts: int = 0
    stream: bool | None = False
    deadline: float = math.inf
    counted_as_failed: int = 0
    began: float = field(default=0.0, init=False)
    # Read from the class, as nearly no call has its own.
    timeout: float | None = field(default=None, init=False)
    max_attempts: int | None = field(default=None, init=False)
    joined: bool = field(default=False, init=False)
    tenant: Tenant | None = field(default=None, init=False)
    is_foreign: bool = field(default=False, init=False)
    not_retried: str = field(default="", init=False)
    trace: CallTrace | None = field(default=None, init=False)

    @staticmethod
    def of(request: Request) -> "Call":
        """Return the call that a request belongs to."""
        call: Call = request.extensions["call"]
        return call

    def step(self, name: str) -> None:
        """Note, under DEBUG, that a step of opening its connection has ended."""
        if self.trace is not None:
            self.trace.step(name)

    def __str__(self) -> str:
        return f"{self.alias}: {self.method} {self.path}"
