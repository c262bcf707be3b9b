"""Three clients that make the same calls at the same moment: ours, aiohttp's, and the HTTP library's own."""

import asyncio
from collections import Counter
from contextlib import AsyncExitStack

import pytest
from upstreams import Upstream, UpstreamError, UpstreamStatusError, open_clients
from upstreams.core.httpx import httpx

AT_ONCE = 6
SECONDS = 30


class Clients:
    """The clients of one server, each with its connections.

    Args:
        define: the fixture.
        url: of the server.
        proxy: between.
        ssl: a context, for those of others.
        keys: of the upstream, for ours.

    Attributes:
        counts: for each client, how many calls were right, failed, or have had a wrong response.
        wrong: what those were.
        failed: why the others failed.
    """

    def __init__(self, define, url, *, proxy=None, ssl=None, **keys):
        self.aiohttp = pytest.importorskip("aiohttp", reason="aiohttp is not installed here")
        self.counts = {name: Counter() for name in ("ours", "aiohttp", "httpx")}
        self.wrong, self.failed = [], []
        self._url, self._proxy, self._ssl = url, proxy, ssl
        self._upstream = Upstream("real")
        proxied = {"PROXY": proxy} if proxy else {}
        define(real={"BASE_URL": url, "TIMEOUT": SECONDS, "CONNECT_TIMEOUT": SECONDS, **proxied, **keys})

    async def __aenter__(self):
        self._stack = AsyncExitStack()
        await self._stack.enter_async_context(open_clients())
        connector = self.aiohttp.TCPConnector(**({"ssl": self._ssl} if self._ssl else {}))
        session = self.aiohttp.ClientSession(connector=connector, cookie_jar=self.aiohttp.DummyCookieJar())
        self._session = await self._stack.enter_async_context(session)
        client = httpx.AsyncClient(
            trust_env=False, proxy=self._proxy, timeout=SECONDS, verify=self._ssl or False
        )
        self._httpx = await self._stack.enter_async_context(client)
        return self

    async def __aexit__(self, *_):
        await self._stack.aclose()

    async def play(self, calls, reload=None, reloads=0):
        """Make the calls, a few at once; meanwhile the server reloads, at equal distances."""
        calls = list(calls)
        marks = {len(calls) * (number + 1) // (reloads + 1) for number in range(reloads)}
        numbered = iter(enumerate(calls))

        async def some():
            for number, call in numbered:
                if number in marks:
                    await asyncio.to_thread(reload)
                await asyncio.gather(
                    self._note("ours", call, self._ours),
                    self._note("aiohttp", call, self._with_aiohttp),
                    self._note("httpx", call, self._with_httpx),
                )

        await asyncio.gather(*(some() for _ in range(AT_ONCE)))

    def check(self, server):
        """No response of ours is wrong, and no more calls have failed than with any of the others."""
        print(f"{server}:", {name: dict(counts) for name, counts in self.counts.items()})
        for lines in (self.wrong, self.failed):
            print(*lines, sep="\n")
        assert self.counts["ours"]["wrong"] == 0
        assert self.counts["ours"]["failed"] <= min(
            self.counts[name]["failed"] for name in ("aiohttp", "httpx")
        )
        assert self.counts["ours"]["right"] > 0

    async def _note(self, client, call, ask):
        try:
            status, body = await ask(call)
        except (UpstreamError, self.aiohttp.ClientError, httpx.HTTPError, OSError) as error:
            outcome = "failed"
            self.failed.append((client, call.method, call.path, repr(error)))
        else:
            outcome = (
                "right" if call.is_right(status, body) else "failed" if status in (502, 503, 504) else "wrong"
            )
        if outcome == "wrong":
            self.wrong.append((client, call.method, call.path, status, len(body), body[:200]))
        self.counts[client][outcome] += 1

    async def _ours(self, call):
        try:
            response = await self._upstream.request(
                call.method, call.path, headers=call.sent(), content=call.content
            )
        except UpstreamStatusError as error:
            response = error.response
        return response.status_code, response.content

    async def _with_aiohttp(self, call):
        url = f"{self._url}/{call.path}"
        async with self._session.request(
            call.method, url, headers=call.sent(), data=call.content, proxy=self._proxy
        ) as response:
            return response.status, await response.read()

    async def _with_httpx(self, call):
        url = f"{self._url}/{call.path}"
        response = await self._httpx.request(call.method, url, headers=call.sent(), content=call.content)
        return response.status_code, response.content
