"""Write the examples, projects that can be looked at without generating one; --commit puts them on a branch.

    python scripts/examples.py FOLDER       # four projects and a page that lists them
    python scripts/examples.py --commit     # the same, as the next commit of the branch `examples`

They follow from this repository alone, byte for byte: no date, no name, no key of this machine. They are folders of
one branch, because GitHub lets no workflow push files into `.github/workflows` of a branch.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from demo import ROOT, generate

EXAMPLES = {
    "default": {},
    "ninja": {"api": "ninja"},
    "celery-ninja": {"task_queue": "celery", "api": "ninja"},
    "gitlab-httpx": {"ci": "gitlab", "http_client": "httpx"},
}
"""Folder -> answers, those that are not the default. Each answer is in one of them."""
BRANCH = "examples"
TEMPLATE = "https://github.com/org/template.git"
QUESTIONS = json.loads((ROOT / "cookiecutter.json").read_text())
VERSION = f"v{QUESTIONS['_version']}"
PAGE = """\
# Examples
What the template generates at {version}, by these answers; the others are the defaults. Its workflow `examples` writes
this branch at each release: a commit shows what a release changes in projects.

| folder | answers |
|---|---|
{rows}
"""


def main(arguments: list[str]) -> None:
    match arguments:
        case ["--commit"]:
            with tempfile.TemporaryDirectory() as folder:
                write(Path(folder))
                print(commit(Path(folder)))
        case [folder] if not folder.startswith("-"):
            write(Path(folder))
        case _:
            sys.exit("write `examples.py FOLDER`, or `examples.py --commit` for the branch")


def write(folder: Path) -> None:
    """Write all examples into a folder, which need not exist; those in it are replaced."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary:
        for name, answers in EXAMPLES.items():
            project = generate(Path(temporary) / name, **answers)
            record_the_release(project / ".cruft.json")
            shutil.rmtree(folder / name, ignore_errors=True)
            shutil.move(project, folder / name)
    rows = "\n".join(f"| [{name}]({name}) | {described(answers)} |" for name, answers in EXAMPLES.items())
    (folder / "README.md").write_text(PAGE.format(version=VERSION, rows=rows))


def record_the_release(file: Path) -> None:
    """Name the public template and its release, for `make update`: this checkout is nowhere else."""
    record = json.loads(file.read_text())
    record |= {"template": TEMPLATE, "commit": VERSION}
    file.write_text(json.dumps(record, indent=2, ensure_ascii=False) + "\n")


def described(answers: dict[str, str]) -> str:
    labels = [QUESTIONS["__prompts__"][question][answer] for question, answer in answers.items()]
    return "; ".join(labels) or "all defaults"


def commit(folder: Path) -> str:
    """Add the next commit to the branch, unless it would change nothing; return the branch's last one."""
    with tempfile.TemporaryDirectory() as temporary:
        index = {"GIT_INDEX_FILE": f"{temporary}/index"}
        # -f: what a project ignores is not there, and what this machine ignores is none of its business.
        git(f"--work-tree={folder}", "add", "-A", "-f", ".", **index)
        tree = git("write-tree", **index)
    last = git("for-each-ref", "--format=%(objectname)", f"refs/heads/{BRANCH}")
    if last and git("rev-parse", f"{last}^{{tree}}") == tree:
        return last
    parent = ["-p", last] if last else []
    new = git("commit-tree", tree, *parent, "-m", f"Examples of {VERSION}")
    git("update-ref", f"refs/heads/{BRANCH}", new)
    return new


def git(*arguments: str, **env: str) -> str:
    command = ["git", *arguments]
    return subprocess.run(
        command, cwd=ROOT, env={**os.environ, **env}, stdout=subprocess.PIPE, text=True, check=True
    ).stdout.strip()


if __name__ == "__main__":
    main(sys.argv[1:])
