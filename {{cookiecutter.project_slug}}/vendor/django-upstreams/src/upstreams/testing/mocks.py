"""Replaces the transports of upstreams by mocks, and refuses calls to upstreams without one. For every test runner."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from unittest import mock
from urllib.parse import urlsplit

from upstreams import conf
from upstreams.clients import loop_clients, pools, portal, registry
from upstreams.core.call import Call
from upstreams.core.definition import LOOPBACK, Definition, configured
from upstreams.core.httpx import Request, Response, Transport
from upstreams.core.keys import suggestion
from upstreams.testing.upstream_mock import UpstreamMock

Find = Callable[[str], UpstreamMock | None]

_mocks: list[Find] = []
"""Functions that return the mock of an alias, or None; the last one that has it is used."""


@contextmanager
def mock_upstream(alias: str) -> Iterator[UpstreamMock]:
    """Replace one upstream by a mock for the duration of the block. All policies and the decoding stay real.

    Use it with `with`, or with `self.enterContext(mock_upstream("quotes"))` in a `unittest.TestCase`, in sync and
    async tests. Calls to other upstreams fail unless they are mocked, too, or run on this machine.

    Args:
        alias: the key in `settings.UPSTREAMS`.

    Raises:
        LookupError: there is no such key.
        AssertionError: at the end of the block, if the mock has received an unexpected request.
    """
    require_alias(alias)
    mocked = UpstreamMock(alias)
    try:
        with refuse_unmocked(), use_mocks({alias: mocked}.get):
            registry.renew(alias)
            yield mocked
    finally:
        registry.renew(alias)
    mocked.check()


@contextmanager
def use_mocks(find: Find) -> Iterator[None]:
    """Make the clients that open in this block with the mocks that a function finds."""
    if not _mocks:
        close_portal()
    make_transport = loop_clients.make_transport

    def make_mock(definition: Definition) -> Transport:
        found = find(definition.alias)
        return make_transport(definition) if found is None else found.opened(definition)

    with mock.patch.object(loop_clients, "make_transport", make_mock):
        _mocks.append(find)
        try:
            yield
        finally:
            if len(_mocks) == 1:
                close_portal()  # while its clients are the mocks of this test
            _mocks.remove(find)


@contextmanager
def refuse_unmocked() -> Iterator[None]:
    """Fail calls to upstreams that have no mock, before anything else, unless they run on this machine."""
    send = pools.send

    async def send_if_mocked(request: Request) -> Response:
        call = Call.of(request)
        if not (_is_mocked(call.alias) or _is_local(configured().get(call.alias))):
            what = f'upstream {call}: this test does not mock the upstream: ask for it with mock_upstream("{call.alias}") from'
            raise AssertionError(f"{what} upstreams.testing, or with the pytest fixture upstream_mock")
        return await send(request)

    with mock.patch.object(pools, "send", send_if_mocked):
        yield


def close_portal() -> None:
    """Close the clients of this process that no lifespan has opened, so that the next call opens others."""
    portal.close()
    registry.forget_closed()


def require_alias(alias: str) -> None:
    """Raise a LookupError if an alias has no entry in `settings.UPSTREAMS`."""
    if alias not in configured():
        raise LookupError(f"upstream {alias}: not in settings.UPSTREAMS; {suggestion(alias, configured())}")


def _is_mocked(alias: str) -> bool:
    return any(find(alias) is not None for find in _mocks)


def _is_local(definition: Definition | None) -> bool:
    if definition is None:
        return False
    host = urlsplit(definition.proxy or definition.base_url).hostname or ""
    return LOOPBACK.fullmatch(host) is not None or host in conf.current().test_hosts
