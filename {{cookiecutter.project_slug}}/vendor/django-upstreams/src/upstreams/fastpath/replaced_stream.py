"""Closes the file of a view's response that a middleware has replaced, with a 304 for example.

Django closes only the response that it sends. The iterator of a FileResponse refers to the response, so the file would
stay open until the garbage collector finds it.
"""

from typing import Any

from django.http import HttpRequest

VIEW_STREAM = "_upstreams_view_stream"
"""The attribute of a request whose view has returned a stream."""


def note_view_stream(request: HttpRequest, response: Any) -> None:
    """Remember the response of the view, if it is streamed, until the middleware has seen it."""
    if getattr(response, "streaming", False):
        vars(request)[VIEW_STREAM] = response


def close_with(request: HttpRequest, response: Any) -> None:
    """Let the response that is sent close what the view's response would have closed."""
    of_view = vars(request).pop(VIEW_STREAM, None)
    if of_view is not None and of_view is not response:
        # Private: HttpResponseBase._resource_closers (Django 5.2 to 6.1). Its close() would send request_finished.
        # tests/package/asgi/test_files.py has such a middleware.
        closers = response._resource_closers
        closers.extend(closer for closer in of_view._resource_closers if closer not in closers)
