"""Importing the package does nothing to the process, nor to other libraries."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

IMPORT_ALL = Path(__file__).parent / "import_all.py"
pytestmark = pytest.mark.processes

MODELS = (
    ".models",
    ".admin",
    ".migrations.",
    ".tokens.",
    "tasks.",
    "contrib.",
    "fastpath.",
    "management.commands.",
)
"""Parts of the names of modules that use models, or Django's own modules that do."""


def imported(*arguments, **env):
    command = [sys.executable, str(IMPORT_ALL), *arguments]
    environment = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    done = subprocess.run(
        command, env=environment | env, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_without_settings_an_import_changes_nothing():
    found = imported()
    assert found["changes"] == {}
    assert found["modules"] > 100
    assert [name for name in found["needs_settings"] if not any(part in name for part in MODELS)] == []


def test_with_settings_an_import_changes_nothing():
    found = imported("--setup", DJANGO_SETTINGS_MODULE="testproject.settings", PYTHONPATH=str(Path.cwd()))
    assert found["changes"] == {}
    assert found["needs_settings"] == {}
