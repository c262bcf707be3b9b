"""Generates projects as a user would, whatever the developer's own cookiecutter is configured to do."""

import itertools
import json
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path

from cookiecutter.main import cookiecutter

ROOT = Path(__file__).parent.parent.parent
SOURCE = ROOT / "{{cookiecutter.project_slug}}"
PACKAGE = SOURCE / "vendor" / "django-upstreams"

QUESTIONS: dict[str, object] = json.loads((ROOT / "cookiecutter.json").read_text())
CHOICES = {
    name: options for name, options in QUESTIONS.items() if name[0] != "_" and isinstance(options, list)
}
COMBINATIONS = [dict(zip(CHOICES, answers, strict=True)) for answers in itertools.product(*CHOICES.values())]


def fewest(size: int, first: list[dict[str, str]]) -> list[dict[str, str]]:
    """These combinations and as few others as show, together, each `size` answers that can be given together."""

    def shown(rows: Iterable[dict[str, str]]) -> set[object]:
        return {answers for row in rows for answers in itertools.combinations(row.items(), size)}

    others = [row for row in COMBINATIONS if row not in first]
    counts = range(len(others) + 1)
    sets = ([*first, *more] for count in counts for more in itertools.combinations(others, count))
    return next(rows for rows in sets if shown(rows) == shown(COMBINATIONS))


INSTALLED = fewest(1, COMBINATIONS[:1])
"""Each answer: what takes minutes is done with these."""
PAIRWISE = fewest(2, INSTALLED)
"""Each pair of answers: the whole suite runs with these, by `make test-all`."""
DEPLOYED = [{**COMBINATIONS[0], "task_queue": queue} for queue in CHOICES["task_queue"]]
"""One for each set of servers: with a broker and without."""


def generate(into: Path, answers: Mapping[str, object] | None = None) -> Path:
    """Generates a project into the folder `into`, which need not exist; returns the project's folder."""
    # The replay file of every run would land in the developer's home otherwise.
    config = into.with_name(f"{into.name}.cookiecutterrc")
    config.write_text(json.dumps({"replay_dir": f"{config}.d", "cookiecutters_dir": f"{config}.d"}))
    project = cookiecutter(
        str(ROOT),
        no_input=True,
        config_file=str(config),
        output_dir=str(into),
        extra_context=dict(answers or {}),
    )
    return Path(project)


def copy_of_the_template(folder: Path) -> Path:
    """What git would hand to a stranger, changes of the working tree included."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for path in (ROOT / name for name in filter(None, names.split("\0"))):
        if path.is_file():
            target = folder / path.relative_to(ROOT)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, target, follow_symlinks=False)
    return folder


def name_of(combination: Mapping[str, str]) -> str:
    return "-".join(combination.values())


def files(folder: Path, *suffixes: str) -> list[Path]:
    """The files of a project that git would see, those with one of the suffixes if any are given."""
    ignored = {
        ".env",
        ".venv",
        ".uv",
        ".git",
        "__pycache__",
        ".mypy_cache",
        ".pytest_cache",
        ".ruff_cache",
        ".coverage",
    }
    found = (path for path in sorted(folder.rglob("*")) if path.is_file())
    kept = (path for path in found if not ignored.intersection(path.relative_to(folder).parts))
    kept = (path for path in kept if ".sqlite3" not in path.name)
    return [path for path in kept if not suffixes or path.suffix in suffixes]


def own_files(project: Path, *suffixes: str) -> list[Path]:
    """The same without the package, which is copied as it is."""
    return [path for path in files(project, *suffixes) if "vendor" not in path.relative_to(project).parts]


def contents(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Path -> mode and bytes of every file, to compare two folders."""
    return {str(f.relative_to(folder)): (f.stat().st_mode, f.read_bytes()) for f in files(folder)}
