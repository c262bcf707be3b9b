"""A template of a few files with a few releases, to update small projects that were made from it."""

import json
import shutil
import subprocess
from pathlib import Path

from generation import SOURCE

FOLDER = "vendor/django-upstreams"
GIT = ["git", "-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "core.autocrlf=false"]
QUESTIONS = {"project_slug": "quotes", "ci": ["github", "gitlab"], "__prompts__": {"project_slug": "Name?"}}
RECORD = '{"context": {"cookiecutter": {"ci": "{{ cookiecutter.ci }}", "project_slug": "quotes"}}}\n'
NOTES = """# Changelog

## [{version}] - 2026-11-27
### Migration
Do what {version} needs.
"""
OLD, BETWEEN, NEW, PRE = "v0.9.0", "between", "v0.10.0", "v1.0.0-rc1"


class Template:
    """A repository with the tags OLD, NEW and PRE, and a commit BETWEEN that has a branch alone.

    Attributes:
        path: of the repository.
        commits: name -> commit.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.commits: dict[str, str] = {}
        self._product = path / SOURCE.name
        self._write_the_first()
        self._commit(OLD)
        write(self._package / "src" / "upstreams" / "core.py", "BETWEEN = True\n")
        write(self._product / "README.md", "# Quotes\nRun it.\n")
        self._commit(BETWEEN)
        self._write_the_next()
        self._commit(NEW)
        write(self._package / "src" / "upstreams" / "core.py", "PRE = True\n")
        self._commit(PRE)

    @property
    def _package(self) -> Path:
        return self._product / FOLDER

    def _write_the_first(self) -> None:
        write(self.path / "cookiecutter.json", json.dumps(QUESTIONS))
        write(self._product / ".cruft.json", RECORD)
        write(self._product / "README.md", "# Quotes\n")
        write(self._product / "compose.yaml", "services:\n")
        write(self._product / "uv.lock", f"# {OLD}\n")
        write(self._package / "pyproject.toml", f'[project]\nversion = "{OLD[1:]}"\n')
        write(self._package / "CHANGELOG.md", NOTES.format(version=OLD[1:]))
        write(self._package / "src" / "upstreams" / "core.py", "OLD = True\n")
        write(self._package / "src" / "upstreams" / "gone.py", "GONE = True\n")

    def _write_the_next(self) -> None:
        write(self.path / "cookiecutter.json", json.dumps({**QUESTIONS, "colour": ["red", "blue"]}))
        colour = ', "colour": "{{ cookiecutter.colour }}"'
        write(self._product / ".cruft.json", RECORD.replace(', "project', f'{colour}, "project'))
        write(self._product / "README.md", "# Quotes\nRun it today.\n")
        write(self._product / "compose.yaml", "# {{ cookiecutter.colour }}\nservices:\n")
        write(self._product / "uv.lock", f"# {NEW}\n")
        write(self._package / "pyproject.toml", f'[project]\nversion = "{NEW[1:]}"\n')
        below = (self._package / "CHANGELOG.md").read_text().partition("\n\n")[2]
        write(self._package / "CHANGELOG.md", f"{NOTES.format(version=NEW[1:])}\n{below}")
        write(self._package / "src" / "upstreams" / "core.py", "NEW = True\n")
        write(self._package / "src" / "upstreams" / "news.py", "NEWS = True\n")
        (self._package / "src" / "upstreams" / "gone.py").unlink()

    def _commit(self, name: str) -> None:
        if not (self.path / ".git").exists():
            git("init", "-q", "-b", "main", at=self.path)
        commit(self.path, name)
        git("branch" if name == BETWEEN else "tag", name, at=self.path)
        self.commits[name] = git("rev-parse", "HEAD", at=self.path).strip()

    def package(self, name: str) -> dict[str, str]:
        """Return the files of the package's folder in a commit."""
        prefix = f"{SOURCE.name}/{FOLDER}"
        names = git("ls-tree", "-r", "--name-only", self.commits[name], prefix, at=self.path).splitlines()
        return {
            one.removeprefix(f"{prefix}/"): git("show", f"{self.commits[name]}:{one}", at=self.path)
            for one in names
        }

    def project(self, folder: Path, name: str = OLD, recorded: str | None = None) -> Path:
        """Make a project of a commit, with the team's own work in it, committed.

        Args:
            recorded: as the commit it was made from; the real one by default.
        """
        for file, text in self.package(name).items():
            write(folder / FOLDER / file, text)
        record = {
            "template": str(self.path),
            "commit": recorded or self.commits[name],
            "context": {"cookiecutter": {"ci": "github", "project_slug": "quotes"}},
        }
        write(folder / ".cruft.json", json.dumps(record, indent=2) + "\n")
        write(folder / "README.md", "# Quotes\n\nOurs.\n")
        write(folder / "compose.yaml", "services:\n")
        write(folder / "scripts" / "update.py", (SOURCE / "scripts" / "update.py").read_text())
        git("init", "-q", at=folder)
        commit(folder, "all")
        return folder


def write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


def commit(folder: Path, message: str) -> None:
    git("add", "-A", at=folder)
    git("commit", "-q", "--allow-empty", "-m", message, at=folder)


def git(*arguments: str, at: Path) -> str:
    done = subprocess.run([*GIT, *arguments], cwd=at, capture_output=True, text=True, timeout=60, check=True)
    return done.stdout


def changed(project: Path) -> list[str]:
    return git("status", "--porcelain", "--untracked-files=all", at=project).splitlines()


def copied(project: Path, into: Path) -> Path:
    return Path(shutil.copytree(project, into))
