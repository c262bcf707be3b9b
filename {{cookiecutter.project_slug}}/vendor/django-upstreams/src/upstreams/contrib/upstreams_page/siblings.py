"""How the worker processes of one service ask each other: a Unix socket for each, beside the files of their metrics.

A connection carries one question and its response, a line of JSON each.
"""

import asyncio
import logging
import os
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec

from upstreams.asgi.metrics_multiprocess import VARIABLE

logger = logging.getLogger(__name__)

PREFIX, SUFFIX = "worker-", ".sock"
QUESTION_TIMEOUT = 1.0
"""Seconds until a question has arrived, and its response has left."""
MAX_QUESTION = 64 * 1024
"""Bytes."""

Respond = Callable[[bytes], Awaitable[Any]]
_is_listening = False


@asynccontextmanager
async def listen(respond: Respond) -> AsyncIterator[None]:
    """Respond to the other workers inside the block; of several event loops of a process, the first one does.

    Args:
        respond: returns what msgspec can encode; a question that it cannot decode gets no response.
    """
    global _is_listening
    found = None if _is_listening else _bound()
    if found is None:
        yield
        return
    path, listener = found
    _is_listening = True
    server = await asyncio.start_unix_server(_server(respond), sock=listener, limit=MAX_QUESTION)
    try:
        yield
    finally:
        server.close()  # without `wait_closed`: a question may be on its way for a second
        path.unlink(missing_ok=True)
        _is_listening = False


def _bound() -> tuple[Path, socket.socket] | None:
    """Return a socket that nobody but the user of this process can connect to; None without a folder for it."""
    folder = os.environ.get(VARIABLE)
    if folder is None or not hasattr(socket, "AF_UNIX"):
        return None
    path = Path(folder, f"{PREFIX}{os.getpid()}{SUFFIX}")
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        path.unlink(missing_ok=True)  # of a process that had this id before
        listener.bind(str(path))
        path.chmod(0o600)  # in time: it takes connections when it listens
    except OSError as error:  # such as a path that is too long for a socket
        listener.close()
        logger.warning("the upstreams page of the other workers cannot show this one: %s: %s", path, error)
        return None
    return path, listener


def _server(respond: Respond) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(QUESTION_TIMEOUT):
                question = await reader.readline()
            response = msgspec.json.encode(await respond(question))
            async with asyncio.timeout(QUESTION_TIMEOUT):
                writer.write(response)
                await writer.drain()
        except (OSError, TimeoutError, ValueError):  # msgspec's errors are ValueErrors
            pass  # the asking worker shows that there is no response
        finally:
            writer.close()

    return serve


def paths() -> dict[int, Path]:
    """Return the process id of each worker that listens, or has listened and was killed, and its socket."""
    folder = os.environ.get(VARIABLE)
    if folder is None:
        return {}
    found = {path.stem.removeprefix(PREFIX): path for path in Path(folder).glob(f"{PREFIX}*{SUFFIX}")}
    return {int(pid): path for pid, path in found.items() if pid.isdecimal()}


def forget(path: Path) -> None:
    """Remove the socket of a worker that was killed."""
    path.unlink(missing_ok=True)


async def ask[T](path: Path, question: Any, kind: type[T], seconds: float) -> T:
    """Return the response of a worker.

    Args:
        path: of its socket.
        question: what msgspec can encode.
        kind: type of the response.
        seconds: until the response is there.

    Raises:
        ConnectionRefusedError, FileNotFoundError: it has ended.
        OSError, ValueError: it does not respond, or not in time, or not what was asked.
    """
    async with asyncio.timeout(seconds):
        reader, writer = await asyncio.open_unix_connection(path)
        try:
            writer.write(msgspec.json.encode(question) + b"\n")
            return msgspec.json.decode(await reader.read(), type=kind)
        finally:
            writer.close()
