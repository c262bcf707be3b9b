"""`--record` is refused in one sentence, and lets through what is recorded."""

import sys
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest
from upstreams.testing import network, refuse_network
from upstreams.testing.cassettes import marked, plugin


def session(*aliases):
    return SimpleNamespace(config=SimpleNamespace(getoption=lambda name: list(aliases)))


@pytest.fixture(autouse=True)
def _no_ci(monkeypatch):
    monkeypatch.delenv("CI", raising=False)


def test_an_alias_is_recorded():
    plugin.pytest_sessionstart(session("quotes"))


def test_an_unknown_alias_is_refused():
    with pytest.raises(pytest.UsageError) as caught:
        plugin.pytest_sessionstart(session("qoutes"))
    assert (
        str(caught.value) == "--record: upstream qoutes is not in settings.UPSTREAMS; did you mean 'quotes'?"
    )


def test_nothing_is_recorded_in_ci(monkeypatch):
    monkeypatch.setenv("CI", "true")
    plugin.pytest_sessionstart(session())
    with pytest.raises(pytest.UsageError) as caught:
        plugin.pytest_sessionstart(session("quotes"))
    sentence = (
        "--record reaches the real upstream, and CI is set; record on your machine and commit the files"
    )
    assert str(caught.value) == sentence


def test_the_extra_is_named_where_it_is_missing(monkeypatch):
    monkeypatch.setattr(marked, "find_spec", lambda name: None)
    with pytest.raises(pytest.UsageError, match=r"^--record needs an extra: .*django-upstreams\[cassettes\]"):
        plugin.pytest_sessionstart(session("quotes"))


@pytest.fixture
def refused(monkeypatch):
    """The network guard alone, without the plugin `strict` of these tests, which would count what is refused."""
    hosts = []
    with refuse_network():
        monkeypatch.setattr(network, "_refusing", [hosts.append])
        yield hosts
        monkeypatch.undo()


def test_the_network_is_open_while_an_upstream_is_recorded(refused):
    with network.let_through("rates.example.com"):
        sys.audit("socket.getaddrinfo", "rates.example.com", 443, 0, 0, 0)
        sys.audit("socket.connect", None, ("192.0.2.1", 443))
    assert refused == []
    with pytest.raises(OSError, match=r"tests may not connect to 192\.0\.2\.1"):
        sys.audit("socket.connect", None, ("192.0.2.1", 443))


def test_threads_may_look_up_the_name_of_the_recorded_upstream_alone(refused):
    # Those of the event loop have no context of the call.
    with ThreadPoolExecutor(1) as thread, network.let_through("rates.example.com"):
        thread.submit(sys.audit, "socket.getaddrinfo", "rates.example.com", 443, 0, 0, 0).result()
        with pytest.raises(OSError, match=r"tests may not connect to other\.example\.com"):
            thread.submit(sys.audit, "socket.getaddrinfo", "other.example.com", 443, 0, 0, 0).result()
    assert refused == ["other.example.com"]
