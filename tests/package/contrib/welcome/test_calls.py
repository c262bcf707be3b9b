"""The first page under DEBUG: the last call of each upstream, and the last one that failed."""

import re
from html import unescape

import pytest
from testproject.quotes import quotes
from upstreams import UpstreamError

QUOTE = {"text": "a", "author": "b"}
CALL = r"GET {path}: {result} after [\d.]+ m?s, at \d\d:\d\d:\d\d"


@pytest.fixture
def shown(aclient, settings, upstream_mock):
    """Fetches what the page shows of upstreams."""
    settings.DEBUG, settings.ROOT_URLCONF = True, "contrib.welcome.urls"

    async def shown():
        page = (await aclient.get("/")).text
        (html,) = re.findall(r'aria-labelledby="upstreams">(.*?)</section>', page, re.DOTALL)
        return " ".join(unescape(re.sub(r"<[^>]*>", " ", html)).split())

    return shown


def call(path, result):
    return CALL.format(path=re.escape(path), result=result)


async def test_before_the_first_call_there_is_none(shown):
    assert "ast call" not in await shown()


async def test_the_last_call_has_its_status_and_its_time(shown, upstream_mock):
    upstream_mock("quotes").get("authors/a-secret").json([])
    await quotes.by("a-secret")
    text = await shown()
    assert re.search(f"Last call: {call('authors/{author}', 200)}", text)
    assert "a-secret" not in text
    assert "Last failed call" not in text


async def test_a_failed_call_stays_with_its_sentence_when_others_succeed(shown, upstream_mock):
    upstream_mock("quotes").get("authors/ada").fail("refused")
    upstream_mock("quotes").get("random").json(QUOTE)
    with pytest.raises(UpstreamError) as caught:
        await quotes.by("ada")
    failed = call("authors/{author}", "UpstreamConnectionError")
    text = await shown()
    assert re.search(f"Last call: {failed}", text)
    assert "Last failed call" not in text
    await quotes.random()
    text = await shown()
    assert re.search(f"Last call: {call('random', 200)} Last failed call: {failed}", text)
    assert str(caught.value) in text


async def test_it_links_to_the_calls_of_requests(aclient, shown):
    await shown()
    page = (await aclient.get("/")).text
    assert '<a href="/__upstreams__/requests/"><strong>Requests</strong>' in page
    assert "__upstreams__" not in page.partition('id="routes"')[2]
