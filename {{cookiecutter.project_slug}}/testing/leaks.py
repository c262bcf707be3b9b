"""Notices what a test leaves open, or reaches for, and the line that did it."""

import asyncio
import sys
import threading
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, ClassVar
from unittest import mock

from asgiref.sync import SyncToAsync
from django.conf import settings
from django.db.backends.signals import connection_created

from services.core.connections import Connections
from services.core.definitions import LOOPBACK

IS_OPEN: dict[str, Callable[[Any], bool]] = {
    "client": lambda connections: connections.is_open,
    "socket": lambda socket: socket.fileno() != -1,
    "thread": lambda thread: thread.is_alive() and not _is_shared(thread),
    "task": lambda task: not task.done() and task is not asyncio.current_task(),
    "database connection": lambda wrapper: wrapper.connection is not None,
}
MACHINERY = ("/.venv/", "/testing/", "/services/core/")
STARTS_THREAD = ("_thread.start_new_thread", "_thread.start_joinable_thread")


class Watch:
    """What was opened, and what was refused, while a test ran."""

    current: ClassVar["Watch | None"] = None

    def __init__(self) -> None:
        self.refused: list[str] = []
        self._opened: list[tuple[str, weakref.ref[Any], str]] = []

    def note(self, kind: str, thing: object) -> None:
        """Remember a thing and the line that opened it."""
        self._opened.append((kind, weakref.ref(thing), _line()))

    def left(self) -> list[str]:
        """A sentence for each thing that is still open."""
        alive = [(kind, thing, line) for kind, ref, line in self._opened if (thing := ref()) is not None]
        return [
            f"the {kind} opened at {line} is still there"
            for kind, thing, line in alive
            if IS_OPEN[kind](thing)
        ]

    def refuse(self, host: object) -> None:
        """Let nothing but the database and the broker be reached beyond this machine."""
        host = host.decode() if isinstance(host, bytes) else host
        if isinstance(host, str) and host not in settings.TEST_HOSTS and not LOOPBACK.fullmatch(host):
            self.refused.append(f"{host} was reached for at {_line()}: tests stay on this machine")
            raise OSError(f"tests stay on this machine; {host} is not")


def _hook(event: str, args: tuple[Any, ...]) -> None:
    watch = Watch.current
    if watch is None:
        return
    if event == "socket.__new__":
        watch.note("socket", args[0])
    elif event in STARTS_THREAD and isinstance(
        thread := getattr(args[0], "__self__", None), threading.Thread
    ):
        watch.note("thread", thread)
    elif event in ("socket.connect", "socket.sendto") and isinstance(args[1], tuple):
        watch.refuse(args[1][0])
    elif event in ("socket.getaddrinfo", "socket.gethostbyname"):
        watch.refuse(args[0])


sys.addaudithook(_hook)  # for ever: Python has no way to remove one


@contextmanager
def watching(loop: asyncio.AbstractEventLoop) -> Iterator[Watch]:
    """Watch sockets, threads, database connections, upstream clients, and the tasks of a loop."""
    watch = Watch.current = Watch()
    make_connections = Connections.__init__

    def make_task(loop: asyncio.AbstractEventLoop, coroutine: Any, **more: Any) -> Any:
        task = asyncio.Task(coroutine, loop=loop, **more)
        watch.note("task", task)
        return task

    def on_database(connection: Any, **_: Any) -> None:
        if threading.current_thread() is not threading.main_thread():  # that one belongs to the runner
            watch.note("database connection", connection)

    def on_clients(connections: Connections) -> None:
        make_connections(connections)
        watch.note("client", connections)

    loop.set_task_factory(make_task)
    connection_created.connect(on_database)
    try:
        with mock.patch.object(Connections, "__init__", on_clients):
            yield watch
    finally:
        loop.set_task_factory(None)
        connection_created.disconnect(on_database)
        Watch.current = None


def _is_shared(thread: threading.Thread) -> bool:
    # asgiref's executor and the loop's own live as long as the process.
    return thread in SyncToAsync.single_thread_executor._threads or thread.name.startswith("asyncio_")


def _line() -> str:
    here = str(settings.BASE_DIR)
    frame = sys._getframe(1)
    while frame.f_back is not None:
        file = frame.f_code.co_filename
        if file.startswith(here) and not any(folder in file for folder in MACHINERY):
            return f"{file.removeprefix(here)[1:]}:{frame.f_lineno}"
        frame = frame.f_back
    return "a line outside this project"
