"""The limits and the key that one call has of its own."""

import math
from collections.abc import Mapping

from upstreams.core.call import Call


def with_limits(
    call: Call,
    headers: Mapping[str, str] | None,
    timeout: float | None,
    attempts: int | None,
    idempotency_key: object,
) -> Mapping[str, str] | None:
    """Set the limits of a call, and return its headers; the arguments are those of `Upstream.request`.

    Raises:
        ValueError: a limit is not a number, or is out of range.
    """
    if timeout is not None:
        if isinstance(timeout, bool) or not isinstance(timeout, (int, float)) or not math.isfinite(timeout):
            raise ValueError(
                f"upstream {call}: timeout must be a number of seconds, such as 2.5, not {timeout!r}"
            )
        call.timeout = timeout
    if attempts is not None:
        if isinstance(attempts, bool) or not isinstance(attempts, int) or attempts < 1:
            raise ValueError(f"upstream {call}: attempts must be a whole number from 1 on, not {attempts!r}")
        call.max_attempts = attempts
    if idempotency_key is None:
        return headers
    if not str(idempotency_key):
        raise ValueError(f"upstream {call}: idempotency_key is empty; pass one value for each operation")
    return {**(headers or {}), "Idempotency-Key": str(idempotency_key)}
