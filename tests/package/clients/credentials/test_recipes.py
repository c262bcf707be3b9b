"""The recipe for AWS, verified as AWS documents it, over a real socket."""

import hashlib
import hmac
from functools import reduce
from urllib.parse import quote, unquote

import pytest
from docs.blocks import blocks
from testproject.paths import PACKAGE
from testproject.quotes import quotes
from upstreams.testing.loopback import http_response

pytestmark = pytest.mark.usefixtures("lifespan")


@pytest.fixture
def sign(monkeypatch):
    """The function of the page."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
    (recipe,) = [one for one in blocks(PACKAGE / "docs" / "signing.md") if one.path == "mysite/aws.py"]
    found = {}
    exec(recipe.text, found)
    return found["sign"]


def digest(key, text):
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def signature(request, names, scope, body):
    """AWS, Create a signed AWS API request, steps 1 to 4."""
    path, _, query = request.target.partition("?")
    pairs = sorted(part.partition("=")[::2] for part in query.split("&") if part)
    canonical = "\n".join(
        [
            request.method,
            quote(path),
            "&".join(
                f"{quote(unquote(name), safe='')}={quote(unquote(value), safe='')}" for name, value in pairs
            ),
            *(f"{name}:{request.headers[name].strip()}" for name in names),
            "",
            ";".join(names),
            hashlib.sha256(body).hexdigest(),
        ]
    )
    hashed = hashlib.sha256(canonical.encode()).hexdigest()
    text = f"AWS4-HMAC-SHA256\n{request.headers['x-amz-date']}\n{'/'.join(scope)}\n{hashed}"
    key = reduce(digest, scope, b"AWS4wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
    return digest(key, text).hex()


async def test_aws_accepts_the_signature_of_each_attempt(define, loopback, sign):
    define(quotes={"BASE_URL": loopback.url, "AUTH": sign, "BACKOFF": 0.001})
    loopback.on("*", http_response(b"", 503)).on("*", http_response({}))
    await quotes.put("items/{item}", item="a b/\u00e9", params={"z": "1", "a": "x y"}, json={"n": 1})
    assert len(loopback.requests) == 2
    for request in loopback.requests:
        kind, _, rest = request.headers["authorization"].partition(" ")
        parts = dict(part.strip().split("=", 1) for part in rest.split(","))
        scope = parts["Credential"].split("/")[1:]
        names = parts["SignedHeaders"].split(";")
        assert (kind, set(names)) == ("AWS4-HMAC-SHA256", {"content-type", "host", "x-amz-date"})
        assert parts["Signature"] == signature(request, names, scope, b'{"n":1}')
