"""What a call sends, and what it makes of the answer."""

import pickle
import time
from dataclasses import dataclass

import pytest

from services import BrokenAnswer, RefusedAnswer, UnknownAlias, Upstream, UpstreamTimeout
from services.core import context
from services.core.errors import UnsafeRequest
from services.core.http import Request, Response
from services.core.outbound import url
from tests.quotes import Quote, quotes

pytestmark = pytest.mark.usefixtures("lifespan")


@dataclass
class Item:
    """What one upstream of these tests sells."""

    name: str
    price: float


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
async def test_each_method_has_its_function(wire, method):
    wire("quotes").on(method, "items/7").json({"name": "pen", "price": 2})
    item = await getattr(quotes, method.lower())("items/{id}", id=7, into=Item)
    assert item == Item("pen", 2)


@pytest.mark.upstreams(quotes={"HEADERS": {"X-Api-Key": "k"}})
async def test_a_call_sends_its_query_headers_and_body(wire):
    wire("quotes").post("items").json({}, status=201)
    response = await quotes.post("items", params={"a": "x y"}, headers={"X-B": "2"}, json={"name": "pen"})
    (request,) = wire("quotes").requests
    assert isinstance(response, Response)
    assert request.url.query == b"a=x+y"
    assert (request.headers["X-Api-Key"], request.headers["X-B"]) == ("k", "2")
    assert request.content == b'{"name":"pen"}'


@pytest.mark.upstreams(quotes={"BASE_URL": "https://quotes.test/v1", "HEADERS": {"X-Api-Key": "k"}})
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
async def test_a_request_from_prepared_parts_is_the_one_the_library_makes(wire, method):
    wire("quotes").on(method, "items/7").content("")
    await quotes.request(method, "items/{id}", id=7, params={"a": "x y"}, headers={"X-B": "2"})
    (sent,) = wire("quotes").requests
    headers = {"X-Api-Key": "k", "X-B": "2", "Accept-Encoding": "gzip, deflate"}
    made = Request(method, "https://quotes.test/v1/items/7", params={"a": "x y"}, headers=headers)
    assert (sent.method, sent.url, sent.headers, sent.content) == (
        method,
        made.url,
        made.headers,
        made.content,
    )


async def test_an_answer_is_closed_and_names_its_request_without_the_query(wire):
    wire("quotes").get("random").content("a")
    response = await quotes.get("random", params={"token": "secret"})
    assert response.raise_for_status().is_closed
    assert str(response.url) == "http://quotes.test/v1/random"


@pytest.mark.upstreams(quotes={"HEADERS": {"X-Tenant": "ours"}})
async def test_a_call_may_leave_a_header_out(wire):
    wire("quotes").get("random").content("")
    await quotes.get("random", headers={"X-TENANT": None})
    await quotes.get("random")
    without, with_it = wire("quotes").requests
    assert ("X-Tenant" in without.headers, "X-Tenant" in with_it.headers) == (False, True)


@pytest.mark.upstreams(quotes={"ATTEMPTS": 1})
async def test_a_refusal_says_when_to_come_back(wire):
    wire("quotes").get("random").content("", 429, {"Retry-After": "7"})
    with pytest.raises(RefusedAnswer) as caught:
        await quotes.random()
    assert (caught.value.status, caught.value.retry_after) == (503, 7)


@pytest.mark.upstreams(quotes={"ATTEMPTS": 1})
@pytest.mark.parametrize("status", [199, 301, 404, 429, 500, 503])
async def test_a_status_other_than_2xx_is_refused(wire, status):
    wire("quotes").get("random").content("no", status)
    with pytest.raises(RefusedAnswer, match=f"quotes: GET random: answered {status}") as caught:
        await quotes.random()
    assert caught.value.response.text == "no"
    assert caught.value.status == (503 if status in (429, 503) else 502)


@pytest.mark.parametrize(
    ("body", "what"),
    [
        ("{", "the body: Invalid JSON"),
        ('{"text": "a"}', "author: Field required"),
        ("[]", "the body: Input should be"),
    ],
)
async def test_an_answer_of_another_shape_is_broken(wire, body, what):
    wire("quotes").get("random").content(body)
    with pytest.raises(
        BrokenAnswer, match=f"quotes: GET random: the answer is not what was asked for: {what}"
    ):
        await quotes.get("random", into=Quote)


async def test_no_error_tells_what_was_asked(wire):
    wire("quotes").get("users/secret-id").content("secret-body", 500)
    with pytest.raises(RefusedAnswer) as caught:
        await quotes.get("users/{id}", id="secret-id", params={"token": "secret-token"})
    assert "secret" not in f"{caught.value} {caught.value!r}"
    assert (caught.value.alias, caught.value.method, caught.value.path) == ("quotes", "GET", "users/{id}")
    assert caught.value.attempts == 1


async def test_an_error_survives_pickling(wire):
    wire("quotes").get("random").content("no", 503)
    with pytest.raises(RefusedAnswer) as caught:
        await quotes.random()
    kept = pickle.dumps(caught.value)
    again = pickle.loads(kept)
    assert (type(again), str(again), again.alias) == (RefusedAnswer, str(caught.value), "quotes")
    assert again.response.status_code == 503


@pytest.mark.upstreams(
    quotes={"ATTEMPTS": 1, "AUTH": {"BEARER": "secret"}, "HEADERS": {"X-Api-Key": "secret"}}
)
async def test_a_pickled_error_holds_no_credential_and_no_query(wire):
    wire("quotes").get("random").content("no", 500)
    with pytest.raises(RefusedAnswer) as caught:
        await quotes.get("random", params={"token": "secret"})
    assert b"secret" not in pickle.dumps(caught.value)


@pytest.mark.parametrize("theirs", [{"x-tenant": "theirs"}, {"X-TENANT": "theirs"}])
@pytest.mark.upstreams(quotes={"HEADERS": {"X-Tenant": "ours"}})
async def test_a_header_of_the_call_replaces_that_of_the_definition(wire, theirs):
    wire("quotes").get("random").content("")
    await quotes.get("random", headers=theirs)
    assert wire("quotes").requests[0].headers.get_list("X-Tenant") == ["theirs"]


async def test_the_words_of_an_upstream_stay_out_of_errors(wire):
    wire("quotes").get("random").content('{"a\\nforged SECRET": "b"}')
    with pytest.raises(
        BrokenAnswer, match="not what was asked for: …: Input should be a valid integer"
    ) as caught:
        await quotes.get("random", into=dict[str, int])
    assert "SECRET" not in str(caught.value)


async def test_a_part_may_be_called_like_anything(wire):
    wire("quotes").get("calls/3").content("")
    await quotes.get("calls/{call}", call=3)


@pytest.mark.upstreams(quotes={"TOTAL": 60})
async def test_a_call_never_outlives_the_request_that_made_it(wire):
    wire("quotes").get("random").fail("hang")
    token = context.deadline.set(time.monotonic() + 0.05)
    with pytest.raises(UpstreamTimeout, match="no complete answer within"):
        await quotes.random()
    context.deadline.reset(token)


async def test_a_call_whose_time_is_up_is_not_sent(wire):
    token = context.deadline.set(time.monotonic() - 1)
    with pytest.raises(UpstreamTimeout, match="has no time left; nothing was sent"):
        await quotes.random()
    context.deadline.reset(token)
    assert wire("quotes").requests == []


async def test_an_unknown_alias_names_the_known_ones():
    with pytest.raises(UnknownAlias, match=r"qoutes: GET random: not in .*; did you mean 'quotes'\?"):
        await Upstream("qoutes").get("random")


@pytest.mark.parametrize(
    ("template", "parts", "path"),
    [
        ("a/{b}", {"b": "x/y"}, "a/x%2Fy"),
        ("a/{b}", {"b": "../c?d#e"}, "a/..%2Fc%3Fd%23e"),
        ("a/{b}", {"b": 7}, "a/7"),
        ("a/{b}/{b}", {"b": "é"}, "a/%C3%A9/%C3%A9"),
        ("a/", {}, "a/"),
    ],
)
def test_a_part_is_encoded(template, parts, path):
    assert url("https://a.test/v1", template, parts) == f"https://a.test/v1/{path}"


@pytest.mark.parametrize("parts", [{}, {"b": 1, "c": 2}])
def test_missing_and_unknown_parts_are_named(parts):
    with pytest.raises(ValueError, match=r"path 'a/\{b\}' needs the parts \['b'\], got"):
        url("https://a.test", "a/{b}", parts)


async def test_a_header_cannot_end_its_line(wire):
    with pytest.raises(UnsafeRequest, match="header 'x-a' must hold printable ASCII characters"):
        await quotes.get("random", headers={"X-A": "a\r\nX-Admin: 1"})
