"""A server span for each request (OpenTelemetry's semantic conventions for HTTP spans)."""

from collections.abc import Iterable

from opentelemetry import propagate, trace
from opentelemetry.propagators.textmap import Getter

from server.types import App, Message, Receive, Scope, Send
from services.core import traces

RawHeaders = Iterable[tuple[bytes, bytes]]


class Traced:
    """Continues the caller's trace, or begins one. Says nothing of path, query, headers and body.

    `scope["route"]`, if a layer within sets it, completes the name of the span.

    Args:
        app: what answers the requests.
    """

    def __init__(self, app: App) -> None:
        self._app = app
        self._tracer = trace.get_tracer("server")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        method = scope["method"]
        status: int | None = None
        is_complete = False

        async def observed(message: Message) -> None:
            nonlocal status, is_complete
            if message["type"] == "http.response.start":
                status = message["status"]
            elif message["type"] == "http.response.body":
                is_complete = not message.get("more_body", False)
            await send(message)

        with self._tracer.start_as_current_span(
            traces.name(method, None),
            context=propagate.extract(scope["headers"], getter=Headers()),
            kind=trace.SpanKind.SERVER,
            attributes={
                "http.request.method": traces.known(method),
                "url.scheme": scope.get("scheme", "http"),
            },
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            try:
                await self._app(scope, receive, observed)
                if not is_complete:
                    traces.fail(span, "disconnected")
            except BaseException as error:
                traces.fail(span, type(error).__qualname__)
                raise
            finally:
                if route := scope.get("route"):
                    span.update_name(traces.name(method, route))
                    span.set_attribute("http.route", route)
                if status is not None:
                    span.set_attribute("http.response.status_code", status)
                if status is not None and status >= 500:
                    traces.fail(span, str(status))


class Headers(Getter[RawHeaders]):
    """How propagators read the headers of an ASGI scope."""

    def get(self, carrier: RawHeaders, key: str) -> list[str] | None:
        wanted = key.lower().encode("latin-1")
        return [value.decode("latin-1") for name, value in carrier if name == wanted] or None

    def keys(self, carrier: RawHeaders) -> list[str]:
        return [name.decode("latin-1") for name, _ in carrier]
