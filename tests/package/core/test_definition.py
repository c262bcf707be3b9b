"""Wrong definitions of upstreams: one sentence says which, and what to write instead."""

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from upstreams.clients import registry
from upstreams.clients.upstream import Upstream
from upstreams.core.definition import configured, parse
from upstreams.core.httpx import Request
from upstreams.core.urls import url

NO_PLAIN_URL = (
    'UPSTREAMS["a"]["BASE_URL"]: write an origin and a plain path: no user, query, fragment or dots'
)
PROXY = "write a URL such as http://user:password@proxy.example.com:3128"
TUNNELLED = "TLS reaches to the upstream, too"
PLAIN_HTTP = (
    'UPSTREAMS["a"]["BASE_URL"]: plain HTTP in production; write https://, '
    'or set "ALLOW_HTTP": True if the network encrypts'
)


@pytest.mark.parametrize(
    ("alias", "keys", "sentence"),
    [
        (
            "a",
            {"BASE_URL": "https://a.test", "TIMOUT": 1},
            'UPSTREAMS["a"]["TIMOUT"]: unknown key; did you mean \'TIMEOUT\'?',
        ),
        ("a", {}, 'UPSTREAMS["a"]["BASE_URL"]: is missing'),
        (
            "a",
            "https://a.test",
            'UPSTREAMS["a"]: expected a dict such as {"BASE_URL": "https://api.example.com"}',
        ),
        (
            "A-b",
            {},
            'UPSTREAMS["A-b"]: an alias is lower-case letters, digits and single underscores, such as a_b',
        ),
        (
            "a",
            {"BASE_URL": "a.test"},
            'UPSTREAMS["a"]["BASE_URL"]: write a URL such as https://api.example.com',
        ),
        (
            "a",
            {"BASE_URL": "https://a.test:99999"},
            'UPSTREAMS["a"]["BASE_URL"]: the host or the port is not valid',
        ),
        (
            "a",
            {"BASE_URL": "https://u:p@a.test"},
            f'{NO_PLAIN_URL}; a user and a password are "AUTH": {{"BASIC": [user, password]}}',
        ),
        (
            "a",
            {"BASE_URL": "https://a.test/?key=k"},
            f"{NO_PLAIN_URL}; a query is the params= of a call, a key mostly one of HEADERS",
        ),
        (
            "a",
            {"BASE_URL": "https://a.test", "PROXY": "socks5h://u:p@p.test:1080"},
            'UPSTREAMS["a"]["PROXY"]: "TRANSPORT": "http1" speaks no SOCKS; write "TRANSPORT": "httpx"',
        ),
        (
            "a",
            {"BASE_URL": "https://a.test", "PROXY": "https://p.test"},
            f'UPSTREAMS["a"]["PROXY"]: an https:// proxy is not supported; through an http:// one, {TUNNELLED}: {PROXY}',
        ),
        ("a", {"BASE_URL": "https://a.test/my files"}, f"{NO_PLAIN_URL}; a space is %20"),
        (
            "a",
            {"BASE_URL": "http://a.test"},
            PLAIN_HTTP,
        ),
        (
            "a",
            {"BASE_URL": "https://a.test", "TIMEOUT": -1},
            'UPSTREAMS["a"]["TIMEOUT"]: expected a number > 0.0',
        ),
        (
            "a",
            {"BASE_URL": "https://a.test", "HEADERS": {"X": "a\nb"}},
            'UPSTREAMS["a"]["HEADERS"]: header \'x\' must hold printable ASCII characters only',
        ),
    ],
)
def test_a_wrong_definition_is_one_sentence(alias, keys, sentence):
    assert parse({alias: keys})[1] == [sentence]


def test_plain_http_is_allowed_on_this_host_and_with_allow_http():
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
    assert definitions["a"].headers == {"x-api-key": "k"}
    assert "x-api-key" not in repr(definitions["a"])


@pytest.mark.parametrize(
    "keys",
    [
        {"BASE_URL": "https://a.test/v1?"},
        {"BASE_URL": "https://a.test/v1#"},
        {"BASE_URL": "https://@a.test"},
        {"BASE_URL": "https://a.test/%2e%2e/x"},
        {"BASE_URL": "https://a.test/a%5cb"},
        {"BASE_URL": "https://a.test/a\tb"},
        {"TIMEOUT": True},
        {"TIMEOUT": float("nan")},
        {"TIMEOUT": float("inf")},
        {"MAX_CONNECTIONS": True},
        {"MAX_CONNECTIONS": 0},
        {"PROXY": "http://p.test:abc"},
        {"PROXY": "p.test:3128"},
        {"AUTH": {}},
        {"AUTH": {"BEARER": ""}},
        {"AUTH": {"BEARER": None}},
        {"AUTH": {"BEARER": "from a file\n"}},
        {"AUTH": {"BEARER": "t", "BASIC": ["u", "p"]}},
        {"AUTH": {"BASIC": ["a:b", "p"]}},
        {"AUTH": "{"},
        {"AUTH": {"OAUTH2": {"TOKEN_URL": "http://id.test/token/", "CLIENT_ID": "i", "CLIENT_SECRET": "s"}}},
        {"HEADERS": {"X\r\nY": "a"}},
        {"HEADERS": "[1]"},
        {"HEADERS": {"X": 1}},
        {"BASE_URL": 1},
    ],
    ids=str,
)
def test_what_could_not_work_or_leak_is_refused(keys):
    assert len(parse({"a": {"BASE_URL": "https://a.test"} | keys})[1]) == 1


@pytest.mark.parametrize("key", ["BASE_URL", "PROXY"])
@pytest.mark.parametrize("password", ["s3cr3t/x", "s3cr3t?x", "s3cr3t#x", "s3cr3t[x", "s3cr3t\u2100"])
def test_a_password_that_makes_a_url_invalid_is_not_shown(key, password):
    keys = {"BASE_URL": "https://a.test", key: f"http://user:{password}@b.test:3128"}
    (sentence,) = parse({"a": keys})[1]
    assert sentence.startswith(f'UPSTREAMS["a"]["{key}"]: ')
    assert "s3cr3t" not in sentence


@pytest.mark.parametrize("path", ["my%20files", "@scope/package", "users/me@a.test", "a%3Fb", "v1:beta"])
def test_a_base_url_has_any_path_of_rfc_3986(path):
    definitions, problems = parse({"a": {"BASE_URL": f"https://a.test/{path}"}})
    assert problems == []
    sent = Request("GET", url(definitions["a"].base_url, "x", {})).url
    assert (sent.host, sent.raw_path.decode()) == ("a.test", f"/{path}/x")


def test_a_token_url_keeps_its_slash():
    oauth2 = {"TOKEN_URL": "https://id.test/o/token/", "CLIENT_ID": "i", "CLIENT_SECRET": "s"}
    definitions, problems = parse({"a": {"BASE_URL": "https://a.test", "AUTH": {"OAUTH2": oauth2}}})
    assert problems == []
    assert definitions["a"].auth.oauth2.token_url == "https://id.test/o/token/"


@pytest.mark.upstreams(quotes={"CONECT": 1})
@pytest.mark.usefixtures("upstreams")
def test_manage_check_and_start_up_report_the_same():
    sentence = "UPSTREAMS.*CONECT.*: unknown key; did you mean 'CONNECT_TIMEOUT'?"
    with pytest.raises(SystemCheckError, match=sentence):
        call_command("check", "upstreams")
    with pytest.raises(ImproperlyConfigured, match=sentence):
        configured()


def test_an_upstream_object_without_settings_is_an_error():
    stray = Upstream("quoets")
    with pytest.raises(SystemCheckError, match=r"Upstream\('quoets'\): not in .*; did you mean 'quotes'\?"):
        call_command("check", "upstreams")
    del registry.upstreams[stray.alias]
