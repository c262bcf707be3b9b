"""A SOCKS5 proxy on this machine (RFC 1928, RFC 1929)."""

import asyncio
import socket
from contextlib import suppress


class SocksProxy:
    """Connects to this machine, whatever name was asked for.

    Attributes:
        login: the user and the password that it asks for.
        reply: its code for a connection that was asked for; 0 connects.
        targets: the hosts and ports that were asked for.
    """

    def __init__(self):
        self.login = None
        self.reply = 0
        self.targets = []

    async def __aenter__(self):
        self._server = await asyncio.start_server(self._serve, "127.0.0.1")
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_):
        self._server.close()

    async def _serve(self, reader, writer):
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            if await self._is_let_in(reader, writer):
                await self._connect(reader, writer)
        writer.close()

    async def _is_let_in(self, reader, writer):
        _, count = await reader.readexactly(2)
        methods = await reader.readexactly(count)
        wanted = 2 if self.login else 0
        writer.write(bytes([5, wanted if wanted in methods else 255]))
        if not self.login:
            return True
        _, size = await reader.readexactly(2)
        user = await reader.readexactly(size)
        password = await reader.readexactly((await reader.readexactly(1))[0])
        is_right = (user, password) == self.login
        writer.write(bytes([1, 0 if is_right else 1]))
        return is_right

    async def _connect(self, reader, writer):
        _, _, _, kind = await reader.readexactly(4)
        if kind == 3:
            host = (await reader.readexactly((await reader.readexactly(1))[0])).decode()
        else:
            host = socket.inet_ntoa(await reader.readexactly(4))
        port = int.from_bytes(await reader.readexactly(2))
        self.targets.append((host, port))
        writer.write(bytes([5, self.reply, 0, 1, 0, 0, 0, 0, 0, 0]))
        if not self.reply:
            back, there = await asyncio.open_connection("127.0.0.1", port)
            await asyncio.gather(_pipe(reader, there), _pipe(back, writer))


async def _pipe(reader, writer):
    while data := await reader.read(65536):
        writer.write(data)
    writer.close()
