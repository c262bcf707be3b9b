"""The innermost transport: the HTTP library's API over aiohttp's pool, which finds a connection in O(1)."""

from typing import Any

import aiohttp
from yarl import URL

from services.core.definitions import Definition
from services.core.errors import AnswerTooLarge, BrokenAnswer, Call, UpstreamError, UpstreamUnreachable
from services.core.http import Request, Response, Transport

LIBRARY_HEADERS = ("Accept-Encoding", "Content-Type")
"""aiohttp would add these by itself; the request says what it wants."""


class Wire(Transport):
    """Sends requests over one pool of connections. Has to be made in the event loop that will use it.

    Args:
        definition: of the upstream.
    """

    def __init__(self, definition: Definition) -> None:
        self._definition = definition
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                limit=definition.max_connections, keepalive_timeout=definition.keepalive
            ),
            timeout=aiohttp.ClientTimeout(total=None, connect=definition.connect),
            cookie_jar=aiohttp.DummyCookieJar(),  # one user's cookies must not reach another's call
            skip_auto_headers=LIBRARY_HEADERS,
            auto_decompress=False,
            trust_env=False,
        )
        # aiohttp would send an idempotent request again by itself, outside every policy of ours.
        self._session._retry_connection = False

    async def handle_async_request(self, request: Request) -> Response:
        call = Call.of(request)
        call.attempts += 1
        point: UpstreamUnreachable.Point = "connect"
        try:
            async with self._session.request(
                request.method,
                URL(str(request.url), encoded=True),
                headers=[(name, value) for name, value in request.headers.multi_items()],
                data=await request.aread() or None,
                allow_redirects=False,
            ) as answer:
                point = "body"
                if "Content-Encoding" in answer.headers:
                    raise BrokenAnswer("the body is encoded, which was not asked for", call=call)
                return Response(
                    answer.status, headers=list(answer.raw_headers), content=await self._body(answer, call)
                )
        except (aiohttp.ClientError, OSError) as error:
            # `from None`: aiohttp's messages may hold the URL with its query.
            raise self._failure(error, call, point) from None

    async def _body(self, answer: aiohttp.ClientResponse, call: Call) -> bytes:
        body = bytearray()
        async for chunk in answer.content.iter_any():
            body += chunk
            if len(body) > self._definition.max_body:
                answer.close()
                limit = self._definition.max_body
                raise AnswerTooLarge(f"the body is larger than MAX_BODY, {limit} bytes", call=call)
        return bytes(body)

    def _failure(self, error: Any, call: Call, point: UpstreamUnreachable.Point) -> UpstreamError:
        if isinstance(error, aiohttp.ClientResponseError):
            return BrokenAnswer("the answer is not HTTP", call=call)
        if isinstance(error, aiohttp.ConnectionTimeoutError):
            what = f"no connection within {self._definition.connect:.3g} s"
        elif isinstance(error, aiohttp.ClientConnectorDNSError):
            what = f"the name {error.host} does not resolve"
        elif isinstance(error, aiohttp.ClientConnectorError):
            what = f"cannot connect to {error.host}:{error.port}"
        elif point == "body":
            what = "the connection was lost in the body"
        else:
            what, point = "the connection was lost before an answer", "fresh"
        return UpstreamUnreachable(what, call=call, point=point)

    async def aclose(self) -> None:
        await self._session.close()
