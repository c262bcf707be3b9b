"""The transport that `TRANSPORT` asks for; other libraries are imported where it does."""

from upstreams.core.definition import Definition
from upstreams.transport.base import PooledTransport
from upstreams.transport.http1_transport import HTTP1Transport


def transport_for(definition: Definition) -> PooledTransport:
    """Return the innermost transport of an upstream.

    Raises:
        OSError: `CA` or `CERT` cannot be read.
    """
    match definition.transport:
        case "http1":
            return HTTP1Transport(definition)
        case "aiohttp":
            from upstreams.transport.aiohttp_transport import AiohttpTransport

            return AiohttpTransport(definition)
        case _:
            from upstreams.transport.httpx_transport import HTTPXTransport

            return HTTPXTransport(definition)
