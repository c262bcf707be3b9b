"""Wrong settings and variables: one sentence says which, and what to write instead."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from config import env
from server import checks
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
        ("DEBUG", "perhaps", "DEBUG: Input should be a valid boolean"),
        ("DATABASE_POOL", "0", "DATABASE_POOL: Input should be greater than or equal to 1"),
        ("STATEMENT_TIMEOUT", "inf", "STATEMENT_TIMEOUT: Input should be less than or equal to 86400"),
        ("LOG_LEVEL", "loud", "LOG_LEVEL: Input should be 'DEBUG', 'INFO', 'WARNING' or 'ERROR'"),
    ],
)
def test_a_wrong_variable_is_named(monkeypatch, name, value, message):
    monkeypatch.setenv(name, value)
    with pytest.raises(ImproperlyConfigured, match=message):
        env.read()


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
