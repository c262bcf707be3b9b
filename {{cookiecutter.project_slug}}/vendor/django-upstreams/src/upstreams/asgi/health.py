"""Health probes, answered before Django: no ALLOWED_HOSTS, redirect or session can get in their way."""

from collections.abc import Awaitable, Callable

from upstreams.core.asgi_types import App, Receive, Scope, Send


class HealthProbes:
    """Responds to `/livez` (the event loop turns) and `/readyz` (requests can be served).

    Args:
        app: the application, for every other path.
        is_ready: called for each `/readyz`; must not wait for anything.
    """

    def __init__(self, app: App, is_ready: Callable[[], bool]) -> None:
        self._app = app
        self._is_ready = is_ready

    # Not a coroutine: every other request pays for two comparisons only.
    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        # uvicorn puts its --root-path in front of each path.
        match scope["path"].removeprefix(scope.get("root_path", "")):
            case "/livez":
                return _respond(send, 200, b"alive\n")
            case "/readyz" if self._is_ready():
                return _respond(send, 200, b"ready\n")
            case "/readyz":
                return _respond(send, 503, b"not ready\n")
            case _:
                return self._app(scope, receive, send)


async def _respond(send: Send, status: int, body: bytes) -> None:
    headers = [(b"content-type", b"text/plain"), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
