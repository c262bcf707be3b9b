"""The ASGI application of a mock: it responds, or fails as it was asked to, and logs a line for each request."""

import asyncio
import logging
from dataclasses import replace

from upstreams.core.asgi_types import Receive, Scope, Send
from upstreams.core.mocked import TOKEN_PATH
from upstreams.management.mocks.behavior import Behavior
from upstreams.management.mocks.mock import Mock
from upstreams.management.mocks.reply import Asked, Reply, problem

logger = logging.getLogger(__name__)
TOKEN = b'{"access_token": "mock", "token_type": "Bearer", "expires_in": 3600}'
WITHOUT_BODY = (204, 304)
GARBAGE = b"\x00<html>this is not what was asked for"


class MockApp:
    """The application.

    Args:
        mock: that it responds for.
        page: where its behavior is changed, for the text of errors.
    """

    def __init__(self, mock: Mock, page: str) -> None:
        self._mock = mock
        self._page = page

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked = await _asked(scope, receive)
        if f"/{asked.path}" == TOKEN_PATH:
            kind = ("content-type", "application/json")
            await _send(Reply(200, [kind], [TOKEN], "the mock"), send)
            return
        behavior = self._mock.next_behavior()
        reply = self._reply(asked, behavior)
        what = reply.origin if behavior.behavior == "normal" else f"behavior {behavior}"
        status = "no response" if behavior.behavior == "hang" else reply.status
        logger.info("%s: %s %s, %s", self._mock.alias, asked, status, what)
        if behavior.behavior == "slow":
            await asyncio.sleep(behavior.delay)
        elif behavior.behavior == "hang":
            await _disconnected(receive)
            return
        await _send(reply, send, is_cut=behavior.behavior == "cut")

    def _reply(self, asked: Asked, behavior: Behavior) -> Reply:
        why = f"the mock of {self._mock.alias} was asked to {behavior.behavior}; {self._page} changes it"
        match behavior.behavior:
            case "fail":
                return problem(behavior.status, why)
            case "limit":
                return problem(429, why, ("retry-after", f"{behavior.delay:.0f}"))
            case "garbage":
                return replace(self._mock.reply(asked), chunks=[GARBAGE])
        return self._mock.reply(asked)


async def _asked(scope: Scope, receive: Receive) -> Asked:
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    path = scope["raw_path"].decode("latin-1").removeprefix("/")
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    return Asked(scope["method"], path, scope["query_string"].decode("latin-1"), body, headers)


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _send(reply: Reply, send: Send, *, is_cut: bool = False) -> None:
    headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in reply.headers]
    body = b"".join(reply.chunks)
    if (len(reply.chunks) < 2 or is_cut) and reply.status not in WITHOUT_BODY:
        headers.append((b"content-length", str(len(body) or int(is_cut)).encode()))
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    if is_cut:
        # Returning without the rest ends the connection.
        await send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})
        return
    for chunk in reply.chunks:
        await send({"type": "http.response.body", "body": chunk, "more_body": True})
    await send({"type": "http.response.body", "body": b""})
