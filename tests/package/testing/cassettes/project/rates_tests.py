"""Tests with cassettes: recorded from a real upstream, and replayed when it has stopped."""

import os
from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from unittest import TestCase

import pytest
from asgiref.sync import async_to_sync
from upstreams import UpstreamConnectionError, UpstreamProtocolError, UpstreamStatusError, UpstreamTimeout
from urls import basic, down, oauth, rates

CHANGE = os.environ.get("CHANGE", "")
"""What differs from the recording."""
of_rates = pytest.mark.upstream_cassette("rates")


@of_rates
async def test_view(aclient):
    assert (await aclient.get("/eur")).json() == {"eur": 1.25, "name": "Euro €"}


@of_rates
def test_sync():
    assert async_to_sync(rates.get)("eur", into=dict)["eur"] == 1.25


@of_rates
async def test_request(lifespan):
    base = {"base": "usd"} if CHANGE == "query" else {"base": "eur"}
    path = "other" if CHANGE == "path" else "convert"
    body = {"amount": 2 if CHANGE == "body" else 1, "to": "usd", "customer": os.environ.get("CUSTOMER", "x")}
    method = "PUT" if CHANGE == "method" else "POST"
    response = await rates.request(method, path, params=base, json=body)
    assert response.json() == {"amount": 1.25}


@of_rates
async def test_number_of_calls(lifespan):
    for _ in range({"more": 3, "fewer": 1}.get(CHANGE, 2)):
        await rates.get("eur")


@of_rates
async def test_retry(lifespan):
    response = await rates.get("busy")
    assert response.json() == {"attempt": 2}


@of_rates
async def test_error(lifespan):
    with pytest.raises(UpstreamStatusError) as caught:
        await rates.get("refused", params={"token": os.environ.get("RATES_TOKEN", "token-of-the-replay")})
    assert caught.value.response.status_code == 403
    assert "you are not allowed" in caught.value.response.text


@of_rates
async def test_redirect(lifespan):
    with pytest.raises(UpstreamStatusError) as caught:
        await rates.get("moved")
    assert caught.value.response.headers["location"].startswith("/elsewhere?")


@pytest.mark.upstream_cassette("basic")
async def test_basic(lifespan):
    with pytest.raises(UpstreamStatusError) as caught:
        await basic.get("echo")
    assert "Basic " in caught.value.response.text


@pytest.mark.upstream_cassette("oauth")
async def test_oauth(lifespan):
    assert (await oauth.get("v1/eur")).json()["eur"] == 1.25


@pytest.mark.upstream_cassette("down")
@pytest.mark.upstreams(down={"MAX_ATTEMPTS": 1})
async def test_refused(lifespan):
    with pytest.raises(
        UpstreamConnectionError, match=r"cannot connect to 127\.0\.0\.1:.* \(1 attempt\)"
    ) as caught:
        await down.get("eur")
    assert caught.value.phase == "connect"


@of_rates
@pytest.mark.upstreams(rates={"MAX_ATTEMPTS": 2, "ATTEMPT_TIMEOUT": 0.2})
async def test_timeout(lifespan):
    with pytest.raises(UpstreamTimeout, match=r"ATTEMPT_TIMEOUT, 0\.2 s .*2 attempts"):
        await rates.get("hang")


@of_rates
@pytest.mark.upstreams(rates={"MAX_ATTEMPTS": 1})
async def test_cut(lifespan):
    with pytest.raises(UpstreamConnectionError) as caught:
        await rates.get("cut")
    assert caught.value.phase == "receive"


@of_rates
@pytest.mark.upstreams(rates={"MAX_ATTEMPTS": 1})
async def test_not_http(lifespan):
    with pytest.raises(UpstreamProtocolError, match="not HTTP"):
        await rates.get("not_http")


@of_rates
async def test_stream(lifespan):
    async with rates.stream("GET", "chunks") as response:
        assert [chunk async for chunk in response.aiter_raw()] == [b"one", b"two \xff", b"three"]


@of_rates
async def test_events(lifespan):
    seen = []
    async with aclosing(rates.events("GET", "events")) as events:
        async for event in events:
            seen.append(event.data)
            if len(seen) == (3 if CHANGE == "further" else 2):
                break
    assert seen[:2] == ["1", "2"]


@of_rates
async def test_lines(lifespan):
    assert [line async for line in rates.json_lines("GET", "lines", into=dict)] == [{"n": 1}, {"n": 2}]


@of_rates
async def test_date(lifespan):
    date = parsedate_to_datetime((await rates.get("dated")).headers["date"])
    assert abs(date - datetime.now(UTC)) < timedelta(minutes=5)


class Case(TestCase):
    @of_rates
    def test_in_a_test_case(self):
        assert async_to_sync(rates.get)("eur", into=dict)["eur"] == 1.25


@of_rates
async def test_gzip(lifespan):
    assert (await rates.get("gzip")).text == "packed text"


@of_rates
async def test_upload(lifespan):
    files = {"file": ("a.csv", b"a,b\n", "text/csv")}
    assert (await rates.post("upload", files=files)).json() == {"stored": True}


@of_rates
@pytest.mark.parametrize("path", ["eur/usd", "eur:usd"])
async def test_parameters(lifespan, path):
    assert (await rates.get("pairs/{pair}", pair=path)).text == "pair"


@of_rates
async def test_with_a_mock(lifespan, upstream_mock):
    upstream_mock("down").get("eur").json({"eur": 2})
    assert (await down.get("eur")).json() == {"eur": 2}
    assert (await rates.get("eur")).json()["eur"] == 1.25
    with pytest.raises(LookupError, match="upstream rates: this test replays a cassette of it"):
        upstream_mock("rates")
