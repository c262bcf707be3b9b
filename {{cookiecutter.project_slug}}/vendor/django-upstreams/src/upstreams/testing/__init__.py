"""The test kit, for pytest and for `unittest`. The names below are all that tests need besides the fixtures.

They are imported when they are first used, so that importing this package neither needs Django nor sets it up.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from upstreams.testing.cassettes.unittest_cases import upstream_cassette
    from upstreams.testing.lifespan import LifespanFailed, run_lifespan
    from upstreams.testing.loopback import Loopback, http_response
    from upstreams.testing.mocks import mock_upstream
    from upstreams.testing.network import refuse_network
    from upstreams.testing.proxy import Proxy, Toxics
    from upstreams.testing.upstream_mock import UpstreamMock
    from upstreams.testing.webhooks import sign_webhook

__all__ = [
    "LifespanFailed",
    "Loopback",
    "Proxy",
    "Toxics",
    "UpstreamMock",
    "http_response",
    "mock_upstream",
    "refuse_network",
    "run_lifespan",
    "sign_webhook",
    "upstream_cassette",
]
MODULES = {
    "LifespanFailed": "lifespan",
    "Loopback": "loopback",
    "Proxy": "proxy",
    "Toxics": "proxy",
    "UpstreamMock": "upstream_mock",
    "http_response": "loopback",
    "mock_upstream": "mocks",
    "refuse_network": "network",
    "run_lifespan": "lifespan",
    "sign_webhook": "webhooks",
    "upstream_cassette": "cassettes.unittest_cases",
}


def __getattr__(name: str) -> Any:
    if name not in MODULES:
        raise AttributeError(f"module 'upstreams.testing' has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(f"upstreams.testing.{MODULES[name]}"), name)
    return value
