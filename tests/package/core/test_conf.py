"""Settings of the package: their defaults, when they are read, and what is said of wrong ones."""

import re
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.test import override_settings
from testproject.asgi import application
from testproject.quotes import quotes
from upstreams import UpstreamResponseTooLarge, conf
from upstreams.core.definition import configured
from upstreams.testing.lifespan import run_lifespan


@pytest.fixture
def stock(settings):
    """A project that sets none of the settings whose names begin with `UPSTREAMS_`."""
    for name in [name for name in dir(django_settings) if name.startswith("UPSTREAMS_")]:
        delattr(settings, name)
    conf.forget(setting="UPSTREAMS")  # Django does not signal that a setting was deleted
    return settings


def test_every_setting_has_a_default(stock):
    assert conf.parse() == (conf.Settings(), [])
    assert conf.current() == conf.Settings()


def test_a_stock_project_passes_the_checks(stock):
    stock.UPSTREAMS = {"quotes": {"BASE_URL": "https://quotes.test"}}
    call_command("check", "upstreams")


def test_a_project_without_upstreams_is_valid(stock):
    del stock.UPSTREAMS
    configured.cache_clear()
    assert configured() == {}


def test_the_defaults_contain_each_other():
    times, limits = conf.Timeouts(), conf.Limits()
    ending = times.shutdown_delay + times.graceful_shutdown + times.client_drain + times.client_close
    assert ending < times.termination_grace_period
    assert limits.body_timeout < times.request <= times.graceful_shutdown


def test_keys_that_are_not_set_have_their_defaults(stock):
    stock.UPSTREAMS_TIMEOUTS = {"REQUEST": 12}
    assert conf.current().timeouts == conf.Timeouts(request=12)


def test_a_setting_counts_at_once(settings):
    settings.UPSTREAMS_LIMITS = {"MAX_REQUESTS": 7}
    assert conf.current().limits.max_requests == 7
    with override_settings(UPSTREAMS_LIMITS={"MAX_REQUESTS": 8}, UPSTREAMS_METRICS_TOKEN="t" * 16):
        assert (conf.current().limits.max_requests, conf.current().metrics_token) == (8, "t" * 16)
    assert conf.current().limits.max_requests == 7


def test_upstreams_count_at_once(settings):
    settings.UPSTREAMS = {"a": {"BASE_URL": "https://a.test"}}
    assert list(configured()) == ["a"]
    with override_settings(UPSTREAMS={"b": {"BASE_URL": "https://b.test"}}):
        assert list(configured()) == ["b"]
    assert list(configured()) == ["a"]


SMALL = {"quotes": {"BASE_URL": "https://quotes.test", "MAX_RESPONSE_SIZE": 10}}


async def test_upstreams_count_at_once_while_clients_are_open(upstream_mock, settings):
    upstream_mock("quotes").get("random").content("x" * 100)
    async with run_lifespan(application):
        assert len((await quotes.get("random")).content) == 100
        with override_settings(UPSTREAMS=SMALL), pytest.raises(UpstreamResponseTooLarge):
            await quotes.get("random")
        assert len((await quotes.get("random")).content) == 100


def test_values_may_be_text_of_variables(settings):
    settings.UPSTREAMS_LIMITS = '{"MAX_REQUESTS": "7"}'
    settings.UPSTREAMS_FAST_PATH = "true"
    settings.UPSTREAMS_REPLICAS = "3"
    settings.UPSTREAMS_CORS_ALLOWED_ORIGINS = "https://a.test,https://b.test"
    found = conf.current()
    assert (found.limits.max_requests, found.fast_path, found.replicas) == (7, True, 3)
    assert found.cors_allowed_origins == ("https://a.test", "https://b.test")


def test_values_may_be_those_of_python(settings):
    settings.UPSTREAMS_DRAIN_FILE = Path("/tmp/drain")
    settings.UPSTREAMS_CORS_ALLOWED_ORIGINS = ["https://a.test"]
    settings.UPSTREAMS_METRICS_TOKEN = "[a token that is no JSON]"
    found = conf.current()
    assert (found.drain_file, found.cors_allowed_origins) == ("/tmp/drain", ("https://a.test",))
    assert found.metrics_token == "[a token that is no JSON]"


WRONG = [
    ("UPSTREAMS_TIMEOUTS", {"REQEST": 1}, "[\"REQEST\"]: unknown key; did you mean 'REQUEST'?"),
    ("UPSTREAMS_TIMEOUTS", {"REQUEST": "long"}, '["REQUEST"]: expected a number'),
    ("UPSTREAMS_TIMEOUTS", {"REQUEST": 0}, '["REQUEST"]: expected a number > 0.0'),
    ("UPSTREAMS_TIMEOUTS", {"REQUEST": None}, '["REQUEST"]: expected a number, got None'),
    ("UPSTREAMS_TIMEOUTS", 15, ': expected a dict such as {"STARTUP": …}'),
    ("UPSTREAMS_LIMITS", {"MAX_REQUESTS": 1.5}, '["MAX_REQUESTS"]: expected a whole number, got a number'),
    ("UPSTREAMS_LIMIT", {}, ": unknown setting; did you mean 'UPSTREAMS_LIMITS'?"),
    ("UPSTREAMS_FAST_PATH", "perhaps", ": expected true or false"),
    ("UPSTREAMS_REPLICAS", "two", ": expected a whole number"),
    ("UPSTREAMS_REQUIRED_DATABASES", "default", ": expected a list"),
    ("UPSTREAMS_REQUIRED_DATABASES", [1], "[0]: expected text, got a whole number"),
    ("UPSTREAMS_METRICS_TOKEN", 1, ": expected text, got a whole number"),
    ("UPSTREAMS_SCHEDULE", {"a.b": -1}, '["a.b"]: expected a number > 0.0'),
    ("UPSTREAMS_CORS_ALLOWED_ORIGINS", 1, ": expected a list of names, or text with commas"),
]


@pytest.mark.parametrize(
    ("name", "value", "sentence"), WRONG, ids=[f"{name} {value}" for name, value, _ in WRONG]
)
def test_a_wrong_setting_is_one_sentence_in_checks_and_at_start_up(settings, name, value, sentence):
    setattr(settings, name, value)
    assert conf.parse()[1] == [name + sentence]
    with pytest.raises(SystemCheckError, match=re.escape(f"{name}{sentence}")):
        call_command("check", "upstreams")
    with pytest.raises(ImproperlyConfigured, match=f"^{re.escape(name + sentence)}$"):
        conf.current()


def test_an_unknown_setting_that_is_near_to_none_lists_all(settings):
    settings.UPSTREAMS_XYZZY = 1
    (problem,) = conf.parse()[1]
    assert problem.startswith("UPSTREAMS_XYZZY: unknown setting; known are UPSTREAMS_CORS_ALLOWED_ORIGINS, ")


def test_a_wrong_setting_leaves_the_others_as_they_are(settings):
    settings.UPSTREAMS_TIMEOUTS = {"REQUEST": 12, "STARTUP": "long"}
    settings.UPSTREAMS_REPLICAS = 4
    found, _ = conf.parse()
    assert (found.timeouts, found.replicas) == (conf.Timeouts(), 4)


@pytest.mark.parametrize(
    ("asgi", "urls", "target"),
    [
        ("shop.asgi.application", "shop.urls", "shop.asgi:application"),
        (None, "shop.urls", "shop.asgi:application"),
        (None, "urls", "asgi:application"),
    ],
)
def test_the_application_is_found_as_startproject_has_it(settings, asgi, urls, target):
    settings.ASGI_APPLICATION = asgi
    settings.ROOT_URLCONF = urls
    assert conf.asgi_application() == target
