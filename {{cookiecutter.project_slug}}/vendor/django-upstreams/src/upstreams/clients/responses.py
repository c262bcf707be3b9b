"""What an upstream has answered, as a value or as an error."""

from upstreams.core import retry_after
from upstreams.core.call import Call
from upstreams.core.errors import UpstreamDecodeError, UpstreamStatusError
from upstreams.core.httpx import Response
from upstreams.core.validation import ValidationError, decode_json
from upstreams.transport import hints


def status_error(response: Response, call: Call) -> UpstreamStatusError:
    """Return the error for a status other than 2xx."""
    content = b"" if call.stream else response.content
    what = f"answered {response.status_code}{hints.status(response.status_code, content)}"
    seconds = retry_after.read(response.headers)
    return UpstreamStatusError(what, call=call, response=response, retry_after=seconds)


def decoded[T](response: Response, into: type[T], call: Call) -> T:
    """Return the body as a value of a type.

    Raises:
        UpstreamDecodeError: it is not JSON, or does not fit.
    """
    try:
        value: T = decode_json(response.content, into)
        return value
    except ValidationError as error:
        # The upstream's own words, such as keys, stay out of the message: they may be anything.
        where = ".".join(part if _is_name(part) else "…" for part in error.path.split("."))
        raise UpstreamDecodeError(
            f"the response does not fit its type: {where if error.path else 'the body'}: {error.message}",
            call=call,
        ) from None


def _is_name(part: str) -> bool:
    return part.isascii() and part.replace("_", "").isalnum() and len(part) < 50
