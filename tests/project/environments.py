"""Environments for the package besides the template's own: another HTTP library, other versions of Django."""

import fcntl
import hashlib
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from generation import PACKAGE, ROOT
from processes import environment, run

FOLDER = ROOT / ".uv" / "environments"
TOOLS = ("pytest-xdist>=3.8,<4", "trustme>=1.2,<2", "psutil>=7.2,<8")


@dataclass(frozen=True)
class Environment:
    """What is installed beside the package.

    Args:
        extras: of the package.
        packages: whatever else the tests need.
        settings: of the test project.
    """

    extras: str
    packages: tuple[str, ...]
    settings: str

    def python(self) -> Path:
        """Return its Python. It is made once, and again when the package asks for something else."""
        asked = repr((self, TOOLS, sys.version, (PACKAGE / "pyproject.toml").read_text()))
        folder = FOLDER / hashlib.sha256(asked.encode()).hexdigest()[:16]
        FOLDER.mkdir(parents=True, exist_ok=True)
        with (FOLDER / f"{folder.name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # other workers of pytest ask for it, too
            if not (folder / "complete").exists():
                shutil.rmtree(folder, ignore_errors=True)
                self._install(folder)
                (folder / "complete").touch()
        return folder / "bin" / "python"

    def _install(self, folder: Path) -> None:
        run(["uv", "venv", "--quiet", "--python", sys.executable, str(folder)], FOLDER, environment())
        install = ["uv", "pip", "install", "--quiet", "--python", str(folder / "bin" / "python")]
        package = ["--editable", f"{PACKAGE}[{self.extras}]"]
        run([*install, *TOOLS, *self.packages, *package], FOLDER, environment())


HTTPX = Environment(
    "aiohttp,asgi,brotli,cache,cassettes,celery,http2,httpx,logins,ninja,openapi,otlp,postgresql,redis,sentry,socks,tasks,"
    "testing,toolbar,zstd",
    ("django>=6.1.3,<6.2", "import-linter>=2.16,<3", "ruff>=0.17,<0.18", "standardwebhooks>=1.1,<2"),
    "testproject.settings",
)
EXTRAS = "aiohttp,asgi,cache,cassettes,httpx2,openapi,otlp,postgresql,redis,testing"
DJANGO_5_2 = Environment(EXTRAS, ("django>=5.2,<5.3",), "testproject.stock.settings")
DJANGO_6_0 = Environment(
    f"{EXTRAS},celery,logins,ninja,tasks", ("django>=6.0,<6.1",), "testproject.stock.settings"
)
