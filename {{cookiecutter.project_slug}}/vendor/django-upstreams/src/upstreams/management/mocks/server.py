"""Serves mocks, each on a port of its own, and the page that changes how they behave. Needs the extra `asgi`."""

import asyncio
import logging
import socket
import threading
from collections.abc import Sequence
from typing import Any, Self
from urllib.parse import urlsplit

import uvicorn

from upstreams.management.mocks.app import MockApp
from upstreams.management.mocks.behavior import Behavior
from upstreams.management.mocks.mock import Mock
from upstreams.management.mocks.page import Page

SERVER_LOGS = [logging.getLogger(f"uvicorn.{name}") for name in ("access", "error")]
STARTED_INTERVAL = 0.01
"""Seconds between two looks whether a server has started."""


class Listener:
    """An application on an address, that can stop listening and begin again.

    Args:
        app: the ASGI application.
        host: the address to listen on.
        port: the port.
    """

    def __init__(self, app: Any, host: str, port: int) -> None:
        self._app = app
        self._address = host, port
        self._server: uvicorn.Server | None = None
        self._task: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Listen.

        Raises:
            OSError: somebody else does.
        """
        if self._server is not None:
            return
        family = socket.AF_INET6 if ":" in self._address[0] else socket.AF_INET
        listener = socket.create_server(self._address, family=family, backlog=512)
        # asyncio sets it for sockets of its own alone; without it, each response takes 40 ms.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        config = uvicorn.Config(
            self._app,
            lifespan="off",
            ws="none",
            access_log=False,
            log_config=None,
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=0,
        )
        self._server = uvicorn.Server(config)
        self._task = asyncio.create_task(self._server.serve([listener]))
        # uvicorn has no event for it.
        while not (self._server.started or self._task.done()):  # noqa: ASYNC110
            await asyncio.sleep(STARTED_INTERVAL)

    async def close(self) -> None:
        """Refuse connections, and end those that are open."""
        if self._server is None or self._task is None:
            return
        self._server.should_exit = True
        await self._task
        self._server = self._task = None


class MockServers:
    """The servers, in a thread of their own: uvicorn then leaves the signals of this process alone.

    Args:
        mocks: to serve.
        page: the address of their page.
        host: the address that mocks listen on; the page listens on this machine alone.
    """

    def __init__(self, mocks: Sequence[Mock], page: str, host: str = "127.0.0.1") -> None:
        self._listeners = {
            mock.alias: Listener(MockApp(mock, page), host, port_of(mock.url)) for mock in mocks
        }
        self._page = Listener(Page(mocks, page, self.set_behavior), "127.0.0.1", port_of(page))
        self._mocks = {mock.alias: mock for mock in mocks}
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="mocks", daemon=True)

    def __enter__(self) -> Self:
        self._levels = [log.level for log in SERVER_LOGS]
        for log in SERVER_LOGS:
            log.setLevel(logging.CRITICAL)  # to uvicorn, a body that is cut is an error of the application
        self._thread.start()
        try:
            asyncio.run_coroutine_threadsafe(self._open(), self._loop).result()
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result()
        self._stop()

    async def set_behavior(self, alias: str, behavior: Behavior) -> None:
        """Change what a mock does with requests."""
        self._mocks[alias].behavior = behavior
        listener = self._listeners[alias]
        await (listener.close() if behavior.behavior == "refuse" else listener.open())

    async def _open(self) -> None:
        for alias, listener in self._listeners.items():
            if self._mocks[alias].behavior.behavior != "refuse":
                await listener.open()
        await self._page.open()

    async def _close(self) -> None:
        await asyncio.gather(*(listener.close() for listener in (*self._listeners.values(), self._page)))

    def _stop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        for log, level in zip(SERVER_LOGS, self._levels, strict=True):
            log.setLevel(level)


def port_of(url: str) -> int:
    """Return the port of the address of a mock."""
    return urlsplit(url).port or 80
