"""What the process says of its upstreams: from its own calls, and never a credential."""

from unittest.mock import Mock

import pytest
from testproject.quotes import quotes
from upstreams import UpstreamError
from upstreams.clients.states import upstream_states
from upstreams.policies import circuit_breaker


def health():
    return {state.alias: state.health for state in upstream_states()}


@pytest.fixture
def mock(upstream_mock, lifespan):
    return upstream_mock("quotes")


@pytest.fixture
def now(monkeypatch):
    """The clock of circuit breakers that are made from now on, in seconds."""
    clock = Mock(return_value=0.0)
    monkeypatch.setattr(circuit_breaker.CircuitBreaker.__init__, "__defaults__", (clock,))
    return clock


async def call(times=1):
    for _ in range(times):
        with pytest.raises(UpstreamError):
            await quotes.random()


async def test_before_the_first_call_nothing_is_known(mock):
    assert health() == {"quotes": "unknown"}


async def test_a_response_shows_that_it_is_reachable(mock):
    mock.get("random").json({"text": "a", "author": "b"})
    await quotes.random()
    assert health() == {"quotes": "reachable"}


async def test_a_refusal_shows_that_it_is_reachable(mock):
    mock.get("random").json({}, status=404)
    await call()
    assert health() == {"quotes": "reachable"}


async def test_an_error_shows_that_it_fails(mock):
    mock.get("random").json({}, status=500)
    await call()
    assert health() == {"quotes": "failing"}


@pytest.mark.upstreams(quotes={"BREAKER_CONNECT_FAILURES": 5, "MAX_ATTEMPTS": 1})
async def test_failures_open_its_circuit_and_a_probe_closes_it(now, mock):
    route = mock.get("random")
    for _ in range(5):
        route.fail("refused")
    route.json({"text": "a", "author": "b"})
    await call(5)
    assert health() == {"quotes": "circuit open"}
    now.return_value += 1000
    assert health() == {"quotes": "circuit half open"}
    await quotes.random()
    assert health() == {"quotes": "reachable"}


def test_an_address_has_nothing_secret(settings):
    settings.UPSTREAMS = {
        "good": {"BASE_URL": "https://api.test/v2/", "REQUIRED": True, "AUTH": {"BEARER": "a-secret"}},
        "user": {"BASE_URL": "https://ada:a-secret@api.test"},
        "query": {"BASE_URL": "https://api.test/?key=a-secret"},
        "*": {"PROXY": "http://ada:a-secret@proxy.test"},
    }
    good, *others = upstream_states()
    assert (good.address, good.health, good.required) == ("https://api.test/v2", "unknown", True)
    assert [(one.alias, one.address, one.health) for one in others] == [
        ("user", "", "misconfigured"),
        ("query", "", "misconfigured"),
    ]


@pytest.mark.parametrize("upstreams", [{}, None, ["quotes"]])
def test_without_upstreams_there_are_no_states(settings, upstreams):
    settings.UPSTREAMS = upstreams
    assert upstream_states() == []
