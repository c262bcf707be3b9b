"""Which requests a route of a mock is for, and what a test leaves open that changes the settings or meets a failure."""

import pytest
from asgiref.sync import async_to_sync
from django.test import TestCase, override_settings
from testproject.quotes import quotes
from upstreams import UpstreamTimeout
from upstreams.testing import http_response, mock_upstream

QUOTE = {"text": "a", "author": "b"}
NAMES = ["A B", "ü", "a@b.test", "100%", "a+b", "a:b"]
ESCAPED = ["A%20B", "%C3%BC", "a%40b.test", "100%25", "a%2Bb", "a%3Ab"]


@pytest.mark.parametrize(
    ("name", "path"), [*zip(NAMES, NAMES, strict=True), *zip(NAMES, ESCAPED, strict=True)]
)
async def test_a_path_is_written_escaped_or_not(lifespan, upstream_mock, name, path):
    upstream_mock("quotes").get(f"authors/{path}").json([])
    assert await quotes.get("authors/{name}", name=name, into=list) == []


async def test_an_escaped_slash_is_part_of_its_segment(lifespan, upstream_mock):
    upstream_mock("quotes").get("authors/A/B").json(["of A"])
    upstream_mock("quotes").get("authors/A%2FB").json(["of A/B"])
    assert await quotes.get("authors/{name}", name="A/B", into=list) == ["of A/B"]
    assert await quotes.get("authors/A/B", into=list) == ["of A"]


async def test_a_path_with_a_slash_at_its_end_is_another_one(lifespan, upstream_mock):
    upstream_mock("quotes").get("authors").json(["no slash"])
    upstream_mock("quotes").get("authors/").json(["slash"])
    assert await quotes.get("authors/", into=list) == ["slash"]
    assert await quotes.get("authors", into=list) == ["no slash"]


@pytest.mark.parametrize("base", ["https://quotes.test", "https://quotes.test/v1"])
async def test_the_empty_path_is_that_of_the_base_url(lifespan, upstream_mock, define, base):
    define(quotes={"BASE_URL": base})
    upstream_mock("quotes").get("").json([])
    assert await quotes.get("", into=list) == []


def test_settings_lead_a_sync_test_to_the_loopback(settings, loopback):
    settings.UPSTREAMS = {"quotes": {"BASE_URL": f"{loopback.url}/v9"}}
    loopback.on("/v9/random", http_response(QUOTE))
    assert async_to_sync(quotes.random)().text == "a"


async def test_settings_take_effect_between_two_calls(lifespan, settings, upstream_mock):
    upstream_mock("quotes").get("random").json(QUOTE).fail("hang")
    await quotes.random()
    settings.UPSTREAMS = {"quotes": {"BASE_URL": "https://q.test", "TIMEOUT": 0.05, "MAX_ATTEMPTS": 1}}
    with pytest.raises(UpstreamTimeout, match=r"0\.05 s"):
        await quotes.random()


class FailingCalls(TestCase):
    """With Django's sync client, whose thread for an async view lives as long as its exception."""

    def test_a_failed_call_leaves_no_thread(self):
        self.enterContext(mock_upstream("quotes")).get("random").fail("refused")
        assert self.client.get("/quotes/random").status_code == 502

    @override_settings(UPSTREAMS={"quotes": {"BASE_URL": "https://q.test", "TIMEOUT": 0.05}})
    def test_settings_are_overridden(self):
        self.enterContext(mock_upstream("quotes")).get("random").fail("hang")
        assert self.client.get("/quotes/random").status_code == 504
