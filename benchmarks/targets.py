"""What has to exist before a server can start: packages, the generated project, certificates, databases."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from catalogue import GO, OURS, PEERS, Peer
from demo import ROOT, generate
from servers import Server, running

FOLDER = ROOT / "benchmarks" / "peers"
OVERLAY = ROOT / "benchmarks" / "ours"
POSTGRESQL = "127.0.0.1 5432 postgres asgi_django_bench"  # host, port, user, a database of our own
INSTALL, COMMAND = 300, 60  # seconds; packages may have to be downloaded


@dataclass
class Targets:
    """How each server is started.

    Args:
        folder: for logs, certificates and the SQLite files.
        project: the generated one, installed.
        peers: those that can be started.
    """

    folder: Path
    project: Path
    peers: Mapping[str, Peer]
    env: dict[str, str] = field(init=False)
    missing: dict[str, str] = field(default_factory=dict)
    """Peer -> why it cannot be measured on this machine."""

    def __post_init__(self) -> None:
        self.env = {name: os.environ[name] for name in ("PATH", "HOME")}
        self.env |= {"PYTHONDONTWRITEBYTECODE": "1", "CA": str(self.folder / "client.pem")}

    def had(self, names: Iterable[str]) -> tuple[str, ...]:
        """Return those that can be measured."""
        return tuple(name for name in names if name not in self.missing)

    def running(
        self, name: str, environment: Mapping[str, str] | None = None, log_name: str | None = None
    ) -> AbstractContextManager[Server]:
        """Start a server for the duration of the block."""
        log = self.folder / f"{(log_name or name).replace('/', ' ')}.log"
        return running(self.command(name), self.cwd(name), environment or self.environment(name), log)

    def command(self, name: str) -> list[str]:
        return [part.replace("{folder}", str(self.folder)) for part in self.peers[name].command]

    def cwd(self, name: str) -> Path:
        return self.project if self.peers[name].in_project else FOLDER

    def environment(self, name: str) -> dict[str, str]:
        peer = self.peers[name]
        env = self.env | {"DJANGO_SETTINGS_MODULE": peer.settings}
        if not peer.in_project:
            own = {"URLS": peer.urls, "SQLITE": str(self.folder / "peers.sqlite3")}
            return env | {"PYTHONPATH": str(FOLDER)} | own
        packages = next((FOLDER / ".venv/lib").glob("python*/site-packages"))
        return env | {
            "PYTHONPATH": f"{self.project}:{OVERLAY}",
            "PEERS_PACKAGES": str(packages),
            "ENV_FILE": os.devnull,
            "SECRET_KEY": "k" * 60,
            "ALLOWED_HOSTS": "127.0.0.1",
            "FORWARDED_ALLOW_IPS": "127.0.0.1",
            "DATABASE_URL": f"sqlite:///{self.folder}/ours.sqlite3",
            "UPSTREAMS__QUOTES__BASE_URL": self.env["UPSTREAM"],
        }

    def python(self, name: str, *arguments: str) -> str:
        """Run the Python of a server in its environment; return what it printed."""
        done = subprocess.run(
            [".venv/bin/python", *arguments],
            cwd=self.cwd(name),
            env=self.environment(name),
            stdout=subprocess.PIPE,
            text=True,
            check=True,
            timeout=COMMAND,
        )
        return done.stdout


def prepared(folder: Path, peers: Mapping[str, Peer] = PEERS) -> Targets:
    """Installs the peers and a generated project, and makes certificates; the upstream's URLs are still missing."""
    say("installing the peers and a generated project")
    # Compiled, as in an image: compiling while they start would leave each server 5 to 8 MB larger.
    install = ["sync", "--quiet", "--compile-bytecode"]
    subprocess.run([ROOT / "scripts" / "uv", *install, "--locked"], cwd=FOLDER, check=True, timeout=INSTALL)
    project = generate(folder / "project")
    subprocess.run(["scripts/uv", *install, "--no-dev"], cwd=project, check=True, timeout=INSTALL)
    targets = Targets(folder, project, peers)
    trustme = [str(FOLDER / ".venv/bin/python"), "-m", "trustme", "--quiet", "--identities", "127.0.0.1"]
    subprocess.run([*trustme, "--dir", str(folder)], check=True, timeout=COMMAND)
    if GO in peers and (why := built_go(folder)) is not None:
        say(f"{GO} is left out: {why}")
        targets.missing[GO] = why
    return targets


def built_go(folder: Path) -> str | None:
    """Compile the peer that is written in Go; return why this cannot be done, or None."""
    if shutil.which("go") is None:
        return "this machine has no Go (Debian's package is golang-go)"
    build = ["go", "build", "-o", str(folder / "go_peer"), "go/main.go"]
    try:
        done = subprocess.run(
            build, check=False, cwd=FOLDER, stderr=subprocess.PIPE, text=True, timeout=INSTALL
        )
    except subprocess.TimeoutExpired:
        return f"it did not compile within {INSTALL} s"
    return f"it does not compile: {done.stderr.strip()}" if done.returncode else None


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
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
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
