"""Prometheus' own tool, which checks rules and plays series to them."""

import shutil
import subprocess

import pytest

PROMTOOL = shutil.which("promtool")
needs_promtool = pytest.mark.skipif(PROMTOOL is None, reason="needs promtool, of Debian's package prometheus")


def promtool(*arguments: str) -> str:
    """Run it, and return what it printed."""
    assert PROMTOOL
    done = subprocess.run([PROMTOOL, *arguments], capture_output=True, text=True, timeout=60, check=False)
    return done.stdout + done.stderr
