"""A project that has recorded what `quotes` responds, and its mock."""

import socket
from contextlib import contextmanager

import pytest
from upstreams.core.httpx import httpx
from upstreams.management.mocks.mock import Mock
from upstreams.management.mocks.replay import Replay
from upstreams.management.mocks.server import MockServers

REAL = "https://api.example.com/v1"
CASSETTE = """\
quotes:
  recorded: '2026-11-02T10:00:00Z'
  exchanges:
  - request: {method: GET, path: random}
    response: {status: 503, headers: {retry-after: '0'}}
  - request: {method: GET, path: random}
    response: {status: 200, headers: {content-type: application/json, content-length: '99'}, body: {json: {text: a}}}
  - request: {method: GET, path: random}
    response: {status: 200, headers: {content-type: application/json}, body: {json: {text: b}}}
  - request: {method: GET, path: 'items?page=1&size=2'}
    response:
      status: 200
      headers: {link: '<https://api.example.com/v1/items?page=2>; rel="next"'}
      body: {json: {next: 'https://api.example.com/v1/items?page=2'}}
  - request: {method: GET, path: 'items?page=2&size=2'}
    response: {status: 200, body: {json: [2]}}
  - request: {method: POST, path: search, body: {json: {word: one}}}
    response: {status: 200, body: {text: first}}
  - request: {method: POST, path: search, body: {json: {word: two}}}
    response: {status: 200, body: {text: second}}
  - request: {method: GET, path: events}
    response: {status: 200, headers: {content-type: text/event-stream}, chunks: [{text: "data: 1\\n\\n"}, {text: "data: 2\\n\\n"}]}
  - request: {method: GET, path: broken}
    response: {status: 200, body: {text: hal}}
    failure: {error: UpstreamConnectionError, phase: receive}
  - request: {method: GET, path: gone}
    response: {status: 410, headers: {date: 'Mon, 02 Nov 2026 10:00:00 GMT'}, body: {text: gone}}
rates:
  recorded: '2026-11-02T10:00:00Z'
  exchanges: []
"""


@pytest.fixture
def project(tmp_path):
    """A folder with one cassette."""
    return recorded(tmp_path)


def recorded(folder):
    file = cassette_of(folder)
    file.parent.mkdir(parents=True)
    file.write_text(CASSETTE)
    return folder


def cassette_of(project):
    return project / "tests" / "cassettes" / "test_quotes" / "test_all.yaml"


@pytest.fixture
def cassette(project):
    """Its file."""
    return cassette_of(project)


def free_url():
    """An address of this machine on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"http://127.0.0.1:{listener.getsockname()[1]}"


@contextmanager
def serving(project):
    """The mock of quotes on its port, beside its page."""
    url, page = free_url(), free_url()
    mock = Mock("quotes", url, [Replay("quotes", [cassette_of(project)], project, (REAL, url))], "1 cassette")
    with MockServers([mock], page):
        mock.page = page
        yield mock


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    with serving(recorded(tmp_path_factory.mktemp("project"))) as mock:
        yield mock


@pytest.fixture
def served(running):
    """The same, as it is at its start."""
    with httpx.Client(trust_env=False, timeout=10) as running.client:
        running.client.post(f"{running.page}/quotes", data={"behavior": "normal"})
        running.calls = 0
        yield running
