"""What is answered from memory, and to whom."""

import pytest

from services.core import definitions
from services.core.definitions import parse
from tests.quotes import quotes

FRESH = {"cache-control": "public, max-age=60"}

pytestmark = [pytest.mark.upstreams(quotes={"CACHE": True}), pytest.mark.usefixtures("lifespan")]


async def texts(*headers):
    return [(await quotes.get("random", headers=each)).text for each in headers]


async def test_an_answer_is_kept_as_long_as_it_says(wire):
    wire("quotes").get("random").content("a", headers=FRESH).content("b")
    assert await texts({}, {}) == ["a", "a"]
    assert len(wire("quotes").requests) == 1


@pytest.mark.parametrize("control", ["no-store", "private", "max-age=0"])
async def test_an_answer_that_must_not_be_kept_is_not(wire, control):
    wire("quotes").get("random").content("a", headers={"cache-control": control}).content("b")
    assert await texts({}, {}) == ["a", "b"]


@pytest.mark.parametrize("header", ["Authorization", "Cookie", "X-Api-Key"])
async def test_an_answer_to_one_credential_is_not_given_to_another(wire, header):
    wire("quotes").get("random").content("alice's", headers=FRESH).content("bob's", headers=FRESH)
    assert await texts({header: "alice"}, {header: "bob"}, {header: "alice"}) == [
        "alice's",
        "bob's",
        "alice's",
    ]


async def test_a_write_makes_what_was_kept_stale(wire):
    wire("quotes").get("random").content("a", headers=FRESH).content("b", headers=FRESH)
    wire("quotes").post("random").json({})
    await texts({})
    await quotes.post("random", json={})
    assert await texts({}) == ["b"]


async def test_a_stream_passes_by(wire):
    wire("quotes").get("export").content("a", headers=FRESH)
    assert [[chunk async for chunk in quotes.export()] for _ in range(2)] == [[b"a"], [b"a"]]
    assert len(wire("quotes").requests) == 2


def test_without_the_library_the_key_says_what_to_install(monkeypatch):
    monkeypatch.setattr(definitions, "find_spec", lambda name: None)
    _, problems = parse({"a": {"BASE_URL": "https://a.test", "CACHE": True}})
    assert problems[0].startswith('UPSTREAMS["a"]["CACHE"]: needs a library: uv add \'hishel[httpx')
