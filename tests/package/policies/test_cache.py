"""Which responses come from the cache, and for whom."""

import pytest
from testproject.quotes import quotes
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


@pytest.mark.parametrize("header", ["Authorization", "Cookie", "X-Api-Key"])
async def test_a_response_to_one_credential_is_not_given_to_another(upstream_mock, header):
    upstream_mock("quotes").get("random").content("alice's", headers=FRESH).content("bob's", headers=FRESH)
    assert await texts({header: "alice"}, {header: "bob"}, {header: "alice"}) == [
        "alice's",
        "bob's",
        "alice's",
    ]


async def test_a_write_makes_what_was_kept_stale(upstream_mock):
    upstream_mock("quotes").get("random").content("a", headers=FRESH).content("b", headers=FRESH)
    upstream_mock("quotes").post("random").json({})
    await texts({})
    await quotes.post("random", json={})
    assert await texts({}) == ["b"]


async def test_a_stream_passes_by(upstream_mock):
    upstream_mock("quotes").get("export").content("a", headers=FRESH)
    assert [[chunk async for chunk in quotes.export()] for _ in range(2)] == [[b"a"], [b"a"]]
    assert len(upstream_mock("quotes").requests) == 2


def test_without_the_library_the_key_says_what_to_install(monkeypatch):
    monkeypatch.setattr(contradictions, "find_spec", lambda name: None)
    _, problems = parse({"a": {"BASE_URL": "https://a.test", "CACHE": True}})
    assert problems == [needed('UPSTREAMS["a"]["CACHE"]', "cache")]
