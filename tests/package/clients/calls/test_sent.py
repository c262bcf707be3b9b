"""What a call sends, and what it makes of the answer."""

from dataclasses import dataclass

import pytest
from testproject.quotes import quotes
from upstreams.core.errors import UnsafeRequest
from upstreams.core.httpx import Request, Response
from upstreams.policies.decoding import ACCEPTED

TOO_LONG = (
    "its path or its query is longer than 65536 characters; send what is long in the body, by json= or data="
)

pytestmark = pytest.mark.usefixtures("lifespan", "way")


@dataclass
class Item:
    """What one upstream of these tests sells."""

    name: str
    price: float


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
async def test_each_method_has_its_function(upstream_mock, method):
    upstream_mock("quotes").on(method, "items/7").json({"name": "pen", "price": 2})
    item = await getattr(quotes, method.lower())("items/{id}", id=7, into=Item)
    assert item == Item("pen", 2)


@pytest.mark.upstreams(quotes={"HEADERS": {"X-Api-Key": "k"}})
async def test_a_call_sends_its_query_headers_and_body(upstream_mock):
    upstream_mock("quotes").post("items").json({}, status=201)
    response = await quotes.post("items", params={"a": "x y"}, headers={"X-B": "2"}, json={"name": "pen"})
    (request,) = upstream_mock("quotes").requests
    assert isinstance(response, Response)
    assert request.url.query == b"a=x+y"
    assert (request.headers["X-Api-Key"], request.headers["X-B"]) == ("k", "2")
    assert request.content == b'{"name":"pen"}'


@pytest.mark.upstreams(quotes={"BASE_URL": "https://quotes.test/v1", "HEADERS": {"X-Api-Key": "k"}})
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
async def test_a_request_from_prepared_parts_is_the_one_the_library_makes(upstream_mock, method):
    upstream_mock("quotes").on(method, "items/7").content("")
    await quotes.request(method, "items/{id}", id=7, params={"a": "x y"}, headers={"X-B": "2"})
    (sent,) = upstream_mock("quotes").requests
    headers = {"X-Api-Key": "k", "X-B": "2", "Accept-Encoding": ACCEPTED}
    made = Request(method, "https://quotes.test/v1/items/7", params={"a": "x y"}, headers=headers)
    assert (sent.method, sent.url, sent.headers, sent.content) == (
        method,
        made.url,
        made.headers,
        made.content,
    )


async def test_an_answer_is_closed_and_names_its_request_without_the_query(upstream_mock):
    upstream_mock("quotes").get("random").content("a")
    response = await quotes.get("random", params={"token": "secret"})
    assert response.raise_for_status().is_closed
    assert str(response.url) == "http://quotes.test/v1/random"


@pytest.mark.upstreams(quotes={"HEADERS": {"X-Tenant": "ours"}})
async def test_a_call_may_leave_a_header_out(upstream_mock):
    upstream_mock("quotes").get("random").content("")
    await quotes.get("random", headers={"X-TENANT": None})
    await quotes.get("random")
    without, with_it = upstream_mock("quotes").requests
    assert ("X-Tenant" in without.headers, "X-Tenant" in with_it.headers) == (False, True)


@pytest.mark.parametrize("theirs", [{"x-tenant": "theirs"}, {"X-TENANT": "theirs"}])
@pytest.mark.upstreams(quotes={"HEADERS": {"X-Tenant": "ours"}})
async def test_a_header_of_the_call_replaces_that_of_the_definition(upstream_mock, theirs):
    upstream_mock("quotes").get("random").content("")
    await quotes.get("random", headers=theirs)
    assert upstream_mock("quotes").requests[0].headers.get_list("X-Tenant") == ["theirs"]


async def test_a_part_may_be_called_like_anything(upstream_mock):
    upstream_mock("quotes").get("calls/3").content("")
    await quotes.get("calls/{call}", call=3)


async def test_a_header_cannot_end_its_line(upstream_mock):
    with pytest.raises(UnsafeRequest, match="header 'x-a' must hold printable ASCII characters"):
        await quotes.get("random", headers={"X-A": "a\r\nX-Admin: 1"})


@pytest.mark.parametrize(
    ("sent", "message"),
    [
        ({"call": "\U0001f600" * 8000}, TOO_LONG),
        ({"call": "1", "params": {"a": "a" * 70_000}}, TOO_LONG),
        ({"call": "1", "params": {"a": ["a" * 999] * 70}}, TOO_LONG),
        ({"call": "1", "params": {"a": "\ud800"}}, "a lone surrogate cannot be sent"),
        ({"call": "1", "json": {"a": "\ud800"}}, "a lone surrogate cannot be sent"),
    ],
)
async def test_what_cannot_be_sent_is_mostly_a_clients_input(upstream_mock, sent, message):
    with pytest.raises(UnsafeRequest, match=f"upstream quotes: POST: .*{message}"):
        await quotes.post("calls/{call}", **sent)
