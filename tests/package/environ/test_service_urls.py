"""The addresses of databases and brokers."""

import pytest
from django.core.exceptions import ImproperlyConfigured
from upstreams.environ import Env

KEY = "k" * 50


@pytest.mark.parametrize("url", ["mysql://a/b", "postgresql://host", "sqlite://", "nonsense"])
def test_a_wrong_database_url_is_refused(url):
    with pytest.raises(
        ImproperlyConfigured, match=r"DATABASE_URL: write sqlite:///db.sqlite3 or postgresql://"
    ):
        Env(secret_key=KEY, database_url=url).database()


def test_postgresql_has_a_pool_a_statement_timeout_and_no_persistent_connections():
    url = "postgresql://u%40:p%2F@db:6543/app?sslmode=require"
    database = Env(secret_key=KEY, database_url=url).database()
    assert (database["USER"], database["PASSWORD"], database["PORT"]) == ("u@", "p/", 6543)
    assert database["OPTIONS"]["sslmode"] == "require"
    assert database["OPTIONS"]["pool"]["max_size"] == 10
    assert database["OPTIONS"]["options"] == "-c statement_timeout=5000"
    assert "CONN_MAX_AGE" not in database


def test_pgbouncer_gets_no_prepared_statements_and_no_session_settings():
    database = Env(secret_key=KEY, database_url="postgresql://u@db/app", pgbouncer=True).database()
    assert database["OPTIONS"]["prepare_threshold"] is None
    assert database["DISABLE_SERVER_SIDE_CURSORS"]
    assert "options" not in database["OPTIONS"]


BROKER = (
    "BROKER_URL: write amqp://user:password@host:5672/vhost or redis://:password@host:6379/0, "
    "with %2F for a slash in the password"
)


@pytest.mark.parametrize("url", ["rabbitmq://a", "amqp://", "amqp://a:b", "redis://a/name", "nonsense"])
def test_a_wrong_broker_is_refused_in_one_sentence(monkeypatch, url):
    monkeypatch.setenv("BROKER_URL", url)
    with pytest.raises(ImproperlyConfigured) as caught:
        Env.read()
    assert str(caught.value) == BROKER


@pytest.mark.parametrize("url", ["amqp://u:p%2F@a:5671/v", "amqps://a", "redis://a", "rediss://:p@a:6380/1"])
def test_a_broker_is_taken_as_it_is(monkeypatch, url):
    monkeypatch.setenv("BROKER_URL", url)
    assert Env.read().broker_url == url
