"""`make update`: replace vendor/django-upstreams by another version's, and print the migration notes in between.

Everything is prepared in vendor/.update-*. When a run was killed, the next one finishes or undoes what it left there.
"""

import difflib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from itertools import takewhile
from pathlib import Path
from typing import Any

PACKAGE, RECORD, PATCH = Path("vendor/django-upstreams"), Path(".cruft.json"), Path("update.patch")
RELEASE = re.compile(r"v\d+\.\d+\.\d+")  # a pre-release, such as v1.0.0-rc1, does not match
IGNORED = re.compile(r"__pycache__|\.\w+_cache|.*\.egg-info|build|dist")
UV = os.environ.get("UV", "uv")  # set by `uv run`
COOKIECUTTER = "run --quiet --no-project --isolated --with cookiecutter>=2.7,<3 python -m cookiecutter"


def main(wanted: str) -> None:
    if shutil.which("git") is None:
        sys.exit("an update needs git: install it and run `make update` again")
    recover()
    PACKAGE.mkdir(parents=True, exist_ok=True)
    try:
        update(wanted, Path(tempfile.mkdtemp(prefix=".update-", dir=PACKAGE.parent)))
    finally:
        recover()
    output(UV, "lock", "--quiet")
    print(f"{PACKAGE} is that of {json.loads(RECORD.read_text())['commit']}; run `make check`.")


def recover() -> None:
    """Finish or undo what an update has left, whether it ended or was killed."""
    for scratch in PACKAGE.parent.glob(".update-*"):
        old, record = scratch / "old", scratch / "record.json"
        if old.exists() and not PACKAGE.exists():
            old.rename(PACKAGE)
        elif old.exists() and record.exists():
            record.replace(RECORD)
        shutil.rmtree(scratch)


def update(wanted: str, scratch: Path) -> None:
    record = json.loads(RECORD.read_text()) if RECORD.exists() else {}
    if not record.get("template"):
        sys.exit(f'{RECORD}: write the address of the template\'s repository after "template"')
    clone = scratch / "clone"
    output("git", "clone", "--quiet", "--no-checkout", "--", record["template"], str(clone))
    tags = [f"v{tomllib.loads(about.read_text())['project']['version']}" for about in PACKAGE.glob("*.toml")]
    was = commit(clone, record["commit"], *tags)
    to = commit(clone, f"origin/{wanted}", wanted) if wanted else newest(clone, was)
    old, new = (unpack(clone, one, scratch / f"template-{one}") for one in (was, to))
    refuse_edits(old, new)
    if was != to:
        known, notes = ((one / PACKAGE / "CHANGELOG.md").read_text().split("\n## ") for one in (old, new))
        print("\n## ".join(["", *takewhile(lambda note: note not in known, notes[1:])]), flush=True)
        record |= {"commit": to, "context": write_patch(scratch, old, new, record["context"])}
    (scratch / "record.json").write_text(json.dumps(record, indent=2, ensure_ascii=False) + "\n")
    PACKAGE.rename(scratch / "old")
    (new / PACKAGE).rename(PACKAGE)


def output(*command: str, cwd: Path = Path(), ok: tuple[int, ...] = (0,)) -> str:
    done = subprocess.run(command, cwd=cwd, capture_output=True, check=False)
    if done.returncode not in ok:
        lines = (done.stderr or done.stdout).decode().splitlines() or [f"{command[0]} failed"]
        sys.exit(next((line for line in lines if line.startswith(("fatal: ", "error: "))), lines[-1]))
    return done.stdout.decode(errors="surrogateescape")


def commit(clone: Path, *names: str | None) -> str:
    """Return the first of these commits, tags or branches that the template has."""
    for name in filter(None, names):
        look_up = ["git", "rev-parse", "--verify", "--quiet", f"{name}^0"]
        if found := output(*look_up, cwd=clone, ok=(0, 1, 128)).strip():
            return found
    sys.exit(f"the template has no commit, tag or branch {names[-1]}")


def newest(clone: Path, was: str) -> str:
    """Return the commit of the newest release, or the project's own if that is a later one."""
    tags = filter(RELEASE.fullmatch, output("git", "tag", cwd=clone).split())
    tag = max(tags, key=lambda tag: [int(part) for part in tag[1:].split(".")], default=None)
    if tag is None:
        sys.exit("the template has no tag such as v1.2.0; choose a commit: make update TO=main")
    return was if tag in output("git", "tag", "--merged", was, cwd=clone).split() else commit(clone, tag)


def unpack(clone: Path, commit: str, into: Path) -> Path:
    """Unpack the template as of a commit, and return the folder that becomes a project."""
    output("git", "archive", "--output=../archive.tar", commit, cwd=clone)
    shutil.unpack_archive(clone.with_name("archive.tar"), into, filter="data")
    product = next((path.parent.parent for path in into.glob(f"*/{PACKAGE}")), None)
    return product or sys.exit(f"{commit} has no {PACKAGE}")


def refuse_edits(old: Path, new: Path) -> None:
    ours, theirs = files(PACKAGE), files(old / PACKAGE)
    if ours in ({}, theirs, files(new / PACKAGE)):  # {}: the folder was deleted
        return
    edited = sorted(name for name in ours.keys() | theirs.keys() if ours.get(name) != theirs.get(name))
    for name in edited:
        a, b = (side.get(name, b"").decode(errors="replace").splitlines(True) for side in (theirs, ours))
        sys.stdout.writelines(difflib.unified_diff(a, b, f"template/{name}", f"project/{name}"))
    sys.exit(f"edited: {', '.join(edited)}; nothing was changed. Undo it, or keep it elsewhere")


def files(folder: Path) -> dict[str, bytes]:
    found = [path.relative_to(folder) for path in folder.rglob("*") if path.is_file()]
    kept = (name for name in found if not any(map(IGNORED.fullmatch, name.parts)))
    return {name.as_posix(): (folder / name).read_bytes() for name in kept}


def write_patch(scratch: Path, old: Path, new: Path, context: Any) -> Any:
    """Write what the template has changed in the team's files; return the answers, also those to new questions."""
    try:
        sides = [render(scratch / side, one.parent, context) for side, one in (("a", old), ("b", new))]
    except SystemExit as error:
        print(f"What has changed in your own files cannot be shown: {error}")
        return context
    diff = "git diff --no-index --no-prefix --no-color --no-ext-diff --binary a b"
    if patch := output(*diff.split(), cwd=scratch, ok=(0, 1)):
        (scratch / PATCH).write_bytes(patch.encode(errors="surrogateescape"))
        (scratch / PATCH).replace(PATCH)
        print(f"What has changed in your own files is in {PATCH}: read it, `git apply -3 {PATCH}`, remove it")
    return sides[1]


def render(into: Path, template: Path, context: Any) -> Any:
    """Make the project that this version makes from the recorded answers; return its own record of them."""
    answers = [f"{name}={value}" for name, value in context["cookiecutter"].items() if name[0] != "_"]
    out, config = into.with_name(f"{into.name}-out"), into.with_name("config.json")
    config.write_text(json.dumps({"replay_dir": f"{into}-replay", "cookiecutters_dir": f"{into}-clones"}))
    options = ["--no-input", "--config-file", str(config), "--output-dir", str(out)]
    output(UV, *COOKIECUTTER.split(), *options, str(template), *answers)
    project = next(out.iterdir()).rename(into)
    shutil.rmtree(project / PACKAGE.parent)
    (project / "uv.lock").unlink(missing_ok=True)  # `uv lock` changes the team's
    return json.loads((project / RECORD).rename(out / "record.json").read_text())["context"]


if __name__ == "__main__":
    main(*(sys.argv[1:] or [""]))
