"""A client that wants a WebSocket is refused by the server itself, without the library that speaks them."""

import asyncio

import uvicorn
from upstreams.asgi.websocket_refusal import RESPONSE, RejectWebSocket

ASKS = (
    b"GET / HTTP/1.1\r\nHost: testserver\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)


async def test_an_upgrade_is_answered_with_403_and_the_end_of_the_connection():
    async def app(scope, receive, send):
        raise AssertionError("it reached the application")

    config = uvicorn.Config(app, ws=RejectWebSocket, lifespan="off", log_config=None)
    config.load()
    state = uvicorn.server.ServerState()
    loop = asyncio.get_running_loop()
    listening = await loop.create_server(
        lambda: config.http_protocol_class(config=config, server_state=state, app_state={}), "127.0.0.1"
    )
    async with listening:
        reader, writer = await asyncio.open_connection(*listening.sockets[0].getsockname())
        writer.write(ASKS)
        assert await reader.read() == RESPONSE
        writer.close()
        await writer.wait_closed()
