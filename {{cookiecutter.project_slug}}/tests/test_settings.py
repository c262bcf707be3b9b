"""Wrong settings and variables: one sentence says which, and what to write instead."""

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.core.management.base import SystemCheckError

from config import env
from server import checks
from services.core import connections
from services.core.definitions import configured, parse
from services.core.upstream import Upstream

KEY = "k" * 50
PLAIN_HTTP = (
    'UPSTREAMS["a"]["BASE_URL"]: plain HTTP in production; write https://, '
    'or set "ALLOW_HTTP": True if the network encrypts'
)


@pytest.mark.parametrize(
    ("alias", "keys", "sentence"),
    [
        (
            "a",
            {"BASE_URL": "https://a.test", "TOTL": 1},
            'UPSTREAMS["a"]["TOTL"]: unknown key; did you mean \'TOTAL\'?',
        ),
        ("a", {}, 'UPSTREAMS["a"]["BASE_URL"]: field required'),
        (
            "a",
            "https://a.test",
            'UPSTREAMS["a"]: write a dict such as {"BASE_URL": "https://api.example.com"}',
        ),
        ("A-b", {}, 'UPSTREAMS["A-b"]: an alias is lower-case letters, digits and single underscores'),
        (
            "a",
            {"BASE_URL": "a.test"},
            'UPSTREAMS["a"]["BASE_URL"]: write a URL such as https://api.example.com',
        ),
        ("a", {"BASE_URL": "https://a.test:99999"}, 'UPSTREAMS["a"]["BASE_URL"]: port out of range 0-65535'),
        (
            "a",
            {"BASE_URL": "https://u:p@a.test"},
            'UPSTREAMS["a"]["BASE_URL"]: write an origin and a plain path: no user, query, fragment or dots',
        ),
        (
            "a",
            {"BASE_URL": "http://a.test"},
            PLAIN_HTTP,
        ),
        (
            "a",
            {"BASE_URL": "https://a.test", "TOTAL": -1},
            'UPSTREAMS["a"]["TOTAL"]: input should be greater than 0',
        ),
        (
            "a",
            {"BASE_URL": "https://a.test", "HEADERS": {"X": "a\nb"}},
            'UPSTREAMS["a"]["HEADERS"]["X"]: must not hold control characters',
        ),
    ],
)
def test_a_wrong_definition_is_one_sentence(alias, keys, sentence):
    assert parse({alias: keys})[1] == [sentence]


def test_plain_http_is_allowed_on_this_host_and_where_it_is_said_to_be():
    definitions, problems = parse(
        {
            "a": {"BASE_URL": "http://127.0.0.1:1"},
            "b": {"BASE_URL": "http://[::1]:1"},
            "c": {"BASE_URL": "http://c.internal", "ALLOW_HTTP": True},
        }
    )
    assert (list(definitions), problems) == (["a", "b", "c"], [])


def test_headers_may_come_as_json_from_the_environment():
    definitions, _ = parse({"a": {"BASE_URL": "https://a.test", "HEADERS": '{"X-Api-Key": "k"}'}})
    assert definitions["a"].headers == {"X-Api-Key": "k"}
    assert "X-Api-Key" not in repr(definitions["a"])


@pytest.mark.upstreams(quotes={"CONECT": 1})
@pytest.mark.usefixtures("upstreams")
def test_manage_check_and_the_boot_say_the_same():
    sentence = "UPSTREAMS.*CONECT.*: unknown key; did you mean 'CONNECT'?"
    with pytest.raises(SystemCheckError, match=sentence):
        call_command("check")
    with pytest.raises(ImproperlyConfigured, match=sentence):
        configured()


def test_an_upstream_object_without_settings_is_an_error():
    stray = Upstream("quoets")
    with pytest.raises(SystemCheckError, match=r"Upstream\('quoets'\): not in .*; did you mean 'quotes'\?"):
        call_command("check")
    del connections.upstreams[stray.alias]


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
    database = env.Env(secret_key=KEY, database_url="postgresql://u%40:p%2F@db:6543/app").database()
    assert (database["USER"], database["PASSWORD"], database["PORT"]) == ("u@", "p/", 6543)
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
