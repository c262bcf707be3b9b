"""The page of `manage.py serve` with two workers: either shows both, and its buttons reach both."""

import os
import re
import signal
import subprocess
import sys

import pytest
from metrics.test_workers import Service
from upstreams.core.httpx import httpx
from upstreams.testing.loopback import http_response

from contrib.upstreams_page.pages import URL, text

pytestmark = pytest.mark.processes

LOG_IN = """
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client
call_command("migrate", verbosity=0)
browser = Client()
browser.force_login(User.objects.create_superuser("ada"))
print(browser.cookies["sessionid"].value)
"""


@pytest.fixture
def env(loopback, tmp_path):
    loopback.on("/random", http_response({"text": "a", "author": "b"}))
    database = f"sqlite:///{tmp_path / 'db.sqlite3'}"
    return {
        "DATABASE_URL": database,
        "QUOTES_URL": loopback.url,
        "DEBUG": "true",
        "ALLOWED_HOSTS": "127.0.0.1",
    }


@pytest.fixture
def session(env):
    command = [sys.executable, "manage.py", "shell", "--no-imports", "-c", LOG_IN]
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "testproject.settings"} | env
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()[-1]


@pytest.fixture
def browser(session):
    """Opens a connection for each request, so that one worker or the other responds."""
    limits = httpx.Limits(max_keepalive_connections=0)
    cookies = {"sessionid": session}
    with httpx.Client(limits=limits, cookies=cookies, follow_redirects=True, timeout=60) as browser:
        yield browser


def comes_to(browser, url, words):
    for _ in range(200):
        if words in (shown := text(browser.get(url))):
            return shown
    raise AssertionError(shown)


def test_all_workers_are_shown_and_reached(env, browser):
    with Service("--workers", "2", **env) as service:
        first, second = service.workers(2)
        shown = comes_to(browser, service.url + URL, "2 of 2 worker processes")
        assert set(re.findall(r"\b(\d+) closed", shown)) == {str(first), str(second)}
        form = browser.get(f"{service.url}{URL}quotes/open/")
        (token,) = re.findall(r'value="(\w+)"', form.text.rpartition("csrfmiddlewaretoken")[2])[:1]
        opened = browser.post(f"{service.url}{URL}quotes/open/", data={"csrfmiddlewaretoken": token})
        assert "Opened the circuit breaker of quotes in 2 of 2 workers." in text(opened)
        statuses = {browser.get(f"{service.url}/quotes/random").status_code for _ in range(20)}
        assert statuses == {503}
        os.kill(first, signal.SIGSTOP)
        assert f"{first} does not respond" in comes_to(browser, service.url + URL, "1 of 2 worker processes")
        os.kill(first, signal.SIGKILL)
        comes_to(browser, service.url + URL, f"{first} ended")
