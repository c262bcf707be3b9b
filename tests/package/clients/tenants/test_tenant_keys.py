"""What tenants share, and what they must not."""

import gc
import weakref

import pytest
from testproject.quotes import quotes
from upstreams import UpstreamStatusError
from upstreams.core.call import Call

pytestmark = pytest.mark.usefixtures("lifespan")
QUOTE = {"text": "a", "author": "b"}
ACME = "https://acme.test/api"


def key(**own):
    call = Call("quotes", "GET", "")
    quotes.using(**own)._tenant.bind(call)
    return call.tenant.key


async def test_each_tenant_has_a_key_of_its_own_and_always_the_same():
    tenants = [
        {},
        {"base_url": ACME},
        {"base_url": ACME + "/v2"},
        {"auth": None},
        {"auth": {"BEARER": "a"}},
        {"auth": {"BEARER": "b"}},
        {"auth": {"BASIC": ["a", "b:c"]}},
        {"auth": {"BASIC": ["a:b", "c"][::-1]}},
        {"headers": {"X-A": "a"}},
        {"headers": {"X-B": "a"}},
        {"base_url": ACME, "auth": {"BEARER": "a"}},
    ]
    keys = [key(**one) for one in tenants]
    assert len(set(keys)) == len(tenants)
    assert [key(**one) for one in tenants] == keys
    assert key(headers={"X-A": "1", "X-B": "2"}) == key(headers={"x-b": "2", "x-a": "1"})


@pytest.mark.upstreams(quotes={"CACHE": True})
async def test_no_tenant_gets_a_stored_response_of_another(upstream_mock):
    fresh = {"cache-control": "public, max-age=60"}
    mock = upstream_mock("quotes").get("random")
    for text in "abcd":
        mock.content(text, headers=fresh)
    tenants = [{}, {"auth": {"BEARER": "1"}}, {"auth": {"BEARER": "2"}}, {"base_url": ACME}]
    for _ in range(2):
        assert [(await quotes.using(**one).get("random")).text for one in tenants] == ["a", "b", "c", "d"]
    assert len(upstream_mock("quotes").requests) == 4


@pytest.mark.upstreams(quotes={"CACHE": True})
async def test_a_response_to_a_tenant_is_stored_only_if_it_says_so(upstream_mock):
    mock = upstream_mock("quotes").get("random")
    mock.content("a", headers={"cache-control": "max-age=60"}).content("b")
    acme = quotes.using(auth={"BEARER": "1"})
    assert [(await acme.get("random")).text for _ in range(2)] == ["a", "b"]


async def test_a_tenant_shares_the_breaker_of_its_upstream(define, upstream_mock):
    define(quotes={"BREAKER_MINIMUM_CALLS": 2, "MAX_ATTEMPTS": 1, "BREAKER_OPEN_TIME": 5})
    upstream_mock("quotes").get("random").content("", 500)
    for number in range(2):
        with pytest.raises(UpstreamStatusError):
            await quotes.using(auth={"BEARER": str(number)}).random()
    with pytest.raises(Exception, match="the circuit breaker is open"):
        await quotes.random()


async def test_a_copy_that_was_kept_follows_the_settings(upstream_mock, define):
    upstream_mock("quotes").get("random").json(QUOTE)
    acme = quotes.using(headers={"X-A": "1"})
    await acme.random()
    define(quotes={"BASE_URL": "https://other.test"})
    await acme.random()
    assert [one.url.host for one in upstream_mock("quotes").requests] == ["quotes.test", "other.test"]


async def test_a_copy_leaves_no_garbage(upstream_mock):
    """Made for each request, they must not wait for the collector."""
    upstream_mock("quotes").get("random").json(QUOTE)
    acme = quotes.using(base_url=ACME, auth={"BEARER": "1"}, headers={"X-A": "1"})
    await acme.random()
    left = weakref.ref(acme._tenant)
    gc.disable()
    try:
        del acme
        assert left() is None
    finally:
        gc.enable()


async def test_a_function_that_no_path_leads_to_shares_no_key():
    keys = {key(auth=lambda request: None) for _ in range(3)} | {
        key(headers={"X-A": lambda: "1"}) for _ in range(3)
    }
    assert len(keys) == 6
    assert key(auth="testproject.tokens.main") == key(auth="testproject.tokens.main")
    kept = quotes.using(auth=lambda request: None)
    calls = [Call("quotes", "GET", "") for _ in range(2)]
    for call in calls:
        kept._tenant.bind(call)
    assert calls[0].tenant.key == calls[1].tenant.key
