"""JSON Lines of an upstream."""

import pytest
from testproject.quotes import Quote, quotes
from upstreams import UpstreamConnectionError, UpstreamDecodeError, UpstreamResponseTooLarge, UpstreamTimeout

from clients.events.conftest import END, chunk, head

pytestmark = pytest.mark.usefixtures("lifespan")
HEAD = head("application/x-ndjson")
ONE = b'{"text": "a\xc3\xbc", "author": "b"}'
NDJSON = {"content-type": "application/x-ndjson"}


async def read(**more):
    return [value async for value in quotes.json_lines("GET", "export", **more)]


async def test_lines_become_values_of_a_type_as_they_arrive(loopback, run):
    async def first():
        async for value in quotes.json_lines("GET", "export", into=Quote):
            return value
        return None

    loopback.on("/export", HEAD, chunk(ONE + b"\n"), "hang")
    assert await run(first) == Quote("aü", "b")
    await loopback.all_closed()


@pytest.mark.parametrize("last", [b"", b"\n"])
@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\n\n \t\r\n"])
async def test_blank_lines_are_no_values_and_the_last_line_break_may_be_missing(loopback, end, last):
    data = end.join([ONE, b"[1]", b'"3\\n"']) + last
    loopback.on("/export", HEAD, *(chunk(data[at : at + 1]) for at in range(len(data))), END)
    assert await read() == [{"text": "aü", "author": "b"}, [1], "3\n"]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (b'{"text": "a"}', "line 3 does not fit its type: author: is missing"),
        (b'{"text":', "line 3 does not fit its type: the line: "),
    ],
)
async def test_a_line_that_does_not_fit_is_named(upstream_mock, line, message):
    upstream_mock("quotes").get("export").content(ONE + b"\n\n" + line, headers=NDJSON)
    with pytest.raises(UpstreamDecodeError, match=f"^upstream quotes: GET export: {message}"):
        await read(into=Quote)


async def test_a_stream_that_is_cut_is_no_end(loopback):
    loopback.on("/export", HEAD, chunk(b"1\n2"), "close")
    values = quotes.json_lines("GET", "export")
    assert await anext(values) == 1
    with pytest.raises(UpstreamConnectionError):
        await anext(values)


async def test_one_line_may_have_so_many_bytes(upstream_mock):
    route = upstream_mock("quotes").get("export").content(b"12345\n" * 3, headers=NDJSON)
    assert await read(max_size=5) == [12345] * 3
    route.content(b"123456\n", headers=NDJSON)
    route.responses.pop(0)
    with pytest.raises(UpstreamResponseTooLarge, match="one line is larger than max_size, 5 bytes"):
        await read(max_size=5)


async def test_a_line_that_does_not_end_is_refused_before_it_is_read(loopback):
    loopback.on("/export", HEAD, chunk(b"1" * 100), "hang")
    with pytest.raises(UpstreamResponseTooLarge, match="one line is larger"):
        await read(max_size=50)


async def test_a_further_line_must_come_in_time_whatever_blank_lines_come(loopback):
    loopback.on("/export", HEAD, chunk(b"1\n"), *(0.03, chunk(b"\n")) * 40)
    with pytest.raises(UpstreamTimeout, match=r"no further line within idle_timeout, 0\.2 s"):
        await read(idle_timeout=0.2)


async def test_a_response_of_another_type_is_refused(upstream_mock):
    upstream_mock("quotes").get("export").content(b"<html>", headers={"content-type": "text/html"})
    with pytest.raises(UpstreamDecodeError, match="the response is text/html, not application/x-ndjson"):
        await read()
