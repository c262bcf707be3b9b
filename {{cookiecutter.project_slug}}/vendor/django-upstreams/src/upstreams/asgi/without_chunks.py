"""Responses to clients of HTTP/1.0, which know no chunks."""

from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from upstreams.core.asgi_types import App, Message, Receive, Scope, Send


async def without_chunks(
    app: App, cycle: RequestResponseCycle, scope: Scope, receive: Receive, send: Send
) -> None:
    """Run an application for a client that knows no chunks: without a length, the connection ends the body."""
    cycle.keep_alive = False
    cycle.waiting_for_100_continue = False  # RFC 9110 §10.1.1
    has_length = False

    async def send_plain(message: Message) -> None:
        nonlocal has_length
        if message["type"] == "http.response.start":
            headers = [pair for pair in message.get("headers", ()) if pair[0].lower() != b"transfer-encoding"]
            has_length = any(name.lower() == b"content-length" for name, _ in headers)
            message = {**message, "headers": headers}
            cycle.chunked_encoding = None if has_length else False
        elif not has_length:
            cycle.expected_content_length = len(message.get("body", b""))
        await send(message)

    return await app(scope, receive, send_plain)
