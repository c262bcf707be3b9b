"""A server that refuses what its client has in the handshake of TLS, and says so."""

import asyncio
import socket
import ssl
from contextlib import asynccontextmanager, suppress


@asynccontextmanager
async def refusing(context):
    """A TLS server with blocking sockets: asyncio's hangs up without the alert that says why."""

    def refuse():
        accepted, _ = listening.accept()
        with accepted.dup() as raw:
            raw.settimeout(10)
            with suppress(ssl.SSLError), context.wrap_socket(accepted, server_side=True):
                pass
            raw.recv(65536)  # unread bytes would make the close a reset, which overtakes the alert

    with socket.create_server(("127.0.0.1", 0)) as listening:
        refused = asyncio.create_task(asyncio.to_thread(refuse))
        yield listening.getsockname()[1]
        await refused
