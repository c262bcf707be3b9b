"""Which route of a mock a request takes, what routes count, and the verbs of other kits that they have."""

import pytest
from testproject.quotes import Quote, quotes
from upstreams import UpstreamConnectionError, UpstreamProtocolError, UpstreamStatusError, UpstreamTimeout
from upstreams.core.httpx import Response
from upstreams.core.httpx import httpx as installed

QUOTE = {"text": "a", "author": "b"}
pytestmark = [
    pytest.mark.upstreams(quotes={"MAX_ATTEMPTS": 1, "BASE_URL": "https://quotes.test/v1"}),
    pytest.mark.usefixtures("lifespan"),
]


@pytest.fixture
def mock(upstream_mock):
    return upstream_mock("quotes")


async def test_the_route_with_the_most_conditions_is_used(mock):
    mock.get("list").json(0)
    mock.get("list", params={"page": 2}).json(2)
    mock.get("list?page=2", headers={"X-Day": "1"}).json(3)
    assert await quotes.get("list", into=int) == 0
    assert await quotes.get("list", params={"page": 2, "size": 9}, into=int) == 2
    assert await quotes.get("list", params={"page": 2}, headers={"x-day": "1"}, into=int) == 3
    assert [mock.get("list").call_count, mock.get("list?page=2").call_count] == [1, 1]


async def test_a_body_is_compared_by_its_values_or_as_it_is(mock):
    mock.post("list", json={"a": 1, "b": [2]}).json(1)
    mock.post("list", content="a=1").json(2)
    mock.post("list").json(3)
    assert await quotes.post("list", content=b'{"b": [2],  "a": 1}', into=int) == 1
    assert await quotes.post("list", content=b"a=1", into=int) == 2
    assert await quotes.post("list", content=b"{", into=int) == 3


async def test_a_request_that_meets_no_condition_is_told_the_routes(mock, monkeypatch):
    mock.get("list", params={"page": 2}, headers={"authorization": "secret"}).json(2)
    with pytest.raises(AssertionError) as caught:
        await quotes.get("list")
    shown = "its mock has only GET list with params={'page': '2'}, headers=['authorization']: add .get"
    assert shown in str(caught.value)
    from upstreams.testing import complaints

    complaints.take()


async def test_any_method_and_any_path_come_last(mock):
    mock.on("*", "*").json(0)
    mock.on("*", "list").json(1)
    mock.put("list").json(2)
    assert [await quotes.put("list", into=int), await quotes.delete("list", into=int)] == [2, 1]
    assert await quotes.get("other", into=int) == 0


async def test_a_url_below_the_base_url_is_its_path(mock):
    mock.get("https://quotes.test/v1/random").json(QUOTE)
    assert await quotes.random() == Quote(**QUOTE)


@pytest.mark.parametrize("name", ["httpx", "httpx2"])
async def test_a_function_may_be_async_and_of_either_library(mock, name):
    library = pytest.importorskip(name, reason=f"{name} is not installed here")

    async def respond(request):
        return library.Response(200, json=[request.method])

    mock.get("random").call(respond).call(lambda _: library.Response(200, stream=library.ByteStream(b"[]")))
    assert [await quotes.get("random", into=list) for _ in range(2)] == [["GET"], []]


FAILURES = {
    "ConnectError": UpstreamConnectionError,
    "ConnectTimeout": UpstreamTimeout,
    "ReadTimeout": UpstreamTimeout,
    "ReadError": UpstreamConnectionError,
    "RemoteProtocolError": UpstreamProtocolError,
}


@pytest.mark.parametrize("name", FAILURES)
async def test_errors_of_the_library_are_the_failures_that_they_mean(mock, name):
    mock.get("random").mock(side_effect=getattr(installed, name))
    mock.add_exception(getattr(installed, name)("words"), url="other")
    for path in ("random", "other"):
        with pytest.raises(FAILURES[name]):
            await quotes.get(path)


@pytest.mark.upstreams(quotes={"MAX_ATTEMPTS": 2, "BACKOFF": 0.001})
async def test_an_attempt_that_timed_out_is_retried_without_waiting_for_it(mock):
    mock.get("random").fail("timeout").json(QUOTE)
    assert await quotes.random() == Quote(**QUOTE)


async def test_side_effects_in_a_row(mock):
    effects = [Response(200, json=1), installed.ReadTimeout, lambda _: Response(200, json=3)]
    mock.get("random").mock(side_effect=effects)
    assert await quotes.get("random", into=int) == 1
    with pytest.raises(UpstreamTimeout):
        await quotes.get("random")
    assert [await quotes.get("random", into=int) for _ in range(2)] == [3, 3]


async def test_the_verbs_of_a_response(mock):
    route = mock.get("random").respond(text="a").respond(html="b").respond(content=b"c").mock(Response(404))
    route.assert_not_called()
    found = [await quotes.get("random") for _ in range(3)]
    assert [one.headers.get("content-type", "")[:9] for one in found] == ["text/plai", "text/html", ""]
    with pytest.raises(UpstreamStatusError):
        await quotes.get("random")
    route.assert_called()
    assert (route.called, len(route.calls), mock.calls.call_count) == (True, 4, 4)
    with pytest.raises(AssertionError, match="the route was called 4 times"):
        route.assert_called_once()
    with pytest.raises(AssertionError, match="there were 4 requests"):
        mock.get_request()


async def test_routes_that_were_not_used_are_named(mock):
    mock.get("random").json(QUOTE)
    mock.post("list", json=[]).json({})
    await quotes.random()
    with pytest.raises(AssertionError, match=r"^quotes was not called by POST list with json$"):
        mock.assert_all_called()


def test_what_no_mock_can_do_is_refused_in_one_sentence(mock):
    with pytest.raises(TypeError, match=r"^mock\(\) takes responses, errors and functions, not None$"):
        mock.get("random").mock()
    with pytest.raises(
        TypeError, match="fails by an error of the HTTP library, such as ConnectError, not KeyE"
    ):
        mock.add_exception(KeyError("a"))
    with pytest.raises(
        TypeError, match="match_url is no condition of a mock; there are match_params, match_h"
    ):
        mock.add_response(match_url="a")
