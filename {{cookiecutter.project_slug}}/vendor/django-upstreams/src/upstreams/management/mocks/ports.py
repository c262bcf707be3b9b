"""Ports for mocks: the same from run to run, or the next ones where somebody else listens there."""

import socket
from contextlib import suppress

from django.core.management import CommandError

from upstreams.management.port import check_port

PAGE_PORT = 8100
FIRST_PORT = 8101
LAST_PORT = 65_535


class Ports:
    """Ports of this machine that nobody uses, as long as this object lives.

    Some time passes until a process listens there. Until then the same port of UDP is held, so that a command that is
    started at the same moment takes another one.
    """

    def __init__(self) -> None:
        self._held: list[socket.socket] = []

    def url(self, first: int) -> str:
        """Return the address of the first free port, from one on.

        Raises:
            CommandError: none is free.
        """
        for port in range(max(first, 1), LAST_PORT + 1):
            with suppress(CommandError, OSError):
                check_port("127.0.0.1", port)
                self._hold(port)
                return f"http://127.0.0.1:{port}"
        raise CommandError(f"no port from {first} on is free; choose others with --port and --page")

    def close(self) -> None:
        """Let others use them."""
        for held in self._held:
            held.close()

    def _hold(self, port: int) -> None:
        held = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            held.bind(("127.0.0.1", port))
        except OSError:
            held.close()
            raise
        self._held.append(held)
