"""Sends a request again where that is safe (RFC 9110 §9.2.2), and only so often (Finagle's retry budget)."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from random import uniform
from time import monotonic

from services.core import metrics
from services.core.errors import Call, UpstreamError, UpstreamTimeout, UpstreamUnreachable, UpstreamUntrusted
from services.core.http import Request, Response, Transport, httpx
from services.core.policies.layer import Layer

IDEMPOTENT = {"GET", "HEAD", "OPTIONS", "PUT", "DELETE", "TRACE"}
STATUSES = {429, 502, 503, 504}
OVERLOADED = {429, 503}
RESERVE = 3.0
"""Retries a second that are allowed however few calls there are."""
BURST = 20.0
"""Retries that calls may have saved up."""


class Retry(Layer):
    """Up to `attempts`, with exponential backoff and full jitter (AWS, Exponential Backoff and Jitter).

    Args:
        inner: the next transport.
        attempts: the first one included.
        backoff: seconds, doubled with each attempt; twenty times that after 429 and 503.
        max_backoff: seconds.
        budget: retries a call, on average.
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
        self._reserve = RESERVE
        self._filled = now()

    @property
    def budget_left(self) -> float:
        """Retries that may be made at once."""
        return self._saved + self._reserve_at(self._now())

    async def handle_async_request(self, request: Request) -> Response:
        call = Call.of(request)
        self._saved = min(BURST, self._saved + self._budget)
        for attempt in range(1, self._attempts + 1):
            failure: UpstreamError | Response
            try:
                response = await self._inner.handle_async_request(request)
                if response.status_code not in STATUSES:
                    return response
                failure = response
            except (UpstreamUnreachable, UpstreamTimeout) as error:
                failure = error
            delay = self._delay(attempt, failure)
            if attempt == self._attempts or not _is_safe(request, failure):
                break
            if self._now() + delay >= call.ends or not (_is_free(failure) or self._affords()):
                break
            if isinstance(failure, Response):
                await failure.aclose()
            await self._sleep(delay)
            metrics.of(call.alias).retries.inc()
        if isinstance(failure, Response):
            return failure
        raise failure

    def _delay(self, attempt: int, failure: UpstreamError | Response) -> float:
        overloaded = isinstance(failure, Response) and failure.status_code in OVERLOADED
        base = self._backoff * (20 if overloaded else 1) * 2 ** (attempt - 1)
        jitter = uniform(0, min(base, self._max_backoff))  # noqa: S311 - no secret # nosec B311
        told = retry_after(failure) if isinstance(failure, Response) else None
        return jitter if told is None else max(told, jitter if told else 0)

    def _affords(self) -> bool:
        now = self._now()
        self._reserve = self._reserve_at(now)
        self._filled = now
        if self._saved >= 1:
            self._saved -= 1
        elif self._reserve >= 1:
            self._reserve -= 1
        else:
            return False
        return True

    def _reserve_at(self, now: float) -> float:
        return min(RESERVE, self._reserve + max(0.0, now - self._filled) * RESERVE)


def _is_free(failure: UpstreamError | Response) -> bool:
    # A reused connection that was closed meanwhile says nothing of the upstream's health.
    return isinstance(failure, UpstreamUnreachable) and failure.point == "reused"


def _is_safe(request: Request, failure: UpstreamError | Response) -> bool:
    if isinstance(failure, UpstreamUntrusted):
        return False
    if isinstance(failure, UpstreamUnreachable) and failure.point == "connect":
        return True  # nothing was sent
    replayable = isinstance(request.stream, httpx.SyncByteStream)
    return replayable and (request.method in IDEMPOTENT or "Idempotency-Key" in request.headers)


def retry_after(response: Response) -> float | None:
    """Seconds until the upstream wants to be asked again (RFC 9110 §10.2.3), the longest if it says several."""
    told = [_seconds(value) for value in response.headers.get_list("Retry-After")]
    return max((seconds for seconds in told if seconds is not None), default=None)


def _seconds(value: str) -> float | None:
    if value.isascii() and value.isdigit():
        return float(value)
    try:
        return max(0.0, (parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds())
    except (TypeError, ValueError):
        return None
