"""What is sent to `quotes`, and what its responses become. Only the network is mocked."""

import json

import pytest
from upstreams import UpstreamCircuitOpen, UpstreamConnectionError, UpstreamDecodeError

from services.quotes import Quote, quotes

pytestmark = pytest.mark.usefixtures("lifespan")

NEWTON = {"text": "What we know is a drop.", "author": "Isaac Newton"}


async def test_a_quote_is_read(upstream_mock):
    upstream_mock("quotes").get("random").json(NEWTON)
    assert await quotes.random() == Quote(**NEWTON)


async def test_a_quote_without_its_author_is_an_error_that_names_the_field(upstream_mock):
    upstream_mock("quotes").get("random").json({"text": "a"}, schema=False)
    with pytest.raises(UpstreamDecodeError, match="author"):
        await quotes.random()


async def test_an_author_is_one_segment_of_the_path(upstream_mock):
    upstream_mock("quotes").get("authors/A%2FB").json([])
    assert await quotes.by("A/B") == []


async def test_a_like_carries_its_key(upstream_mock):
    upstream_mock("quotes").post("likes").json({})
    await quotes.like(Quote(**NEWTON), key="one")
    (request,) = upstream_mock("quotes").requests
    assert (request.headers["Idempotency-Key"], json.loads(request.content)) == ("one", NEWTON)


@pytest.mark.upstreams(quotes={"MAX_ATTEMPTS": 2})
async def test_a_call_is_retried_once_the_upstream_is_back(upstream_mock):
    upstream_mock("quotes").get("random").fail("refused").json(NEWTON)
    assert await quotes.random() == Quote(**NEWTON)


@pytest.mark.upstreams(quotes={"MAX_ATTEMPTS": 1, "BREAKER_MINIMUM_CALLS": 2, "BREAKER_OPEN_TIME": 5})
async def test_an_upstream_that_is_down_is_left_alone(upstream_mock):
    upstream_mock("quotes").get("random").fail("refused")
    for _ in range(2):
        with pytest.raises(UpstreamConnectionError):
            await quotes.random()
    with pytest.raises(UpstreamCircuitOpen):
        await quotes.random()
