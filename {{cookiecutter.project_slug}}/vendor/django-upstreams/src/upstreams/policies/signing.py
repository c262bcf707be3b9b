"""Credentials that a function of the settings adds to each attempt, such as a signature."""

import inspect
from collections.abc import Mapping

from upstreams.core.call import Call
from upstreams.core.errors import UpstreamCredentialsError
from upstreams.core.httpx import Request, httpx
from upstreams.core.signer import Signer
from upstreams.core.urls import replace

SIGNED = "signed"
"""The extension of a request that has its URL and its headers as they were before the last signature."""


class Signing:
    """Calls the function with the final request; each attempt is signed anew.

    Args:
        signer: the function.
    """

    def __init__(self, signer: Signer) -> None:
        self._signer = signer

    async def add(self, request: Request) -> None:
        _undo(request)
        before, url = request.headers.copy(), request.url
        if isinstance(request.stream, httpx.ByteStream):
            request.read()  # so that it has its `content`
        try:
            result = self._signer.function(request)
            found = await result if inspect.isawaitable(result) else result
            if isinstance(found, Mapping):
                replace(request.headers, found)
            elif found is not None:
                raise TypeError(f"{self._signer.name} must return a dict of headers, or None")
        except Exception as error:
            raise self._failed(error, Call.of(request)) from error
        names = {name for name, _ in set(before.multi_items()) ^ set(request.headers.multi_items())}
        request.extensions[SIGNED] = url, {name: before.get_list(name) for name in names}

    async def renew(self, request: Request) -> bool:
        return False

    def _failed(self, error: Exception, call: Call) -> UpstreamCredentialsError:
        if isinstance(error, httpx.RequestNotRead):
            what = (
                f"AUTH, {self._signer.name}, reads the body, which is streamed; pass bytes as content=, or sign "
                "without the body"
            )
        else:
            what = f"AUTH, {self._signer.name}, raised {type(error).__name__}; see its cause"
        return UpstreamCredentialsError(what, call=call)


def _undo(request: Request) -> None:
    """Remove the signature of an earlier attempt."""
    if (last := request.extensions.get(SIGNED)) is None:
        return
    request.url, values = last
    for name, old in values.items():
        request.headers.pop(name, None)
        if old:
            request.headers[name] = ", ".join(old)
