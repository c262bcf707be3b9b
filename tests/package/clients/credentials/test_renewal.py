"""After a 401, a secret is read again, and the request is sent once more if it has changed."""

import asyncio

import pytest
from testproject.quotes import quotes
from upstreams import UpstreamStatusError

from clients.credentials.sources import Source

pytestmark = pytest.mark.usefixtures("lifespan")
QUOTE = {"text": "a", "author": "b"}


async def test_after_a_401_the_secret_is_read_again_and_the_request_sent_once_more(
    define, upstream_mock, clock
):
    source = Source("old", "new")
    define(quotes={"AUTH": {"BEARER": source}})
    mock = upstream_mock("quotes")
    mock.get("random").json(QUOTE).content("", 401).json(QUOTE)
    await quotes.random()
    clock.time += 10
    await quotes.random()
    assert [one.headers["authorization"] for one in mock.requests] == [
        "Bearer old",
        "Bearer old",
        "Bearer new",
    ]


async def test_a_secret_that_has_not_changed_is_not_sent_again(define, upstream_mock, clock):
    source = Source("same")
    define(quotes={"AUTH": {"BEARER": source}})
    upstream_mock("quotes").get("random").content("", 401)
    for _ in range(3):
        clock.time += 10
        with pytest.raises(UpstreamStatusError, match="status 401"):
            await quotes.random()
    assert len(upstream_mock("quotes").requests) == 3
    assert len(source.threads) == 3  # the first 401 came right after the first call of it


async def test_a_401_of_many_calls_at_once_reads_the_secret_once(define, upstream_mock, clock):
    source = Source("old", "new")
    define(quotes={"AUTH": {"BEARER": source}, "MAX_CONNECTIONS": 50})
    mock = upstream_mock("quotes")
    mock.get("random").json(QUOTE)
    await quotes.random()
    clock.time += 10
    route = mock.get("all")
    for _ in range(20):
        route.content("", 401)
    route.json(QUOTE)
    await asyncio.gather(*(quotes.get("all") for _ in range(20)))
    assert len(source.threads) == 2


async def test_a_file_that_changes_while_a_call_is_made_is_read_again_after_the_401(
    define, upstream_mock, tmp_path
):
    path = tmp_path / "token"
    path.write_text("old")
    define(quotes={"AUTH": {"BEARER": path}})
    mock = upstream_mock("quotes")

    async def rotate(_):
        path.write_text("the new one")

    mock.get("random").content("", 401).json(QUOTE).after(rotate)
    await quotes.random()
    assert [one.headers["authorization"] for one in mock.requests] == ["Bearer old", "Bearer the new one"]


async def test_a_body_that_cannot_be_sent_again_is_not(define, upstream_mock, clock):
    async def body():
        yield b"a"

    define(quotes={"AUTH": {"BEARER": Source("old", "new")}})
    upstream_mock("quotes").post("reports").content("", 401)
    with pytest.raises(UpstreamStatusError, match="status 401"):
        await quotes.post("reports", content=body())
    assert len(upstream_mock("quotes").requests) == 1


@pytest.mark.upstreams(quotes={"MAX_ATTEMPTS": 1})
async def test_a_stream_is_closed_whose_secret_cannot_be_renewed(loopback, monkeypatch):
    """Otherwise its connection would be in use for good."""

    class Gone(Exception):
        pass

    async def renew(self, request):
        raise Gone

    loopback.on("*", b"HTTP/1.1 401 -\r\nContent-Length: 10\r\n\r\n", "hang")
    monkeypatch.setattr("upstreams.policies.secret_headers.SecretHeaders.renew", renew)
    stream = quotes.using(auth={"BEARER": "t"}).stream("GET", "x")
    with pytest.raises(Gone):
        await stream.__aenter__()
    async with asyncio.timeout(10):
        await loopback.all_closed()
