"""Refuses WebSockets, which this service does not speak, without the library that does."""

import asyncio
from typing import cast

ANSWER = b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"


class Refused(asyncio.Protocol):
    """What uvicorn hands a connection to that asks to become a WebSocket."""

    def __init__(self, **_: object) -> None:
        pass

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        writing = cast(asyncio.WriteTransport, transport)
        writing.write(ANSWER)
        writing.close()
