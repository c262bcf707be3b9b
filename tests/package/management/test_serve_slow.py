"""Workers of `manage.py serve` that take longer to import the service than uvicorn waits for them."""

import os
import subprocess
import sys

import pytest
from testproject.processes import environment, free_port, seen

pytestmark = pytest.mark.processes

SLOW = """
import sys, time
if any("multiprocessing" in argument for argument in sys.orig_argv):
    time.sleep(7)  # uvicorn waits for five
"""


def test_workers_that_import_slowly_start(loopback, tmp_path):
    (tmp_path / "sitecustomize.py").write_text(SLOW)
    env = environment(loopback)
    env["PYTHONPATH"] = os.pathsep.join([str(tmp_path), env.get("PYTHONPATH", "")])
    command = [sys.executable, "manage.py", "serve", "--workers", "2", "--port", str(free_port())]
    process = subprocess.Popen(command, env=env, stderr=subprocess.PIPE, text=True)
    try:
        lines = [
            *seen(process, "Application startup complete"),
            *seen(process, "Application startup complete"),
        ]
        assert "died" not in str(lines)
    finally:
        process.terminate()
        process.communicate(timeout=60)
