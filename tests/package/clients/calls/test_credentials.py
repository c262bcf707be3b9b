"""Credentials: each form is sent, also from a file, whose changes count, and none is shown."""

import os
import pickle
from base64 import b64decode

import pytest
from testproject.quotes import quotes
from upstreams import UpstreamStatusError
from upstreams.core.definition import configured

pytestmark = pytest.mark.usefixtures("lifespan")
QUOTE = {"text": "a", "author": "b"}
TOKEN_URL = "https://id.test/token"


@pytest.fixture
def file(tmp_path):
    """A file, as `/run/secrets/quotes`, and how to replace it."""
    path = tmp_path / "secret"

    def write(text, modified):
        path.write_text(text)
        os.utime(path, (modified, modified))

    write("first\n", 1)
    return path, write


async def sent(upstream_mock, define, header, **keys):
    """Return the header that an upstream with these keys receives; define once, send for each call."""
    if keys:
        define(quotes=keys)
    upstream_mock("quotes").get("random").json(QUOTE)
    await quotes.random()
    return upstream_mock("quotes").requests[-1].headers[header]


@pytest.mark.parametrize(
    ("header", "keys", "first", "second"),
    [
        ("X-Api-Key", lambda file: {"HEADERS": {"X-Api-Key": file}}, "first", "second"),
        ("Authorization", lambda file: {"AUTH": {"BEARER": file}}, "Bearer first", "Bearer second"),
        (
            "Authorization",
            lambda file: {"AUTH": {"BASIC": ["u", file]}},
            "Basic dTpmaXJzdA==",
            "Basic dTpzZWNvbmQ=",
        ),
        (
            "Authorization",
            lambda file: {"AUTH": {"BASIC": [file, ""]}},
            "Basic Zmlyc3Q6",
            "Basic c2Vjb25kOg==",
        ),
    ],
    ids=["header", "bearer", "basic", "basic user"],
)
async def test_a_credential_of_a_file_follows_its_changes(
    upstream_mock, define, file, caplog, header, keys, first, second
):
    path, write = file
    assert await sent(upstream_mock, define, header, **keys(path)) == first
    write("second", 2)
    assert await sent(upstream_mock, define, header) == second
    write("", 3)  # being written
    assert [await sent(upstream_mock, define, header) for _ in range(2)] == [second] * 2
    path.unlink()
    assert [await sent(upstream_mock, define, header) for _ in range(2)] == [second] * 2
    write("first", 4)
    assert await sent(upstream_mock, define, header) == first
    said = [record.getMessage() for record in caplog.records if record.name == "upstreams.core.secrets"]
    assert said == [f"{path} cannot be read; the last credentials are still used"] * 2


@pytest.mark.parametrize(
    ("basic", "pair"),
    [
        (["sk_live_1", ""], b"sk_live_1:"),  # Stripe, Asana
        (["", "token"], b":token"),  # Azure DevOps
        (["Jos\u00e9", "p\u00e4ss:\u65e5"], "Jos\u00e9:p\u00e4ss:\u65e5".encode()),
        (["Jose\u0301", "p"], "Jos\u00e9:p".encode()),
    ],
)
async def test_basic_has_any_user_and_password_of_rfc_7617(upstream_mock, define, basic, pair):
    scheme, _, encoded = (
        await sent(upstream_mock, define, "Authorization", AUTH={"BASIC": basic})
    ).partition(" ")
    assert (scheme, b64decode(encoded)) == ("Basic", pair)


async def test_a_call_may_send_another_key(upstream_mock, define, file):
    define(quotes={"HEADERS": {"X-Api-Key": file[0]}})
    upstream_mock("quotes").get("random").json(QUOTE)
    await quotes.get("random", headers={"X-Api-Key": "of the user"})
    assert upstream_mock("quotes").requests[0].headers["X-Api-Key"] == "of the user"


async def test_a_secret_of_oauth2_is_read_for_each_token(upstream_mock, define, file):
    path, write = file
    define(quotes={"AUTH": {"OAUTH2": {"TOKEN_URL": TOKEN_URL, "CLIENT_ID": "u", "CLIENT_SECRET": path}}})
    upstream_mock("quotes").post(TOKEN_URL).json({"access_token": "t"})
    upstream_mock("quotes").get("random").json(QUOTE).content("", 401).json(QUOTE)
    await quotes.random()
    write("second", 2)
    await quotes.random()
    asked = [one.headers["Authorization"] for one in upstream_mock("quotes").requests if one.method == "POST"]
    assert asked == ["Basic dTpmaXJzdA==", "Basic dTpzZWNvbmQ="]


@pytest.mark.parametrize(
    ("client", "pair"),
    [
        (("id", "Az09_.-~"), b"id:Az09_.-~"),
        (("https://a.example:8", "p%+ /=\u00e9"), b"https%3A%2F%2Fa.example%3A8:p%25%2B+%2F%3D%C3%A9"),
        (("{id}", "[1]"), b"%7Bid%7D:%5B1%5D"),
    ],
)
async def test_a_client_of_oauth2_is_form_encoded(upstream_mock, define, client, pair):
    url = f"{TOKEN_URL}?tenant=a%20b"
    define(
        quotes={"AUTH": {"OAUTH2": {"TOKEN_URL": url, "CLIENT_ID": client[0], "CLIENT_SECRET": client[1]}}}
    )
    upstream_mock("quotes").post(TOKEN_URL).json({"access_token": "t"})
    upstream_mock("quotes").get("random").json(QUOTE)
    await quotes.random()
    asked = upstream_mock("quotes").requests[0]
    scheme, _, encoded = asked.headers["Authorization"].partition(" ")
    assert (scheme, b64decode(encoded)) == ("Basic", pair)
    assert str(asked.url) == url


@pytest.mark.parametrize(
    "keys",
    [
        {"HEADERS": {"X-Api-Key": "s3cr3t"}},
        {"AUTH": {"BEARER": "s3cr3t"}},
        {"AUTH": {"BASIC": ["u", "s3cr3t"]}},
        {"AUTH": {"BASIC": ["s3cr3t", ""]}},
        {"AUTH": {"OAUTH2": {"TOKEN_URL": TOKEN_URL, "CLIENT_ID": "u", "CLIENT_SECRET": "s3cr3t"}}},
        {"AUTH": {"BEARER": "file"}},
        {"HEADERS": {"X-Api-Key": "file"}},
    ],
    ids=str,
)
async def test_a_credential_is_shown_nowhere(upstream_mock, define, tmp_path, caplog, keys):
    path = tmp_path / "secret"
    path.write_text("s3cr3t")
    filled = {
        key: {name: path if value == "file" else value for name, value in keys[key].items()} for key in keys
    }
    define(quotes={"MAX_ATTEMPTS": 1, **filled})
    upstream_mock("quotes").post(TOKEN_URL).json({"access_token": "s3cr3t"})
    upstream_mock("quotes").get("random").content("no", 500)
    caplog.set_level("DEBUG")
    with pytest.raises(UpstreamStatusError) as caught:
        await quotes.random()
    definition = configured()["quotes"]
    shown = f"{caught.value!r} {caught.value.response!r} {caplog.text} {definition!r} {definition.auth!r}"
    assert "s3cr3t" not in shown
    assert b"s3cr3t" not in pickle.dumps(caught.value)
