"""The page: what it shows, to whom, and what it hides."""

import re

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import AsyncClient
from testproject.quotes import quotes
from upstreams.contrib.upstreams_page.words import NOTHING

from contrib.upstreams_page.pages import EVENTS, URL, cell, text

QUOTE = {"text": "a", "author": "b"}


async def test_it_shows_the_state_of_an_upstream(aclient, operator, upstream_mock):
    upstream_mock("quotes").get("random").json(QUOTE)
    before = await aclient.get(URL)
    await quotes.random()
    after = await aclient.get(URL)
    assert [cell(one, "u-quotes-state") for one in (before, after)] == ["no call yet", "reachable"]
    assert "1 of 1 worker process of" in text(after)
    assert cell(after, "u-quotes-limits") == "20 connections, 40 calls in the queue"
    assert "http://quotes.test/v1" in text(after)


@pytest.mark.upstreams(quotes={"RATE_LIMIT": 2, "QUEUE_SIZE": 7})
async def test_it_shows_the_limits_of_an_upstream(aclient, operator, upstream_mock):
    upstream_mock("quotes").get("random").json(QUOTE)
    for _ in range(3):
        await quotes.random()
    response = await aclient.get(URL)
    assert cell(response, "u-quotes-limits").endswith("7 calls in the queue")
    assert re.match(
        r"2 calls a second in each worker; the next call waits [\d.]+ ms", cell(response, "u-quotes-turn")
    )


async def test_rates_need_two_looks(aclient, operator, upstream_mock, monkeypatch):
    upstream_mock("quotes").get("random").json(QUOTE)
    monkeypatch.setattr("upstreams.contrib.upstreams_page.workers.SHORTEST", 1e-9)
    first = await aclient.get(URL)
    await quotes.random()
    second = await aclient.get(URL)
    assert [cell(first, "u-quotes-rate"), cell(first, "u-quotes-p99")] == [NOTHING, NOTHING]
    assert float(cell(second, "u-quotes-rate").replace(",", "")) > 0
    assert cell(second, "u-quotes-p99").endswith(" ms")
    assert cell(second, "u-quotes-errors") == "0 %"


async def test_a_failed_call_has_its_path_template_and_no_value(aclient, operator, failed):
    response = await aclient.get(URL)
    shown = text(response)
    assert "GET by/{author}" in shown
    assert "UpstreamStatusError status 404 1" in shown
    assert "a-secret" not in response.text
    assert "a-name" not in response.text


async def test_without_upstreams_it_says_so(aclient, operator, settings):
    settings.UPSTREAMS = {}
    assert "settings.UPSTREAMS is empty" in text(await aclient.get(URL))


async def test_it_has_no_inline_script_or_style(aclient, operator, failed):
    response = await aclient.get(URL)
    assert re.findall(r"<script(?![^>]* src=)(?![^>]*json)|<style| style=| on\w+=", response.text) == []


async def test_nobody_sees_it_without_a_login(aclient, async_db):
    response = await aclient.get(URL)
    assert (response.status_code, response.headers["location"]) == (302, f"/admin/login/?next={URL}")
    assert (await aclient.get(EVENTS)).status_code == 403


async def test_staff_without_the_permission_do_not_see_it(aclient, log_in):
    await log_in()
    assert [(await aclient.get(url)).status_code for url in (URL, EVENTS)] == [403, 403]
    assert URL not in (await aclient.get("/admin/")).text


async def test_the_permission_without_being_staff_is_not_enough(aclient, log_in):
    await log_in("view_upstream", is_staff=False)
    assert [(await aclient.get(url)).status_code for url in (URL, EVENTS)] == [302, 403]


async def test_who_may_look_finds_it_in_the_index_and_has_no_buttons(aclient, log_in):
    await log_in("view_upstream")
    assert URL in (await aclient.get("/admin/")).text
    assert "<form" not in (await aclient.get(URL)).text.partition('id="upstreams-page"')[2]


def test_a_wsgi_server_has_the_page_without_its_events(client, db):
    client.force_login(User.objects.create_superuser("ada"))
    response = client.get(URL)
    assert (response.status_code, b"page.js" in response.content) == (200, False)
    assert client.get(EVENTS).status_code == 503


async def test_djangos_own_handler_serves_it(async_db):
    browser = AsyncClient()
    await browser.aforce_login(await User.objects.acreate_superuser("ada"))
    response = await browser.get(URL)
    assert (response.status_code, "page.js" in response.text) == (200, True)
    assert (await browser.get(EVENTS)).headers["content-type"] == "text/event-stream"


def test_dumpdata_asks_for_no_table_of_it(db, capsys):
    call_command("dumpdata", "upstreams_page")
    assert capsys.readouterr().out.strip() == "[]"
