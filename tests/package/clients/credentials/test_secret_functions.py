"""Secrets that functions give: called rarely, again after a 401, and not by every call."""

import asyncio
import logging
import threading

import pytest
from testproject.quotes import quotes
from upstreams import UpstreamCredentialsError
from upstreams.core.definition import parse

from clients.credentials.sources import Source

pytestmark = pytest.mark.usefixtures("lifespan")
QUOTE = {"text": "a", "author": "b"}


FORMS = {
    "bearer": (lambda function: {"AUTH": {"BEARER": function}}, "authorization", "Bearer {}"),
    "basic": (lambda function: {"AUTH": {"BASIC": [function, ""]}}, "authorization", None),
    "header": (lambda function: {"HEADERS": {"X-Api-Key": function}}, "x-api-key", "{}"),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("is_async", [False, True])
async def test_a_function_is_called_once_a_minute(define, upstream_mock, clock, form, is_async):
    source = Source("first", "second", "third")
    keys, header, text = FORMS[form]
    define(quotes=keys(source.later if is_async else source))
    upstream_mock("quotes").get("random").json(QUOTE)
    await asyncio.gather(*(quotes.random() for _ in range(10)))
    assert len(source.threads) == 1
    clock.time += 59
    await quotes.random()
    clock.time += 2
    await asyncio.gather(*(quotes.random() for _ in range(10)))
    assert len(source.threads) == 2
    sent = [request.headers[header] for request in upstream_mock("quotes").requests]
    assert len(sent) == 21
    assert (sent[:11], sent[11:]) == ([sent[0]] * 11, [sent[11]] * 10)
    if text:
        assert (sent[0], sent[11]) == (text.format("first"), text.format("second"))
    assert (source.threads[0] is threading.main_thread()) is is_async  # a sync one may wait


async def test_a_function_that_fails_later_leaves_the_last_secret(define, upstream_mock, clock, caplog):
    source = Source("first", LookupError("s3cr3t"), LookupError("s3cr3t"), "second")
    define(quotes={"AUTH": {"BEARER": source}})
    upstream_mock("quotes").get("random").json(QUOTE)
    for later in (0, 61, 1, 1, 5, 6):
        clock.time += later
        await quotes.random()
    sent = [one.headers["authorization"] for one in upstream_mock("quotes").requests]
    assert sent == ["Bearer first"] * 5 + ["Bearer second"]
    lines = [one.getMessage() for one in caplog.records if one.levelno == logging.WARNING]
    assert (
        lines == ["upstream quotes: the function of AUTH raised LookupError; its last text is still used"] * 2
    )


@pytest.mark.parametrize("value", [LookupError("s3cr3t"), "s3cr3t\n", b"s3cr3t", None, ""])
async def test_a_function_that_fails_at_first_is_named_without_the_secret(
    define, upstream_mock, caplog, value
):
    define(quotes={"HEADERS": {"X-Api-Key": Source(value)}})
    upstream_mock("quotes").get("random").json(QUOTE)
    with pytest.raises(UpstreamCredentialsError) as caught:
        await quotes.random()
    kind = type(value).__name__ if isinstance(value, Exception) else "(Type|Value)Error"
    assert caught.match(
        f"upstream quotes: GET random: the header x-api-key: its function raised {kind}; see its"
    )
    assert "s3cr3t" not in str(caught.value) + caplog.text
    assert upstream_mock("quotes").requests == []


async def test_the_secret_of_a_client_of_oauth2_may_come_from_a_function(define, upstream_mock):
    client = {"TOKEN_URL": "https://id.test/token", "CLIENT_ID": "i", "CLIENT_SECRET": Source("s")}
    define(quotes={"AUTH": {"OAUTH2": client}})
    upstream_mock("quotes").post("https://id.test/token").json({"access_token": "t"})
    upstream_mock("quotes").get("random").json(QUOTE)
    await quotes.random()
    assert upstream_mock("quotes").requests[0].headers["authorization"] == "Basic aTpz"


def test_a_function_is_not_called_by_the_check_of_the_settings():
    source = Source("s")
    keys = {"AUTH": {"BEARER": source}, "HEADERS": {"X-Api-Key": source}}
    assert parse({"a": {"BASE_URL": "https://a.test", **keys}})[1] == []
    assert source.threads == []
