"""Retries requests that are safe to repeat (RFC 9110 §9.2.2), within a budget (Finagle's RetryBudget)."""

import asyncio
from collections.abc import Awaitable, Callable
from random import uniform
from time import monotonic

from upstreams.core import metrics, retry_after
from upstreams.core.bodies import can_be_sent_again
from upstreams.core.call import Call
from upstreams.core.errors import (
    UpstreamCertificateError,
    UpstreamConnectionError,
    UpstreamError,
    UpstreamTimeout,
)
from upstreams.core.httpx import Request, Response, Transport
from upstreams.policies.base import Policy

IDEMPOTENT_METHODS = {"GET", "HEAD", "OPTIONS", "PUT", "DELETE", "TRACE"}
RETRYABLE_STATUSES = {429, 502, 503, 504}
OVERLOAD_STATUSES = {429, 503}
OVERLOAD_FACTOR = 20
"""How many times longer the backoff is for an upstream that is overloaded."""
RESERVED_RETRIES = 3.0
"""Retries per second that are allowed however few calls there are."""
MAX_SAVED_RETRIES = 20.0
"""Retries that calls can save up."""
BUDGET_IS_USED = "; not retried, as RETRY_BUDGET is used up by other calls"


class Retry(Policy):
    """Retries with exponential backoff and full jitter (AWS, Exponential Backoff and Jitter).

    Args:
        inner: the next transport.
        attempts: at most, with the first.
        backoff: longest wait before the second attempt, in seconds; doubled for each further one.
        max_backoff: longest wait before any attempt, in seconds.
        budget: retries per call, on average.
        now: the clock, in seconds.
        sleep: waits some seconds.
    """

    def __init__(
        self,
        inner: Transport,
        attempts: int,
        backoff: float,
        max_backoff: float,
        budget: float,
        now: Callable[[], float] = monotonic,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        super().__init__(inner)
        self._attempts = attempts
        self._backoff = backoff
        self._max_backoff = max_backoff
        self._budget = budget
        self._now = now
        self._sleep = sleep
        self._saved = 0.0
        self._reserve = RESERVED_RETRIES
        self._refilled = now()

    @property
    def budget_left(self) -> float:
        """The number of retries allowed at once."""
        return self._saved + self._reserve_at(self._now())

    async def handle_async_request(self, request: Request) -> Response:
        call = Call.of(request)
        self._saved = min(MAX_SAVED_RETRIES, self._saved + self._budget)
        attempts = self._attempts if call.max_attempts is None else call.max_attempts
        for attempt in range(1, attempts + 1):
            failure: UpstreamError | Response
            try:
                response = await self._inner.handle_async_request(request)
                if response.status_code not in RETRYABLE_STATUSES:
                    return response
                failure = response
            except (UpstreamConnectionError, UpstreamTimeout) as error:
                failure = error
            delay = self._delay(attempt, failure)
            if attempt == attempts or not _is_safe(request, failure):
                break
            if (left := call.deadline - self._now()) <= delay:
                call.not_retried = _too_late(failure, left)
                break
            if not (_is_free(failure) or self._spend()):
                call.not_retried = BUDGET_IS_USED
                break
            if isinstance(failure, Response):
                await failure.aclose()
            failure = None  # type: ignore[assignment]  # as below, should the next attempt raise another error
            await self._sleep(delay)
            metrics.of(call.alias).retries.inc()
        if isinstance(failure, Response):
            return failure
        failure.add(call.not_retried)
        try:
            raise failure
        finally:
            del failure  # its traceback refers to this frame: a cycle with the request

    def _delay(self, attempt: int, failure: UpstreamError | Response) -> float:
        overloaded = isinstance(failure, Response) and failure.status_code in OVERLOAD_STATUSES
        longest = self._backoff * (OVERLOAD_FACTOR if overloaded else 1) * 2 ** (attempt - 1)
        jitter = uniform(0, min(longest, self._max_backoff))  # noqa: S311 - no secret # nosec B311
        asked = retry_after.read(failure.headers) if isinstance(failure, Response) else None
        return jitter if asked is None else max(asked, jitter if asked else 0)

    def _spend(self) -> bool:
        """Take one retry from the budget; return False if it is used up."""
        now = self._now()
        self._reserve = self._reserve_at(now)
        self._refilled = now
        if self._saved >= 1:
            self._saved -= 1
        elif self._reserve >= 1:
            self._reserve -= 1
        else:
            return False
        return True

    def _reserve_at(self, now: float) -> float:
        return min(RESERVED_RETRIES, self._reserve + max(0.0, now - self._refilled) * RESERVED_RETRIES)


def _too_late(failure: UpstreamError | Response, left: float) -> str:
    asked = retry_after.read(failure.headers) if isinstance(failure, Response) else None
    what = f"its Retry-After is {asked:.0f} s" if asked else "the next attempt would be too late"
    return f"; not retried, as {what} and the call has {max(left, 0):.1f} s left"


def _is_free(failure: UpstreamError | Response) -> bool:
    """Return whether a retry costs no budget: the upstream never saw the first attempt."""
    return isinstance(failure, UpstreamConnectionError) and failure.was_stale


def _is_safe(request: Request, failure: UpstreamError | Response) -> bool:
    if isinstance(failure, UpstreamCertificateError):
        return False
    if isinstance(failure, UpstreamConnectionError) and failure.phase == "connect":
        return True  # nothing was sent
    may_repeat = request.method in IDEMPOTENT_METHODS or "Idempotency-Key" in request.headers
    return may_repeat and can_be_sent_again(request)
