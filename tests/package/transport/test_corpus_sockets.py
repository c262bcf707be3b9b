"""The responses of the corpus over real sockets, through the whole transport, one after the other."""

import re

import pytest
from upstreams import UpstreamConnectionError, UpstreamProtocolError
from upstreams.testing.loopback import http_response
from upstreams.transport.response import IncomingResponse

from transport.corpus.outcomes import Outcome
from transport.corpus.parsing import is_as_expected
from transport.corpus.responses import TOPICS

ADDRESS = r"127\.0\.0\.1:\d+"
REFUSED = re.compile(rf"upstream tested: \w+ /\d+: the response of {ADDRESS} is refused: (.*) \(1 attempt\)")
LOST = re.compile(
    rf"the connection(, (new|reused),)? to {ADDRESS} was (lost|reset) (before any response|in the body)"
)


def needs_end(case):
    """Return whether only the end of the connection ends a response, or shows that it is cut."""
    response = IncomingResponse(case.method)
    if not case.outcome.reason:
        response.feed(case.raw)
    return not case.outcome.reason and not response.is_complete


async def outcome_of(response):
    body = b"".join([part async for part in response.stream])
    x = tuple(value for name, value in response.headers.raw if name.lower() == b"x")
    return Outcome(response.status_code, body, x)


async def play(send, transport, path, method, *, stream):
    """Return an outcome, of which it is not known whether the connection is reused."""
    response = None
    try:
        response = await send(transport, path, method, stream=stream)
        return await outcome_of(response)
    except UpstreamProtocolError as error:
        return Outcome(0, reason=REFUSED.match(str(error))[1])
    except UpstreamConnectionError as error:
        return Outcome(0, reason="" if LOST.search(str(error)) else str(error))
    finally:
        if response is not None:
            await response.stream.aclose()


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize("topic", TOPICS)
async def test_each_response_is_its_own(make_transport, send, loopback, topic, stream):
    transport = make_transport()
    for number, case in enumerate(TOPICS[topic].values()):
        loopback.on(f"/{number}", case.raw, *["close"] * needs_end(case))
        loopback.on(f"/{number}/next", http_response(b"next %d" % number))
        outcome = await play(send, transport, f"/{number}", case.method, stream=stream)
        assert is_as_expected(outcome, case.outcome._replace(reused=False)), (case, outcome)
        before = loopback.accepted
        following = await play(send, transport, f"/{number}/next", "GET", stream=stream)
        assert following == Outcome(200, b"next %d" % number)
        assert (loopback.accepted == before) is case.outcome.reused, case
