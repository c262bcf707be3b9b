"""A Django of a version, with the wheel of the package, kept from one run to the next."""

import fcntl
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from docs.blocks import PAGES, blocks, write
from docs.commands import SECONDS
from testproject.paths import PACKAGE, ROOT

CACHE = ROOT / ".uv" / "adoption"
UV = ROOT / "scripts" / "uv"
README, *_ = PAGES
INSTALL = re.compile(r'pip install "django-upstreams\[([a-z0-9,]+)\]"')
OVERRIDE = """

import os

if "QUOTES_URL" in os.environ:
    UPSTREAMS["quotes"]["BASE_URL"] = os.environ["QUOTES_URL"]
    UPSTREAMS_TIMEOUTS = {"SHUTDOWN_DELAY": 0}
"""


def install(version: str, temporary: Path) -> Path:
    """Install what the README says, from a new wheel; return the folder with the executables."""
    wheel = build(temporary)
    requirements = [
        f"django-upstreams[{extras}] @ {wheel.as_uri()}" for extras in INSTALL.findall(README.read_text())
    ]
    folder = CACHE / version
    python = folder / "bin" / "python"
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / f"{version}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # other workers of pytest-xdist
        if not folder.exists():
            uv("venv", "--quiet", "--python", sys.executable, folder)
        fresh = ["--reinstall-package", "django-upstreams"]
        uv("pip", "install", "--quiet", "--python", python, *fresh, f"django~={version}.0", *requirements)
    return python.parent


def build(folder: Path) -> Path:
    # A copy: where it lies, uv takes the template for its workspace.
    source = shutil.copytree(PACKAGE, folder / "source")
    uv("build", "--quiet", "--wheel", "--out-dir", folder, source)
    (wheel,) = folder.glob("*.whl")
    return wheel


def uv(*arguments: object) -> None:
    subprocess.run([UV, *map(str, arguments)], check=True, timeout=300)


def environment(executables: Path, project: Path, **env: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name in ("HOME", "LANG", "TMPDIR")}
    path = os.pathsep.join([str(executables), os.environ["PATH"]])
    return {**kept, "PATH": path, "ENV_FILE": os.devnull, "DJANGO_SETTINGS_MODULE": "mysite.settings", **env}


def start_project(executables: Path, folder: Path) -> Path:
    """A project of `startproject`, with the files of the README."""
    command = [executables / "django-admin", "startproject", "mysite", "."]
    folder.mkdir()
    subprocess.run(command, cwd=folder, check=True, timeout=SECONDS)
    for block in blocks(README):
        if block.path:
            write(folder, block)
    return folder
