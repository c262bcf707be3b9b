"""The page on which a developer makes mocks slow, failing or unreachable; by forms, and by curl."""

import functools
import json
import re
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from urllib.parse import parse_qsl

import msgspec
from django.template import Context, Engine

from upstreams.core.asgi_types import Receive, Scope, Send
from upstreams.management.mocks.behavior import KINDS, Behavior
from upstreams.management.mocks.mock import Mock

LOCAL = re.compile(r"(localhost|127\.0\.0\.1|\[::1\])(:\d+)?")
MAX_FORM = 10_000
"""Bytes of a form."""
POLICY = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

Text = tuple[int, str, str]
"""Status, type and text of a response."""


class Page:
    """The ASGI application of the page.

    Args:
        mocks: that it shows.
        url: its address.
        change: sets the behavior of a mock, by its alias.
    """

    def __init__(
        self, mocks: Sequence[Mock], url: str, change: Callable[[str, Behavior], Awaitable[None]]
    ) -> None:
        self._mocks = {mock.alias: mock for mock in mocks}
        self._url = url
        self._change = change

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        is_html = "text/html" in headers.get("accept", "")
        if refused := _refusal(headers):
            status, kind, text = 403, "text/plain", refused
        elif scope["method"] == "POST":
            status, kind, text = await self._post(scope["path"].strip("/"), await _form(receive))
        else:
            status, kind, text = self._get(scope["path"], is_html=is_html)
        found = {"content-type": f"{kind}; charset=utf-8", "content-security-policy": POLICY}
        if status == 303:
            found["location"] = "/"
        fields = [(name.encode(), value.encode()) for name, value in found.items()]
        await send({"type": "http.response.start", "status": status, "headers": fields})
        await send({"type": "http.response.body", "body": text.encode()})

    def _get(self, path: str, *, is_html: bool) -> Text:
        if path != "/":
            return 404, "text/plain", f"write {self._url}/\n"
        mocks = list(self._mocks.values())
        if is_html:
            values = {"mocks": mocks, "kinds": KINDS, "page": self._url}
            return 200, "text/html", _engine().get_template("page.html").render(Context(values))
        about = {
            one.alias: {"url": one.url, "calls": one.calls, **msgspec.to_builtins(one.behavior)}
            for one in mocks
        }
        return 200, "application/json", json.dumps(about, indent=2) + "\n"

    async def _post(self, alias: str, form: dict[str, str]) -> Text:
        if alias not in self._mocks:
            return 404, "text/plain", f"there is no mock of {alias!r}; there is {', '.join(self._mocks)}\n"
        try:
            behavior = Behavior.read(form)
            await self._change(alias, behavior)
        except (OSError, ValueError) as error:
            return 400, "text/plain", f"{error}\n"
        return 303, "text/plain", f"{alias}: {behavior}\n"


def _refusal(headers: dict[str, str]) -> str:
    """Return why a request is not from this machine's own pages and commands; a website may send one, too."""
    host, origin = headers.get("host", ""), headers.get("origin")
    if not LOCAL.fullmatch(host):
        return "call this page by 127.0.0.1 or localhost\n"
    if origin is not None and origin != f"http://{host}":
        return "another website may not change mocks\n"
    return ""


async def _form(receive: Receive) -> dict[str, str]:
    body, more = b"", True
    while more and len(body) < MAX_FORM:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return dict(parse_qsl(body.decode("utf-8", "replace")))


@functools.cache
def _engine() -> Engine:
    # Its own: it needs neither an entry of INSTALLED_APPS nor one of TEMPLATES.
    return Engine(dirs=[str(Path(__file__).parent)])
