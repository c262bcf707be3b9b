"""Errors are reported to Sentry, once each, and with nothing that a client sent."""

import gzip
import json
import subprocess
import sys
from time import monotonic

import brotli
import pytest
from testproject.processes import SECONDS, environment, serving
from upstreams.core.httpx import httpx
from upstreams.telemetry.sentry import scrub_event
from upstreams.testing.loopback import Loopback, http_response

pytestmark = pytest.mark.processes

HEADERS = {
    "Authorization": "canary",
    "Cookie": "a=canary",
    "User-Agent": "canary",
    "X-Request-ID": "from-the-proxy",
}


@pytest.fixture
def sentry():
    with Loopback() as sentry:
        sentry.dsn = sentry.url.replace("://", "://key@") + "/1"
        yield sentry.on("/api/1/envelope/", http_response({}))


def events(sentry):
    # Sentry's client packs with brotli where that is installed.
    unpack = {"br": brotli.decompress, "gzip": gzip.decompress}
    envelopes = [unpack[request.headers["content-encoding"]](request.body) for request in sentry.requests]
    return [json.loads(envelope.splitlines()[2]) for envelope in envelopes if b'"type":"event"' in envelope]


def test_an_unhandled_error_is_reported_once_and_without_secrets(loopback, sentry):
    with serving(loopback, SENTRY_DSN=sentry.dsn) as service:
        url = f"{service.url}/broken/canary?token=canary"
        status = httpx.post(url, headers=HEADERS, content=b"canary").status_code
    logged, raised = events(sentry)
    (error,) = raised["exception"]["values"]
    assert status == 500
    assert (error["type"], error["stacktrace"]["frames"][-1]["function"]) == ("ValueError", "broken_view")
    assert raised["tags"]["request_id"] == "from-the-proxy"
    assert logged["logentry"]["message"] == "it goes wrong for %s"
    assert "canary" not in json.dumps([logged, raised])


def test_a_failed_upstream_is_no_error_of_ours(loopback, sentry):
    loopback.on("/random", http_response({}, 404))
    with serving(loopback, SENTRY_DSN=sentry.dsn) as service:
        assert httpx.get(f"{service.url}/quotes/random").status_code == 502
    assert events(sentry) == []


def test_an_answer_that_is_cut_is_reported(loopback, sentry):
    with serving(loopback, SENTRY_DSN=sentry.dsn) as service, pytest.raises(httpx.HTTPError):
        httpx.get(f"{service.url}/cut")
    (event,) = events(sentry)
    assert "OSError" in {error["type"] for error in event["exception"]["values"]}


def test_a_sentry_that_hangs_does_not_hold_the_exit_up(loopback, sentry):
    sentry.clear().on("/api/1/envelope/", "hang")
    with serving(loopback, SENTRY_DSN=sentry.dsn) as service:
        httpx.post(f"{service.url}/broken/a")
        began = monotonic()
    assert monotonic() - began < 8


def test_the_words_of_a_refused_host_are_not_reported():
    assert scrub_event({"logger": "django.security.DisallowedHost"}, {"exc_info": ()}) is None


def error(kind, module, value="words"):
    return {"exception": {"values": [{"type": kind, "module": module, "value": value}]}}


@pytest.mark.parametrize(
    ("kind", "module", "words"),
    [
        ("UpstreamTimeout", "upstreams.core.errors", "words"),
        ("StartupFailed", "upstreams.core.errors", None),
        ("Call", "upstreams.core.errors", None),
        ("UpstreamTimeout", "elsewhere", None),
        (None, None, None),
    ],
)
def test_only_upstream_errors_keep_their_words(kind, module, words):
    event = scrub_event(error(kind, module), {"exc_info": ()})
    assert event["exception"]["values"][0].get("value") == words


def test_a_report_keeps_only_what_is_known_to_be_safe():
    event = {
        "level": "error",
        "request": {},
        "extra": {},
        "breadcrumbs": {},
        "logentry": {"message": "a\nsecret"},
    }
    assert scrub_event(event, {}) == {"level": "error", "logentry": {"message": "a"}, "tags": {}}


@pytest.mark.parametrize(
    "dsn", ["nonsense", "https://host/1", "https://key@host/", "https://key@host:secret/1"]
)
def test_a_wrong_dsn_is_one_line(loopback, dsn):
    command = [sys.executable, "manage.py", "check"]
    env = environment(loopback, SENTRY_DSN=dsn)
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=SECONDS, check=False)
    assert done.returncode == 1
    assert done.stderr == "error: UPSTREAMS_SENTRY_DSN: write https://key@host/project, as Sentry shows it\n"
