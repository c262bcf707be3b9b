"""The pages of the last requests: what they show, as HTML and as JSON, and to whom."""

import re
from html import unescape

import pytest
from django.test import Client
from django.utils import translation
from testproject.quotes import quotes
from upstreams import UpstreamError
from upstreams.contrib.waterfall.rows import rendered, totals
from upstreams.contrib.waterfall.summary import summary
from upstreams.core.request_trace import AttemptTrace, CallTrace, RequestTrace, recent

QUOTE = {"text": "a", "author": "b"}
PAGE = "/__upstreams__/requests/"
CACHED = {"cache-control": "public, max-age=60"}


def text(html):
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", html)).split())


@pytest.fixture
async def client(aclient, upstream_mock):
    upstream_mock("quotes").get("random").json(QUOTE)
    return aclient


async def test_the_page_shows_each_request_with_its_calls(client):
    await client.get("/nothing")
    await client.get("/quotes/three")
    shown = text((await client.get(PAGE)).text)
    assert re.search(r"GET /quotes/three .* 200 after .* · 3 upstream calls in .* 2 duplicates", shown)
    assert re.search(r"3\. GET random quotes Began at .* Attempt 1: 200 after .* duplicate of 1", shown)
    assert re.search(r"GET /nothing .* 0 upstream calls No upstream calls\.", shown)


async def test_each_request_has_a_page_of_its_own(client):
    own = (await client.get("/quotes/three")).headers["x-upstream-trace"]
    shown = (await client.get(own)).text
    assert f'<a href="{PAGE}">' in shown
    assert "GET /quotes/three" in text(shown)


async def test_an_empty_page_says_what_to_do(client):
    assert "None yet: call a view" in text((await client.get(PAGE)).text)


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("text/html,application/xhtml+xml,*/*;q=0.8", "text/html"),
        ("*/*", "text/html"),
        ("application/json", "application/json"),
        ("application/json, text/html;q=0.5", "application/json"),
        ("image/png", "text/html"),
    ],
)
async def test_programs_get_json(client, accept, kind):
    response = await client.get(PAGE, headers={"Accept": accept})
    assert response.headers["content-type"].startswith(kind)
    assert "Accept" in response.headers["vary"]


async def test_an_entry_that_is_forgotten_says_so(client):
    response = await client.get(f"{PAGE}0/", headers={"Accept": "application/json"})
    assert response.status_code == 404


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("127.0.0.1", 200),
        ("127.9.9.9", 200),
        ("::1", 200),
        ("::ffff:127.0.0.1", 200),
        ("10.1.1.1", 200),
        ("10.1.1.2", 404),
        ("", 404),
    ],
)
def test_it_is_for_this_machine_and_internal_ips(urls, settings, address, status):
    settings.INTERNAL_IPS = ["10.1.1.1"]
    recent.append(RequestTrace("GET", "/"))
    for path in (PAGE, f"{PAGE}{recent[0].id}/"):
        assert Client().get(path, REMOTE_ADDR=address).status_code == status


async def test_in_production_there_is_none(client, settings):
    settings.DEBUG = False
    assert (await client.get(PAGE)).status_code == 404


async def test_nothing_but_its_own_styles_may_be_loaded(client):
    await client.get("/quotes/three")
    response = await client.get(PAGE)
    assert response.headers["content-security-policy"].startswith("default-src 'none'; style-src 'sha256-")
    assert re.findall(r'style=|<script| on\w+="|(?:src|href)="(?!/|data:,)', response.text) == []


async def test_what_a_client_writes_is_escaped(client):
    await client.get("/<script>alert(1)</script>")
    assert "<script>" not in (await client.get(PAGE)).text


@pytest.mark.upstreams(quotes={"CACHE": True, "MAX_ATTEMPTS": 2, "BACKOFF": 0.001})
async def test_words_say_what_the_bars_show(upstream_mock, trace):
    upstream_mock("quotes").get("random").json({}, 502).json(QUOTE, headers=CACHED)
    upstream_mock("quotes").get("authors/ada").fail("refused")
    await quotes.random()
    await quotes.random()
    with pytest.raises(UpstreamError) as caught:
        await quotes.by("ada")
    shown = text(rendered(summary(trace)))
    assert re.search(r"Attempt 1: 502 after .*, received 2 bytes\. Attempt 2: 200 after", shown)
    assert "From the cache." in shown
    assert str(caught.value) in shown


def test_the_bars_of_a_call_lie_where_its_times_are(debug):
    trace = RequestTrace("GET", "/", began=0.0)
    call = CallTrace("quotes", "GET", "a", began=0.1, ended=0.9)
    call.attempts = [AttemptTrace(0.5, 0.9, status=200)]
    trace.calls, trace.ended = [call], 1.0
    rects = re.findall(r'<rect x="([\d.]+)%" y="\d+" width="([\d.]+)%"', rendered(summary(trace)))
    assert rects == [("10.00", "80.00"), ("50.00", "40.00")]


@pytest.mark.parametrize("language", ["en", "de"])
def test_numbers_of_the_bars_are_those_of_svg_in_every_language(debug, language):
    trace = RequestTrace("GET", "/", began=0.0)
    trace.calls, trace.ended = [CallTrace("quotes", "GET", "a", began=0.1, ended=0.2)], 1.0
    with translation.override(language):
        assert 'x="10.00%"' in rendered(summary(trace))


async def test_totals_name_what_is_odd(upstream_mock, trace):
    upstream_mock("quotes").get("random").json(QUOTE)
    upstream_mock("quotes").get("authors/ada").json({}, 404)
    await quotes.random()
    await quotes.random()
    with pytest.raises(UpstreamError):
        await quotes.by("ada")
    assert re.fullmatch(r"3 upstream calls in .* m?s, 1 failed, 1 duplicate", totals(summary(trace)))
