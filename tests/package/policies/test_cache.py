"""Which responses come from the cache, and for whom."""

import pytest
from testproject.quotes import quotes
from upstreams import UpstreamError
from upstreams.core import contradictions
from upstreams.core.definition import parse
from upstreams.core.extras import needed

FRESH = {"cache-control": "public, max-age=60"}

pytestmark = [pytest.mark.upstreams(quotes={"CACHE": True}), pytest.mark.usefixtures("lifespan")]


async def texts(*headers):
    return [(await quotes.get("random", headers=each)).text for each in headers]


async def test_a_response_is_kept_as_long_as_it_says(upstream_mock):
    upstream_mock("quotes").get("random").content("a", headers=FRESH).content("b")
    assert await texts({}, {}) == ["a", "a"]
    assert len(upstream_mock("quotes").requests) == 1


@pytest.mark.parametrize("control", ["no-store", "private", "max-age=0"])
async def test_a_response_that_must_not_be_kept_is_not(upstream_mock, control):
    upstream_mock("quotes").get("random").content("a", headers={"cache-control": control}).content("b")
    assert await texts({}, {}) == ["a", "b"]


async def test_what_a_caller_does_not_want_kept_is_not(upstream_mock):
    upstream_mock("quotes").get("random").content("a", headers=FRESH).content("b")
    assert await texts({"Cache-Control": "no-store"}, {"Cache-Control": "no-store"}) == ["a", "b"]


TENANTS = [
    *({"headers": {name: "%s"}} for name in ("Authorization", "Cookie", "X-Api-Key", "Host", "Content-Type")),
    {"headers": {"Accept-Encoding": "gzip;q=0.%s"}},
    {"params": {"api_key": "%s"}},
    {"json": {"tenant": "%s"}},
    {"content": b"%s"},
    {"data": {"tenant": "%s"}},
]


def of_tenant(what, tenant):
    ((name, value),) = what.items()
    return {
        name: {key: one % tenant for key, one in value.items()} if isinstance(value, dict) else value % tenant
    }


@pytest.mark.parametrize("what", TENANTS, ids=str)
async def test_no_tenant_gets_the_response_to_another(upstream_mock, what):
    upstream_mock("quotes").get("random").content("1", headers=FRESH).content("2", headers=FRESH).content("3")
    first, second = (of_tenant(what, b"%d" % n if "content" in what else n) for n in (1, 2))
    found = [(await quotes.get("random", **one)).text for one in (first, second, first)]
    assert found in (["1", "2", "1"], ["1", "2", "3"])  # kept for the tenant, or not at all


async def test_a_method_gets_its_own_response(upstream_mock):
    upstream_mock("quotes").on("HEAD", "random").content("", headers=FRESH)
    upstream_mock("quotes").get("random").content("a", headers=FRESH)
    await quotes.request("HEAD", "random")
    assert await texts({}) == ["a"]


async def test_headers_that_vary_select(upstream_mock):
    varying = FRESH | {"vary": "X-Request-ID"}  # the one header that is not part of the key
    upstream_mock("quotes").get("random").content("a", headers=varying).content("b", headers=varying)
    assert await texts({"X-Request-ID": "1"}, {"X-Request-ID": "2"}) == ["a", "b"]


async def test_a_cookie_is_given_to_one_caller(upstream_mock):
    cookie = FRESH | {"set-cookie": "session=alice"}
    upstream_mock("quotes").get("random").content("a", headers=cookie).content("b")
    found = [await quotes.get("random") for _ in range(2)]
    assert [one.headers.get("set-cookie") for one in found] == ["session=alice", None]
    assert found[0].headers["cache-control"] == FRESH["cache-control"]


async def test_a_cookie_of_a_revalidation_is_not_kept(upstream_mock):
    stale = {"cache-control": "max-age=0", "etag": '"1"'}
    renewed = stale | FRESH | {"set-cookie": "session=alice"}
    upstream_mock("quotes").get("random").content("a", headers=stale).content("", 304, renewed)
    found = [await quotes.get("random") for _ in range(3)]
    assert [(one.text, one.headers.get("set-cookie")) for one in found] == [("a", None)] * 3
    assert len(upstream_mock("quotes").requests) == 2


CREDENTIALS = [
    pytest.param({}, headers, id=str(*headers))
    for headers in ({"Authorization": "Bearer a"}, {"Cookie": "a=b"}, {"X-Api-Key": "a"}, {"My-Token": "a"})
] + [
    pytest.param({"AUTH": {"BEARER": "a"}}, {}, id="BEARER"),
    pytest.param({"AUTH": {"BASIC": ["a", "b"]}}, {}, id="BASIC"),
    pytest.param({"HEADERS": {"X-Api-Key": "a"}}, {}, id="HEADERS"),
]


@pytest.mark.parametrize(
    ("control", "is_kept"),
    [
        *(("max-age=60", False), ("max-age=60, x-public", False), ('max-age=60, no-cache=", public"', False)),
        *(("Public,max-age=60", True), ("s-maxage=60", True), ("max-age=60, must-revalidate", True)),
    ],
)
@pytest.mark.parametrize(("keys", "headers"), CREDENTIALS)
async def test_a_response_to_a_credential_is_kept_if_it_says_so(
    upstream_mock, define, keys, headers, control, is_kept
):
    define(quotes={"CACHE": True, **keys})
    upstream_mock("quotes").get("random").content("a", headers={"cache-control": control}).content("b")
    assert await texts(headers, headers) == ["a", "a" if is_kept else "b"]


async def test_a_revalidation_that_no_longer_allows_it_ends_what_was_kept(upstream_mock):
    stale = {"cache-control": "public, max-age=0", "etag": '"1"'}
    narrowed = {"cache-control": "max-age=60", "etag": '"1"'}
    upstream_mock("quotes").get("random").content("a", headers=stale).content("", 304, narrowed).content("b")
    assert await texts(*[{"Authorization": "a"}] * 3) == ["a", "a", "b"]


@pytest.mark.parametrize("status", [200, 500])
async def test_a_write_makes_stale_what_was_kept_for_anybody(upstream_mock, status):
    upstream_mock("quotes").get("random").content("a", headers=FRESH).content("b", headers=FRESH)
    upstream_mock("quotes").post("random").content("", status)
    await texts({"Cookie": "alice"})
    try:
        await quotes.post("random", json={}, headers={"Cookie": "bob"})
    except UpstreamError:
        assert status == 500
    assert await texts({"Cookie": "alice"}) == ["b"]


async def test_a_stream_passes_by(upstream_mock):
    upstream_mock("quotes").get("export").content("a", headers=FRESH)
    assert [[chunk async for chunk in quotes.export()] for _ in range(2)] == [[b"a"], [b"a"]]
    assert len(upstream_mock("quotes").requests) == 2


def test_without_the_library_the_key_says_what_to_install(monkeypatch):
    monkeypatch.setattr(contradictions, "find_spec", lambda name: None)
    _, problems = parse({"a": {"BASE_URL": "https://a.test", "CACHE": True}})
    assert problems == [needed('UPSTREAMS["a"]["CACHE"]', "cache")]
