"""The client of the kit reads a stream while it is written, and leaves it as a browser does."""

import asyncio
from itertools import count

import pytest
from django.http import HttpResponse, StreamingHttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from testproject.quotes import quotes

ended = []


async def events(request):
    async def endless():
        try:
            for number in count():
                yield f"data: {number}\n\n"
                await asyncio.sleep(0)
        finally:
            ended.append("view")

    return StreamingHttpResponse(endless(), content_type="text/event-stream")


async def silent(request):
    async def nothing():
        try:
            yield "data: first\n\n"
            await asyncio.Event().wait()
        finally:
            ended.append("view")

    return StreamingHttpResponse(nothing(), content_type="text/event-stream")


async def broken(request):
    async def breaks():
        yield "data: first\n\n"
        raise LookupError("in the middle")

    return StreamingHttpResponse(breaks(), content_type="text/event-stream")


@csrf_exempt
async def echo(request):
    return HttpResponse(request.body)


async def quote(request):
    return HttpResponse((await quotes.random()).text)


urlpatterns = [
    path("events", events),
    path("silent", silent),
    path("broken", broken),
    path("echo", echo),
    path("quote", quote),
]


@pytest.fixture(autouse=True)
def urls(settings):
    settings.ROOT_URLCONF = __name__
    ended.clear()


@pytest.mark.parametrize(("url", "lines"), [("/events", 5), ("/silent", 1)])
async def test_an_endless_stream_is_read_event_by_event(aclient, url, lines):
    async with asyncio.timeout(10), aclient.stream("GET", url) as response:
        assert response.headers["content-type"] == "text/event-stream"
        events = (line async for line in response.aiter_lines() if line)
        read = [await anext(events) for _ in range(lines)]
        assert ended == []
    assert ended == ["view"]
    assert read[0] in ("data: 0", "data: first")


async def test_a_body_is_sent_and_a_complete_response_is_read(aclient):
    async with aclient.stream("POST", "/echo", content=b"a" * 100_000) as response:
        assert await response.aread() == b"a" * 100_000


async def test_an_error_before_the_response_is_a_problem(aclient, upstream_mock):
    upstream_mock("quotes").get("random").fail("refused")
    async with aclient.stream("GET", "/quote") as response:
        assert response.status_code == 502
        assert b"UpstreamConnectionError" in await response.aread()


async def test_a_client_that_gives_up_leaves_nothing_running(aclient, upstream_mock):
    upstream_mock("quotes").get("random").fail("hang")
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05), aclient.stream("GET", "/quote"):
            pass


async def test_head_has_no_content(aclient):
    async with aclient.stream("HEAD", "/echo") as response:
        assert (response.status_code, await response.aread()) == (200, b"")


async def test_what_the_application_raises_in_a_stream_is_raised(aclient):
    async with aclient.stream("GET", "/broken") as response:
        assert response.status_code == 200
        with pytest.raises(LookupError, match="in the middle"):
            await response.aread()
