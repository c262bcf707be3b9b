"""What an upstream has sent, as a value or as an error."""

import time
from contextlib import suppress

from upstreams.core import retry_after
from upstreams.core.call import Call
from upstreams.core.cancel_scope import CancelScope
from upstreams.core.errors import UpstreamDecodeError, UpstreamError, UpstreamStatusError
from upstreams.core.httpx import Response, read_as, stream_of
from upstreams.core.validation import ValidationError, decode_json
from upstreams.transport import hints

MAX_REFUSED_SIZE = 64 * 1024
"""Bytes that are read of the body of a refused stream, which may have no end."""
MAX_REFUSED_TIME = 1.0
"""Seconds for them, within `TIMEOUT`."""


async def read_beginning(response: Response, call: Call) -> None:
    """Read the beginning of a stream with a status other than 2xx, and close it; the body mostly says why."""
    body = bytearray()
    try:
        with suppress(UpstreamError), CancelScope(min(MAX_REFUSED_TIME, call.deadline - time.monotonic())):
            async for chunk in stream_of(response):
                body += chunk
                if len(body) >= MAX_REFUSED_SIZE:
                    break
    finally:
        await response.aclose()
    read_as(response, bytes(body[:MAX_REFUSED_SIZE]), call.began)


def status_error(response: Response, call: Call) -> UpstreamStatusError:
    """Return the error for a status other than 2xx."""
    what = f"status {response.status_code}{hints.status(response.status_code, response.content)}{call.not_retried}"
    seconds = retry_after.read(response.headers)
    return UpstreamStatusError(what, call=call, response=response, retry_after=seconds)


def decoded[T](
    content: bytes, into: type[T], call: Call | None, what: str = "the response", whole: str = "the body"
) -> T:
    """Return JSON as a value of a type; no JSON is None, where the type has it.

    Args:
        content: the JSON.
        into: the type.
        call: that has received it.
        what: what it is, for the error.
        whole: what all of the JSON is, for an error that has no place in it.

    Raises:
        UpstreamDecodeError: it is not JSON, or does not fit.
    """
    try:
        value: T = decode_json(content, into)
        return value
    except ValidationError as error:
        if not content:  # such as that of a 204
            with suppress(ValidationError):
                return decode_json(b"null", into)  # type: ignore[no-any-return]
        # The upstream's own words, such as keys, stay out of the message: they may be anything.
        where = ".".join(part if _is_name(part) else "…" for part in error.path.split("."))
        raise UpstreamDecodeError(
            f"{what} does not fit its type: {where if error.path else whole}: {error.message}", call=call
        ) from None


def _is_name(part: str) -> bool:
    return part.isascii() and part.replace("_", "").isalnum() and len(part) < 50
