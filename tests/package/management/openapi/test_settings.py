"""The entry of the settings that the command prints."""

import pytest
from django.core.management import CommandError, call_command

from management.openapi.schemas import document, one

pytestmark = pytest.mark.usefixtures("unformatted")
URL = '"BASE_URL": "https://store.example.com/v1"'
OAUTH2 = (
    '"AUTH": {"OAUTH2": {"TOKEN_URL": "https://login.example.com/token", '
    '"CLIENT_ID": os.environ["STORE_CLIENT_ID"], "CLIENT_SECRET": os.environ["STORE_CLIENT_SECRET"]}},'
)
TOKENS = {"clientCredentials": {"tokenUrl": "https://login.example.com/token", "scopes": {}}}


@pytest.fixture
def printed(write, capsys):
    """Return the lines about a schema with these servers and security schemes."""

    def run(schemes=None, **more):
        schema = document(one({"204": {}}), **more)
        schema["components"]["securitySchemes"] = schemes or {}
        write(schema, "store")
        return capsys.readouterr().out

    return run


@pytest.mark.parametrize(
    ("scheme", "key"),
    [
        ({"type": "http", "scheme": "bearer"}, '"AUTH": {"BEARER": os.environ["STORE_TOKEN"]},'),
        (
            {"type": "http", "scheme": "Basic"},
            '"AUTH": {"BASIC": [os.environ["STORE_USER"], os.environ["STORE_PASSWORD"]]},',
        ),
        (
            {"type": "apiKey", "in": "header", "name": "X-Key"},
            '"HEADERS": {"X-Key": os.environ["STORE_API_KEY"]},',
        ),
        (
            {"type": "apiKey", "in": "header", "name": "Authorization"},
            '"AUTH": {"BEARER": os.environ["STORE_TOKEN"]},',
        ),
        (
            {"type": "oauth2", "flows": TOKENS},
            OAUTH2,
        ),
        ({"type": "oauth2", "flows": {"implicit": {}}}, '"AUTH": {"BEARER": os.environ["STORE_TOKEN"]},'),
    ],
)
def test_credentials_are_those_of_the_first_scheme(printed, scheme, key):
    out = printed({"one": scheme}, security=[{"one": []}])
    assert f"            {URL},\n            {key}\n        }},\n" in out


@pytest.mark.parametrize(
    ("scheme", "note"),
    [
        (
            {"type": "apiKey", "in": "query", "name": "key"},
            "Credentials of the kind apiKey query are yours to send",
        ),
        ({"type": "http", "scheme": "digest"}, "Credentials of the kind http digest are yours to send"),
        (
            {"type": "apiKey", "in": "header", "name": 'X"\nY'},
            "Credentials of the kind apiKey header are yours to send",
        ),
        ({}, "Credentials of the kind unknown are yours to send"),
    ],
)
def test_credentials_that_have_no_key_are_named(printed, scheme, note):
    out = printed({"one": scheme}, security=[{"one": []}])
    assert note in out
    assert f'        "store": {{{URL}}},\n' in out


def test_another_kind_of_credentials_is_named(printed):
    bearer, key = {"type": "http", "scheme": "bearer"}, {"type": "apiKey", "in": "header", "name": "X-Key"}
    out = printed({"one": bearer, "two": key}, security=[{"one": []}, {"two": []}])
    assert "The schema knows another kind of credentials, too: two.\n" in out


def test_credentials_that_no_operation_asks_for_are_left_out(printed):
    assert "AUTH" not in printed({"one": {"type": "http", "scheme": "bearer"}})


@pytest.mark.parametrize(
    ("server", "url", "note"),
    [
        ({"url": "https://a.example.com/v1/"}, "https://a.example.com/v1", ""),
        (
            {"url": "https://{place}.example.com", "variables": {"place": {"default": "eu"}}},
            "https://eu.example.com",
            "",
        ),
        (
            {"url": "/v2"},
            "https://store.example.com/v2",
            "The schema names no host: write that of the upstream",
        ),
        ({"url": "http://a.example.com"}, "https://a.example.com", "The schema names http://"),
        (
            {"url": "https://{place}.example.com"},
            "https://store.example.com",
            "The schema's server is no BASE_URL",
        ),
        (
            {"url": 'https://a.example.com/"'},
            "https://store.example.com",
            "The schema's server is no BASE_URL",
        ),
        (
            {"url": "https://user:word@a.example.com"},
            "https://store.example.com",
            "The schema's server is no BASE_URL",
        ),
        ({"url": "https://[::1"}, "https://store.example.com", "The schema names no host"),
        ({"url": 7}, "https://store.example.com", "The schema names no host"),
        ("no", "https://store.example.com", "The schema names no host"),
        ({"url": "javascript:alert(1)"}, "https://store.example.com", "The schema names no host"),
    ],
)
def test_the_server_is_the_base_url_if_it_can_be(printed, server, url, note):
    out = printed(servers=[server])
    assert f'"BASE_URL": "{url}"' in out
    assert note in out
    assert bool(note) or out.startswith("Wrote")


@pytest.mark.parametrize("option", ["only", "write"])
def test_an_option_of_schemas_alone_goes_with_one(root, option):
    with pytest.raises(CommandError, match=f"^--{option}: goes with --openapi$"):
        call_command("startupstream", "store", "https://store.test", **{option: "a"})


def test_remove_goes_without_a_schema(root):
    with pytest.raises(CommandError, match=r"^--remove: goes without --openapi and --check$"):
        call_command("startupstream", "store", remove=True, openapi="a.json")
