"""A client span for each attempt (OpenTelemetry's semantic conventions for HTTP spans)."""

from urllib.parse import urlsplit

from opentelemetry import propagate, trace

from services.core import traces
from services.core.definitions import Definition
from services.core.errors import Call
from services.core.http import Request, Response, Transport
from services.core.policies.layer import Layer


class Traced(Layer):
    """Records an attempt, its time limit and its authorization included, and tells the upstream of the trace.

    The span of a streamed answer ends with the headers, as the conventions want it: when, and whether,
    the caller reads the rest is its own affair.

    Args:
        inner: the next transport.
        key: of the upstream.
    """

    def __init__(self, inner: Transport, key: Definition) -> None:
        super().__init__(inner)
        base = urlsplit(key.base_url)
        self._path = base.path
        # Without url.full: a path and a query may hold secrets.
        self._attributes: dict[str, str | int] = {
            "server.address": base.hostname or "",
            "server.port": base.port or (443 if base.scheme == "https" else 80),
            "service.peer.name": key.alias,
        }
        self._tracer = trace.get_tracer("services")

    async def handle_async_request(self, request: Request) -> Response:
        call = Call.of(request)
        template = f"{self._path}/{call.path}"
        attributes: dict[str, str | int] = {
            **self._attributes,
            "http.request.method": traces.known(call.method),
            "url.template": template,
        }
        if call.attempts:
            attributes["http.request.resend_count"] = call.attempts
        with self._tracer.start_as_current_span(
            traces.name(call.method, template),
            kind=trace.SpanKind.CLIENT,
            attributes=attributes,
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            propagate.inject(request.headers)
            try:
                response = await self._inner.handle_async_request(request)
            except BaseException as error:
                traces.fail(span, type(error).__qualname__)
                raise
            span.set_attribute("http.response.status_code", response.status_code)
            if response.status_code >= 400:
                traces.fail(span, str(response.status_code))
            return response
