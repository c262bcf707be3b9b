"""Async tests that pass: `pytest pytest_async.py`, with pytest-asyncio in its strict mode."""

import pytest
from upstreams import spawn
from urls import quotes

pytestmark = pytest.mark.asyncio
QUOTE = {"text": "a"}


async def test_lifespan(lifespan, upstream_mock):
    upstream_mock("quotes").get("random").json(QUOTE)
    assert await quotes.random() == QUOTE


async def test_aclient(aclient, upstream_mock):
    upstream_mock("quotes").get("random").json(QUOTE)
    assert (await aclient.get("/async")).json() == QUOTE


async def test_background(background_done, upstream_mock):
    upstream_mock("quotes").get("random").json(QUOTE)
    spawn(quotes.random())
    await background_done()
    assert len(upstream_mock("quotes").requests) == 1
