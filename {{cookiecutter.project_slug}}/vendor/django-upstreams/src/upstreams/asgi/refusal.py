"""Responds in the application's place."""

import asyncio
from contextlib import suppress

from upstreams.asgi.problem_details import problem_messages
from upstreams.core.asgi_types import Receive, Send

LINGER_TIMEOUT = 1.0
"""Seconds to go on reading a refused request: if the connection is reset, the client may miss the response (RFC 9112 §9.6)."""


async def send_refusal(
    receive: Receive,
    send: Send,
    status: int,
    detail: str,
    *,
    linger: bool = False,
    retry_after: int | None = None,
    limit: str | None = None,
) -> None:
    """Send a problem.

    Args:
        receive: from the client.
        send: to the client.
        status: of the response.
        detail: what is wrong.
        linger: go on reading the body for a moment.
        retry_after: seconds.
        limit: the setting or the decorator behind the refusal.
    """
    close = linger or status == 408
    start, body = problem_messages(status, detail, retry_after=retry_after, close=close, limit=limit)
    await send(start)
    await send({**body, "more_body": linger})
    if linger:
        with suppress(TimeoutError):
            async with asyncio.timeout(LINGER_TIMEOUT):
                while (await receive()).get("more_body", False):
                    pass
        await send({"type": "http.response.body"})
