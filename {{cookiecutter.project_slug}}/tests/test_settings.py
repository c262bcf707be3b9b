"""Wrong settings and variables: one sentence says which, and what to write instead."""

import os
import subprocess
import sys

import pytest
from django.core.exceptions import ImproperlyConfigured

from config import env
from config.variables import Variables
from server import checks
from services.core.checks import totals_fit_into_requests
from services.core.definitions import parse

KEY = "k" * 50


@pytest.mark.parametrize("key", ["", "change-me", "short"])
def test_production_refuses_a_missing_or_placeholder_key(monkeypatch, key):
    monkeypatch.setenv("SECRET_KEY", key)
    with pytest.raises(ImproperlyConfigured, match="SECRET_KEY: write at least 50 random characters"):
        env.read()


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("DEBUG", "perhaps", "DEBUG: Expected true or false"),
        ("DATABASE_POOL", "0", "DATABASE_POOL: Expected a whole number >= 1"),
        ("STATEMENT_TIMEOUT", "inf", "STATEMENT_TIMEOUT: Expected a number <= 86400"),
        ("WEB_CONCURRENCY", "0", "WEB_CONCURRENCY: Expected a whole number >= 1"),
        (
            "FORWARDED_ALLOW_IPS",
            "10.0.0.0/8,proxy",
            "FORWARDED_ALLOW_IPS: 'proxy' does not appear to be an IPv4",
        ),
        *(
            (
                "CORS_ALLOWED_ORIGINS",
                f"https://a.test,{origin}",
                f"CORS_ALLOWED_ORIGINS: write .*; not {origin}$",
            )
            for origin in (
                "app.test",
                "https://App.test",
                "https://a.test/",
                "https://a.test:443",
                "null",
                "ftp://a",
            )
        ),
        ("METRICS_TOKEN", "fifteen-letters", "METRICS_TOKEN: write at least 16 random letters and digits"),
        ("METRICS_TOKEN", "change-me", "METRICS_TOKEN: write at least 16 random letters and digits"),
        ("METRICS_TOKEN", "sixteen letters and spaces", "METRICS_TOKEN: write at least 16 random"),
        (
            "PROMETHEUS_MULTIPROC_DIR",
            "/no/such",
            "PROMETHEUS_MULTIPROC_DIR: write an empty directory that exists",
        ),
        ("PROMETHEUS_MULTIPROC_DIR", "", "PROMETHEUS_MULTIPROC_DIR: write an empty directory that exists"),
        ("LOG_LEVEL", "loud", "LOG_LEVEL: write DEBUG, INFO, WARNING or ERROR"),
    ],
)
def test_a_wrong_variable_is_named(monkeypatch, name, value, message):
    monkeypatch.setenv(name, value)
    with pytest.raises(ImproperlyConfigured, match=message):
        env.read()


@pytest.mark.parametrize("origin", ["https://a.test", "http://127.0.0.1:3000", "http://[::1]:8000", "*"])
def test_an_origin_is_taken_as_browsers_send_it(monkeypatch, origin):
    monkeypatch.setenv("CORS_ALLOWED_ORIGINS", origin)
    assert env.read().cors_allowed_origins == (origin,)


@pytest.mark.parametrize("url", ["mysql://a/b", "postgresql://host", "sqlite://", "nonsense"])
def test_a_wrong_database_url_is_refused(url):
    with pytest.raises(
        ImproperlyConfigured, match=r"DATABASE_URL: write sqlite:///db.sqlite3 or postgresql://"
    ):
        env.Env(secret_key=KEY, database_url=url).database()


def test_postgresql_has_a_pool_a_statement_timeout_and_no_persistent_connections():
    url = "postgresql://u%40:p%2F@db:6543/app?sslmode=require"
    database = env.Env(secret_key=KEY, database_url=url).database()
    assert (database["USER"], database["PASSWORD"], database["PORT"]) == ("u@", "p/", 6543)
    assert database["OPTIONS"]["sslmode"] == "require"
    assert database["OPTIONS"]["pool"]["max_size"] == 10
    assert database["OPTIONS"]["options"] == "-c statement_timeout=5000"
    assert "CONN_MAX_AGE" not in database


def test_pgbouncer_gets_no_prepared_statements_and_no_session_settings():
    database = env.Env(secret_key=KEY, database_url="postgresql://u@db/app", pgbouncer=True).database()
    assert database["OPTIONS"]["prepare_threshold"] is None
    assert database["DISABLE_SERVER_SIDE_CURSORS"]
    assert "options" not in database["OPTIONS"]


def test_a_variable_overrides_a_key_of_an_upstream(monkeypatch):
    monkeypatch.setenv("UPSTREAMS__QUOTES__TOTAL", "7")
    merged = env.read().upstreams({"quotes": {"BASE_URL": "https://a.test", "TOTAL": 1}})
    assert parse(merged)[0]["quotes"].total == 7


def test_an_empty_variable_overrides_nothing(monkeypatch):
    monkeypatch.setenv("UPSTREAMS__QUOTES__PROXY", "")
    assert "PROXY" not in env.read().upstreams({"quotes": {}})["quotes"]


@pytest.mark.parametrize("name", ["UPSTREAMS__QOUTES__TOTAL", "UPSTREAMS__QUOTES"])
def test_a_variable_of_an_unknown_upstream_is_refused(monkeypatch, name):
    monkeypatch.setenv(name, "7")
    with pytest.raises(ImproperlyConfigured, match=f"{name}: no such upstream; write a variable such as"):
        env.read().upstreams({"quotes": {}})


SQLITE = "django.db.backends.sqlite3"
POSTGRESQL = "django.db.backends.postgresql"


@pytest.mark.parametrize(
    ("database", "codes"),
    [
        ({"ENGINE": SQLITE, "OPTIONS": {"transaction_mode": "IMMEDIATE"}}, []),
        ({"ENGINE": SQLITE}, ["E002"]),
        ({"ENGINE": POSTGRESQL, "OPTIONS": {"pool": True}}, []),
        ({"ENGINE": POSTGRESQL, "CONN_MAX_AGE": 60, "OPTIONS": {"pool": True}}, ["E003"]),
        ({"ENGINE": POSTGRESQL, "ATOMIC_REQUESTS": True}, ["E001", "E004"]),
    ],
)
def test_a_database_that_fails_under_load_is_refused(database, codes):
    assert [code for code, _ in checks.faults(database)] == codes


@pytest.mark.parametrize(("replicas", "ids"), [(1, []), (2, ["server.W001"])])
def test_sqlite_suits_one_replica(settings, monkeypatch, replicas, ids):
    settings.REPLICAS = replicas
    monkeypatch.setitem(settings.DATABASES, "default", {"ENGINE": SQLITE})
    assert [message.id for message in checks.one_file_serves_one_replica()] == ids


@pytest.mark.parametrize(
    ("timeouts", "message"),
    [
        ({"SERVER_GRACE": 14}, "SERVER_GRACE must be at least REQUEST"),
        ({"LAG": 8}, "ORCHESTRATOR_GRACE must be more than LAG + SERVER_GRACE + DRAIN + CLOSE, 30 s"),
        ({"REQUEST": 10}, "REQUEST must be more than BODY_TIME"),
    ],
)
def test_a_wrong_rung_of_the_ladder_is_named(settings, timeouts, message):
    settings.TIMEOUTS = {**settings.TIMEOUTS, **timeouts}
    assert [error.msg for error in checks.timeouts_stand_on_each_other()] == [f"TIMEOUTS: {message}"]


def test_djangos_deployment_checks_see_through_our_middleware(settings):
    settings.SECURE_HSTS_SECONDS = 0
    settings.SECURE_SSL_REDIRECT = settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    ids = [message.id for message in checks.security_is_checked_behind_our_middleware()]
    assert ids == ["security.W004"]


def test_a_missing_security_middleware_is_named(settings):
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if not name.endswith("SecurityMiddleware")]
    (message,) = checks.security_is_checked_behind_our_middleware()
    assert (message.id, "SecurityMiddleware" in message.msg) == ("server.W003", True)


@pytest.mark.parametrize("debug", ["true", "false"])
def test_the_ladders_of_development_and_of_production_hold(debug):
    command = [sys.executable, "manage.py", "check", "--fail-level", "WARNING"]
    env = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings", "DEBUG": debug}
    subprocess.run(command, env=env, check=True, capture_output=True, timeout=60)


def test_a_call_that_may_outlive_its_request_is_named(settings):
    settings.UPSTREAMS = {"quotes": {"BASE_URL": "https://quotes.test", "TOTAL": 15}}
    (error,) = totals_fit_into_requests()
    assert error.msg == 'UPSTREAMS["quotes"]["TOTAL"]: 15 s must be less than TIMEOUTS["REQUEST"], 15 s'


def test_an_attempt_longer_than_the_whole_call_is_named():
    keys = {"BASE_URL": "https://quotes.test", "TOTAL": 2, "ATTEMPT": 3}
    (problem,) = parse({"quotes": keys})[1]
    assert problem == 'UPSTREAMS["quotes"]["ATTEMPT"]: an attempt may not take longer than TOTAL, 2 s'


@pytest.mark.parametrize("file", [".env.example", "README.md"])
def test_every_variable_is_named(settings, file):
    text = (settings.BASE_DIR / file).read_text()
    names = [name for kind in Variables.__subclasses__() for name in kind.__struct_fields__]
    assert [name for name in names if name.upper() not in text] == []
