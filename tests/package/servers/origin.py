"""A server for others to stand before: `python origin.py PORT FOLDER` sends files in each framing there is.

A target is `/HOW/FILE`: `length`, `chunked`, `end` (of the connection), `gzip`, `none`, `same`, `error`, `echo`.
"""

import asyncio
import gzip
import sys
from contextlib import suppress
from pathlib import Path

PIECE = 16 * 1024
STATUSES = {"none": b"204 No Content", "same": b"304 Not Modified", "error": b"500 Internal Server Error"}


async def serve(reader, writer):
    with suppress(ConnectionError, asyncio.IncompleteReadError):
        while await exchange(reader, writer):
            await writer.drain()
    writer.close()


async def exchange(reader, writer):
    lines = (await reader.readuntil(b"\r\n\r\n")).split(b"\r\n")
    method, target, _ = lines[0].split(b" ")
    fields = dict(line.lower().split(b": ", 1) for line in lines[1:] if line)
    sent = await body(reader, fields)
    how, name = target.decode().split("/")[-2:]
    data = sent if how == "echo" else (FOLDER / name).read_bytes()
    asked_to_close = b"close" in fields.get(b"connection", b"")
    head, pieces = response(how, data)
    closes = how == "end" or asked_to_close
    writer.write(
        b"HTTP/1.1 %b\r\n%b" % (STATUSES.get(how, b"200 OK"), b"Connection: close\r\n" if closes else b"")
    )
    writer.write(head + b"\r\n")
    for piece in [] if method == b"HEAD" else pieces:
        writer.write(piece)
        await writer.drain()
    return not closes


async def body(reader, fields):
    if fields.get(b"transfer-encoding") != b"chunked":
        return await reader.readexactly(int(fields.get(b"content-length", 0)))
    data = b""
    while size := int(await reader.readline(), 16):
        data += (await reader.readexactly(size + 2))[:-2]
    await reader.readline()
    return data


def response(how, data):
    """The fields and the pieces of what follows them."""
    if how == "none":
        return b"", []
    if how == "same":
        return b'ETag: "a"\r\n', []
    if how == "end":
        return b"", parts(data)
    if how in ("chunked", "gzip"):
        coded = gzip.compress(data, 1) if how == "gzip" else data
        coding = b"Content-Encoding: gzip\r\nVary: Accept-Encoding\r\n" if how == "gzip" else b""
        chunks = [b"%x\r\n%b\r\n" % (len(part), part) for part in parts(coded)]
        return b"Transfer-Encoding: chunked\r\n" + coding, [*chunks, b"0\r\n\r\n"]
    return b"Content-Length: %d\r\n" % len(data), parts(data)


def parts(data):
    return [data[start : start + PIECE] for start in range(0, len(data), PIECE)]


async def main(port):
    server = await asyncio.start_server(serve, "127.0.0.1", port, limit=2**20)
    await server.serve_forever()


if __name__ == "__main__":
    FOLDER = Path(sys.argv[2])
    asyncio.run(main(int(sys.argv[1])))
