"""Background tasks: where they run, what they inherit, what they leave."""

import asyncio
import contextvars
import json
import logging
import os
import subprocess
import sys

import pytest
import structlog
from asgiref.sync import ThreadSensitiveContext
from django.contrib.auth.models import User
from opentelemetry import trace
from testproject.quotes import quotes
from upstreams import spawn, spawn_thread
from upstreams.clients import portal
from upstreams.core import context
from upstreams.core.request_deadline import RequestDeadline
from upstreams.telemetry.logging import JSONFormatter

QUOTE = {"text": "a", "author": "b"}
SQLITE = "sqlite:///{}/db.sqlite3"
URL = os.environ.get("DATABASE_URL", "")
NEEDS_POSTGRESQL = pytest.mark.skipif(not URL.startswith("postgres"), reason="DATABASE_URL is not PostgreSQL")


async def elsewhere(function, *args):
    """Run a function in a thread that owns no clients."""
    return await asyncio.to_thread(contextvars.Context().run, function, *args)


@pytest.mark.usefixtures("lifespan")
async def test_what_is_spawned_carries_the_request_id_and_not_the_deadline():
    async def work():
        seen.set_result((context.request_id.get(), context.deadline.get()))

    seen = asyncio.Future()
    context.request_id.set("of-the-request")
    context.deadline.set(RequestDeadline(1))
    spawn(work())
    assert await asyncio.wait_for(seen, 5) == ("of-the-request", None)


async def test_the_trace_goes_along(background_done):
    async def work():
        spans.append(trace.get_current_span())

    spans = []
    span = trace.NonRecordingSpan(trace.SpanContext(1, 2, is_remote=False))
    with trace.use_span(span):
        spawn(work())
    await background_done()
    assert spans == [span]


async def test_work_from_a_plain_thread_runs_in_the_owning_loop(background_done):
    async def work():
        loops.append(asyncio.get_running_loop())

    loops = []
    await elsewhere(lambda: spawn(work()))
    await background_done()
    assert loops == [asyncio.get_running_loop()]


def test_without_an_owner_the_portal_runs_it(upstream_mock):
    async def work():
        texts.append((await quotes.random()).text)

    texts = []
    upstream_mock("quotes").get("random").json(QUOTE)
    spawn(work())
    portal.close()
    assert texts == ["a"]


async def test_it_may_use_the_database_when_the_threads_of_its_request_are_gone(async_db, background_done):
    async def work():
        await gate.wait()
        await User.objects.acreate(username="a")

    gate = asyncio.Event()
    async with ThreadSensitiveContext():
        spawn(work())
    gate.set()
    await background_done()
    assert await User.objects.acount() == 1


@pytest.mark.parametrize("error", [LookupError("lost"), SystemExit("lost"), asyncio.CancelledError("lost")])
async def test_a_crash_is_logged_once_with_the_request_id(caplog, error, background_done, monkeypatch):
    async def work():
        raise error

    context.request_id.set("of-the-request")
    ids = []
    note = [lambda record: ids.append(context.request_id.get()) or True]
    monkeypatch.setattr(caplog.handler, "filters", note)  # the handler is that of all tests
    spawn(work())
    await background_done()
    assert [(r.levelno, r.getMessage(), r.exc_info[1]) for r in caplog.records] == [
        (logging.ERROR, f"background task {work.__qualname__} failed", error)
    ]
    assert ids == ["of-the-request"]


async def test_a_call_that_fails_in_the_background_is_logged_with_its_attempts(
    caplog, background_done, upstream_mock
):
    upstream_mock("quotes").get("random").content("", 503, {"Retry-After": "0"})
    spawn(quotes.random())
    await background_done()
    (line,) = caplog.records
    assert (line.levelno, line.upstream, line.attempts) == (logging.ERROR, "quotes", 3)


async def test_what_is_bound_by_structlog_goes_along(caplog, background_done, monkeypatch):
    def log():
        structlog.get_logger("work").warning("working")

    async def work():
        log()
        spawn_thread(log)
        structlog.contextvars.bind_contextvars(user=2)

    monkeypatch.setattr(caplog.handler, "formatter", JSONFormatter())
    with structlog.contextvars.bound_contextvars(user=1):
        spawn(work())
        await background_done()
        assert structlog.contextvars.get_contextvars() == {"user": 1}
    spawn(work())
    await background_done()
    lines = [json.loads(line) for line in caplog.text.splitlines()]
    assert [line.get("user") for line in lines] == [1, 1, None, None]


async def test_a_crash_in_a_thread_is_logged(caplog, background_done):
    def work():
        raise LookupError("lost")

    spawn_thread(work)
    await background_done()
    assert f"background task {work.__qualname__} failed" in caplog.text


def counts_of(database_url):
    own = {"DJANGO_SETTINGS_MODULE": "testproject.callers.settings", "DATABASE_URL": database_url}
    env = (
        os.environ | own | {"DATABASE_POOL": "1"}
    )  # which a pool would grow to by chance, or run out of by a leak
    command = [sys.executable, "-X", "dev", "-W", "error", "-m", "testproject.callers.background"]
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return json.loads(done.stdout)


@pytest.mark.parametrize(
    "url", [SQLITE, pytest.param(URL, marks=NEEDS_POSTGRESQL)], ids=["sqlite", "postgresql"]
)
@pytest.mark.processes
def test_a_thousand_of_each_leave_nothing(url, tmp_path):
    counts = counts_of(url.format(tmp_path))
    assert counts["after 1000 of each"] == counts["after the first"]
