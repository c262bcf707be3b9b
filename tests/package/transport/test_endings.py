"""A response is whole, or an error, however large it is and however its connection ends."""

import asyncio
import re
import ssl
from urllib.parse import urlsplit

import pytest
import trustme
import uvloop
from upstreams import UpstreamConnectionError
from upstreams.core.call import Call
from upstreams.core.definition import parse
from upstreams.core.httpx import Request
from upstreams.transport.http1_transport import HTTP1Transport

from transport.closing_server import ClosingServer, body
from transport.test_proxies import Tunnel
from transport.waiting import only_connection, until

KB, MB = 1024, 1024 * 1024
BOUND = MB
"""Bytes of a body that may lie in memory when nobody reads; beside them come the kernel's buffers."""
LOOPS = [pytest.param(asyncio.new_event_loop, id="asyncio"), pytest.param(uvloop.new_event_loop, id="uvloop")]


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    authority = trustme.CA()
    path = tmp_path_factory.mktemp("ca") / "ca.pem"
    authority.cert_pem.write_to_path(path)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context, str(path)


@pytest.fixture(scope="module", params=[False, True], ids=["plain", "tls"])
def server(request, files):
    with ClosingServer(files[0] if request.param else None) as server:
        server.keys = {"BASE_URL": server.url, **({"CA": files[1]} if request.param else {})}
        server.is_secure = request.param
        yield server


def run(new_loop, main):
    """Run in a loop of its own, and return what it gave its exception handler."""
    errors = []
    with asyncio.Runner(loop_factory=new_loop) as runner:
        runner.get_loop().set_exception_handler(lambda _, context: errors.append(context))
        runner.run(main)
    return errors


async def read(server, path, *, stream, slow, **keys):
    definitions, problems = parse({"tested": server.keys | keys})
    assert problems == []
    transport = HTTP1Transport(definitions["tested"])
    call = Call("tested", "GET", path, stream=stream)
    received = b""
    try:
        async with asyncio.timeout(60):
            response = await transport.handle_async_request(
                Request("GET", server.url + path, extensions={"call": call})
            )
            async for chunk in response.stream:
                received += chunk
                if slow:
                    await asyncio.sleep(0.002)
    except UpstreamConnectionError as error:
        return "lost", str(error)
    finally:
        await transport.aclose()
        await asyncio.sleep(0)
    return received


async def read_each_way(server, path):
    return [
        await read(server, path, stream=stream, slow=slow)
        for stream in (False, True)
        for slow in (False, True)
    ]


@pytest.mark.parametrize("new_loop", LOOPS)
@pytest.mark.parametrize("ending", ["goodbye", "none", "cut"])
@pytest.mark.parametrize("framing", ["length", "chunked", "end"])
@pytest.mark.parametrize("size", [KB, 200 * KB, MB, 10 * MB])
def test_a_response_is_whole_or_an_error(caplog, server, new_loop, framing, ending, size):
    async def main():
        received.extend(await read_each_way(server, f"/{framing}/{size}/{ending}"))

    received = []
    errors = run(new_loop, main())
    # A body that its connection ends is complete only with a goodbye (RFC 9112 §9.8): anybody can cut TCP.
    without_end = framing == "end" and server.is_secure and ending != "goodbye"
    if framing == "end" and not server.is_secure and ending == "cut":
        assert received == [body(size // 2)] * 4  # nobody can know
    elif ending == "cut" or without_end:
        assert [one[0] for one in received] == ["lost"] * 4
        where = f"to {urlsplit(server.url).netloc} was (lost|reset) in the body"
        why = ", which has no length: TLS ended without a close_notify" if without_end else r" \("
        assert all(re.search(where + why, message) for _, message in received), received
    else:
        assert [one == body(size) for one in received] == [True] * 4
    assert errors == []
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


@pytest.mark.parametrize("new_loop", LOOPS)
@pytest.mark.parametrize("server", [True], ids=["tls"], indirect=True)
def test_a_response_through_a_tunnel_is_whole(server, new_loop):
    async def main():
        tunnel = Tunnel()
        tunnel.leads_to = urlsplit(server.url).port
        async with await asyncio.start_server(tunnel.serve, "127.0.0.1") as proxy:
            address = f"http://127.0.0.1:{proxy.sockets[0].getsockname()[1]}"
            path = f"/length/{MB}/goodbye"
            assert await read(server, path, stream=True, slow=True, PROXY=address) == body(MB)
        assert len(tunnel.requests) == 1

    assert run(new_loop, main()) == []


@pytest.mark.parametrize("new_loop", LOOPS)
def test_a_slow_reader_holds_little_in_memory(server, new_loop):
    async def main():
        definitions, _ = parse({"tested": server.keys})
        transport = HTTP1Transport(definitions["tested"])
        path = f"/length/{64 * MB}/goodbye"
        call = Call("tested", "GET", path, stream=True)
        response = await transport.handle_async_request(
            Request("GET", server.url + path, extensions={"call": call})
        )
        connection = only_connection(transport)
        sizes = []
        chunks = aiter(response.stream)
        for _ in range(20):
            await until(lambda: connection._is_paused)
            await asyncio.sleep(0.02)  # for what might still come
            sizes.append(connection._response.size)
            await anext(chunks)
        await response.stream.aclose()
        await transport.aclose()
        assert max(sizes) < BOUND

    assert run(new_loop, main()) == []
