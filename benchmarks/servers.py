"""Servers under test: started on a core of their own, their CPU time counted, killed at the end."""

import asyncio
import os
import resource
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
from demo import open_port

STARTING = 60  # seconds
CORES = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []


class Server:
    """A process and those that it starts.

    Args:
        command: `{port}` stands for the port.
        log: a file.
        cores: those it may use; the first one, unless told otherwise.
    """

    def __init__(
        self, command: list[str], cwd: Path, env: Mapping[str, str], log: Path, cores: list[int] | None = None
    ) -> None:
        self.port = open_port(0)
        self._log = log
        with log.open("wb") as output, kept_to(cores or CORES[:1]):
            self._process = psutil.Popen(
                [part.format(port=self.port) for part in command],
                cwd=cwd,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,  # Ctrl-C is for us, who then kill it
            )

    async def answers(self) -> None:
        """Returns when it listens.

        Raises:
            RuntimeError: it ended instead, or took too long.
        """
        for _ in range(STARTING * 20):
            if self._process.poll() is not None:
                break
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", self.port)
            except OSError:
                await asyncio.sleep(0.05)
                continue
            writer.close()
            return
        raise RuntimeError(f"{' '.join(self._process.args)} does not answer:\n{self.said()}")

    def said(self) -> str:
        """The end of its log."""
        return self._log.read_text(errors="replace")[-3000:]

    def cpu_seconds(self) -> float:
        """What all its processes and threads have spent, in steps of 10 ms, from `/proc/PID/stat`."""
        times = [process.cpu_times() for process in self._all()]
        return sum(time.user + time.system for time in times)

    def megabytes(self) -> float:
        """The resident memory of its largest process, the worker."""
        return max(process.memory_info().rss for process in self._all()) / 2**20

    def kill(self) -> None:
        """Ends it and all that it has started, at once."""
        if self._process.poll() is None:
            for process in self._all():
                with suppress(psutil.NoSuchProcess):
                    process.kill()
            self._process.wait(10)

    def _all(self) -> list[psutil.Process]:
        return [self._process, *self._process.children(recursive=True)]


@contextmanager
def running(
    command: list[str], cwd: Path, env: Mapping[str, str], log: Path, cores: list[int] | None = None
) -> Iterator[Server]:
    server = Server(command, cwd, env, log, cores)
    try:
        yield server
    finally:
        server.kill()


@contextmanager
def kept_to_the_other_core() -> Iterator[None]:
    """For this process, with the load and the upstream.

    Raises:
        SystemExit: this machine has no such thing.
    """
    if len(CORES) < 2:
        raise SystemExit("make bench needs Linux and two cores: one for the servers, one for the load")
    with kept_to(CORES[1:2]):
        yield


@contextmanager
def kept_to(cores: list[int]) -> Iterator[None]:
    """For this thread, and for the processes that it starts: all their threads begin on these cores."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def raise_open_files() -> None:
    """To the hard limit, for this process and those that it starts: 1,000 connections are 2,000 files."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
