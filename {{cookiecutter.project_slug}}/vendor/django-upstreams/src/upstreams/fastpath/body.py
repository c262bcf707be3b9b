"""Request bodies: read so that their file is closed however the reading ends."""

import tempfile
from collections.abc import Awaitable, Callable, Mapping
from contextlib import ExitStack, suppress
from io import BytesIO
from typing import IO, Any

from asgiref.sync import sync_to_async
from django.conf import settings
from django.core.exceptions import RequestAborted
from django.http import HttpRequest
from django.http.response import HttpResponseBase

REFUSED_FORM = ("_upload_handlers", "_body", "_post", "_stream")


class BodyNotStored(OSError):
    """The body could not be written to a temporary file."""


async def read_body(receive: Callable[[], Awaitable[Mapping[str, Any]]]) -> IO[bytes]:
    """Return the body, from memory or from a file, as `ASGIHandler.read_body` does.

    Raises:
        RequestAborted: the client has disconnected.
        BodyNotStored: the disk is full, or the file cannot be written.
    """
    limit = settings.FILE_UPLOAD_MAX_MEMORY_SIZE
    parts: list[bytes] = []
    size, more = 0, True
    while more and size <= limit:
        content, more = await _part(receive)
        parts.append(content)
        size += len(content)
    if size <= limit:
        return BytesIO(b"".join(parts))  # of its exact size: `request.body` does not copy it
    with ExitStack() as on_failure:
        body = tempfile.SpooledTemporaryFile(max_size=limit, mode="w+b")  # noqa: SIM115 - the caller closes it
        on_failure.callback(_close, body)
        write = sync_to_async(body.write, thread_sensitive=False)
        content, parts = b"".join(parts), []
        try:
            await write(content)
            while more:
                content, more = await _part(receive)
                await write(content)
            body.seek(0)
        except OSError as error:
            raise BodyNotStored(*error.args) from error
        on_failure.pop_all()
    return body


async def _part(receive: Callable[[], Awaitable[Mapping[str, Any]]]) -> tuple[bytes, bool]:
    message = await receive()
    if message["type"] == "http.disconnect":
        raise RequestAborted
    return message.get("body", b""), message.get("more_body", False)


def forget_form(request: HttpRequest, response: HttpResponseBase | None) -> None:
    """End the cycle of a request and the handlers of its form; of a request that was refused, let go of the body, too.

    Django looks for the template of an error: where there is none, the exception leaves a cycle that has the request.
    """
    # Private: HttpRequest._upload_handlers (Django 5.2 to 6.1), made from the settings where it is missing, and ._body,
    # ._post and ._stream, which nothing reads after the response. tests/package/fastpath/test_cycles.py sends a form.
    forgotten = (
        REFUSED_FORM if response is not None and response.status_code >= 400 else ("_upload_handlers",)
    )
    for name in forgotten:
        vars(request).pop(name, None)


def leave_form_unread(request: HttpRequest) -> None:
    """Keep the page of an error from reading the form: for its CSRF token, of which nothing depends there."""
    # Undocumented: CsrfViewMiddleware looks for csrf_processing_done (Django 5.2 to 6.1), also where it decorates
    # Django's error views. tests/package/asgi/test_refused_input.py sends broken forms to unknown paths and hosts.
    request.csrf_processing_done = True  # type: ignore[attr-defined]


def _close(body: IO[bytes]) -> None:
    with suppress(OSError):  # what could not be written is written again; the file is closed all the same
        body.close()
