"""What is no schema, and where it comes from: refused in one sentence, without its credentials."""

import json

import pytest
from django.core.management import CommandError, call_command
from upstreams.management.openapi import source
from upstreams.testing import Loopback, http_response

from management.openapi.refusal import refused
from management.openapi.schemas import STORE

pytestmark = pytest.mark.usefixtures("unformatted")


@pytest.mark.parametrize(
    ("schema", "message"),
    [
        (
            {"swagger": "2.0", "paths": {"/a": {}}},
            "^--openapi: the schema is Swagger 2.0; convert it to OpenAPI 3",
        ),
        (
            {"openapi": "4.0.0", "paths": {"/a": {}}},
            "^--openapi: the schema has openapi: 4.0.0; use OpenAPI 3.0",
        ),
        (
            {"openapi": 3, "paths": {"/a": {}}},
            "^--openapi: the schema has openapi: 3; use OpenAPI 3.0 or 3.1",
        ),
        ({"paths": {"/a": {}}}, "no key `openapi`"),
        ({"openapi": "3.0.0"}, "^--openapi: the schema has no paths: there is nothing to call$"),
        ({"openapi": "3.1.0", "paths": []}, "the schema has no paths"),
        ({"openapi": "3.1.0", "paths": {"/a": None}}, "the schema has no operations"),
        (
            {"openapi": "3.1.0", "paths": {"/a/../b": {"get": {}}}},
            "^--openapi: Left out get_a_b: its path is no",
        ),
        ({"openapi": "3.1.0", "paths": {"/a/{": {"get": {}}}}, "the braces of its path are no names"),
        ("[]", "^--openapi: the schema must be an object with the key `openapi`$"),
        ("{", "^--openapi: the schema is not JSON: line 1$"),
        ('{"a":' * 100_000, "^--openapi: the schema is nested too deeply$"),
        ('{"a":' + "[" * 900 + "]" * 900 + "}", "^--openapi: the schema is nested too deeply$"),
        ('{"a": ' + "1" * 5000 + "}", "^--openapi: the schema is not JSON"),
        ("", "the schema must be an object"),
        ("a: [", "^--openapi: the schema is not YAML with the values of JSON: line"),
        ("a: !!python/object/apply:os.abort []", "is not YAML with the values of JSON"),
        ("a: &a [*a]", "^--openapi: an alias of the schema contains itself$"),
        ("a: " + "[" * 3000, "the schema is n"),
        ("? [a]\n: b", "is not YAML with the values of JSON"),
    ],
)
def test_what_is_no_schema_is_refused_in_one_sentence(write, schema, message):
    refused(write, schema, message)


def test_a_bomb_of_aliases_is_refused(write):
    lines = ["a0: &a0 [" + ",".join("x" * 10) + "]"]
    lines += [f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)]
    refused(write, "\n".join(lines), r"^--openapi: the schema has more than 5,000,000 values$")


def test_a_large_file_is_not_read_whole(write, root, monkeypatch):
    monkeypatch.setattr(source, "MAX_SIZE", 1024**2)
    refused(write, " " * (1024**2 + 1), r"^--openapi: the schema is larger than 1 MB$")
    with Loopback() as server:
        server.on("*", http_response("x" * (1024**2 + 1)))
        with pytest.raises(CommandError, match=r"^--openapi: the schema is larger than 1 MB$"):
            call_command("startupstream", "store", openapi=server.url)


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("http://schemas.example.com/a", "^--openapi: plain HTTP beyond this machine"),
        ("ftp://user:word@schemas.test/a", "^--openapi: write the URL of the schema as https://"),
        ("https://[::1", "^--openapi: write the URL of the schema as https://"),
        ("file:///etc/passwd", "^--openapi: write the URL of the schema as https://"),
    ],
)
def test_a_url_that_is_not_fetched(root, url, message):
    with pytest.raises(CommandError, match=message) as found:
        call_command("startupstream", "store", openapi=url)
    assert "word" not in str(found.value)


def test_a_server_that_has_no_schema_is_named_without_credentials(root):
    with Loopback() as server:
        server.on("*", http_response("no", status=404))
        url = server.url.replace("http://", "http://user:word@")
        with pytest.raises(CommandError, match=r"^--openapi: 127\.0\.0\.1 responded with status 404$"):
            call_command("startupstream", "store", openapi=f"{url}/a?key=word")
    with pytest.raises(
        CommandError, match=r"^--openapi: 127\.0\.0\.1: ConnectError: the schema was not fetched$"
    ):
        call_command("startupstream", "store", openapi=f"{url}/a")


def test_a_file_that_is_not_there_is_named(root):
    with pytest.raises(CommandError, match=r"^--openapi: gone\.yaml: No such file or directory$"):
        call_command("startupstream", "store", openapi="gone.yaml")


def test_yaml_has_no_dates_and_no_countries_that_are_false(write):
    schema = json.loads(json.dumps(STORE))
    text = json.dumps(schema).replace('"enum": ["available", "sold"]', '"enum": [NO, 2024-01-01]')
    assert "`NO`, `2024-01-01`" in write("# YAML\n" + text, "store")


def test_a_schema_in_yaml_names_the_extra_where_it_is_missing(write, monkeypatch):
    monkeypatch.setattr(source, "find_spec", lambda name: None)
    refused(write, "a: b", r"^--openapi: a schema in YAML needs an extra: .* 'django-upstreams\[openapi\]'$")
    assert "def get_pet" in write(STORE)


def test_a_server_that_sends_slowly_is_left(root, monkeypatch):
    monkeypatch.setattr(source, "TIMEOUT", -1.0)
    monkeypatch.setattr(source.httpx, "stream", lambda *_, **__: Slow())
    with pytest.raises(CommandError, match=r"^--openapi: a\.test has not sent the schema within -1 s$"):
        call_command("startupstream", "store", openapi="https://a.test/a")


class Slow:
    """A response whose body has no end."""

    status_code = 200

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def iter_bytes(self):
        while True:
            yield b"{"
