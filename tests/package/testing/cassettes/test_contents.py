"""What a cassette shows of bodies, what it leaves out, and how old responses stay fresh."""

import base64
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from pathlib import Path

import msgspec
import pytest
from upstreams.management.cassettes import bodies
from upstreams.management.cassettes import format as files
from upstreams.management.cassettes.dates import shifted
from upstreams.management.cassettes.format import Exchange, Received, Recording, Sent
from upstreams.testing.cassettes.cassette import Taken, Tape


def read_again(tmp_path, body):
    file = tmp_path / "cassettes" / "one.yaml"
    exchange = Exchange(request=Sent(method="GET", path="eur"), response=Received(status=200, body=body))
    files.write(file, {"rates": Recording(recorded=datetime.now(UTC), exchanges=[exchange])})
    (again,) = files.read(file, file)["rates"].exchanges
    return again.response.body


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b'{"b":1,"a":[1.25,null,true,"\xe2\x82\xac"]}', "json"),
        (b'{"big":12345678901234567890}', "json"),
        (b'{"no":"no","date":"2026-11-02","number":"1e3","null":"~"}', "json"),
        (b'{"price":1.10}', "text"),  # a Decimal would be another one
        (b'{"large":1E400}', "text"),
        (b'{"a":1,"a":2}', "text"),
        (b'{"half":"\\ud800"}', "text"),
        (b"[" * 100_000, "text"),
        (b"line\n  line\r\n\ttrailing  \n", "text"),
        ("\ufeffé\u2028\x85".encode(), "text"),
        (b"null", "text"),
        (b"\xff\xd8\xff", "base64"),
        (b"with\x00zero", "base64"),
    ],
)
def test_a_body_is_the_same_after_it_was_written(tmp_path, body, kind):
    shown = bodies.shown(body)
    assert list(shown) == [kind]
    assert bodies.content(read_again(tmp_path, shown)) == body


def test_json_that_somebody_has_edited_into_more_than_json_is_refused(tmp_path):
    file = tmp_path / "one.yaml"
    body = "{json: {day: 2026-11-02}}"
    file.write_text(
        "rates: {recorded: '2026-11-02T10:00:00Z', exchanges: "
        f"[{{request: {{method: GET, path: eur}}, response: {{status: 200, body: {body}}}}}]}}"
    )
    with pytest.raises(
        ValueError, match=r"one\.yaml is no cassette: JSON: .* write text in quotes, such as '2026-"
    ):
        files.read(file, Path(file.name))


def test_json_of_several_lines_loses_nothing_but_spaces():
    assert bodies.content(bodies.shown(b'{\n  "a": 1\n}\n')) == b'{"a":1}'


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("rates: 1", "Expected `object`"),
        (
            "rates: {recorded: '2026-11-02T00:00:00Z', exchanges: [{request: {method: GET, path: a}}]}",
            "a has neither",
        ),
        (
            "rates: {recorded: '2026-11-02T00:00:00Z', exchanges: [{request: {method: GET, path: a}, response: "
            + "{status: 200, body: {xml: a}}}]}",
            "a body has exactly one of json, text, base64",
        ),
        ("rates: {recorded: '2026-11-02T00:00:00Z', exchanges: [], until: 1}", "unknown field `until`"),
        ("rates: [", "while parsing"),
    ],
)
def test_a_wrong_file_is_refused_in_one_sentence(tmp_path, text, why):
    file = tmp_path / "one.yaml"
    file.write_text(text)
    with pytest.raises(ValueError, match="is no cassette: ") as caught:
        files.read(file, Path("cassettes/one.yaml"))
    assert str(caught.value).startswith("cassettes/one.yaml is no cassette: ")
    assert why in str(caught.value)
    assert "\n" not in str(caught.value)


def recorded(*remove, request=(), response=(), body=b"", chunks=(), path="eur"):
    tape = Tape(remove)
    taken = Taken("POST", path, list(request), [body], 200, list(response), list(chunks))
    taken.is_streamed = len(chunks) > 1
    tape.taken.append(taken)
    return msgspec.to_builtins(tape.recording())["exchanges"][0]


def text_of(exchange):
    return files.yaml_of(exchange)


SECRET = "s3cret/value+1"


@pytest.mark.parametrize(
    "exchange",
    [
        {"request": [("X-Api-Key", SECRET)], "chunks": [f"you sent {SECRET}".encode()]},
        {
            "request": [("Authorization", f"Bearer {SECRET}")],
            "chunks": [SECRET[:6].encode(), SECRET[6:].encode()],
        },
        {"request": [("Cookie", f"lang=en; session={SECRET}")], "body": SECRET.encode()},
        {"response": [("Set-Cookie", f"session={SECRET}; Path=/")], "chunks": [f'"{SECRET}"'.encode()]},
        {"body": SECRET.encode(), "response": [("Set-Cookie", f"session={SECRET}")]},  # known afterwards
        {"response": [("X-Csrf-Token", SECRET), ("Link", f"<https://a.test/?t={SECRET}>")]},
        {"path": "eur?api_key=s3cret%2Fvalue%2B1", "response": [("Location", f"/eur?x={SECRET}")]},
        {"body": b"user=ada&password=s3cret%2Fvalue%2B1", "chunks": [b"\xff" + SECRET.encode()]},
        {"body": f'{{"client_secret": "{SECRET}"}}'.encode()},
        {"chunks": [f'data: {{"refresh_token":"{SECRET}"}}\n\n'.encode()]},
        {"chunks": [f'{{"access_token":"{SECRET}'.encode()]},  # cut
        {
            "request": [("Authorization", "Basic " + base64.b64encode(f"ada:{SECRET}".encode()).decode())],
            "chunks": [base64.b64encode(SECRET.encode())],
        },
        {"body": f'--b\r\nContent-Disposition: form-data; name="password"\r\n\r\n{SECRET}\r\n--b--'.encode()},
    ],
)
def test_a_credential_is_removed_wherever_it_occurs(exchange):
    text = text_of(recorded(**exchange))
    forms = [SECRET, "s3cret%2Fvalue%2B1", base64.b64encode(SECRET.encode()).decode().rstrip("="), SECRET[:6]]
    assert [form for form in forms if form in text] == []
    decoded = b"".join(
        base64.b64decode(part) for part in text.split() if len(part) % 4 == 0 and part.isalnum()
    )
    assert SECRET.encode() not in decoded


def test_named_fields_are_removed_and_keep_their_type():
    body = (
        b'{"account": {"iban": "DE1"}, "balance": 12.5, "name": "ada", "none": null, "token": "of a model"}'
    )
    shown = recorded("account", "Balance", "none", body=body)["request"]["body"]
    kept = {"account": "REMOVED", "balance": 0, "name": "ada", "none": None, "token": "of a model"}
    assert shown == {"json": kept}


def test_headers_that_are_no_credentials_stay():
    response = [
        ("ETag", '"1"'),
        ("X-Total-Count", "12"),
        ("Link", "</a>"),
        ("Link", "</b>"),
        ("Connection", "close"),
    ]
    shown = recorded(request=[("Range", "bytes=0-1"), ("User-Agent", "us")], response=response)
    assert shown["request"]["headers"] == {"range": "bytes=0-1"}
    assert shown["response"]["headers"] == {"etag": '"1"', "x-total-count": "12", "link": ["</a>", "</b>"]}


def test_versions_and_short_values_are_not_taken_for_credentials():
    request = [("X-Api-Version", "2026-01-01"), ("X-Debug", "true")]
    shown = recorded(request=request, chunks=[b'{"day": "2026-01-01", "ok": true}'])
    assert shown["response"]["body"] == {"json": {"day": "2026-01-01", "ok": True}}


def test_the_boundary_of_a_form_is_not_compared():
    request = [("Content-Type", "multipart/form-data; boundary=a1b2c3")]
    shown = recorded(request=request, body=b"--a1b2c3\r\n\r\nx\r\n--a1b2c3--")["request"]
    assert shown["headers"] == {"content-type": "multipart/form-data; boundary=boundary"}
    assert shown["body"] == {"text": "--boundary\r\n\r\nx\r\n--boundary--"}


def test_dates_lie_as_far_from_now_as_from_the_recording():
    then = datetime.now(UTC) - timedelta(days=30)
    headers = [
        ("date", format_datetime(then, usegmt=True)),
        ("expires", format_datetime(then + timedelta(hours=1), usegmt=True)),
        ("retry-after", "3"),
        ("last-modified", "Mon, 02 Nov 2026 00:00:00 GMT"),
    ]
    moved = dict(shifted(headers, then))
    ages = {name: parsedate_to_datetime(moved[name]) - datetime.now(UTC) for name in ("date", "expires")}
    assert abs(ages["date"]) < timedelta(minutes=1)
    assert abs(ages["expires"] - timedelta(hours=1)) < timedelta(minutes=1)
    assert (moved["retry-after"], moved["last-modified"]) == ("3", "Mon, 02 Nov 2026 00:00:00 GMT")
