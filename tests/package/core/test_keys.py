"""Keys of an upstream: how wrong ones are named, and which values they accept."""

from pathlib import Path

import pytest
from upstreams.core.definition import parse

A = {"BASE_URL": "https://a.test"}


@pytest.mark.parametrize(
    ("key", "meant"),
    [
        ("timeout", "TIMEOUT"),
        ("CONNECT", "CONNECT_TIMEOUT"),
        ("CONECT", "CONNECT_TIMEOUT"),
        ("BREAKER", "BREAKER_FAILURE_RATIO"),
        ("MAX_ATEMPTS", "MAX_ATTEMPTS"),
    ],
)
def test_an_unknown_key_suggests_the_nearest(key, meant):
    assert parse({"a": A | {key: 1}})[1] == [f'UPSTREAMS["a"]["{key}"]: unknown key; did you mean {meant!r}?']


def test_an_unknown_key_that_is_near_to_none_lists_all():
    (problem,) = parse({"a": A | {"XYZZY": 1}})[1]
    assert problem.startswith(
        'UPSTREAMS["a"]["XYZZY"]: unknown key; known are ALLOW_HTTP, ATTEMPT_TIMEOUT, AUTH, '
    )


@pytest.mark.parametrize(
    ("auth", "sentence"),
    [
        ({"TOKEN": "t"}, '["TOKEN"]: unknown key; known are BASIC, BEARER, OAUTH2'),
        ({"BEARER": "t", "BASIC": ["u", "p"]}, ": give exactly one of BEARER, BASIC, OAUTH2"),
        ({"BEARER": 1}, '["BEARER"]: expected text'),
        ({"BASIC": ["u:", "p"]}, '["BASIC"][0]: must be printable ASCII characters without a colon'),
        (
            {"OAUTH2": {"TOKEN_URL": "https://id.test", "CLIENT_ID": "i"}},
            '["OAUTH2"]["CLIENT_SECRET"]: is missing',
        ),
        ("t", ': expected a dict such as {"BEARER": …}'),
    ],
    ids=str,
)
def test_wrong_credentials_are_named_by_their_place(auth, sentence):
    assert parse({"a": A | {"AUTH": auth}})[1] == [f'UPSTREAMS["a"]["AUTH"]{sentence}']


def test_files_may_be_paths_and_secrets_may_look_like_json():
    keys = {"CA": Path("/etc/ca.pem"), "CERT": '["/etc/cert.pem", "/etc/key.pem"]', "AUTH": {"BEARER": "[1]"}}
    definitions, problems = parse({"a": A | keys})
    a = definitions["a"]
    assert (problems, a.ca, a.cert) == ([], "/etc/ca.pem", ("/etc/cert.pem", "/etc/key.pem"))
    assert a.auth.bearer.reveal() == "[1]"


def test_definitions_are_equal_if_their_keys_are():
    first, second, other = (parse({"a": A | {"AUTH": {"BEARER": key}}})[0] for key in ("t", "t", "u"))
    assert first == second  # clients of equal definitions stay open when settings change
    assert first != other
