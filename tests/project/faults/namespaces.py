"""Mounts of a target's own, which take root to make."""

import shutil
import subprocess
from typing import Any

import pytest


def may_unshare() -> bool:
    tools = all(map(shutil.which, ("unshare", "setpriv")))
    return tools and subprocess.run(["unshare", "-m", "true"], check=False).returncode == 0


as_root = pytest.mark.skipif(not may_unshare(), reason="only root may mount")


def small_tmp(megabytes: int) -> dict[str, Any]:
    """Return arguments of `start` that give a target a folder for temporary files with so much space."""
    mount = f'mount -t tmpfs -o size={megabytes}m,mode=1777 tmpfs /mnt\nexec "$@"'
    return {"prefix": ("unshare", "-m", "sh", "-ec", mount, "sh"), "env": {"TMPDIR": "/mnt"}}
