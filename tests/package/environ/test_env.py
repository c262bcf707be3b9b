"""Environment variables: what they become, and one sentence for each mistake in them."""

import pytest
from django.core.exceptions import ImproperlyConfigured
from upstreams import conf
from upstreams.core.definition import parse
from upstreams.environ import Env

KEY = "k" * 50


@pytest.mark.parametrize("key", ["", "change-me", "short"])
def test_production_refuses_a_missing_or_placeholder_key(monkeypatch, key):
    monkeypatch.setenv("SECRET_KEY", key)
    with pytest.raises(ImproperlyConfigured, match="SECRET_KEY: write at least 50 random characters"):
        Env.read()


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("DEBUG", "perhaps", "DEBUG: expected true or false"),
        ("DATABASE_POOL", "0", "DATABASE_POOL: expected a whole number >= 1"),
        ("STATEMENT_TIMEOUT", "inf", "STATEMENT_TIMEOUT: expected a number <= 86400"),
        ("WEB_CONCURRENCY", "0", "WEB_CONCURRENCY: expected a whole number >= 1"),
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
        Env.read()


@pytest.mark.parametrize("origin", ["https://a.test", "http://127.0.0.1:3000", "http://[::1]:8000", "*"])
def test_an_origin_is_taken_as_browsers_send_it(monkeypatch, origin):
    monkeypatch.setenv("CORS_ALLOWED_ORIGINS", origin)
    assert Env.read().cors_allowed_origins == (origin,)


def test_a_variable_overrides_a_key_of_an_upstream(monkeypatch):
    monkeypatch.setenv("UPSTREAMS__QUOTES__TIMEOUT", "7")
    merged = Env.read().upstreams({"quotes": {"BASE_URL": "https://a.test", "TIMEOUT": 1}})
    assert parse(merged)[0]["quotes"].timeout == 7


def test_an_empty_variable_overrides_nothing(monkeypatch):
    monkeypatch.setenv("UPSTREAMS__QUOTES__PROXY", "")
    assert "PROXY" not in Env.read().upstreams({"quotes": {}})["quotes"]


@pytest.mark.parametrize("name", ["UPSTREAMS__XYZZY__TIMEOUT", "UPSTREAMS__QUOTES"])
def test_a_variable_of_an_unknown_upstream_is_refused(monkeypatch, name):
    monkeypatch.setenv(name, "7")
    with pytest.raises(ImproperlyConfigured, match=f"{name}: no such upstream; write a variable such as"):
        Env.read().upstreams({"quotes": {}})


def test_an_upstream_may_have_a_variable_for_a_key_that_settings_leave_out(monkeypatch):
    monkeypatch.setenv("UPSTREAMS__QUOTES__BASE_URL", "https://a.test")
    merged = Env.read().upstreams({"*": {"TIMEOUT": 3}, "quotes": {}})
    assert merged == {"*": {"TIMEOUT": 3}, "quotes": {"BASE_URL": "https://a.test"}}


def test_all_mistakes_are_in_one_message(monkeypatch):
    monkeypatch.setenv("REPLICAS", "none")
    monkeypatch.setenv("LOG_LEVEL", "loud")
    with pytest.raises(ImproperlyConfigured, match=r"^REPLICAS: [^;]*; LOG_LEVEL: [^;]*$"):
        Env.read()


@pytest.mark.parametrize(
    ("variable", "setting", "value"),
    [
        ("REPLICAS", "UPSTREAMS_REPLICAS", "many"),
        ("REPLICAS", "UPSTREAMS_REPLICAS", "0"),
        ("WEB_CONCURRENCY", "UPSTREAMS_WORKERS", "1.5"),
        ("FORWARDED_ALLOW_IPS", "UPSTREAMS_FORWARDED_ALLOW_IPS", "proxy"),
        ("CORS_ALLOWED_ORIGINS", "UPSTREAMS_CORS_ALLOWED_ORIGINS", "app.test"),
    ],
)
def test_a_variable_and_a_setting_of_the_wrong_form_get_the_same_words(
    monkeypatch, settings, variable, setting, value
):
    monkeypatch.setenv(variable, value)
    with pytest.raises(ImproperlyConfigured) as caught:
        Env.read()
    setattr(settings, setting, value)
    assert conf.parse()[1] == [str(caught.value).replace(variable, setting, 1)]


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("drain_file", "/run/draining", "/run/draining"),
        ("debug", "true", True),
        ("debug", "0", False),
        ("allowed_hosts", "a.test, b.test", ("a.test", "b.test")),
        ("csrf_trusted_origins", "https://a.test", ("https://a.test",)),
        ("forwarded_allow_ips", "10.0.0.0/8", ("10.0.0.0/8",)),
        ("database_pool", "3", 3),
        ("statement_timeout", "0.5", 0.5),
        ("pgbouncer", "1", True),
        ("replicas", "2", 2),
        ("web_concurrency", "4", 4),
        ("log_level", "debug", "DEBUG"),
        ("sentry_dsn", "https://key@host/1", "https://key@host/1"),
        ("metrics_token", "sixteen-characters", "sixteen-characters"),
        ("secure_ssl_redirect", "false", False),
        ("secure_hsts_seconds", "60", 60),
    ],
)
def test_a_variable_becomes_a_value_of_its_type(monkeypatch, name, text, value):
    monkeypatch.setenv(name.upper(), text)
    found = getattr(Env.read(), name)
    assert (found, type(found) is bool) == (value, type(value) is bool)


def test_an_empty_variable_is_the_default(monkeypatch):
    monkeypatch.setenv("DRAIN_FILE", "")
    monkeypatch.setenv("REPLICAS", "")
    assert (Env.read().drain_file, Env.read().replicas) == (None, 1)


def test_what_the_environment_lacks_is_read_from_a_file(monkeypatch, tmp_path):
    file = tmp_path / "variables"
    file.write_text("REPLICAS=2\nWEB_CONCURRENCY=3\n")
    monkeypatch.setenv("ENV_FILE", str(file))
    monkeypatch.setenv("REPLICAS", "5")
    assert (Env.read().replicas, Env.read().web_concurrency) == (5, 3)


def test_a_secret_in_a_file_is_taken_as_it_is_written(monkeypatch, tmp_path):
    secret = "a${HOME}$HOME" * 10
    file = tmp_path / "variables"
    file.write_text(f"SECRET_KEY={secret}\n")
    monkeypatch.setenv("ENV_FILE", str(file))
    monkeypatch.delenv("SECRET_KEY", raising=False)
    assert Env.read().secret_key == secret


class Own(Env, frozen=True):
    shop: str = "none"

    def problems(self):
        return [*super().problems(), *(["SHOP: write a name"] if self.shop == "none" else [])]


def test_a_project_adds_variables_and_rules_of_its_own(monkeypatch):
    with pytest.raises(ImproperlyConfigured, match=r"^SHOP: write a name$"):
        Own.read()
    monkeypatch.setenv("SHOP", "books")
    assert Own.read().shop == "books"


@pytest.mark.parametrize(
    ("files", "is_named"), [(["Procfile"], True), (["Procfile", ".env"], False), ([], False)], ids=str
)
def test_a_fresh_clone_without_env_names_make_dev(tmp_path, monkeypatch, files, is_named):
    monkeypatch.chdir(tmp_path)
    for name in ("ENV_FILE", "SECRET_KEY"):
        monkeypatch.delenv(name, raising=False)
    for name in files:
        (tmp_path / name).touch()
    with pytest.raises(ImproperlyConfigured, match="SECRET_KEY: write at least 50 random") as raised:
        Env.read()
    assert ("or run `make dev`, which does" in str(raised.value)) is is_named
