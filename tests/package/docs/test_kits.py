"""Each line of the tables that compare kits does the same in each of them: here, by respx and by pytest-httpx."""

import re

import httpx
import pytest
from pytest_httpx import IteratorStream
from respx import MockRouter
from testproject.paths import PACKAGE
from testproject.quotes import quotes
from upstreams import UpstreamConnectionError, UpstreamStatusError, UpstreamTimeout
from upstreams.core.httpx import Response

BASE = "https://rates.test"
URL = f"{BASE}/eur"
PAGE = (PACKAGE / "docs" / "kits.md").read_text()
ERRORS = {UpstreamConnectionError: "refused", UpstreamTimeout: "late", httpx.ConnectError: "refused"}
ERRORS |= {httpx.ReadTimeout: "late"}


def table(heading):
    """The cells of each line below a heading: its label, and the code for each kit."""
    below = PAGE.partition(f"## {heading}\n")[2].partition("\n\n")[0]
    rows = [re.split(r" \| ", line.strip("| ")) for line in below.splitlines()[2:]]
    return {row[0]: [cell.strip("`") for cell in row[1:]] for row in rows}


RESPONDED, MATCHED, SENT = table("What is responded"), table("To which requests"), table("What was sent")
JSON = {"usd": 1}
OUTCOMES = {
    "JSON": [JSON],
    "a status and headers": ["429 0"],
    "text": [1.1],
    "a stream": [1.1],
    "two, one after the other": [1, 2],
    "what a function returns": ["GET"],
    "no connection": ["refused"],
    "nothing in time": ["late"],
}
REQUESTS = {
    "with a query": {"params": {"day": "1"}},
    "with a header": {"headers": {"x-day": "1"}},
    "with a body of JSON": {"method": "POST", "json": {"day": 1}},
    "with bytes": {"method": "POST", "content": b"day"},
    "of any method": {"method": "PATCH"},
    "to any path": {"path": "chf"},
}


class Kit:
    """A mock, and a client whose requests reach it.

    Args:
        names: of the code in the tables.
    """

    def __init__(self, of, names, client=None):
        self.of = of
        self.names = {"URL": URL, "httpx": httpx, "IteratorStream": IteratorStream, **names}
        self.client = client

    def run(self, code):
        exec(code, self.names)

    async def send(self, method="GET", path="eur", **sent):
        """Return the JSON of a response, its status and header, or what kind of error was raised."""
        try:
            if self.client is None:
                response = await quotes.request(method, path, **sent)
            else:
                response = await self.client.request(method, f"{BASE}/{path}", **sent)
        except UpstreamStatusError as error:
            response = error.response
        except tuple(ERRORS) as error:
            return ERRORS[type(error)]
        return (
            response.json() if response.is_success else f"{response.status_code} {response.headers['x-left']}"
        )


@pytest.fixture(params=["here", "respx", "pytest-httpx"])
async def kit(request, upstreams, lifespan):
    if request.param == "here":
        yield Kit(0, {"mock": request.getfixturevalue("upstream_mock")("quotes"), "function": echo(Response)})
        return
    async with httpx.AsyncClient() as client:
        names = {"Response": httpx.Response, "function": echo(httpx.Response)}
        if request.param == "pytest-httpx":
            yield Kit(2, {**names, "httpx_mock": request.getfixturevalue("httpx_mock")}, client)
            return
        with MockRouter() as router:
            yield Kit(1, {**names, "respx_mock": router, "chunks": chunks}, client)


def echo(response):
    return lambda request: response(200, json=request.method)


async def chunks():
    yield b"1"
    yield b".1"


pytestmark = pytest.mark.upstreams(quotes={"BASE_URL": BASE, "MAX_ATTEMPTS": 1})


@pytest.mark.parametrize("line", RESPONDED)
async def test_the_same_is_responded(kit, line):
    kit.run(RESPONDED[line][kit.of])
    assert [await kit.send() for _ in OUTCOMES[line]] == OUTCOMES[line]


@pytest.mark.parametrize("line", MATCHED)
async def test_the_same_requests_are_meant(kit, line):
    kit.run(MATCHED[line][kit.of])
    assert await kit.send(**REQUESTS[line]) == 1


@pytest.mark.parametrize("line", SENT)
async def test_the_same_was_sent(kit, line):
    kit.run(RESPONDED["JSON"][kit.of])
    await kit.send()
    found = eval(SENT[line][kit.of], kit.names)
    found = found if isinstance(found, list) else [found]
    assert [getattr(one, "url", one) for one in found] in ([URL], [True], [1])


def test_every_line_is_compared():
    assert (RESPONDED.keys(), MATCHED.keys()) == (OUTCOMES.keys(), REQUESTS.keys())
    assert len(SENT) == 5
