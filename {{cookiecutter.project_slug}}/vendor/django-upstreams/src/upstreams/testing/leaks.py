"""Reports what a test leaves open or connects to, and the line that did it."""

import asyncio
import sys
import threading
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, ClassVar
from unittest import mock

from asgiref.sync import SyncToAsync
from django.db.backends.signals import connection_created

from upstreams.clients.loop_clients import Clients
from upstreams.testing.lines import line_of_project
from upstreams.testing.network import refuse_network

IS_OPEN: dict[str, Callable[[Any], bool]] = {
    "client": lambda clients: clients.is_open,
    "socket": lambda socket: socket.fileno() != -1,
    "thread": lambda thread: thread.is_alive() and not _is_shared(thread),
    "task": lambda task: not task.done() and task is not asyncio.current_task(),
    "database connection": lambda wrapper: wrapper.connection is not None,
}
STARTS_THREAD = ("_thread.start_new_thread", "_thread.start_joinable_thread")


class Watch:
    """What a test has opened, and which connections were refused.

    Attributes:
        refused: a sentence for each refused connection.
    """

    current: ClassVar["Watch | None"] = None

    def __init__(self) -> None:
        self.refused: list[str] = []
        self._opened: list[tuple[str, weakref.ref[Any], str]] = []

    def note(self, kind: str, thing: object) -> None:
        """Remember an object and the line that opened it."""
        self._opened.append((kind, weakref.ref(thing), _line()))

    def note_refusal(self, host: str) -> None:
        """Remember a refused connection and the line that tried it."""
        self.refused.append(f"{_line()} connects to {host}: mock it, or add it to UPSTREAMS_TEST_HOSTS")

    def left(self) -> list[str]:
        """Return a sentence for each object that is still open."""
        alive = [(kind, thing, line) for kind, ref, line in self._opened if (thing := ref()) is not None]
        return [
            f"the {kind} opened at {line} is still open"
            for kind, thing, line in alive
            if IS_OPEN[kind](thing)
        ]


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


@cache
def _add_hook() -> None:
    sys.addaudithook(_hook)  # Python has no way to remove one


@contextmanager
def watch_leaks(loop: asyncio.AbstractEventLoop) -> Iterator[Watch]:
    """Watch sockets, threads, database connections, upstream clients, and the tasks of a loop."""
    _add_hook()
    watch = Watch.current = Watch()
    init = Clients.__init__

    def make_task(loop: asyncio.AbstractEventLoop, coroutine: Any, **more: Any) -> Any:
        task = asyncio.Task(coroutine, loop=loop, **more)
        watch.note("task", task)
        return task

    def on_database(connection: Any, **_: Any) -> None:
        if threading.current_thread() is not threading.main_thread():  # the test runner's own
            watch.note("database connection", connection)

    def on_clients(clients: Clients) -> None:
        init(clients)
        watch.note("client", clients)

    loop.set_task_factory(make_task)
    connection_created.connect(on_database)
    try:
        with refuse_network(watch.note_refusal), mock.patch.object(Clients, "__init__", on_clients):
            yield watch
    finally:
        loop.set_task_factory(None)
        connection_created.disconnect(on_database)
        Watch.current = None


def _is_shared(thread: threading.Thread) -> bool:
    # Private: ThreadPoolExecutor._threads, to recognise asgiref's thread; testing/test_kit.py uses it in each test.
    # That thread and those of the loop's own executor live as long as the process.
    return thread in SyncToAsync.single_thread_executor._threads or thread.name.startswith("asyncio_")


def _line() -> str:
    return line_of_project() or "a line outside of the project"
