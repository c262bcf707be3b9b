"""Over asyncio's event loop and uvloop, which `serve` uses: each with its own TLS, and its own way to pause."""

import asyncio
import ssl
import threading

import pytest
import uvloop
from upstreams import Upstream, open_clients
from upstreams.testing.loopback import Loopback, http_response

LOOPS = [pytest.param(asyncio.new_event_loop, id="asyncio"), pytest.param(uvloop.new_event_loop, id="uvloop")]
BIG = bytes(range(256)) * 2**12 * 4  # 4 MiB
of_library = pytest.mark.parametrize("kind", ["httpx", "aiohttp"])


def run(new_loop, work):
    """Run a coroutine function in a new loop, in a thread."""

    async def opened():
        async with asyncio.timeout(20), open_clients():
            return await work()

    def target():
        try:
            with asyncio.Runner(loop_factory=new_loop) as runner:
                found.append(runner.run(opened()))
        except BaseException as error:  # noqa: BLE001 - raised in the test
            failed.append(error)

    found, failed = [], []
    thread = threading.Thread(target=target)
    thread.start()
    thread.join()
    if failed:
        raise failed[0]
    return found[0]


@pytest.mark.parametrize("new_loop", LOOPS)
@of_library
@pytest.mark.parametrize("is_secure", [False, True])
def test_a_slow_reader_gets_all_that_was_sent_before_the_end(
    define, authority, ca, new_loop, kind, is_secure
):
    context = None
    if is_secure:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        authority.issue_cert("localhost").configure_cert(context)

    async def slowly():
        body = bytearray()
        async with Upstream("tested").stream("GET", "big") as response:
            async for part in response.aiter_bytes():
                body += part
                await asyncio.sleep(0.001)  # the peer is faster, and hangs up
        return bytes(body)

    with Loopback(context) as server:
        server.on("/big", http_response(BIG), "close")
        url = server.url.replace("127.0.0.1", "localhost")
        define(
            tested={
                "BASE_URL": url,
                "TRANSPORT": kind,
                "MAX_ATTEMPTS": 1,
                **({"CA": ca} if is_secure else {}),
            }
        )
        assert run(new_loop, slowly) == BIG


@pytest.mark.parametrize("new_loop", LOOPS)
@of_library
def test_calls_at_once_and_one_that_is_cancelled(define, new_loop, kind):
    async def work():
        tested = Upstream("tested")
        found = await asyncio.gather(*(tested.get("a") for _ in range(10)))
        hanging = asyncio.create_task(tested.get("hang"))
        await asyncio.wait([hanging], timeout=0.05)
        hanging.cancel()
        await asyncio.wait([hanging])
        return [one.content for one in [*found, await tested.get("a")]]

    with Loopback() as server:
        server.on("/a", http_response(b"good")).on("/hang", "hang")
        define(tested={"BASE_URL": server.url, "TRANSPORT": kind})
        assert run(new_loop, work) == [b"good"] * 11
