"""What stands beneath each table: the machine, and the versions of what ran on it."""

import json
import os
import platform
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from catalogue import HTTPX2, OURS
from targets import Targets

LIBRARIES = "django uvicorn uvloop httptools httpx2"
PEERS_LIBRARIES = (
    f"{LIBRARIES} aiohttp httpx requests fastapi starlette litestar blacksheep gunicorn django-asgi-lifespan django-bolt "
    "pyqwest django-modern-rest"
)
VERSIONS = (
    "import importlib.metadata as m, json, sys; print(json.dumps({n: m.version(n) for n in sys.argv[1:]}))"
)


def machine() -> dict[str, Any]:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    models = [line.partition(": ")[2] for line in lines if line.startswith("model name")]
    return {
        "processor": (models or [platform.machine()])[0],
        "cores": os.cpu_count(),
        "system": platform.platform(),
        # How it was compiled makes a difference of a tenth and more.
        "python": f"{platform.python_version()} ({platform.python_compiler()})",
    }


def where(results: Mapping[str, Any]) -> str:
    return "{processor}, {cores} cores; {system}; Python {python}".format(**results)


def versions(targets: Targets) -> dict[str, dict[str, str]]:
    ours = json.loads(targets.python(OURS, "-c", VERSIONS, *LIBRARIES.split()))
    peers = json.loads(targets.python(HTTPX2, "-c", VERSIONS, *PEERS_LIBRARIES.split()))
    return {"ours": ours, "peers": peers | go_version()}


def go_version() -> dict[str, str]:
    if shutil.which("go") is None:
        return {}
    said = subprocess.run(["go", "version"], stdout=subprocess.PIPE, text=True, timeout=30, check=True).stdout
    found = re.search(r"go([0-9.]+)", said)
    return {"Go": found[1]} if found else {}
