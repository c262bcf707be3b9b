"""A name server and a clock for a target, chosen by environment variables."""

import itertools
import os
import socket
import time
from typing import Any

real_look_up = socket.getaddrinfo
real_time = time.time


def look_up(host: Any, *more: Any, **options: Any) -> Any:
    """`hang.test` hangs, `no.test` does not exist, any other `.test` is this machine."""
    name = host.decode() if isinstance(host, bytes) else host
    if name == "hang.test":
        time.sleep(8)
    if name in ("hang.test", "no.test"):
        raise socket.gaierror(socket.EAI_NONAME, "not known")
    if isinstance(name, str) and name.endswith(".test"):
        host = "127.0.0.1"
    return real_look_up(host, *more, **options)


def install() -> None:
    socket.getaddrinfo = look_up
    if os.environ.get("CLOCK") == "jumps":
        days = itertools.cycle((0, 86400, -86400))
        time.time = lambda: real_time() + next(days)
