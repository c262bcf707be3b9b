"""What Prometheus reads, answered before Django. Not public: figures tell a stranger when an attack works."""

import asyncio
from collections.abc import Awaitable, Callable
from hmac import compare_digest

from prometheus_client.exposition import choose_encoder

from server.multiprocess import registry
from server.types import App, Receive, Scope, Send


class MetricsPage:
    """Answers `GET /metrics` to those who send the token.

    For others the path is what it is to the app, mostly unknown: nothing tells them that the page exists.

    Args:
        app: what answers everything else.
        token: sent as `Authorization: Bearer …`; without one nobody sees the page.
        public: show it to everybody; for a developer's machine.
        sample: brings the gauges of this process up to date.
    """

    def __init__(self, app: App, *, token: str, public: bool, sample: Callable[[], None]) -> None:
        self._app = app
        self._expected = f"Bearer {token}".encode() if token else None
        self._public = public
        self._sample = sample

    # No coroutine of its own: every other request pays for one comparison only.
    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        if scope["path"] == "/metrics" and scope["method"] == "GET" and self._is_allowed(scope):
            return self._answer(scope, send)
        return self._app(scope, receive, send)

    def _is_allowed(self, scope: Scope) -> bool:
        if self._public:
            return True
        return self._expected is not None and compare_digest(_header(scope, b"authorization"), self._expected)

    async def _answer(self, scope: Scope, send: Send) -> None:
        self._sample()
        encode, content_type = choose_encoder(_header(scope, b"accept").decode("latin-1"))
        # The files of all workers are read and parsed: no request has to wait for that.
        body = await asyncio.to_thread(lambda: encode(registry()))
        headers = [(b"content-type", content_type.encode()), (b"cache-control", b"no-store")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})


def _header(scope: Scope, name: bytes) -> bytes:
    return b",".join(value for key, value in scope["headers"] if key == name)
