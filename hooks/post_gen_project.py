"""Puts the files of the chosen answers in place, records where the project came from, and prints what to type next."""

import json
import re
import shutil
from pathlib import Path

ANSWERS = json.loads(r"""{{ cookiecutter | jsonify }}""")
VARIANTS = Path("_variants")

# The default answers' files lie in place. Question -> answer -> the files that it does not need.
REMOVED: dict[str, dict[str, list[str]]] = {
    "task_queue": {"celery": []},
    "ci": {"gitlab": [".github"]},
    "api": {"ninja": []},
}

# A template fetched as a zip has lost the executable bits, and README.md runs one of these by its name.
PROGRAMS = ("manage.py", "scripts/uv")

HOSTS = {"gh": "github.com", "gl": "gitlab.com", "bb": "bitbucket.org"}


def main() -> None:
    for question, answers in REMOVED.items():
        answer = ANSWERS[question]
        for name in answers.get(answer, []):
            remove(Path(name))
        put_in_place(VARIANTS / question / answer)
    remove(VARIANTS)
    # What Python left in a template that lies in a folder; a repository has none.
    for cache in [*Path("vendor").rglob("__pycache__")]:
        remove(cache)
    for program in filter(Path.exists, map(Path, PROGRAMS)):
        program.chmod(0o755)
    record_the_source()
    print(f"Next:\n    cd {ANSWERS['project_slug']}\n    make dev")


def put_in_place(chosen: Path) -> None:
    """Move files to the same place in the project, and replace those that are there."""
    for file in [path for path in chosen.rglob("*") if path.is_file()]:
        target = file.relative_to(chosen)
        target.parent.mkdir(parents=True, exist_ok=True)
        file.replace(target)


def remove(path: Path) -> None:
    """Delete a file or a folder. Update tools run this hook twice: it may be gone."""
    if path.is_dir():
        shutil.rmtree(path)
    elif path.exists():
        path.unlink()


def record_the_source() -> None:
    """Write `.cruft.json`, for `make update` and for `cruft update`."""
    answers = {name: ANSWERS[name] for name in sorted(ANSWERS) if not name.startswith("_")}
    source = {
        "template": address(str(ANSWERS.get("_template"))),
        "commit": commit(Path(ANSWERS.get("_output_dir", "."), str(ANSWERS.get("_repo_dir")), ".git"))
        or f"v{ANSWERS['_version']}",
        "checkout": None,
        "context": {"cookiecutter": answers},
        "directory": None,
    }
    write(".cruft.json", json.dumps(source, indent=2, ensure_ascii=False) + "\n")


def address(template: str) -> str:
    """Return the template's URL without credentials, and nothing for a folder, which other machines do not have."""
    short, _, rest = template.partition(":")
    if short in HOSTS:
        return f"https://{HOSTS[short]}/{rest}.git"
    found = re.fullmatch(r"(https?://)(?:[^/@]*@)?(.*)|((?:git|ssh|git\+ssh)://.*|git@.*)", template)
    return (found[3] or found[1] + found[2]) if found else ""


def commit(git: Path) -> str:
    """Return the commit that a repository has checked out, or nothing if there is none to be read."""
    head = text_of(git / "HEAD").strip()
    branch = head.removeprefix("ref: ")
    packed = re.search(rf"^(\w+) {re.escape(branch)}$", text_of(git / "packed-refs"), re.MULTILINE)
    found = text_of(git / branch).strip() or (packed[1] if packed else branch)
    return found if re.fullmatch(r"[0-9a-f]{40,64}", found) else ""


def text_of(file: Path) -> str:
    try:
        return file.read_text()
    except OSError:
        return ""


def write(name: str, text: str) -> None:
    Path(name).write_bytes(text.encode())
    Path(name).chmod(0o644)  # as the files that are rendered, whatever the umask


main()
