"""Ends a process that threads would keep alive: the interpreter waits for them at its own end."""

import logging
import os
import threading

from upstreams.asgi.access_line import write_lines

EXIT_CODE = 1


def exit_process() -> None:
    """End the process now, when its log is written."""
    write_lines()
    logging.shutdown()
    os._exit(EXIT_CODE)


def exit_after(seconds: float) -> None:
    """End the process after some seconds, whatever it is doing then."""
    timer = threading.Timer(seconds, exit_process)
    timer.daemon = True
    timer.start()
