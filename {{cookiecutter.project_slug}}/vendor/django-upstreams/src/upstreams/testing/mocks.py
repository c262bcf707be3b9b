"""Replaces the transports of upstreams by mocks, and refuses calls to upstreams without one. For every test runner."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol
from unittest import mock
from urllib.parse import urlsplit

from django.conf import settings

from upstreams import conf
from upstreams.clients import loop_clients, pools, portal, registry
from upstreams.core.call import Call
from upstreams.core.definition import Definition, configured
from upstreams.core.httpx import Request, Response, Transport
from upstreams.core.keys import suggestion
from upstreams.core.tenant import Tenant
from upstreams.core.url_fields import LOOPBACK
from upstreams.testing import complaints
from upstreams.testing.upstream_mock import UpstreamMock


class Substitute(Protocol):
    """What makes the transport of an upstream in a test."""

    def opened(self, definition: Definition) -> Transport: ...


Find = Callable[[str], Substitute | None]

_mocks: list[Find] = []
"""Functions that return what takes the place of an alias, or None; the last one that has it is used."""


@contextmanager
def mock_upstream(alias: str) -> Iterator[UpstreamMock]:
    """Replace one upstream by a mock for the duration of the block. All policies and the decoding stay real.

    Use it with `with`, or with `self.enterContext(mock_upstream("quotes"))` in a `unittest.TestCase`, in sync and
    async tests. Calls to other upstreams fail unless they are mocked, too, or run on this machine.

    Args:
        alias: the key in `settings.UPSTREAMS`.

    Raises:
        LookupError: there is no such key.
        AssertionError: at the end of the block, if there was a call without a response: the code under test may
            have caught the first one.
    """
    require_alias(alias)
    mocked = UpstreamMock(alias)
    mocked.is_asked_for = True
    try:
        with refuse_unmocked(), use_mocks({alias: mocked}.get):
            registry.renew(alias)
            yield mocked
    finally:
        registry.renew(alias)
    complaints.check()


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
    """Fail calls to upstreams that have no mock, before anything else.

    Those of the settings fail even if they are on this machine: a development server may run there. Others that a test
    defines there are called, and those in `UPSTREAMS_TEST_HOSTS`.
    """
    send = pools.send

    async def send_if_mocked(request: Request) -> Response:
        call = Call.of(request)
        alias = call.alias
        definition = configured().get(alias)
        if definition is not None and not (_is_mocked(alias) or _is_allowed(definition, call.tenant)):
            path = complaints.path_below(definition.base_url, request, call)
            raise complaints.add(complaints.unmocked(alias, request.method, path))
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


def _is_allowed(definition: Definition, tenant: Tenant | None) -> bool:
    if tenant is not None and tenant.is_foreign and definition.proxy is None:
        host = urlsplit(tenant.base_url).hostname or ""
        return host in conf.current().test_hosts or LOOPBACK.fullmatch(host) is not None
    host = urlsplit(definition.proxy or definition.base_url).hostname or ""
    if host in conf.current().test_hosts:
        return True
    is_here = definition.uds is not None or LOOPBACK.fullmatch(host) is not None
    return is_here and definition.base_url != _base_url_of_settings(definition.alias)


def _base_url_of_settings(alias: str) -> str:
    # Private: LazySettings._wrapped and UserSettingsHolder.default_settings (Django 5.2 to 6.1), behind
    # override_settings. testing/test_plain_project.py has a test that overrides them.
    found: Any = settings._wrapped  # type: ignore[misc]
    while hasattr(found, "default_settings"):
        found = found.default_settings
    keys = getattr(found, "UPSTREAMS", {}).get(alias, {})
    return str(keys.get("BASE_URL", "")).removesuffix("/")
