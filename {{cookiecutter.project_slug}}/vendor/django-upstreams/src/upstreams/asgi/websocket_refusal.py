"""Refuses WebSocket connections, so that the library for them need not be installed."""

import asyncio
from typing import cast

RESPONSE = b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"


class RejectWebSocket(asyncio.Protocol):
    """The protocol to which uvicorn hands a connection that asks for an upgrade."""

    def __init__(self, **_: object) -> None:
        pass

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        writing = cast(asyncio.WriteTransport, transport)
        writing.write(RESPONSE)
        writing.close()
