"""Servers that are no upstreams: a proxy for HTTP, and one that says the same to everything."""

import asyncio
import ssl
from contextlib import asynccontextmanager


def server_tls(authority, *protocols):
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("localhost").configure_cert(context)
    context.set_alpn_protocols(list(protocols))
    return context


@asynccontextmanager
async def saying(says):
    """A server that says the same to whatever it receives, and hangs up; None says nothing and waits."""

    async def serve(reader, writer):
        await reader.read(1000)
        if says is None:
            await reader.read()
        else:
            writer.write(says)
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1") as server:
        yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}"


class HttpProxy:
    """A proxy that opens tunnels, and passes whole requests on."""

    def __init__(self):
        self.heads = []
        self.status = b"200 OK"

    async def serve(self, reader, writer):
        head = await reader.readuntil(b"\r\n\r\n")
        self.heads.append(head.decode())
        method, target, _ = head.split(b" ", 2)
        if method == b"CONNECT":
            writer.write(b"HTTP/1.1 " + self.status + b"\r\n\r\n")
            address = target
        else:
            address = target.split(b"/")[2]
        if not self.status.startswith(b"2"):
            writer.write(
                b"HTTP/1.1 " + self.status + b"\r\ncontent-length: 0\r\n\r\n" if method != b"CONNECT" else b""
            )
            writer.close()
            return
        back, there = await asyncio.open_connection("127.0.0.1", int(address.rpartition(b":")[2]))
        if method != b"CONNECT":
            there.write(
                method + b" /" + target.split(b"/", 3)[3] + b" HTTP/1.1" + head.partition(b" HTTP/1.1")[2]
            )
        await asyncio.gather(pipe(reader, there), pipe(back, writer))


async def pipe(reader, writer):
    while data := await reader.read(65536):
        writer.write(data)
    writer.close()


@asynccontextmanager
async def http_proxy():
    proxy = HttpProxy()
    async with await asyncio.start_server(proxy.serve, "127.0.0.1") as server:
        proxy.address = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
        yield proxy
