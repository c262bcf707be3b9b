"""`UPSTREAMS` as a whole: its entry of defaults, and variables on top of both."""

import re

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from upstreams.core.definition import configured, parse
from upstreams.environ import Env

A = {"BASE_URL": "https://a.test"}


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        (None, 'UPSTREAMS: expected a dict such as {"quotes": {"BASE_URL": "https://api.example.com"}}'),
        (["a"], 'UPSTREAMS: expected a dict such as {"quotes": {"BASE_URL": "https://api.example.com"}}'),
        ({"*": ["TIMEOUT"], "a": A}, 'UPSTREAMS["*"]: expected a dict such as {"TIMEOUT": 5}'),
        ({"*": {"TIMOUT": 5}, "a": A}, 'UPSTREAMS["*"]["TIMOUT"]: unknown key; did you mean \'TIMEOUT\'?'),
        ({"*": {"TIMEOUT": "long"}, "a": A}, 'UPSTREAMS["*"]["TIMEOUT"]: expected a number'),
        (
            {"*": {"BASE_URL": "https://b.test"}, "a": A},
            'UPSTREAMS["*"]["BASE_URL"]: belongs to one upstream; set it in each entry',
        ),
        (
            {"*": {"ATTEMPT_TIMEOUT": 5}, "a": A | {"TIMEOUT": 4}},
            'UPSTREAMS["a"]["ATTEMPT_TIMEOUT"]: 5 s must not be more than TIMEOUT, 4 s',
        ),
    ],
    ids=str,
)
def test_wrong_upstreams_and_wrong_defaults_are_one_sentence(settings, value, sentence):
    assert parse(value)[1] == [sentence]
    settings.UPSTREAMS = value
    with pytest.raises(SystemCheckError, match=re.escape(sentence)):
        call_command("check", "upstreams")
    with pytest.raises(ImproperlyConfigured, match=f"^{re.escape(sentence)}$"):
        configured()


def test_defaults_hold_for_all_upstreams_that_do_not_set_them():
    shared = {"TIMEOUT": 5, "HEADERS": {"X-From": "us"}, "AUTH": {"BEARER": "t"}}
    definitions, problems = parse({"*": shared, "a": A, "b": A | {"TIMEOUT": 7, "AUTH": None}})
    a, b = definitions["a"], definitions["b"]
    assert (problems, list(definitions)) == ([], ["a", "b"])
    assert (a.timeout, a.headers, a.auth.bearer.reveal()) == (5, {"x-from": "us"}, "t")
    assert (b.timeout, b.headers, b.auth) == (7, {"x-from": "us"}, None)


def test_wrong_defaults_do_not_hide_the_mistakes_of_an_upstream():
    _, problems = parse({"*": {"TIMOUT": 5}, "a": {"BASE_URL": "a.test"}})
    assert [problem.partition(":")[0] for problem in problems] == [
        'UPSTREAMS["*"]["TIMOUT"]',
        'UPSTREAMS["a"]["BASE_URL"]',
    ]


def test_a_variable_overrides_defaults(monkeypatch):
    monkeypatch.setenv("UPSTREAMS__A__TIMEOUT", "7")
    merged = Env(secret_key="k" * 50).upstreams({"*": {"TIMEOUT": 5, "BACKOFF": 1}, "a": A, "b": A})
    definitions, problems = parse(merged)
    assert problems == []
    assert [(one.timeout, one.backoff) for one in definitions.values()] == [(7, 1), (5, 1)]


@pytest.mark.parametrize(
    ("key", "text", "problems"),
    [
        ("TIMEOUT", "9", []),
        ("TIMEOUT", "2", ['UPSTREAMS["a"]["ATTEMPT_TIMEOUT"]: 3 s must not be more than TIMEOUT, 2 s']),
        (
            "ATTEMPT_TIMEOUT",
            "6",
            ['UPSTREAMS["a"]["ATTEMPT_TIMEOUT"]: 6 s must not be more than TIMEOUT, 5 s'],
        ),
    ],
)
def test_a_variable_may_contradict_a_setting(monkeypatch, key, text, problems):
    monkeypatch.setenv(f"UPSTREAMS__A__{key}", text)
    merged = Env(secret_key="k" * 50).upstreams({"*": {"ATTEMPT_TIMEOUT": 3}, "a": A | {"TIMEOUT": 5}})
    assert parse(merged)[1] == problems


def test_a_wrong_variable_has_the_words_of_a_wrong_setting(monkeypatch):
    monkeypatch.setenv("UPSTREAMS__A__TIMEOUT", "long")
    from_variable = parse(Env(secret_key="k" * 50).upstreams({"a": A}))[1]
    assert from_variable == parse({"a": A | {"TIMEOUT": "long"}})[1]
    assert from_variable == ['UPSTREAMS["a"]["TIMEOUT"]: expected a number']
