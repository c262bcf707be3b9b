"""Health probes, which respond before Django: no ALLOWED_HOSTS, redirect or session can get in their way."""

from collections.abc import Awaitable, Callable

from upstreams.core.asgi_types import App, Receive, Scope, Send


class HealthProbes:
    """Responds to `/livez` (the event loop turns) and `/readyz` (requests can be served).

    Args:
        app: the application, for every other path.
        is_ready: called for each `/readyz`; must not wait for anything.
        reason: returns why it is not ready, if there is more to say.
    """

    def __init__(
        self, app: App, is_ready: Callable[[], bool], reason: Callable[[], str | None] = lambda: None
    ) -> None:
        self._app = app
        self._is_ready = is_ready
        self._reason = reason

    # Not a coroutine: every other request pays for two comparisons only.
    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        # uvicorn puts its --root-path in front of each path.
        match scope["path"].removeprefix(scope.get("root_path", "")):
            case "/livez":
                return _respond(send, 200, b"alive\n")
            case "/readyz" if self._is_ready():
                return _respond(send, 200, b"ready\n")
            case "/readyz":
                reason = self._reason()
                return _respond(send, 503, f"not ready: {reason}\n".encode() if reason else b"not ready\n")
            case _:
                return self._app(scope, receive, send)


async def _respond(send: Send, status: int, body: bytes) -> None:
    headers = [(b"content-type", b"text/plain"), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
