"""The transport of an SDK's client: responses, streams, bodies of requests, and what closes what."""

import asyncio
import gc
import gzip
import threading

import pytest
from upstreams import UpstreamTransport
from upstreams.clients import portal
from upstreams.testing.loopback import http_response

JSON = {"content-type": "application/json"}
CHUNKED = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
ONE, TWO, END = b"3\r\none\r\n", b"3\r\ntwo\r\n", b"0\r\n\r\n"
pytestmark = pytest.mark.usefixtures("lifespan")


async def is_left(loopback):
    async with asyncio.timeout(20):
        await loopback.all_closed()


async def test_a_response_is_one_of_the_library_of_the_client(clients, loopback):
    loopback.on("/items", http_response({"name": "pen"}, 201, JSON | {"x-a": "b"}))
    response = await clients.send("POST", "/items", json={"name": "pen"}, headers={"X-B": "c"})
    (request,) = loopback.requests
    assert isinstance(response, clients.library.Response)
    assert (response.status_code, response.json(), response.headers["x-a"]) == (201, {"name": "pen"}, "b")
    assert (request.method, request.headers["x-b"], request.body) == ("POST", "c", b'{"name":"pen"}')


async def test_a_status_is_passed_on(clients, loopback):
    loopback.on("/items", http_response({"error": "no"}, 404, JSON))
    response = await clients.send("GET", "/items")
    assert (response.status_code, response.json()) == (404, {"error": "no"})


async def test_all_share_one_connection(clients, loopback):
    loopback.on("/items", http_response({}, headers=JSON))
    for _ in range(3):
        await clients.send("GET", "/items")
    assert loopback.accepted == 1


async def test_a_chunk_of_events_arrives_before_the_next_one_was_sent(clients, loopback):
    loopback.on("/events", CHUNKED, ONE, "hang")
    assert await clients.read("/events", 1) == [b"one"]
    await is_left(loopback)


async def test_a_whole_stream_leaves_its_connection_to_the_next_call(clients, loopback):
    loopback.on("/events", CHUNKED, ONE, TWO, END)
    for _ in range(2):
        assert b"".join(await clients.read("/events")) == b"onetwo"
    assert loopback.accepted == 1


@pytest.mark.upstreams(quotes={"MAX_STREAMS": 1, "MAX_CONNECTIONS": 1, "QUEUE_SIZE": 0})
async def test_a_stream_takes_no_slot_of_calls(clients, loopback):
    loopback.on("/events", CHUNKED, ONE, "hang")
    loopback.on("/items", http_response({}, headers=JSON))
    async with clients.open("AsyncClient") as client, client.stream("GET", "/events"):
        assert (await clients.send("GET", "/items")).status_code == 200
        with pytest.raises(clients.library.PoolTimeout, match="all 1 streams are open"):
            await clients.read("/events", 1)
    assert await clients.read("/events", 1) == [b"one"]


async def test_a_stream_that_is_forgotten_gives_its_connection_back(library, loopback):
    def forget():
        client = library.Client(transport=UpstreamTransport("quotes"))
        response = client.send(client.build_request("GET", f"{loopback.url}/events"), stream=True)
        assert next(response.iter_raw()) == b"one"

    loopback.on("/events", CHUNKED, ONE, "hang")
    thread = threading.Thread(target=forget)
    thread.start()
    await asyncio.to_thread(thread.join)
    gc.collect()  # the response of httpx refers to itself
    await is_left(loopback)


async def test_closing_the_client_leaves_the_connections_to_the_lifespan(clients, loopback):
    loopback.on("/items", http_response({}, headers=JSON))
    async with clients.open("AsyncClient") as one:
        await one.get("/items")
    assert loopback.open == 1
    async with clients.open("AsyncClient") as other:
        await other.get("/items")
    assert loopback.accepted == 1


@pytest.mark.upstreams(quotes={"TIMEOUT": 0.2})
async def test_events_in_a_response_that_failed_are_read_whole(clients, loopback):
    failed = CHUNKED.replace(b"200 OK", b"500 Bad")
    loopback.on("/events", failed, ONE, TWO, END).on("/events", failed, ONE, "hang")
    assert (await clients.send("GET", "/events")).content == b"onetwo"
    with pytest.raises(clients.library.ReadTimeout, match=r"no complete response within TIMEOUT, 0\.2 s"):
        await clients.read("/events", 1)


@pytest.mark.parametrize("kind", ["application/json", "application/problem+json; a=b", "text/plain", ""])
@pytest.mark.upstreams(quotes={"TIMEOUT": 0.2})
async def test_the_deadline_holds_for_a_body_of_text(clients, loopback, kind):
    head = CHUNKED.replace(b"text/event-stream", kind.encode())
    loopback.on("/items", head, ONE, "hang")
    with pytest.raises(clients.library.ReadTimeout, match=r"no complete response within TIMEOUT, 0\.2 s"):
        await clients.send("GET", "/items")


@pytest.mark.upstreams(quotes={"STREAM_IDLE_TIMEOUT": 0.2})
async def test_an_error_in_a_stream_is_one_of_the_library(clients, loopback):
    loopback.on("/events", CHUNKED, ONE, "hang")
    with pytest.raises(clients.library.ReadTimeout, match="STREAM_IDLE_TIMEOUT"):
        await clients.read("/events")


async def test_an_iterated_body_is_sent_a_chunk_at_a_time_from_the_thread_of_its_caller(library, loopback):
    def send():
        def chunks():
            for chunk in (b"one", b"two"):
                threads.add(threading.current_thread())
                yield chunk

        with library.Client(transport=UpstreamTransport("quotes")) as client:
            client.post(f"{loopback.url}/items", content=chunks())
        return threading.current_thread()

    threads = set()
    loopback.on("/items", http_response({}, headers=JSON))
    caller = await asyncio.to_thread(send)
    assert (loopback.requests[0].body, threads) == (b"onetwo", {caller})


async def test_a_form_with_a_file_is_sent(clients, loopback):
    loopback.on("/items", http_response({}, headers=JSON))
    await clients.send("POST", "/items", files={"picture": ("pen.png", b"PNG", "image/png")})
    assert b'filename="pen.png"' in loopback.requests[0].body


async def test_an_async_body_is_sent(library, loopback):
    async def chunks():
        yield b"one"
        yield b"two"

    async def send():
        async with library.AsyncClient(transport=UpstreamTransport("quotes")) as client:
            await client.post(f"{loopback.url}/items", content=chunks())

    loopback.on("/items", http_response({}, headers=JSON))
    await send()
    await asyncio.to_thread(lambda: asyncio.run(send()))
    assert [request.body for request in loopback.requests] == [b"onetwo"] * 2


async def test_what_the_library_can_decode_is_left_to_it(clients, loopback):
    packed = gzip.compress(b"content")
    head = http_response(packed, headers={"content-type": "binary/octet-stream", "content-encoding": "gzip"})
    loopback.on("/object", head[: -len(packed)], packed)
    assert b"".join(await clients.read("/object")) == packed
    assert (await clients.send("GET", "/object")).content == b"content"
    assert {request.headers["accept-encoding"] for request in loopback.requests} == {"gzip, deflate"}


async def test_a_packed_body_of_text_is_decoded_within_the_limits(clients, loopback):
    packed = gzip.compress(b"{}")
    loopback.on("/items", http_response(packed, headers=JSON | {"content-encoding": "gzip"}))
    response = await clients.send("GET", "/items")
    assert (response.json(), "content-encoding" in response.headers) == ({}, False)


async def test_a_sync_client_in_an_event_loop_is_refused(library, loopback):
    with (
        library.Client(transport=UpstreamTransport("quotes")) as client,
        pytest.raises(
            RuntimeError, match=r"a sync client would block the event loop of this thread: use the async"
        ),
    ):
        client.get(f"{loopback.url}/items")


def test_a_process_without_a_lifespan_uses_the_portal(library, loopback, upstreams):
    loopback.on("/items", http_response({}, headers=JSON)).on("/events", CHUNKED, ONE, TWO, END)
    with library.Client(transport=UpstreamTransport("quotes")) as client:
        assert client.get(f"{loopback.url}/items").json() == {}
        assert client.get(f"{loopback.url}/events").content == b"onetwo"
        portal.close()
        assert client.get(f"{loopback.url}/items").json() == {}
    assert loopback.accepted == 2
