"""Puts the files of the chosen answers in place, records where all came from, and says what to type next."""

import hashlib
import json
import re
import shutil
from pathlib import Path

ANSWERS = json.loads(r"""{{ cookiecutter | jsonify }}""")
VARIANTS = Path("_variants")

# The default answers' files lie in place. Question -> answer -> what of theirs it has no use for.
REMOVED = {
    "task_queue": {
        "celery": ["tests/worker/queue.py", "tests/telemetry/test_task_attempts.py"],
    },
    "ci": {
        "gitlab": [".github"],
    },
    "api": {
        "ninja": ["api/bodies.py", "api/tests/test_bodies.py"],
    },
}

# What a team runs, and does not edit.
MACHINERY = [
    "scripts/update.py",
    "scripts/uv",
    "server",
    "services/__init__.py",
    "services/apps.py",
    "services/core",
    "services/management",
    "testing",
    "tests",
    "worker",
]
HOSTS = {"gh": "github.com", "gl": "gitlab.com", "bb": "bitbucket.org"}


def main() -> None:
    for question, answers in REMOVED.items():
        answer = ANSWERS[question]
        for name in answers.get(answer, []):
            remove(Path(name))
        put_in_place(VARIANTS / question / answer)
    remove(VARIANTS)
    record_the_source()
    record_the_machinery()
    print(f"Next:\n    cd {ANSWERS['project_slug']}\n    make dev")


def put_in_place(chosen: Path) -> None:
    """Moves files to the same place in the project; what stood there is replaced."""
    for file in [path for path in chosen.rglob("*") if path.is_file()]:
        target = file.relative_to(chosen)
        target.parent.mkdir(parents=True, exist_ok=True)
        file.replace(target)


def remove(path: Path) -> None:
    """Update tools run this hook twice: what is gone already is no error."""
    if path.is_dir():
        shutil.rmtree(path)
    elif path.exists():
        path.unlink()


def record_the_source() -> None:
    """In the form of `cruft`, for its `update` and for ours. The commit is the tag of this version."""
    answers = {name: ANSWERS[name] for name in sorted(ANSWERS) if not name.startswith("_")}
    source = {
        "template": address(str(ANSWERS.get("_template"))),
        "commit": f"v{ANSWERS['_version']}",
        "checkout": None,
        "context": {"cookiecutter": answers},
        "directory": None,
    }
    write(".cruft.json", json.dumps(source, indent=2, ensure_ascii=False) + "\n")


def address(template: str) -> str:
    """Without credentials; a folder of this machine means nothing on another one."""
    short, _, rest = template.partition(":")
    if short in HOSTS:
        return f"https://{HOSTS[short]}/{rest}.git"
    found = re.fullmatch(r"(https?://)(?:[^/@]*@)?(.*)|((?:git|ssh|git\+ssh)://.*|git@.*)", template)
    return (found[3] or found[1] + found[2]) if found else ""


def record_the_machinery() -> None:
    """In the form of `sha256sum`: `make update` replaces what is still as it was."""
    found = [path for name in MACHINERY for path in sorted(Path(name).rglob("*")) or [Path(name)]]
    own = [path for path in found if path.is_file() and "__pycache__" not in path.parts]
    sums = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.as_posix()}\n" for path in own]
    write(".machinery.sha256", "".join(sums))


def write(name: str, text: str) -> None:
    Path(name).write_bytes(text.encode())
    Path(name).chmod(0o644)  # as the files that are rendered, whatever the umask


main()
