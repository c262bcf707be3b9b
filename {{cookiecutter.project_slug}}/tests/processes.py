"""The service as a process, with its own settings."""

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException

from django.conf import settings

SECONDS = 60


def environment(UPSTREAM_URL="http://127.0.0.1:1", **variables):
    """The variables of a deployment on this machine; all upstreams are at one URL."""
    upstreams = {f"UPSTREAMS__{alias.upper()}__BASE_URL": UPSTREAM_URL for alias in settings.UPSTREAMS}
    own = {"DJANGO_SETTINGS_MODULE": "config.settings", "ALLOWED_HOSTS": "127.0.0.1"}
    return {**os.environ, **upstreams, **own, "BROKER_URL": "redis://127.0.0.1:1/0", **variables}


@contextmanager
def serving(*arguments, **variables):
    """Run `manage.py serve`, and kill all of its processes at the end."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    command = [sys.executable, "manage.py", "serve", "--port", str(port), *arguments]
    with subprocess.Popen(command, env=environment(**variables), start_new_session=True) as process:
        try:
            yield Service(process, port)
        finally:
            os.killpg(process.pid, signal.SIGKILL)


class Service:
    """A running service."""

    def __init__(self, process, port):
        self.process = process
        self.port = port

    def status(self, path):
        """Return the status of a GET request, or None if nobody listens."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=SECONDS)
        try:
            connection.request("GET", path)
            return connection.getresponse().status
        except ConnectionRefusedError:
            return None
        except (OSError, HTTPException):
            return 0
        finally:
            connection.close()

    def comes_to(self, path, status, within=SECONDS):
        """Return whether a path has this status within some seconds."""
        ends = time.monotonic() + within
        while (found := self.status(path)) != status and time.monotonic() < ends:
            if found is None and self.process.poll() is not None:
                break  # it could not start
            time.sleep(0.05)
        return found == status
