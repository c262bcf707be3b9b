"""A server span for each request (OpenTelemetry's semantic conventions for HTTP spans)."""

from collections.abc import Iterable

from opentelemetry import propagate, trace
from opentelemetry.propagators.textmap import Getter

from upstreams.core import tracing
from upstreams.core.asgi_types import (
    App,
    Message,
    Receive,
    Scope,
    Send,
)

RawHeaders = Iterable[tuple[bytes, bytes]]


class ASGISpans:
    """Continues the client's trace or begins one. Spans hold nothing of path, query, headers and body.

    `scope["route"]`, which `RouteMiddleware` sets, completes the name of the span.

    Args:
        app: the application.
    """

    def __init__(self, app: App) -> None:
        self._app = app
        self._tracer = trace.get_tracer("server")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        method = scope["method"]
        status: int | None = None
        is_complete = False

        async def observe(message: Message) -> None:
            nonlocal status, is_complete
            if message["type"] == "http.response.start":
                status = message["status"]
            elif message["type"] == "http.response.body":
                is_complete = not message.get("more_body", False)
            await send(message)

        with self._tracer.start_as_current_span(
            tracing.name(method, None),
            context=propagate.extract(scope["headers"], getter=Headers()),
            kind=trace.SpanKind.SERVER,
            attributes={
                "http.request.method": tracing.known(method),
                "url.scheme": scope.get("scheme", "http"),
            },
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            try:
                await self._app(scope, receive, observe)
                if not is_complete:
                    tracing.fail(span, "disconnected")
            except BaseException as error:
                tracing.fail(span, type(error).__qualname__)
                raise
            finally:
                if route := scope.get("route"):
                    span.update_name(tracing.name(method, route))
                    span.set_attribute("http.route", route)
                if status is not None:
                    span.set_attribute("http.response.status_code", status)
                if status is not None and status >= 500:
                    tracing.fail(span, str(status))


class Headers(Getter[RawHeaders]):
    """Reads the headers of an ASGI scope for propagators."""

    def get(self, carrier: RawHeaders, key: str) -> list[str] | None:
        wanted = key.lower().encode("latin-1")
        return [value.decode("latin-1") for name, value in carrier if name == wanted] or None

    def keys(self, carrier: RawHeaders) -> list[str]:
        return [name.decode("latin-1") for name, _ in carrier]
