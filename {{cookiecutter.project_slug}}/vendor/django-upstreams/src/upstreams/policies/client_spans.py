"""A client span for each attempt (OpenTelemetry's semantic conventions for HTTP spans)."""

from urllib.parse import urlsplit

from opentelemetry import propagate, trace

from upstreams.core import tracing
from upstreams.core.call import Call
from upstreams.core.definition import Definition
from upstreams.core.httpx import Request, Response, Transport
from upstreams.policies.base import Policy


class ClientSpans(Policy):
    """Records each attempt, and sends the trace context to the upstream.

    The span of a streamed response ends with its headers, as the conventions ask: when the caller reads the body,
    if at all, is up to the caller.

    Args:
        inner: the next transport.
        definition: of the upstream.
    """

    def __init__(self, inner: Transport, definition: Definition) -> None:
        super().__init__(inner)
        self._path, self._attributes = _path_and_server(definition.base_url, definition.alias)
        self._tracer = trace.get_tracer(tracing.TRACER)

    async def handle_async_request(self, request: Request) -> Response:
        call = Call.of(request)
        path, server = self._path, self._attributes
        if call.tenant is not None:
            path, server = _path_and_server(call.tenant.base_url, call.alias)
        template = f"{path}/{call.path}"
        attributes: dict[str, str | int] = {
            **server,
            "http.request.method": tracing.known(call.method),
            "url.template": template,
        }
        if call.attempts:
            attributes["http.request.resend_count"] = call.attempts
        with self._tracer.start_as_current_span(
            tracing.name(call.method, template),
            kind=trace.SpanKind.CLIENT,
            attributes=attributes,
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            propagate.inject(request.headers)
            try:
                response = await self._inner.handle_async_request(request)
            except BaseException as error:
                tracing.fail(span, type(error).__qualname__)
                raise
            span.set_attribute("http.response.status_code", response.status_code)
            if response.status_code >= 400:
                tracing.fail(span, str(response.status_code))
            return response


def _path_and_server(base_url: str, alias: str) -> tuple[str, dict[str, str | int]]:
    base = urlsplit(base_url)
    # Without url.full: a path and a query may hold secrets.
    return base.path, {
        "server.address": base.hostname or "",
        "server.port": base.port or (443 if base.scheme == "https" else 80),
        "service.peer.name": alias,
    }
