"""What a client is sent where a view lets the error of an SDK pass."""

import json

import httpx2
import openai
import pytest
from django.test import RequestFactory
from upstreams import UpstreamTimeout, UpstreamTransport
from upstreams.asgi.problem_details import ProblemDetailsMiddleware


def response_to(error):
    request = RequestFactory().get("/")
    request.resolver_match = None
    return ProblemDetailsMiddleware(lambda _: None).process_exception(request, error)


@pytest.mark.usefixtures("lifespan")
@pytest.mark.upstreams(quotes={"TIMEOUT": 0.05, "CONNECT_TIMEOUT": 0.05, "QUEUE_TIMEOUT": 0.05})
async def test_it_is_that_of_the_call_behind_it(upstream_mock):
    upstream_mock("quotes").post("chat/completions").fail("hang")
    client = openai.AsyncOpenAI(
        api_key="k",
        base_url="http://quotes.test/v1",
        max_retries=0,
        http_client=httpx2.AsyncClient(transport=UpstreamTransport("quotes")),
    )
    with pytest.raises(openai.APITimeoutError) as caught:
        await client.chat.completions.create(model="m", messages=[])
    response = response_to(caught.value)
    assert (response.status_code, json.loads(response.content)["code"]) == (504, "UpstreamTimeout")


def test_an_error_of_the_project_with_such_a_cause_stays_its_own():
    error = LookupError("no quote")
    error.__cause__ = UpstreamTimeout("late")
    assert response_to(error) is None


def test_an_error_of_another_client_stays_its_own():
    error = openai.APIConnectionError(request=httpx2.Request("GET", "http://quotes.test"))
    error.__cause__ = httpx2.ConnectError("refused")
    assert response_to(error) is None
