"""Calls on behalf of a tenant: where they go, and what they carry."""

import pickle

import pytest
from testproject.quotes import Quote, Quotes, quotes
from upstreams import UpstreamStatusError
from upstreams.clients import registry
from upstreams.core.call import Call
from upstreams.testing.loopback import http_response

pytestmark = pytest.mark.usefixtures("lifespan")
QUOTE = {"text": "a", "author": "b"}
ACME = "https://acme.test/api"
SECRETS = {
    "AUTH": {"BEARER": "of-the-service"},
    "HEADERS": {"X-Api-Key": "key-of-the-service", "User-Agent": "mysite", "Cookie": "session=1"},
}


def carried(request):
    """The headers of a request that say who calls."""
    names = ("authorization", "x-api-key", "cookie", "user-agent", "host")
    return {name: request.headers[name] for name in names if name in request.headers}


async def test_every_kind_of_call_goes_to_the_tenant(upstream_mock):
    mock = upstream_mock("quotes")
    mock.get("random").json(QUOTE)
    mock.post("reports").json({})
    mock.get("export").content("chunk")
    mock.get("events").content("data: 1\n\n", headers={"content-type": "text/event-stream"})
    mock.get("lines").content("1\n", headers={"content-type": "application/jsonl"})
    mock.get("").json({})
    acme = quotes.using(base_url=ACME)
    assert await acme.random() == Quote(**QUOTE)
    await acme.post("reports", json={}, timeout=1, attempts=1, idempotency_key="1")
    assert [chunk async for chunk in acme.export()] == [b"chunk"]
    assert [event.data async for event in acme.events("GET", "events")] == ["1"]
    assert [line async for line in acme.json_lines("GET", "lines")] == [1]
    await acme.health_check()
    assert {str(request.url).removeprefix(ACME) for request in mock.requests} == {
        *("/random", "/reports", "/export", "/events", "/lines", ""),
    }


async def test_the_copy_replaces_nothing(upstream_mock):
    upstream_mock("quotes").get("random").json(QUOTE)
    acme = quotes.using(base_url=ACME)
    assert (type(acme), registry.upstreams["quotes"], repr(acme)) == (Quotes, quotes, repr(quotes))
    await quotes.random()
    assert str(upstream_mock("quotes").requests[0].url) == "http://quotes.test/v1/random"


@pytest.mark.upstreams(quotes=SECRETS)
async def test_no_credential_of_the_settings_goes_to_another_origin(upstream_mock, tmp_path):
    upstream_mock("quotes").get("random").json(QUOTE)
    for url in (ACME, "http://quotes.test:8080/v1", "https://quotes.test/v1", "http://quotes.test./v1"):
        await quotes.using(base_url=url).random()
        host = url.split("/")[2]
        assert carried(upstream_mock("quotes").requests[-1]) == {"host": host, "user-agent": "mysite"}


@pytest.mark.upstreams(quotes=SECRETS)
async def test_the_origin_of_the_settings_gets_its_credentials_at_another_path(upstream_mock):
    upstream_mock("quotes").get("random").json(QUOTE)
    await quotes.using(base_url="http://QUOTES.test:80/v2/").random()
    (request,) = upstream_mock("quotes").requests
    assert str(request.url) == "http://quotes.test/v2/random"
    assert carried(request)["authorization"] == "Bearer of-the-service"
    assert carried(request)["x-api-key"] == "key-of-the-service"


@pytest.mark.parametrize(
    ("own", "expected"),
    [
        ({"auth": {"BEARER": "t"}}, "Bearer t"),
        ({"auth": {"BASIC": ["u", "p"]}}, "Basic dTpw"),
        ({"auth": None}, None),
        ({"headers": {"X-Api-Key": "t"}}, "Bearer of-the-service"),
    ],
    ids=str,
)
@pytest.mark.upstreams(quotes=SECRETS)
async def test_a_tenant_has_credentials_of_its_own(upstream_mock, own, expected):
    upstream_mock("quotes").get("random").json(QUOTE)
    await quotes.using(**own).random()
    (request,) = upstream_mock("quotes").requests
    assert request.headers.get("authorization") == expected
    assert request.headers["x-api-key"] == own.get("headers", SECRETS["HEADERS"])["X-Api-Key"]
    await quotes.random()
    assert carried(upstream_mock("quotes").requests[1])["authorization"] == "Bearer of-the-service"


@pytest.mark.upstreams(quotes={"HEADERS": {"Authorization": "Token of-the-service"}})
@pytest.mark.parametrize("auth", [{"BEARER": "t"}, None])
async def test_an_authorization_of_the_settings_is_not_added_to_that_of_a_tenant(upstream_mock, auth):
    upstream_mock("quotes").get("random").json(QUOTE)
    await quotes.using(auth=auth).random()
    (request,) = upstream_mock("quotes").requests
    assert request.headers.get_list("authorization") == (["Bearer t"] if auth else [])


async def test_a_copy_of_a_copy_keeps_what_it_is_not_given(upstream_mock):
    upstream_mock("quotes").get("random").json(QUOTE)
    acme = quotes.using(base_url=ACME, auth={"BEARER": "t"}, headers={"X-A": "1", "X-B": "1"})
    await acme.using(headers={"X-B": "2"}).random()
    (request,) = upstream_mock("quotes").requests
    assert (request.url.host, request.headers["authorization"]) == ("acme.test", "Bearer t")
    assert (request.headers["x-a"], request.headers["x-b"]) == ("1", "2")


async def test_a_secret_of_a_tenant_from_a_file_follows_its_changes(upstream_mock, tmp_path):
    upstream_mock("quotes").get("random").json(QUOTE)
    (tmp_path / "key").write_text("first")
    acme = quotes.using(headers={"X-Api-Key": tmp_path / "key"})
    await acme.random()
    (tmp_path / "key").write_text("the second")
    await acme.random()
    sent = [one.headers["x-api-key"] for one in upstream_mock("quotes").requests]
    assert sent == ["first", "the second"]


TOKEN_URL = "https://id.acme.test/token"


async def test_the_token_of_a_client_is_fetched_once_for_all_copies(upstream_mock):
    mock = upstream_mock("quotes")
    mock.post(TOKEN_URL).json({"access_token": "t1"}).json({"access_token": "t2"})
    mock.get("random").json(QUOTE)
    for number in (1, 2, 1, 2, 1):
        client = {"TOKEN_URL": TOKEN_URL, "CLIENT_ID": f"c{number}", "CLIENT_SECRET": "s"}
        await quotes.using(auth={"OAUTH2": client}).random()
    sent = [request.headers["authorization"] for request in mock.requests if request.method == "GET"]
    assert sent == ["Bearer t1", "Bearer t2", "Bearer t1", "Bearer t2", "Bearer t1"]


async def test_a_mock_may_have_responses_for_one_tenant(upstream_mock):
    mock = upstream_mock("quotes")
    mock.get("random").json(QUOTE)
    mock.get(f"{ACME}/random").json({"text": "of acme", "author": "b"})
    found = [await one.random() for one in (quotes, quotes.using(base_url=ACME), quotes.using(headers={}))]
    assert [one.text for one in found] == ["a", "of acme", "a"]


async def test_no_secret_of_a_tenant_is_shown(upstream_mock, caplog):
    upstream_mock("quotes").get("random").content("no", 500)
    caplog.set_level("DEBUG")
    acme = quotes.using(base_url=ACME, auth={"BEARER": "s3cr3t"}, headers={"X-Api-Key": "s3cr3t"})
    with pytest.raises(UpstreamStatusError) as caught:
        await acme.random()
    call = Call("quotes", "GET", "")
    acme._tenant.bind(call)
    shown = f"{caught.value!r} {caplog.text} {acme!r} {acme._tenant!r} {call!r} {call.tenant.key}"
    assert repr(call.tenant) == "Tenant('acme.test')"
    assert "s3cr3t" not in shown
    assert b"s3cr3t" not in pickle.dumps(caught.value)


@pytest.mark.upstreams(quotes={"TENANT_NETWORKS": ["127.0.0.0/8", "::1"]})
async def test_a_tenant_has_connections_of_its_own(loopback):
    loopback.on("*", http_response(QUOTE))
    acme = quotes.using(base_url=loopback.url.replace("127.0.0.1", "localhost"))
    for one in (quotes, acme, quotes, acme):
        await one.random()
    assert loopback.accepted == 2
    assert [one.headers["host"].partition(":")[0] for one in loopback.requests] == [
        "127.0.0.1",
        "localhost",
    ] * 2
