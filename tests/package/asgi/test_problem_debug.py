"""What a developer sees of a failure under DEBUG; in production, none of it."""

import pytest
from upstreams.testing.loopback import http_response

from asgi import failing_views

SECRET = "sEcReT-of-ours"
BODY = {"error": "no such currency", "author": "Ada"}


HIDDEN = ("detail", "upstream", "attempts", "limit", "upstream_status", "upstream_body", "traceback")


@pytest.fixture(autouse=True)
def own_urls(settings):
    settings.ROOT_URLCONF = failing_views.__name__
    settings.UPSTREAMS_HTML_ERROR_APPS = ["pages"]


@pytest.fixture
def debug(settings):
    settings.DEBUG = True


def shown(response):
    problem = response.json()
    assert response.headers["content-type"] == "application/problem+json"
    return {name: problem[name] for name in HIDDEN if name in problem}


@pytest.mark.usefixtures("debug")
@pytest.mark.parametrize("url", ["/fails", "/fails-in-a-group"])
async def test_a_failed_call_shows_its_sentence_and_the_body_of_the_upstream(aclient, upstream_mock, url):
    upstream_mock("quotes").get("rates/EURO").json(BODY, 422)
    upstream_mock("quotes").get("random").fail("hang")
    response = await aclient.get(url)
    assert shown(response) == {
        "detail": "upstream quotes: GET rates/{currency}: status 422 (1 attempt)",
        "upstream": "quotes",
        "attempts": 1,
        "upstream_status": 422,
        "upstream_body": '{"error": "no such currency", "author": "Ada"}',
    }


@pytest.mark.usefixtures("debug")
@pytest.mark.upstreams(quotes={"TIMEOUT": 0.05})
async def test_a_limit_is_shown_with_its_key(aclient, upstream_mock):
    upstream_mock("quotes").get("rates/EURO").fail("hang")
    assert shown(await aclient.get("/fails"))["limit"] == "TIMEOUT, 0.05 s"


@pytest.mark.usefixtures("debug")
async def test_a_body_that_does_not_fit_is_shown(aclient, upstream_mock):
    upstream_mock("quotes").get("random").content("<h1>Maintenance</h1>")
    found = shown(await aclient.get("/misfits"))
    assert "does not fit its type" in found["detail"]
    assert found["upstream_body"] == "<h1>Maintenance</h1>"


@pytest.mark.parametrize("url", ["/fails", "/misfits", "/bug", "/database", "/fails-in-a-group", "/nothing"])
async def test_production_shows_none_of_it(aclient, upstream_mock, url):
    upstream_mock("quotes").get("rates/EURO").json(BODY, 422)
    upstream_mock("quotes").get("random").content("not JSON")
    response = await aclient.get(url, headers={"Accept": "application/json"})
    assert shown(response) == {}
    assert "EURO" not in response.text


@pytest.mark.usefixtures("debug")
@pytest.mark.upstreams(
    quotes={"AUTH": {"BASIC": ["us", f"pass {SECRET}"]}, "HEADERS": {"X-Signature": f'"{SECRET}"'}}
)
async def test_credentials_that_an_upstream_repeats_are_hidden(aclient, loopback):
    loopback.on("/random", http_response({"a": "b"}, 500))
    await aclient.get("/repeats")
    received = loopback.requests[0]
    echo = {"headers": dict(received.headers), "url": received.target, "words": f"pass {SECRET}"}
    for kind in ("json", "text"):
        body = http_response(echo if kind == "json" else str(echo).encode(), 500)
        loopback.clear().on("*", body)
        found = shown(await aclient.get("/repeats"))["upstream_body"]
        assert "currency=EURO" in found
        for hidden in (SECRET, "dXM6", "an.other", "of-a-cookie", "a+token", "a token", "a%20token"):
            assert hidden not in found


@pytest.mark.usefixtures("debug")
@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'{"access_token": "abc", "n": 1}', '{"access_token": …, "n": 1}'),
        (b"password=hunter2&user=ada", "password=…&user=ada"),
        (b"Bearer abcdefghijklmnop.qrst", "Bearer …"),
        (b"at postgres://ada:hunter2@db/x", "at postgres://ada:…@db/x"),
        (b"\xff\x1b[31m\xe2\x80\xaex", "\ufffd\ufffd[31m\ufffdx"),
        (b"\x00\x01\x02", "(3 bytes that are not text)"),
        (b"x" * 100_000, "x" * 2000 + "…"),
        (b'"secret": "' + b"x" * 100_000, '"secret": …'),
        (b"a" * 60_000 + b"token", "a" * 2000 + "…"),
        (b"", ""),
    ],
    ids=range(10),
)
async def test_a_body_is_shown_in_part_and_without_secrets(aclient, upstream_mock, body, expected):
    upstream_mock("quotes").get("rates/EURO").content(body, 500)
    assert shown(await aclient.get("/fails"))["upstream_body"] == expected


@pytest.mark.usefixtures("debug")
@pytest.mark.parametrize(
    ("charset", "expected"), [("latin-1", "é"), ("idna", "\ufffd"), ("nonsense", "\ufffd"), ("zip", "\ufffd")]
)
async def test_a_charset_that_an_upstream_names_does_no_harm(aclient, upstream_mock, charset, expected):
    content_type = {"Content-Type": f"text/plain; charset={charset}"}
    upstream_mock("quotes").get("rates/EURO").content(b"\xe9", 500, content_type)
    assert shown(await aclient.get("/fails"))["upstream_body"] == expected


@pytest.mark.usefixtures("debug")
async def test_a_page_for_people_shows_it_escaped(aclient, upstream_mock):
    upstream_mock("quotes").get("rates/EURO").content("<script>", 500)
    response = await aclient.get("/pages/fails")
    assert "<p>UpstreamStatusError</p>" in response.text
    assert "&lt;script&gt;" in response.text
    assert "<script>" not in response.text


@pytest.mark.usefixtures("debug")
async def test_a_bug_is_a_problem_with_its_traceback_where_json_is_asked_for(aclient, caplog):
    response = await aclient.get("/bug", headers={"Accept": "application/json"})
    found = shown(response)
    assert (response.status_code, found["detail"]) == (500, "LookupError: a bug")
    assert found["traceback"][-1] == "LookupError: a bug"
    assert any("has_a_bug" in line for line in found["traceback"])
    assert "Internal Server Error" in caplog.text  # Django has logged it


@pytest.mark.usefixtures("debug")
@pytest.mark.parametrize("accept", ["text/html,application/xhtml+xml,application/json;q=0.9", "*/*"])
async def test_a_bug_is_djangos_page_for_everybody_else(aclient, accept):
    response = await aclient.get("/bug", headers={"Accept": accept})
    assert (response.status_code, response.headers["content-type"]) == (500, "text/html")
    assert "LookupError" in response.text


@pytest.mark.usefixtures("debug")
async def test_a_url_that_nothing_matches_is_a_problem_where_json_is_asked_for(aclient):
    response = await aclient.get("/nothing", headers={"Accept": "application/json"})
    assert shown(response) == {"detail": "no URL pattern matches /nothing"}


@pytest.mark.usefixtures("debug")
async def test_an_error_that_a_view_words_itself_stays(aclient):
    response = await aclient.get("/itself", headers={"Accept": "application/json"})
    assert response.json() == {"mine": True}


@pytest.mark.usefixtures("debug")
async def test_a_database_that_cannot_be_used_says_why(aclient):
    assert shown(await aclient.get("/database")) == {"detail": "no such table: rates"}


@pytest.mark.parametrize(
    "hostile",
    ["..%2Fadmin", "%252e%252e", "a%3Fadmin=1", "%7Bx%7D", "%7B", "a%0Db", "%2F%2Fevil.test", "..%5Cadmin"],
)
async def test_a_path_that_carries_a_clients_text_is_a_400_that_says_what_to_write(
    aclient, upstream_mock, settings, caplog, hostile
):
    refused = await aclient.get(f"/pasted/{hostile}")
    settings.DEBUG = True
    found = shown(await aclient.get(f"/pasted/{hostile}"))
    assert (refused.status_code, refused.json()["code"], shown(refused)) == (400, "UnsafeRequest", {})
    assert found["detail"].startswith("upstream quotes: GET: path 'items/")
    assert "; pass" in found["detail"]
    assert found["upstream"] == "quotes"
    assert upstream_mock("quotes").requests == []
    assert "\r" not in caplog.text
