"""Settings that only go wrong under load: a system check names each of them."""

import os
import subprocess
import sys

import pytest
from upstreams.asgi import checks
from upstreams.asgi.timeout_checks import timeouts_contain_each_other
from upstreams.clients.checks import timeouts_fit_into_requests
from upstreams.core.definition import parse

SQLITE = "django.db.backends.sqlite3"
POSTGRESQL = "django.db.backends.postgresql"


@pytest.mark.parametrize(
    ("database", "codes"),
    [
        ({"ENGINE": SQLITE, "OPTIONS": {"transaction_mode": "IMMEDIATE"}}, []),
        ({"ENGINE": SQLITE}, ["E022"]),
        ({"ENGINE": POSTGRESQL, "OPTIONS": {"pool": True}}, []),
        ({"ENGINE": POSTGRESQL, "CONN_MAX_AGE": 60, "OPTIONS": {"pool": True}}, ["E023"]),
        ({"ENGINE": POSTGRESQL, "ATOMIC_REQUESTS": True}, ["E021", "E024"]),
    ],
)
def test_a_database_that_fails_under_load_is_refused(database, codes):
    assert [code for code, _ in checks.faults(database)] == codes


@pytest.mark.parametrize(
    ("alias", "required", "number"),
    [("default", [], "E022"), ("legacy", ["legacy"], "E022"), ("legacy", ["default"], "W022")],
)
def test_a_database_that_the_service_can_do_without_is_only_warned_of(
    settings, monkeypatch, alias, required, number
):
    settings.UPSTREAMS_REQUIRED_DATABASES = required
    monkeypatch.setitem(settings.DATABASES, alias, {"ENGINE": SQLITE})
    assert [message.id for message in checks.databases_suit_async_views()] == [f"upstreams.{number}"]


@pytest.mark.parametrize(("replicas", "ids"), [(1, []), (2, ["upstreams.W001"])])
def test_sqlite_suits_one_replica(settings, monkeypatch, replicas, ids):
    settings.UPSTREAMS_REPLICAS = replicas
    monkeypatch.setitem(settings.DATABASES, "default", {"ENGINE": SQLITE})
    assert [message.id for message in checks.one_file_serves_one_replica()] == ids


@pytest.mark.parametrize(
    ("timeouts", "message"),
    [
        ({"GRACEFUL_SHUTDOWN": 14}, "GRACEFUL_SHUTDOWN must be at least REQUEST"),
        (
            {"SHUTDOWN_DELAY": 8},
            "TERMINATION_GRACE_PERIOD must be more than SHUTDOWN_DELAY + GRACEFUL_SHUTDOWN + CLIENT_DRAIN + CLIENT_CLOSE, 30 s",
        ),
        ({"REQUEST": 10}, "REQUEST must be more than BODY_TIMEOUT"),
    ],
)
def test_a_timeout_that_does_not_contain_another_is_named(settings, timeouts, message):
    settings.UPSTREAMS_TIMEOUTS = {**settings.UPSTREAMS_TIMEOUTS, **timeouts}
    assert [error.msg for error in timeouts_contain_each_other()] == [f"UPSTREAMS_TIMEOUTS: {message}"]


def test_djangos_deployment_checks_see_through_our_middleware(settings):
    settings.SECURE_HSTS_SECONDS = 0
    settings.SECURE_SSL_REDIRECT = settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    ids = [message.id for message in checks.security_is_checked_behind_our_middleware()]
    assert ids == ["security.W004"]


def test_a_missing_security_middleware_is_named(settings):
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if not name.endswith("SecurityMiddleware")]
    (message,) = checks.security_is_checked_behind_our_middleware()
    assert (message.id, "SecurityMiddleware" in message.msg) == ("upstreams.W003", True)


@pytest.mark.parametrize("debug", ["true", "false"])
def test_the_settings_of_development_and_of_production_pass_the_checks(debug):
    command = [sys.executable, "manage.py", "check", "--fail-level", "WARNING"]
    env = {**os.environ, "DJANGO_SETTINGS_MODULE": "testproject.settings", "DEBUG": debug}
    subprocess.run(command, env=env, check=True, capture_output=True, timeout=60)


def test_a_call_that_may_outlive_its_request_is_named(settings):
    settings.UPSTREAMS = {"quotes": {"BASE_URL": "https://quotes.test", "TIMEOUT": 15}}
    (error,) = timeouts_fit_into_requests()
    assert (
        error.msg
        == 'UPSTREAMS["quotes"]["TIMEOUT"]: 15 s must be less than UPSTREAMS_TIMEOUTS["REQUEST"], 15 s'
    )


@pytest.mark.parametrize(
    ("keys", "short", "what"),
    [
        ({"TIMEOUT": 2, "ATTEMPT_TIMEOUT": 3}, "ATTEMPT_TIMEOUT", "3 s must not be more than TIMEOUT, 2 s"),
        ({"ATTEMPT_TIMEOUT": 12}, "ATTEMPT_TIMEOUT", "12 s must not be more than TIMEOUT, 10 s"),
        (
            {"ATTEMPT_TIMEOUT": 1, "CONNECT_TIMEOUT": 2},
            "CONNECT_TIMEOUT",
            "2 s must not be more than ATTEMPT_TIMEOUT, 1 s",
        ),
        ({"TIMEOUT": 1, "CONNECT_TIMEOUT": 2}, "CONNECT_TIMEOUT", "2 s must not be more than TIMEOUT, 1 s"),
        ({"TIMEOUT": 1, "QUEUE_TIMEOUT": 2}, "QUEUE_TIMEOUT", "2 s must not be more than TIMEOUT, 1 s"),
        ({"BACKOFF": 9}, "BACKOFF", "9 s must not be more than MAX_BACKOFF, 5 s"),
        (
            {"BREAKER_OPEN_TIME": 9},
            "BREAKER_OPEN_TIME",
            "9 s must not be more than BREAKER_MAX_OPEN_TIME, 5 s",
        ),
    ],
    ids=str,
)
def test_a_time_that_another_one_would_cut_short_is_named(keys, short, what):
    (problem,) = parse({"quotes": {"BASE_URL": "https://quotes.test", **keys}})[1]
    assert problem == f'UPSTREAMS["quotes"]["{short}"]: {what}'


@pytest.mark.parametrize("seconds", [0.01, 0.3, 8, 14])
def test_a_timeout_alone_contradicts_no_default(seconds):
    definitions, problems = parse({"quotes": {"BASE_URL": "https://quotes.test", "TIMEOUT": seconds}})
    assert (problems, definitions["quotes"].attempt_timeout) == ([], None)
