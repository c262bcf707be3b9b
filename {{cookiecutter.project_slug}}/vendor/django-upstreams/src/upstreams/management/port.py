"""Refuses an address before anything starts: a server that cannot listen reports it late and at length."""

import socket

from django.core.management.base import CommandError


def check_port(host: str, port: int) -> None:
    """Find out whether a command can listen on an address.

    Raises:
        CommandError: it cannot.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as listener:
            # Otherwise the connections of a server that stopped a moment ago would still count.
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((address[0], port, *address[2:]))  # getaddrinfo keeps 16 bits of the port
    except (OSError, OverflowError) as error:
        raise CommandError(f"cannot listen on {host}:{port} ({error}); choose another with --port") from None
