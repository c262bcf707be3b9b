"""Sends the head of a streamed response before its first chunk, which may be long in coming."""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Any

from upstreams.core.asgi_types import DjangoMessage, DjangoSend
from upstreams.fastpath.iterate_in_thread import iterate_in_thread
from upstreams.fastpath.stream_cut import cut_on_failure


def in_one_part[T](data: Sequence[T]) -> Iterator[tuple[Sequence[T], bool]]:
    """Send what is in memory as one message, which is no stream: the `chunk_bytes` of handlers.

    In Django's parts of 64 KiB, a client that reads slowly would keep the request with its response, and take the slot
    of a stream.

    Args:
        data: the content of a response, or a part of it.

    Returns:
        The parts, each with whether it is the last one.
    """
    yield data, True


async def send_with_head_first(
    send_response: Callable[[Any, DjangoSend], Awaitable[None]], response: Any, send: DjangoSend
) -> None:
    """Send a response; if it is a stream, its head does not wait for the first chunk.

    Servers hold the head back until the first message of the body, as the ASGI specification asks of them. Django
    sends none before the first chunk, so that an `EventSource` would open with the first event.

    Args:
        send_response: of Django's handler.
        response: to be sent.
        send: to the client.

    Raises:
        ResponseCut: an upstream has failed while its stream was passed on.
    """

    if not response.streaming:
        await send_response(response, send)
        return

    async def send_and_flush(message: DjangoMessage) -> None:
        await send(message)
        if message["type"] == "http.response.start":
            await send({"type": "http.response.body", "body": b"", "more_body": True})

    async with iterate_in_thread(response) as sent:
        with cut_on_failure():
            await send_response(sent, send_and_flush)
