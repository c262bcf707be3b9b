"""What has to exist before a server can start: packages, the generated project, certificates, databases."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from demo import ROOT, generate
from scenarios import COMMANDS, OURS, SETTINGS, URLS

PEERS = ROOT / "benchmarks" / "peers"
OVERLAY = ROOT / "benchmarks" / "ours"
POSTGRESQL = "127.0.0.1 5432 postgres asgi_django_bench"  # host, port, user, a database of our own
INSTALL = 300  # seconds; packages may have to be downloaded


@dataclass
class Targets:
    """How each server is started.

    Args:
        folder: for logs, certificates and the SQLite files.
        project: the generated one, installed.
    """

    folder: Path
    project: Path
    env: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        self.env = {name: os.environ[name] for name in ("PATH", "HOME")}
        self.env |= {"PYTHONDONTWRITEBYTECODE": "1", "CA": str(self.folder / "client.pem")}

    def log(self, name: str) -> Path:
        return self.folder / f"{name.replace('/', ' ')}.log"

    def command(self, name: str) -> list[str]:
        return [".venv/bin/python", "manage.py", "serve", "--port={port}"] if name == OURS else COMMANDS[name]

    def cwd(self, name: str) -> Path:
        return self.project if name == OURS else PEERS

    def environment(self, name: str) -> dict[str, str]:
        if name != OURS:
            return self.env | {
                "PYTHONPATH": str(PEERS),
                "DJANGO_SETTINGS_MODULE": SETTINGS.get(name, "settings"),
                "URLS": URLS.get(name, "none"),
                "SQLITE": str(self.folder / "peers.sqlite3"),
            }
        return self.env | {
            "PYTHONPATH": f"{self.project}:{OVERLAY}",
            "DJANGO_SETTINGS_MODULE": "bench_settings",
            "ENV_FILE": os.devnull,
            "SECRET_KEY": "k" * 60,
            "ALLOWED_HOSTS": "127.0.0.1",
            "FORWARDED_ALLOW_IPS": "127.0.0.1",
            "DATABASE_URL": f"sqlite:///{self.folder}/ours.sqlite3",
            "UPSTREAMS__QUOTES__BASE_URL": self.env["UPSTREAM"],
        }

    def python(self, name: str, *arguments: str) -> str:
        """Runs the Python of a server in its environment; returns what it printed."""
        command = [".venv/bin/python", *arguments]
        done = subprocess.run(
            command,
            cwd=self.cwd(name),
            env=self.environment(name),
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        return done.stdout


def prepared(folder: Path) -> Targets:
    """Installs the peers and a generated project, and makes certificates; the upstream's URLs are still missing."""
    say("installing the peers and a generated project")
    # Compiled, as in an image: compiling while they start would leave each server 5 to 8 MB larger.
    install = ["sync", "--quiet", "--compile-bytecode"]
    subprocess.run([ROOT / "scripts" / "uv", *install], cwd=PEERS, check=True, timeout=INSTALL)
    project = generate(folder / "project")
    subprocess.run(["scripts/uv", *install, "--no-dev"], cwd=project, check=True, timeout=INSTALL)
    targets = Targets(folder, project)
    trustme = [str(PEERS / ".venv/bin/python"), "-m", "trustme", "--quiet", "--identities", "127.0.0.1"]
    subprocess.run([*trustme, "--dir", str(folder)], check=True)
    return targets


@contextmanager
def databases(targets: Targets, django: str) -> Iterator[bool]:
    """Migrates the databases, SQLite's and a new one of PostgreSQL; yields whether the latter answers.

    Args:
        django: the peer whose settings are those of stock Django.
    """
    targets.python(OURS, "manage.py", "migrate", "-v0")
    targets.python(django, "-m", "django", "migrate", "-v0")
    targets.env["POSTGRESQL"] = POSTGRESQL
    try:
        targets.python(django, "database.py", "create")
    except subprocess.CalledProcessError:
        say("PostgreSQL cannot be had (see above): its scenario is left out")
        del targets.env["POSTGRESQL"]
        yield False
        return
    try:
        targets.python(django, "-m", "django", "migrate", "--database=postgresql", "-v0")
        yield True
    finally:
        targets.python(django, "database.py", "drop")


def say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
