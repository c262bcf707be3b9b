"""Builds an image without an engine: the steps of a Dockerfile, run in a scratch root with the image's layout.

For the base image stands this machine's system, with the Python that runs the tests in /usr/local. What that
cannot show: that the base image has what this machine has, and that an engine reads the file as we do.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from string import Template

from build_context import copy
from processes import bare_environment, environment, run

MOUNT = """
set -eu
for name in usr etc dev; do mount --rbind /$name "$1/$name"; done
mount --bind "$2" "$1/usr/local"
mount -t proc proc "$1/proc"
"""
READ_ONLY = """
mount --bind "$1" "$1" && cd / && mount -o remount,bind,ro "$1"
"""


@dataclass
class Image:
    """What a stage of a Dockerfile has made.

    Attributes:
        root: its files.
        env: its variables.
        health: the command of its health check.
    """

    root: Path
    env: dict[str, str] = field(default_factory=dict)
    workdir: str = "/"
    user: str = "0:0"
    entrypoint: list[str] = field(default_factory=list)
    command: list[str] = field(default_factory=list)
    health: list[str] = field(default_factory=list)

    def process(
        self,
        command: list[str],
        tmp: Path | None = None,
        user: str | None = None,
        mounts: Mapping[str, Path] | None = None,
    ) -> list[str]:
        """The command line that runs one of its commands as process 1, on this network.

        Args:
            tmp: stands for /tmp; the tree is then read-only.
            user: UID:GID.
            mounts: path -> what is mounted there.
        """
        steps = (READ_ONLY if tmp else "") + MOUNT
        for path, source in {**(mounts or {}), **({"/tmp": tmp} if tmp else {})}.items():
            steps += f'mount --bind {shlex.quote(str(source))} "$1{path}"\n'
        uid, gid = (user or self.user).split(":")
        identity = ["setpriv", f"--reuid={uid}", f"--regid={gid}", "--clear-groups", "--no-new-privs"]
        steps += f'exec chroot "$1" env -C {self.workdir} {shlex.join([*identity, *command])}\n'
        unshare = ["unshare", "--mount", "--pid", "--fork", "--kill-child=SIGKILL"]
        return [*unshare, "sh", "-c", steps, "sh", str(self.root), sys.base_prefix]

    def environment(self, **more: str) -> dict[str, str]:
        """The variables of its processes."""
        # Of the base image; there the loader knows the folder of libpython.
        usual = {"PATH": "/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LD_LIBRARY_PATH": "/usr/local/lib"}
        return {**usual, **self.env, **more}


def build(project: Path, into: Path, cache: Path, secrets: Mapping[str, Path] | None = None) -> Image:
    """Runs every step of a project's Dockerfile.

    Args:
        project: the build context.
        into: an empty folder for the roots of the stages.
        cache: uv's.
        secrets: id -> file, as `docker build --secret` takes them.

    Raises:
        AssertionError: a step failed, or is one that is not known here.
    """
    stages: dict[str, Image] = {}
    image = Image(into)
    for word, rest in instructions(project / "Dockerfile"):
        match word:
            case "FROM":
                source, _, name = rest.partition(" AS ")
                image = based_on(stages.get(source), into / (name or "final"))
                stages[name or "final"] = image
                if "astral-sh/uv" in source:
                    shutil.copy(shutil.which("uv", path=environment()["PATH"]) or "", image.root)
            case "WORKDIR":
                image.workdir = rest
                (image.root / rest.lstrip("/")).mkdir(exist_ok=True)
            case "ENV":
                pairs = (pair.partition("=") for pair in shlex.split(rest))
                image.env |= {key: Template(value).substitute(image.environment()) for key, _, value in pairs}
            case "COPY":
                roots = {name: stage.root for name, stage in stages.items()}
                copy(rest.split(), project, roots, image.root, image.workdir)
            case "RUN":
                execute(rest, image, into, {"/root/.cache/uv": cache}, secrets or {})
            case "USER":
                image.user = rest
            case "ENTRYPOINT":
                image.entrypoint = json.loads(rest)
            case "CMD":
                image.command = json.loads(rest)
            case "HEALTHCHECK":
                image.health = json.loads(rest.partition("CMD ")[2])
            case _:
                assert word == "EXPOSE", f"tests/project/image.py does not know {word}"
    return image


def execute(
    line: str, image: Image, cwd: Path, caches: Mapping[str, Path], secrets: Mapping[str, Path]
) -> None:
    """Runs a RUN instruction with its mounts; without a secret, its variable is empty and its file missing."""
    options = re.findall(r"--mount=(\S+) +", line)
    given = [dict(pair.split("=") for pair in option.split(",")) for option in options]
    variables, mounts = {}, {}
    for mount in given:
        match mount:
            case {"type": "cache", "target": target}:
                mounts[target] = caches[target]
            case {"type": "secret", "id": name, "env": variable}:
                variables[variable] = secrets[name].read_text() if name in secrets else ""
            case {"type": "secret", "id": name} if name in secrets:
                mounts[f"/run/secrets/{name}"] = secrets[name]
            case _:
                assert mount["type"] == "secret", f"tests/project/image.py does not know {mount}"
    stubs = [image.root / path[1:] for path in mounts if path.startswith("/run/")]
    for stub in stubs:
        stub.parent.mkdir(parents=True, exist_ok=True)
        stub.touch()
    usual = ("PATH", "HOME", "UV_CACHE_DIR")
    index = {key: value for key, value in bare_environment().items() if key not in usual}
    env = image.environment(**{**index, **variables}, HOME="/root")
    step = re.sub(r"--mount=\S+ +", "", line)
    run(image.process(["sh", "-c", step], mounts=mounts), cwd, env)
    for stub in stubs:
        stub.unlink()


def instructions(dockerfile: Path) -> Iterator[tuple[str, str]]:
    lines = [line for line in dockerfile.read_text().splitlines() if not line.startswith("#")]
    for line in "\n".join(lines).replace("\\\n", " ").splitlines():
        if line.strip():
            word, _, rest = line.partition(" ")
            yield word, rest.strip()


def based_on(parent: Image | None, root: Path) -> Image:
    if parent is not None:
        shutil.copytree(parent.root, root, symlinks=True)
        return replace(parent, root=root, env=dict(parent.env))
    for name in ("usr", "etc", "dev", "proc", "tmp", "opt", "root/.cache/uv"):
        (root / name).mkdir(parents=True)
    for link in (
        path for path in Path("/").iterdir() if path.is_symlink() and path.readlink().parts[0] == "usr"
    ):
        (root / link.name).symlink_to(link.readlink())
    root.chmod(0o755)
    return Image(root)


def can_run() -> bool:
    """Whether this machine lets us change roots."""
    tools = all(map(shutil.which, ("unshare", "setpriv", "chroot")))
    if not tools or os.geteuid() != 0:
        return False
    probe = ["unshare", "--mount", "--pid", "--fork", "mount", "--bind", "/tmp", "/mnt"]
    return subprocess.run(probe, capture_output=True, check=False).returncode == 0
