"""What a call inherits from the request it is made for."""

from contextvars import ContextVar

request_id: ContextVar[str | None] = ContextVar("request_id", default=None)
"""The id of the current request; sent to upstreams as `X-Request-ID`."""

deadline: ContextVar[float | None] = ContextVar("deadline", default=None)
"""When the current request must have been answered, in `time.monotonic()` seconds."""
