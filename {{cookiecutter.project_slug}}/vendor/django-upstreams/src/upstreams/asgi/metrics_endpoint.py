"""`/metrics` for Prometheus, handled before Django. Not public: metrics show an attacker whether an attack works."""

import asyncio
from collections.abc import Awaitable, Callable
from hmac import compare_digest

from prometheus_client.exposition import choose_encoder

from upstreams.asgi.metrics_multiprocess import registry
from upstreams.core.asgi_types import App, Receive, Scope, Send


class MetricsEndpoint:
    """Responds to `GET /metrics` with the token; any other request goes to the application.

    Without the token the path is unknown, like any other: nothing reveals that the endpoint exists.

    Args:
        app: the application.
        token: expected as `Authorization: Bearer <token>`; without one, no request passes.
        public: respond to everyone; for development.
        sample: updates the gauges of this process.
    """

    def __init__(self, app: App, *, token: str, public: bool, sample: Callable[[], None]) -> None:
        self._app = app
        self._expected = f"Bearer {token}".encode() if token else None
        self._public = public
        self._sample = sample

    # Not a coroutine, so that other requests pay for one comparison only.
    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        if (
            scope["path"].removeprefix(scope.get("root_path", "")) == "/metrics"
            and scope["method"] == "GET"
            and self._is_allowed(scope)
        ):
            return self._respond(scope, send)
        return self._app(scope, receive, send)

    def _is_allowed(self, scope: Scope) -> bool:
        if self._public:
            return True
        return self._expected is not None and compare_digest(_header(scope, b"authorization"), self._expected)

    async def _respond(self, scope: Scope, send: Send) -> None:
        self._sample()
        encode, content_type = choose_encoder(_header(scope, b"accept").decode("latin-1"))
        # In a thread: it reads and parses the files of all workers.
        body = await asyncio.to_thread(lambda: encode(registry()))
        headers = [(b"content-type", content_type.encode()), (b"cache-control", b"no-store")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})


def _header(scope: Scope, name: bytes) -> bytes:
    return b",".join(value for key, value in scope["headers"] if key == name)
