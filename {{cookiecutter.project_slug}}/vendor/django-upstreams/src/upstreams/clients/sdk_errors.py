"""Our errors as those of the HTTP library of an SDK, which it turns into its own."""

from typing import Any

from upstreams.core.errors import (
    UpstreamCircuitOpen,
    UpstreamClosed,
    UpstreamConnectionError,
    UpstreamDecodeError,
    UpstreamError,
    UpstreamPoolExhausted,
    UpstreamProtocolError,
    UpstreamResponseTooLarge,
    UpstreamStatusError,
    UpstreamTimeout,
)

NAMES: dict[type[UpstreamError], str] = {
    UpstreamTimeout: "ReadTimeout",
    UpstreamPoolExhausted: "PoolTimeout",
    UpstreamCircuitOpen: "ConnectError",
    UpstreamClosed: "ConnectError",
    UpstreamConnectionError: "ReadError",
    UpstreamProtocolError: "RemoteProtocolError",
    UpstreamDecodeError: "DecodingError",
    UpstreamResponseTooLarge: "ReadError",
    UpstreamStatusError: "ConnectError",  # of the endpoint of a token: nothing was sent
}
LIBRARIES = ("httpx2", "httpx")


def library_error(error: UpstreamError, library: Any, request: Any) -> Exception:
    """Return the error to raise from ours; one that the SDK could not know, such as `UnsafeRequest`, stays.

    Args:
        error: of a call.
        library: httpx2 or httpx.
        request: of that library.
    """
    name = next((name for kind, name in NAMES.items() if isinstance(error, kind)), None)
    if name is None:
        return error
    if isinstance(error, UpstreamConnectionError) and error.phase == "connect":
        is_late = error.limit is not None and error.limit.key == "CONNECT_TIMEOUT"
        name = "ConnectTimeout" if is_late else "ConnectError"
    found: Exception = getattr(library, name)(str(error), request=request)
    found.__cause__ = error
    return found


def upstream_error_of(error: BaseException) -> UpstreamError | None:
    """Return the error of the call behind an error that an SDK has raised, if there is one."""
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, UpstreamError):
        is_library_error = type(cause).__module__.partition(".")[0] in LIBRARIES
        cause = cause.__cause__
        if is_library_error and isinstance(cause, UpstreamError):
            return cause
    return None
