"""The buttons: what they do, who may press them, and what the admin's log says."""

import asyncio
import re

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.test import Client
from testproject.quotes import quotes
from upstreams import UpstreamCircuitOpen
from upstreams.clients.registry import clients_by_loop
from upstreams.core.call import Call
from upstreams.policies.base import policies_of
from upstreams.policies.circuit_breaker import CircuitBreaker
from upstreams.testing.loopback import http_response

from contrib.upstreams_page.pages import URL, cell, text

QUOTE = {"text": "a", "author": "b"}


@pytest.fixture
def press(aclient, operator, settings):
    """Presses a button, and returns the page that follows."""
    settings.CSRF_COOKIE_SECURE = settings.SESSION_COOKIE_SECURE = False  # the client speaks HTTP

    async def press(command, alias="quotes"):
        url = f"{URL}{alias}/{command}/"
        form = await aclient.get(url)
        (token,) = set(re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', form.text)[-1:])
        response = await aclient.post(url, data={"csrfmiddlewaretoken": token})
        assert (response.status_code, response.headers["location"]) == (302, URL)
        return await aclient.get(URL)

    return press


async def last_entry():
    entry = await LogEntry.objects.select_related("user").alatest("pk")
    return entry.user.username, entry.object_repr, entry.get_change_message()


async def test_a_breaker_is_opened_until_it_is_reset(press, upstream_mock):
    upstream_mock("quotes").get("random").json(QUOTE)
    opened = await press("open")
    assert "Opened the circuit breaker of quotes in 1 of 1 worker." in text(opened)
    assert "held open" in text(opened)
    assert "by ada in the admin" in text(opened)
    assert cell(opened, "u-quotes-state") == "circuit open"
    with pytest.raises(UpstreamCircuitOpen, match="by ada in the admin; reset it when"):
        await quotes.random()
    assert await last_entry() == ("ada", "quotes", "Opened the circuit breaker of quotes in 1 of 1 worker.")
    assert "closed" in text(await press("reset"))
    await quotes.random()
    assert (await last_entry())[2] == "Reset the circuit breaker of quotes in 1 of 1 worker."


async def test_a_pool_is_drained(press, loopback, define):
    loopback.on("/random", http_response(QUOTE))
    define(quotes={"BASE_URL": loopback.url})
    await quotes.random()
    drained = await press("drain")
    assert cell(drained, "u-quotes-idle") == "0"
    assert "Drained the pool of quotes in 1 of 1 worker." in text(drained)
    async with asyncio.timeout(10):
        await loopback.all_closed()


async def test_a_probe_closes_a_breaker_before_its_time(press, upstream_mock):
    mock = upstream_mock("quotes")
    mock.get("").json({})
    client = clients_by_loop[asyncio.get_running_loop()].by_alias["quotes"]
    breaker = next(one for one in policies_of(client) if isinstance(one, CircuitBreaker))
    for _ in range(20):
        breaker._record(Call("quotes", "GET", ""), False, connected=True)
    assert breaker.state == "open"
    assert "Probed the health of quotes in 1 of 1 worker." in text(await press("probe"))
    assert breaker.state == "closed"


async def test_a_probe_that_fails_says_by_which_error(press, upstream_mock):
    upstream_mock("quotes").get("").json({"code": "a-secret"}, status=500)
    response = await press("probe")
    assert re.search(
        r"Probed the health of quotes in 0 of 1 worker. \d+: UpstreamStatusError", text(response)
    )
    assert "a-secret" not in response.text


@pytest.mark.parametrize("command", ["open", "drain"])
async def test_what_may_do_harm_is_confirmed_first(aclient, operator, command):
    response = await aclient.get(URL)
    assert f'<a class="button" href="{URL}quotes/{command}/">' in response.text
    assert f'action="{URL}quotes/{command}/"' not in response.text
    asked = await aclient.get(f"{URL}quotes/{command}/")
    assert (asked.status_code, await LogEntry.objects.acount()) == (200, 0)


async def test_a_login_in_between_leads_to_a_question_and_does_nothing(aclient, operator):
    asked = await aclient.get(f"{URL}quotes/reset/")
    assert "Reset breaker quotes Reset breaker No, take me back" in text(asked)
    assert await LogEntry.objects.acount() == 0


@pytest.mark.parametrize("path", ["quotes/close/", "others/open/"])
async def test_there_is_no_button_for_anything_else(aclient, operator, path):
    assert (await aclient.get(URL + path)).status_code == 404


async def test_who_may_only_look_presses_nothing(aclient, log_in):
    await log_in("view_upstream")
    assert (await aclient.get(f"{URL}quotes/open/")).status_code == 403


async def test_who_may_not_look_presses_nothing(aclient, log_in):
    await log_in("control_upstream")
    assert (await aclient.get(f"{URL}quotes/open/")).status_code == 403


def test_a_form_of_another_site_presses_nothing(db):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(User.objects.create_superuser("ada"))
    assert browser.post(f"{URL}quotes/open/").status_code == 403
