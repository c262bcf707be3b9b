"""A `ClientSession` of aiohttp below the policies, for teams that have settled on it."""

from collections.abc import AsyncIterable
from time import monotonic
from typing import Any

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from multidict import CIMultiDict
from yarl import URL

from upstreams.core.call import Call
from upstreams.core.definition import Definition
from upstreams.core.errors import UpstreamClosed
from upstreams.core.httpx import Request, Response
from upstreams.transport.aiohttp_body import IncomingBody
from upstreams.transport.aiohttp_errors import Attempt, mapped
from upstreams.transport.base import PooledTransport, message, reason
from upstreams.transport.connect_errors import failed
from upstreams.transport.generations import Generations
from upstreams.transport.network import Resolver
from upstreams.transport.pool import Counts, Origin
from upstreams.transport.route import DEFAULT_PORTS, Route

OWN_HEADERS = ("Accept", "Accept-Encoding", "Content-Type", "User-Agent")
"""Headers that aiohttp would add by itself."""


class Names(AbstractResolver):
    """Our look-ups of names, which never fill the threads of the event loop.

    Args:
        inner: looks them up.
    """

    def __init__(self, inner: Resolver) -> None:
        self._inner = inner

    async def resolve(self, host: str, port: int = 0, family: int = 0) -> list[ResolveResult]:
        return [
            ResolveResult(hostname=host, host=to[0], port=to[1], family=kind, proto=proto, flags=0)
            for kind, _, proto, _, to in await self._inner.resolve(host, port)
        ]

    async def close(self) -> None:
        pass


class AiohttpTransport(PooledTransport):
    """Sends requests over a session of aiohttp. Create it in the event loop that uses it.

    Args:
        definition: of the upstream.

    Raises:
        OSError: `CA` or `CERT` cannot be read.
    """

    def __init__(self, definition: Definition) -> None:
        self._route = Route(definition)
        self._proxy = None
        if (proxy := self._route.proxy) is not None:
            self._proxy = URL.build(scheme=proxy.scheme, host=proxy.host, port=proxy.port)
        self._reuse = definition.reuse_connections
        self._idle_timeout = definition.pool_idle_timeout
        self._timeout = aiohttp.ClientTimeout(total=None, connect=definition.connect_timeout)
        self._generations: Generations[aiohttp.ClientSession] = Generations(
            self._make_session, _close, definition.connection_max_age, definition.pool_idle_timeout
        )

    def _make_session(self) -> aiohttp.ClientSession:
        more: dict[str, Any] = {"limit": 0, "force_close": not self._reuse}  # the bulkhead limits the calls
        if self._reuse:
            more["keepalive_timeout"] = self._idle_timeout
        connector: aiohttp.BaseConnector
        if self._route.uds is not None:
            connector = aiohttp.UnixConnector(self._route.uds, **more)
        else:
            connector = aiohttp.TCPConnector(
                resolver=Names(self._route.resolver), use_dns_cache=False, **more
            )
        trace = aiohttp.TraceConfig()
        trace.on_connection_create_end.append(_on_new)
        trace.on_connection_reuseconn.append(_on_reused)
        session = aiohttp.ClientSession(
            connector=connector,
            auto_decompress=False,
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=self._timeout,
            trace_configs=[trace],
        )
        # Private: ClientSession._retry_connection (aiohttp 3.14). It sends a request again by itself, unseen by the
        # policies; tests/package/transports/test_reuse.py counts the requests.
        session._retry_connection = False
        return session

    @property
    def counts(self) -> Counts:
        """The open connections; the age is that of the oldest session."""
        idle = in_use = 0
        opened = self._generations.open
        for one in opened:
            if (connector := one.pool.connector) is not None:
                # Private: BaseConnector._conns and _acquired (aiohttp 3.14); transports/test_reuse.py reads them.
                idle += sum(map(len, connector._conns.values()))
                in_use += len(connector._acquired)
        age = monotonic() - min(one.opened for one in opened) if idle or in_use else 0.0
        return Counts(in_use, idle, age)

    def renew(self) -> None:
        self._generations.retire_current()

    async def handle_async_request(self, request: Request) -> Response:
        call = Call.of(request)
        if self._generations.is_closed:
            raise UpstreamClosed("its client is closed", call=call)
        call.attempts += 1
        url = request.url
        port = url.port or DEFAULT_PORTS[url.scheme]
        origin = Origin(url.scheme, url.raw_host.decode("ascii"), port, call.is_foreign)
        peer = self._route.proxy or origin
        attempt = Attempt(call, origin, peer)
        fields, body = message(request)
        if origin.scheme == "http":
            fields += self._route.proxy_fields  # those below are for tunnels
        generation = self._generations.enter()
        response = None
        try:
            response = await generation.pool.request(
                request.method,
                self._address(request, origin),
                headers=_headers(fields),
                data=attempt.watched(body) if isinstance(body, AsyncIterable) else body or None,
                allow_redirects=False,
                skip_auto_headers=OWN_HEADERS,
                proxy=self._proxy,
                proxy_headers={name.decode(): value.decode() for name, value in self._route.proxy_fields},
                ssl=self._route.tls(origin) if origin.scheme == "https" else True,
                trace_request_ctx=attempt,
            )
        except Exception as error:  # noqa: BLE001 - mapped, or raised as it is
            if not attempt.is_connected:
                self._route.expire(peer)
            raise mapped(error, attempt, self._route) from None
        finally:
            if response is None:
                self._generations.leave(generation)
        incoming = IncomingBody(response, self._generations, generation, attempt, self._route)
        if response.status == 407 and peer is not origin and origin.scheme == "http":
            await incoming.aclose()
            raise failed(
                "the proxy refused the request with status 407; write its credentials in PROXY", call
            )
        extensions = reason((response.reason or "").encode("ascii", "ignore"))
        return Response(
            response.status, headers=list(response.raw_headers), stream=incoming, extensions=extensions
        )

    def _address(self, request: Request, origin: Origin) -> URL:
        host = f"[{origin.host}]" if ":" in origin.host else origin.host
        path = request.url.raw_path.decode("ascii")
        return URL(f"{origin.scheme}://{host}:{origin.port}{path}", encoded=True)

    async def aclose(self) -> None:
        await self._generations.aclose()


def _headers(fields: list[tuple[bytes, bytes]]) -> CIMultiDict[str]:
    """Return headers as aiohttp takes them; it frames a body without a length by itself."""
    return CIMultiDict(
        (name.decode("ascii"), value.decode("latin-1"))
        for name, value in fields
        if name.lower() != b"transfer-encoding"
    )


async def _on_new(session: Any, context: Any, _: Any) -> None:
    context.trace_request_ctx.is_connected = True
    context.trace_request_ctx.call.step("connect")


async def _on_reused(session: Any, context: Any, _: Any) -> None:
    context.trace_request_ctx.is_connected = context.trace_request_ctx.reused = True


async def _close(session: aiohttp.ClientSession) -> None:
    await session.close()
