"""Keys of an upstream: how wrong ones are named, and which values they accept."""

from pathlib import Path

import msgspec
import pytest
from upstreams.core import hints
from upstreams.core.definition import Definition, parse
from upstreams.core.fields import Auth, OAuth2

A = {"BASE_URL": "https://a.test"}
SECRET = "s3cr3t"
API_KEY = 'write "HEADERS": {"X-Api-Key": …}, with the name of the header that the upstream asks for'


@pytest.mark.parametrize(
    ("key", "meant"),
    [
        ("timeout", "TIMEOUT"),
        ("CONNECT", "CONNECT_TIMEOUT"),
        ("CONECT", "CONNECT_TIMEOUT"),
        ("BREAKER_OPEN", "BREAKER_OPEN_TIME"),
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
        ({"TOKEN": "t"}, '["TOKEN"]: unknown key; write "BEARER": …'),
        ({"token": "t"}, '["token"]: unknown key; write "BEARER": …'),
        ({"BEAERR": "t"}, "[\"BEAERR\"]: unknown key; did you mean 'BEARER'?"),
        ({"XYZZY": "t"}, '["XYZZY"]: unknown key; known are BASIC, BEARER, OAUTH2, SIGNER'),
        (
            {"API_KEY": "t"},
            '["API_KEY"]: unknown key; an API key is a header: instead of AUTH, ' + API_KEY,
        ),
        ({"BASIC": "u:p"}, '["BASIC"]: expected a list or None; write [user, password]'),
        (
            {"BASIC": {"USER": "u"}},
            '["BASIC"]: expected a list or None, got an object; write [user, password]',
        ),
        ({"BEARER": "Bearer t"}, ': BEARER is the token alone; the word "Bearer" is added'),
        (
            {"BEARER": None},
            ": give exactly one of BEARER, BASIC, OAUTH2; the variable that it comes from may be missing",
        ),
        ({"BEARER": ""}, '["BEARER"]: is empty; the variable or the file that it comes from may be missing'),
        ({"BEARER": Path("/no/such")}, '["BEARER"]: /no/such cannot be read: No such file or directory'),
        ({"BEARER": "t", "BASIC": ["u", "p"]}, ": give exactly one of BEARER, BASIC, OAUTH2"),
        ({"BEARER": 1}, '["BEARER"]: expected text'),
        (
            {"BASIC": ["u:", "p"]},
            '["BASIC"][0]: must be text without a colon and control characters, without a line break at the end',
        ),
        (
            {"BASIC": ["u", "p\n"]},
            '["BASIC"][1]: must be text without control characters, without a line break at the end',
        ),
        ({"BASIC": ["", ""]}, ": BASIC is empty; the variables that it comes from may be missing"),
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


@pytest.mark.parametrize(
    ("key", "value", "sentence"),
    [
        ("API_KEY", SECRET, API_KEY),
        ("api-key", SECRET, API_KEY),
        ("TOKEN", SECRET, 'write "AUTH": {"BEARER": …}'),
        ("BEARER", SECRET, 'write "AUTH": {"BEARER": …}'),
        ("PASSWORD", SECRET, 'write "AUTH": {"BASIC": [user, password]}'),
        (
            "CLIENT_SECRET",
            SECRET,
            'write "AUTH": {"OAUTH2": {"TOKEN_URL": …, "CLIENT_ID": …, "CLIENT_SECRET": …}}',
        ),
        ("url", "https://a.test", 'write "BASE_URL"'),
        (
            "VERIFY",
            False,
            'certificates are always verified; name the file of a certificate authority of your own as "CA"',
        ),
        ("RETRIES", 3, 'write "MAX_ATTEMPTS", which counts the first attempt'),
    ],
)
def test_a_key_of_another_habit_gets_the_right_form(key, value, sentence):
    assert parse({"a": A | {key: value}})[1] == [f'UPSTREAMS["a"]["{key}"]: unknown key; {sentence}']


@pytest.mark.parametrize("hints", [hints.UPSTREAM, hints.AUTH, hints.OAUTH2], ids=["key", "auth", "oauth2"])
def test_no_hint_hides_a_key(hints):
    kinds = {id(kind.hints): kind for kind in (Definition, Auth, OAuth2)}
    known = {field.encode_name for field in msgspec.structs.fields(kinds[id(hints)])}
    assert known.isdisjoint(hints)


@pytest.mark.parametrize(
    ("headers", "sentence"),
    [
        (["X-Api-Key: k"], 'expected a dict such as {"X-Api-Key": "…"}'),
        ({"X-Api-Key": None}, "header 'X-Api-Key' is None; the variable that it comes from may be missing"),
        ({"X-Version": 2}, "header 'X-Version' must be text"),
        (
            {"X-Api-Key": Path("/no/such")},
            "header 'X-Api-Key': /no/such cannot be read: No such file or directory",
        ),
    ],
    ids=str,
)
def test_wrong_headers_are_named(headers, sentence):
    assert parse({"a": A | {"HEADERS": headers}})[1] == [f'UPSTREAMS["a"]["HEADERS"]: {sentence}']


def test_two_credentials_in_one_header_are_refused():
    keys = {"AUTH": {"BEARER": "t"}, "HEADERS": {"Authorization": "Bearer u"}}
    assert parse({"a": A | keys})[1] == [
        'UPSTREAMS["a"]["HEADERS"]: AUTH sends Authorization already; write only one of them'
    ]


@pytest.mark.parametrize(
    "keys",
    [
        {"API_KEY": SECRET},
        {"AUTH": SECRET},
        {"AUTH": ["u", SECRET]},
        {"AUTH": {"TOKEN": SECRET}},
        {"AUTH": {"BASIC": f"u:{SECRET}"}},
        {"AUTH": {"BASIC": ["u:", SECRET]}},
        {"AUTH": {"BASIC": ["u", f"{SECRET}\n"]}},
        {"AUTH": {"BEARER": f"Bearer {SECRET}"}},
        {"AUTH": {"BEARER": SECRET.encode()}},
        {"AUTH": {"OAUTH2": {"SECRET": SECRET}}},
        {"HEADERS": [f"X-Api-Key: {SECRET}"]},
        {"HEADERS": {"X-Api-Key": f"{SECRET}\n"}},
        {"HEADERS": {"X-Api-Key": [SECRET]}},
        {"BASE_URL": f"https://u:{SECRET}@a.test"},
        {"BASE_URL": f"https://a.test/?key={SECRET}"},
        {"PROXY": f"https://u:{SECRET}@p.test"},
    ],
    ids=str,
)
def test_no_sentence_shows_a_secret(keys):
    _, problems = parse({"a": A | keys})
    assert problems
    assert SECRET not in "".join(problems)


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
