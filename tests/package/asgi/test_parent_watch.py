"""Workers whose parent is killed end by themselves, so that the port is free."""

import os
import signal
import socket
import subprocess
import sys
import threading

import pytest
from testproject.processes import SECONDS, environment, free_port, seen

pytestmark = pytest.mark.processes


def test_orphaned_workers_end(loopback):
    port = free_port()
    command = [sys.executable, "manage.py", "serve", "--workers", "2", "--port", str(port)]
    env = environment(loopback)
    with subprocess.Popen(
        command, env=env, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        killer = threading.Timer(SECONDS, os.killpg, [process.pid, signal.SIGKILL])
        killer.start()
        seen(process, "Application startup complete")
        seen(process, "Application startup complete")
        process.kill()
        rest = process.stderr.read()  # the workers share the pipe: its end is theirs
        ended = not killer.finished.is_set()
        killer.cancel()
    assert "shutdown: the parent process is gone" in rest
    assert ended
    with socket.create_server(("127.0.0.1", port)):
        pass
