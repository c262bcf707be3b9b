"""Refuses an address before anything starts: a server that cannot listen says so late, and at length."""

import socket

from django.core.management.base import CommandError


def refuse_if_taken(host: str, port: int) -> None:
    """Find out whether a command could listen there.

    Raises:
        CommandError: it could not.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as listener:
            # Without it, the connections of a service that stopped a moment ago would still count.
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((address[0], port, *address[2:]))  # of the number above, 16 bits are left
    except (OSError, OverflowError) as error:
        raise CommandError(f"cannot listen on {host}:{port} ({error}); choose another with --port") from None
