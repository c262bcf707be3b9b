"""Opens the clients of an event loop, and sends requests through the loop that owns them."""

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from concurrent.futures import Future
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from upstreams import conf
from upstreams.clients import misplaced, portal, registry
from upstreams.clients.loop_clients import Clients
from upstreams.clients.remote_streams import RemoteBody, RemoteStream
from upstreams.core import context
from upstreams.core.call import Call
from upstreams.core.definition import Definition, configured
from upstreams.core.errors import StartupFailed
from upstreams.core.event_loop import is_cancelled
from upstreams.core.httpx import Request, Response, httpx, stream_of


@asynccontextmanager
async def open_clients() -> AsyncIterator[None]:
    """Open the clients of the running loop, in the order of `settings.UPSTREAMS`, for the duration of the block.

    At the end of the block, calls in flight have `CLIENT_DRAIN` seconds, minus those that requests in flight
    have already used. Then all clients close within `CLIENT_CLOSE` seconds.

    Raises:
        ImproperlyConfigured: a setting is wrong.
        StartupFailed: an upstream could not be opened; those opened before it are closed.
    """
    if "gevent.monkey" in sys.modules and sys.modules["gevent.monkey"].is_module_patched("threading"):
        raise StartupFailed("gevent has patched this process: upstreams need its real threads")
    definitions = configured()
    clients = Clients()
    registry.own(clients)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(clients.end)
        for definition in definitions.values():
            clients.add(definition)
            share = conf.current().timeouts.client_close / len(definitions)
            stack.push_async_callback(clients.close, definition.alias, share)
            if (upstream := registry.upstreams.get(definition.alias)) is not None:
                await _on_startup(upstream, definition)
        stack.push_async_callback(_drain, clients)
        clients.is_open = True
        yield


async def send(request: Request) -> Response:
    """Send a request through the pool of this process, whichever loop the caller runs in.

    Only the request moves to the owning loop, in a copy of the caller's context. The caller's coroutine stays in
    its thread and its transaction. If the caller is cancelled, so is the request. Streamed bodies stay where they
    are: a chunk at a time moves.

    Raises:
        UpstreamError: one of `upstreams.core.errors`.
        RuntimeError: the request is made at import.
    """
    here = registry.clients_by_loop.get(asyncio.get_running_loop())
    if here is not None:
        return await here.send(request)
    call = Call.of(request)
    if not isinstance(request.stream, httpx.SyncByteStream):
        request.stream = RemoteBody(stream_of(request), asyncio.get_running_loop())
    return await run_in_owner(f"upstream {call}", lambda owner: _for_others(owner.send, request))


async def run_in_owner[T](name: str, work: Callable[[Clients], Coroutine[Any, Any, T]]) -> T:
    """Run a coroutine in the loop that owns the clients of this process, and open them if there is none.

    Args:
        name: of the call, for the error of one that is made at import.
        work: returns the coroutine; it is called again if that loop has ended meanwhile.

    Raises:
        RuntimeError: the call is made at import.
    """
    while True:
        if (owner := registry.running_owner()) is None:
            misplaced.refuse_early_call(name)
            await portal.opened(open_clients)
        elif (handed := owner[0].hand_over(work(owner[0]), owner[1])) is not None:
            return await asyncio.wrap_future(handed)


def send_and_wait(request: Request, wait: Callable[["Future[Response]"], object]) -> Response:
    """Send a request from a thread without an event loop.

    Args:
        request: of a call.
        wait: waits in this thread until the future is done.

    Raises:
        UpstreamError: one of `upstreams.core.errors`.
        RuntimeError: the request is made at import.
    """
    call = Call.of(request)
    while True:
        if (owner := registry.running_owner()) is None:
            misplaced.refuse_early_call(f"upstream {call}")
            portal.started(open_clients).result()
        elif (handed := owner[0].hand_over(_for_others(send, request), owner[1])) is not None:
            wait(handed)
            return handed.result()


def remote(response: Response, call: Call) -> RemoteStream:
    """Return the body of a streamed response of the running loop, or of another one, as one for any loop."""
    stream = stream_of(response)
    if isinstance(stream, RemoteStream):
        return stream
    loop = asyncio.get_running_loop()
    return RemoteStream(stream, registry.clients_by_loop[loop], loop, call)


async def _for_others(send: Callable[[Request], Awaitable[Response]], request: Request) -> Response:
    response = await send(request)
    call = Call.of(request)
    if call.stream:
        # Here, and not where the response arrives: the caller may have given up meanwhile.
        response.stream = remote(response, call)
    return response


async def _on_startup(upstream: registry.Hooks, definition: Definition) -> None:
    try:
        async with asyncio.timeout(definition.startup_timeout) as timeout:
            await upstream.on_startup()
    except (Exception, asyncio.CancelledError) as error:
        if is_cancelled(error):
            raise
        late = f"took longer than STARTUP_TIMEOUT, {definition.startup_timeout:.3g} s"
        what = late if timeout.expired() else f"failed: {error!r}"
        raise StartupFailed(f"upstream {definition.alias}: on_startup {what}") from error


async def _drain(clients: Clients) -> None:
    seconds = conf.current().timeouts.client_drain
    ends = context.drain_ends.get()
    if ends is not None:  # requests in flight have used some of them: asgi/admission.py
        seconds = min(seconds, max(0.0, ends - time.monotonic()))
    await clients.drain(seconds)
