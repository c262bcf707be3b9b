"""Variables of upstreams: those of keys below keys, those of files, and what is said of misspelled ones."""

import re
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from upstreams import conf
from upstreams.core.definition import parse
from upstreams.environ import Env, Variables

URL = "https://rates.test"
DEFINED = {"*": {"TIMEOUT": 3}, "rates": {"BASE_URL": URL}, "quotes": {"BASE_URL": "https://quotes.test"}}


class ServiceEnv(Env, frozen=True):
    region: str = ""


@pytest.fixture
def read(monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "k" * 50)
    monkeypatch.delenv("DATABASE_URL")
    monkeypatch.setattr(Variables, "last_read", None)

    def read(**variables):
        for name, text in variables.items():
            monkeypatch.setenv(name, text)
        return ServiceEnv.read().upstreams(DEFINED)

    return read


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("UPSTREAMS_RATES_BASE_URL", "write UPSTREAMS__RATES__BASE_URL"),
        ("UPSTREAMS_RATES__TIMEOUT", "write UPSTREAMS__RATES__TIMEOUT"),
        ("UPSTREAM__RATES__TIMEOUT", "write UPSTREAMS__RATES__TIMEOUT"),
        ("UPSTREAM_RATES_TIMEOUT", "write UPSTREAMS__RATES__TIMEOUT"),
        ("UPSTREAMSRATES__TIMEOUT", "write UPSTREAMS__RATES__TIMEOUT"),
        ("UPSTREAMS__RATES_TIMEOUT", "write UPSTREAMS__RATES__TIMEOUT"),
        ("UPSTREAMS___RATES__TIMEOUT", "write UPSTREAMS__RATES__TIMEOUT"),
        ("UPSTREAMS_RATES_TIMEOT", "did you mean UPSTREAMS__RATES__TIMEOUT?"),
        ("UPSTREAMS_RATE_TIMEOUT", "did you mean UPSTREAMS__RATES__TIMEOUT?"),
        ("UPSTREAMS__QOUTES__TIMEOUT", "did you mean UPSTREAMS__QUOTES__TIMEOUT?"),
        ("UPSTREAMS_RATES_AUTH_BEARER", "write UPSTREAMS__RATES__AUTH__BEARER"),
        ("UPSTREAMS_RATES_HEADERS_X_API_KEY", "write UPSTREAMS__RATES__HEADERS__X_API_KEY"),
        ("UPSTREAMS_REPLICAS", "is a setting, not a variable; write REPLICAS"),
    ],
)
def test_a_misspelled_variable_names_the_right_one(read, name, meant):
    with pytest.raises(ImproperlyConfigured, match=f"^{name}: .*{re.escape(meant)}$"):
        read(**{name: "7"})


@pytest.mark.parametrize(
    "name",
    [
        "UPSTREAM_URL",
        "UPSTREAMS_SERVICE_HOST",
        "UPSTREAMS_PORT",
        "UPSTREAMS_RATES_SERVICE_HOST",
        "UPSTREAMS_RATES_PORT",
        "UPSTREAMS_RATES_PORT_80_TCP_ADDR",
    ],
)
def test_a_variable_of_somebody_else_is_left_alone(read, name):
    assert read(**{name: "tcp://10.0.0.1:80"}) == DEFINED


def test_a_variable_sets_one_credential(read):
    merged = read(UPSTREAMS__RATES__AUTH__BEARER="t", UPSTREAMS__RATES__HEADERS__X_API_KEY="k")
    definitions, problems = parse(merged)
    rates = definitions["rates"]
    assert (problems, rates.auth.bearer.reveal(), rates.headers) == ([], "t", {"x-api-key": "k"})
    assert "AUTH" not in DEFINED["rates"]


def test_a_variable_changes_a_header_of_the_settings_in_any_case(monkeypatch):
    monkeypatch.setenv("UPSTREAMS__RATES__HEADERS__X_API_KEY", "new")
    keys = {"BASE_URL": URL, "HEADERS": {"x-API-key": "old", "X-From": "us"}}
    merged = Env(secret_key="k" * 50).upstreams({"rates": keys})
    assert parse(merged)[0]["rates"].headers == {"x-api-key": "new", "x-from": "us"}
    assert keys["HEADERS"]["x-API-key"] == "old"


def test_a_variable_changes_what_another_one_has_as_json(read):
    merged = read(
        UPSTREAMS__RATES__AUTH='{"OAUTH2": {"TOKEN_URL": "https://id.test", "CLIENT_ID": "i"}}',
        UPSTREAMS__RATES__AUTH__OAUTH2__CLIENT_SECRET="s",
    )
    definitions, problems = parse(merged)
    assert (problems, definitions["rates"].auth.oauth2.client_secret.reveal()) == ([], "s")


def test_lists_are_json(read):
    merged = read(UPSTREAMS__RATES__AUTH__BASIC='["u", "p"]', UPSTREAMS__RATES__CERT='["/a.crt", "/a.key"]')
    definitions, problems = parse(merged)
    user, password = definitions["rates"].auth.basic
    assert (problems, user.reveal(), password.reveal()) == ([], "u", "p")
    assert definitions["rates"].cert == ("/a.crt", "/a.key")


def test_a_dict_that_is_no_json_is_named(read):
    with pytest.raises(
        ImproperlyConfigured, match=r"^UPSTREAMS__RATES__AUTH__BEARER: the dict that it changes is not JSON$"
    ):
        read(UPSTREAMS__RATES__AUTH="{secret", UPSTREAMS__RATES__AUTH__BEARER="t")


def test_a_variable_names_a_file_with_a_credential(read, tmp_path):
    for name, text in {"token": "t\n", "key": "k\n", "secret": "s\n"}.items():
        (tmp_path / name).write_text(text)
    merged = read(
        UPSTREAMS__RATES__AUTH__BEARER_FILE=str(tmp_path / "token"),
        UPSTREAMS__RATES__HEADERS__X_API_KEY_FILE=str(tmp_path / "key"),
        UPSTREAMS__QUOTES__AUTH__OAUTH2__TOKEN_URL="https://id.test",
        UPSTREAMS__QUOTES__AUTH__OAUTH2__CLIENT_ID="i",
        UPSTREAMS__QUOTES__AUTH__OAUTH2__CLIENT_SECRET_FILE=str(tmp_path / "secret"),
    )
    definitions, problems = parse(merged)
    rates, quotes = definitions["rates"], definitions["quotes"]
    assert (problems, rates.auth.bearer.reveal(), rates.headers.changing["x-api-key"].reveal()) == (
        [],
        "t",
        "k",
    )
    assert quotes.auth.oauth2.client_secret.reveal() == "s"
    assert merged["rates"]["AUTH"] == {"BEARER": Path(tmp_path / "token")}


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("ALOWED_HOSTS", "ALLOWED_HOSTS"),
        ("ALLOWED_HOST", "ALLOWED_HOSTS"),
        ("DATABASEURL", "DATABASE_URL"),
        ("DATABASE_URI", "DATABASE_URL"),
        ("DJANGO_ALLOWED_HOSTS", "ALLOWED_HOSTS"),
        ("REGIONS", "REGION"),
    ],
)
def test_a_check_warns_of_a_misspelled_variable_of_the_service(read, capsys, name, meant):
    read(**{name: "x"})
    call_command("check", "upstreams")
    assert f"(upstreams.W011) {name}: no such variable; did you mean {meant}?" in capsys.readouterr().err


def test_a_variable_of_the_service_may_be_in_a_file(monkeypatch, tmp_path):
    (tmp_path / "key").write_text("f" * 50 + "\n")
    monkeypatch.setenv("SECRET_KEY_FILE", str(tmp_path / "key"))
    monkeypatch.delenv("SECRET_KEY")
    assert ServiceEnv.read().secret_key == "f" * 50
    monkeypatch.setenv("SECRET_KEY", "k" * 50)  # what is set itself counts
    assert ServiceEnv.read().secret_key == "k" * 50


def test_a_variable_whose_file_is_missing_is_named(monkeypatch):
    monkeypatch.setenv("REGION_FILE", "/no/such")
    with pytest.raises(
        ImproperlyConfigured, match=r"^REGION_FILE: /no/such cannot be read: No such file or directory$"
    ):
        ServiceEnv.read()


def test_no_variable_is_misspelled_whose_neighbour_is_set(read):
    read(DATABASE_URI="sqlite:///b", DATABASE_URL="sqlite:///a", DEBUGGER="x", PATHS="x")
    assert ServiceEnv.misspelled() == []


def test_a_missing_variable_names_the_misspelled_one(monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "")
    monkeypatch.setenv("SECRETKEY", "k" * 50)
    with pytest.raises(
        ImproperlyConfigured,
        match=r"SECRET_KEY: write.*; SECRETKEY: no such variable; did you mean SECRET_KEY",
    ):
        ServiceEnv.read()


@pytest.mark.parametrize(
    ("name", "value", "meant"),
    [
        ("UPSTREAM_TIMEOUTS", {"REQUEST": 5}, "UPSTREAMS_TIMEOUTS"),
        ("UPSTREAMSTIMEOUTS", {"REQUEST": 5}, "UPSTREAMS_TIMEOUTS"),
        ("UPSTREAMS_TIMEOUT", {"REQUEST": 5}, "UPSTREAMS_TIMEOUTS"),
        ("UPSTREAM", {"a": {}}, "UPSTREAMS"),
    ],
)
def test_a_misspelled_setting_is_named(settings, name, value, meant):
    setattr(settings, name, value)
    assert conf.parse()[1] == [f"{name}: unknown setting; did you mean {meant!r}?"]


@pytest.mark.parametrize("name", ["UPSTREAM", "UPSTREAM_URL"])
def test_a_setting_of_somebody_else_is_left_alone(settings, name):
    setattr(settings, name, "https://a.test")
    assert conf.parse()[1] == []
