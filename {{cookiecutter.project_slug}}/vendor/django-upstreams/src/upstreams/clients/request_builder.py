"""Builds the requests of calls."""

import functools
from collections.abc import Mapping
from typing import Any, NoReturn

from upstreams.core import context
from upstreams.core.bodies import form_request
from upstreams.core.call import Call
from upstreams.core.definition import configured
from upstreams.core.errors import UnknownUpstream, UnsafeRequest
from upstreams.core.http_messages import headers_of, items_of, request_of
from upstreams.core.httpx import Headers, Request, httpx
from upstreams.core.keys import suggestion
from upstreams.core.urls import header_values, refusal, replace, url

REQUEST_ID = b"x-request-id"


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
    try:
        address = _url(base_url, call.path, parameters)
        sent = _with_request_id((definition if tenant is None else tenant).sent_headers)
        if headers:
            replace(sent, headers)
        if call.method == "GET" and json is content is data is files is None:
            # Otherwise the library looks for a body and its headers.
            address = address if params is None else httpx.URL(address, params=params)
            return request_of("GET", address, sent, {"call": call})
        more = {"params": params, "extensions": {"call": call}}
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


def _with_request_id(shared: Headers) -> Headers:
    """Return a copy of the headers of an upstream with the id of the current request, or with none."""
    items = [item for item in items_of(shared) if item[1] != REQUEST_ID]
    if (request_id := context.request_id.get()) is not None:
        if not (request_id.isascii() and request_id.isprintable()):
            header_values({"X-Request-ID": request_id})  # says what is wrong with it
        items.append((REQUEST_ID, REQUEST_ID, request_id.encode("ascii")))
    return headers_of(items, "ascii")


def unknown(call: Call) -> NoReturn:
    """Raise the error of a call whose alias has no entry in the settings."""
    raise UnknownUpstream(f"not in settings.UPSTREAMS; {suggestion(call.alias, configured())}", call=call)


def _url(base_url: str, template: str, parameters: dict[str, Any]) -> httpx.URL:
    if not parameters and len(base_url) + len(template) < MAX_REMEMBERED_URL:
        return _url_without_parameters(base_url, template)
    text = url(base_url, template, parameters)
    return _remembered_url(text) if len(text) <= MAX_REMEMBERED_URL else httpx.URL(text)


@functools.lru_cache(maxsize=512)
def _url_without_parameters(base_url: str, template: str) -> httpx.URL:
    return httpx.URL(url(base_url, template, {}))


_remembered_url = functools.lru_cache(maxsize=512)(httpx.URL)  # parsing a URL takes about 10 µs
MAX_REMEMBERED_URL = 512
"""Characters of a URL that is remembered; clients may write parameters of any length."""
