"""How a call fails, and what its error says."""

import pickle

import pytest
from testproject.quotes import Quote, quotes
from upstreams import (
    UnknownUpstream,
    Upstream,
    UpstreamDecodeError,
    UpstreamStatusError,
    UpstreamTimeout,
)
from upstreams.core import context
from upstreams.core.request_deadline import RequestDeadline

pytestmark = pytest.mark.usefixtures("lifespan", "way")


@pytest.mark.upstreams(quotes={"MAX_ATTEMPTS": 1})
async def test_a_refusal_says_when_to_come_back(upstream_mock):
    upstream_mock("quotes").get("random").content("", 429, {"Retry-After": "7"})
    with pytest.raises(UpstreamStatusError) as caught:
        await quotes.random()
    assert (caught.value.status, caught.value.retry_after) == (503, 7)


@pytest.mark.upstreams(quotes={"MAX_ATTEMPTS": 1})
@pytest.mark.parametrize("status", [199, 301, 404, 429, 500, 503])
async def test_a_status_other_than_2xx_is_refused(upstream_mock, status):
    upstream_mock("quotes").get("random").content("no", status)
    with pytest.raises(UpstreamStatusError, match=f"quotes: GET random: status {status}") as caught:
        await quotes.random()
    assert caught.value.response.text == "no"
    assert caught.value.status == (503 if status in (429, 503) else 502)


@pytest.mark.parametrize(
    ("body", "what"),
    [
        ("{", "the body: input data was truncated"),
        ("", "the body: input data was truncated"),
        ('{"text": "a"}', "author: is missing"),
        ("[]", "the body: expected an object, got a list"),
    ],
)
async def test_an_answer_of_another_shape_is_broken(upstream_mock, body, what):
    upstream_mock("quotes").get("random").content(body)
    with pytest.raises(
        UpstreamDecodeError, match=f"quotes: GET random: the response does not fit its type: {what}"
    ):
        await quotes.get("random", into=Quote)


async def test_an_empty_body_is_none_where_the_type_has_it(upstream_mock):
    upstream_mock("quotes").post("random").content("", 204)
    assert await quotes.post("random", into=Quote | None) is None


async def test_no_error_tells_what_was_asked(upstream_mock):
    upstream_mock("quotes").get("users/secret-id").content("secret-body", 500)
    with pytest.raises(UpstreamStatusError) as caught:
        await quotes.get("users/{id}", id="secret-id", params={"token": "secret-token"})
    assert "secret" not in f"{caught.value} {caught.value!r}"
    assert (caught.value.alias, caught.value.method, caught.value.path) == ("quotes", "GET", "users/{id}")
    assert caught.value.attempts == 1


async def test_an_error_survives_pickling(upstream_mock):
    upstream_mock("quotes").get("random").content("no", 503)
    with pytest.raises(UpstreamStatusError) as caught:
        await quotes.random()
    kept = pickle.dumps(caught.value)
    again = pickle.loads(kept)
    assert (type(again), str(again), again.alias) == (UpstreamStatusError, str(caught.value), "quotes")
    assert again.response.status_code == 503


@pytest.mark.upstreams(
    quotes={"MAX_ATTEMPTS": 1, "AUTH": {"BEARER": "secret"}, "HEADERS": {"X-Api-Key": "secret"}}
)
async def test_a_pickled_error_holds_no_credential_and_no_query(upstream_mock):
    upstream_mock("quotes").get("random").content("no", 500)
    with pytest.raises(UpstreamStatusError) as caught:
        await quotes.get("random", params={"token": "secret"})
    assert b"secret" not in pickle.dumps(caught.value)


async def test_the_words_of_an_upstream_stay_out_of_errors(upstream_mock):
    upstream_mock("quotes").get("random").content('{"a\\nforged SECRET": "b"}')
    with pytest.raises(
        UpstreamDecodeError, match="does not fit its type: …: expected a whole number, got text"
    ) as caught:
        await quotes.get("random", into=dict[str, int])
    assert "SECRET" not in str(caught.value)


@pytest.mark.upstreams(quotes={"TIMEOUT": 60})
async def test_a_call_never_outlives_the_request_that_made_it(upstream_mock):
    upstream_mock("quotes").get("random").fail("hang")
    token = context.deadline.set(RequestDeadline(1))  # in which it is sent, on any machine
    with pytest.raises(UpstreamTimeout, match="no complete response within"):
        await quotes.random()
    context.deadline.reset(token)


async def test_a_call_whose_time_is_up_is_not_sent(upstream_mock):
    token = context.deadline.set(RequestDeadline(-1))
    with pytest.raises(UpstreamTimeout, match="has no time left; nothing was sent"):
        await quotes.random()
    context.deadline.reset(token)
    assert upstream_mock("quotes").requests == []


async def test_an_unknown_alias_names_the_known_ones():
    with pytest.raises(UnknownUpstream, match=r"qoutes: GET random: not in .*; did you mean 'quotes'\?"):
        await Upstream("qoutes").get("random")
