"""Builds the requests of calls."""

import functools
from collections.abc import Mapping
from typing import Any, NoReturn

from upstreams.core import context
from upstreams.core.bodies import form_request
from upstreams.core.call import Call
from upstreams.core.definition import configured
from upstreams.core.errors import UnknownUpstream, UnsafeRequest
from upstreams.core.httpx import Request, httpx
from upstreams.core.keys import suggestion
from upstreams.core.urls import refusal, replace, url


def build_request(
    call: Call,
    /,
    *,
    params: Any = None,
    headers: Any = None,
    json: Any = None,
    content: Any = None,
    data: Any = None,
    files: Any = None,
    **parameters: Any,
) -> Request:
    """Return the request of a call; the arguments are those of `Upstream.request`.

    Raises:
        UnknownUpstream: the alias has no entry in the settings.
        UnsafeRequest: a parameter or a header could change the meaning of the request.
    """
    definition = configured().get(call.alias) or unknown(call)
    tenant = call.tenant
    base_url = definition.base_url if tenant is None else tenant.base_url
    sent = (definition if tenant is None else tenant).sent_headers.copy()
    more = {"params": params, "extensions": {"call": call}}
    try:
        text = url(base_url, call.path, parameters)
        address = _remembered_url(text) if len(text) <= MAX_REMEMBERED_URL else httpx.URL(text)
        replace(sent, {"X-Request-ID": context.request_id.get()})
        if headers:
            replace(sent, headers)
        if call.method == "GET" and json is content is data is files is None:
            # Otherwise the library looks for a body and its headers, and copies our headers.
            request = Request(call.method, address, stream=httpx.ByteStream(b""), **more)
            request.headers = sent
            return request
        body = {"json": json, "content": content, "data": data}
        if (
            files and content is None and (data is None or isinstance(data, Mapping))
        ):  # otherwise they are not sent
            return form_request(call.method, address, files, headers=sent, **body, **more)
        return Request(call.method, address, headers=sent, files=files, **body, **more)
    except (UnsafeRequest, httpx.InvalidURL, UnicodeEncodeError) as error:  # a URL too long, a lone surrogate
        # Without the call, whose path is the template: that may be a client's text, with a secret or a line break.
        unsafe = UnsafeRequest(f"upstream {call.alias}: {call.method}: {refusal(error)}")
        unsafe.alias, unsafe.method = call.alias, call.method
        raise unsafe from None


def unknown(call: Call) -> NoReturn:
    """Raise the error of a call whose alias has no entry in the settings."""
    raise UnknownUpstream(f"not in settings.UPSTREAMS; {suggestion(call.alias, configured())}", call=call)


_remembered_url = functools.lru_cache(maxsize=512)(httpx.URL)  # parsing a URL takes about 10 µs
MAX_REMEMBERED_URL = 512
"""Characters of a URL that is remembered; clients may write parameters of any length."""
