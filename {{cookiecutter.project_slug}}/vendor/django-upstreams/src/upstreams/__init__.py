"""Calls to other services for Django. The names below are the public ones that applications need.

They are imported at first use: settings import `upstreams.environ`, and must not load modules that read settings.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from upstreams.asgi.event_responses import EventStreamResponse, JSONLinesResponse
    from upstreams.clients.background import spawn, spawn_thread
    from upstreams.clients.gather import gather
    from upstreams.clients.pools import open_clients
    from upstreams.clients.resource import Resource
    from upstreams.clients.server_sent_events import ServerSentEvent
    from upstreams.clients.upstream import Upstream
    from upstreams.clients.upstream_transport import UpstreamTransport
    from upstreams.core.errors import (
        BackgroundLimitExceeded,
        UnknownUpstream,
        UpstreamCertificateError,
        UpstreamCircuitOpen,
        UpstreamClosed,
        UpstreamConnectionError,
        UpstreamCredentialsError,
        UpstreamDecodeError,
        UpstreamError,
        UpstreamPoolExhausted,
        UpstreamProtocolError,
        UpstreamResponseTooLarge,
        UpstreamSignInRequired,
        UpstreamStatusError,
        UpstreamTimeout,
    )
    from upstreams.core.request_timeout import request_timeout
    from upstreams.core.user_tokens import OAuth2Token, UserToken

__version__ = "0.2.0"
__all__ = [
    "BackgroundLimitExceeded",
    "EventStreamResponse",
    "JSONLinesResponse",
    "OAuth2Token",
    "Resource",
    "ServerSentEvent",
    "UnknownUpstream",
    "Upstream",
    "UpstreamCertificateError",
    "UpstreamCircuitOpen",
    "UpstreamClosed",
    "UpstreamConnectionError",
    "UpstreamCredentialsError",
    "UpstreamDecodeError",
    "UpstreamError",
    "UpstreamPoolExhausted",
    "UpstreamProtocolError",
    "UpstreamResponseTooLarge",
    "UpstreamSignInRequired",
    "UpstreamStatusError",
    "UpstreamTimeout",
    "UpstreamTransport",
    "UserToken",
    "gather",
    "open_clients",
    "request_timeout",
    "spawn",
    "spawn_thread",
]
MODULES = {
    "EventStreamResponse": "asgi.event_responses",
    "JSONLinesResponse": "asgi.event_responses",
    "OAuth2Token": "core.user_tokens",
    "Resource": "clients.resource",
    "ServerSentEvent": "clients.server_sent_events",
    "Upstream": "clients.upstream",
    "UpstreamTransport": "clients.upstream_transport",
    "UserToken": "core.user_tokens",
    "gather": "clients.gather",
    "open_clients": "clients.pools",
    "request_timeout": "core.request_timeout",
    "spawn": "clients.background",
    "spawn_thread": "clients.background",
}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'upstreams' has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(f"upstreams.{MODULES.get(name, 'core.errors')}"), name)
    return value
